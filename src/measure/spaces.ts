// The address spaces to measure: roots that save states record, and roots that VMCBs name. Save states say what runs; a VMCB in memory may
// be a decoy or a leftover.

import type { Machine } from '../executor/machine.ts'
import type { IncompleteStatus } from '../report/census.ts'
import type { Vmcb } from './candidates.ts'
import type { ImageMeeting } from './image-meeting.ts'
import type { Hosts, HostPaging } from './host-paging.ts'

export interface Space {
  readonly root: number
  readonly vmcbs: readonly number[]
  readonly threads: readonly number[]
  readonly paging: HostPaging
  /** Not to be walked, and why. */
  readonly unwalked?: Extract<IncompleteStatus, 'shadow-paging' | 'unrecorded-root' | 'vmcb-outside-dram'>
}

export interface Spaces {
  /** Those that threads run in first, then by root. */
  readonly spaces: readonly Space[]
  /** What keeps the census from being complete, whatever the walks give. */
  readonly shortcomings: readonly IncompleteStatus[]
}

interface Draft {
  readonly root: number
  readonly unwalked: Space['unwalked']
  readonly vmcbs: Set<number>
  readonly threads: Set<number>
  readonly paging: HostPaging
}

const frameAddress = (cr3: number): number => cr3 - (cr3 % 4096)

export function findSpaces(machine: Machine, vmcbs: readonly Vmcb[], hosts: Hosts, meeting: ImageMeeting): Spaces {
  const drafts = new Map<string, Draft>()
  const shortcomings = new Set<IncompleteStatus>()
  const draft = (root: number, unwalked: Space['unwalked'], paging = hosts.common): Draft => {
    const key = `${unwalked ?? ''}:${root}:${paging.mode}`
    const known = drafts.get(key) ?? { root, unwalked, vmcbs: new Set(), threads: new Set(), paging }
    drafts.set(key, known)
    return known
  }
  if (meeting.shortcoming !== undefined) shortcomings.add(meeting.shortcoming)
  for (const { cpu, vmcb: address, nestedCr3 = 0 } of machine.saveStates) {
    const { kind, mode } = meeting.of.get(cpu) ?? { kind: 'absent' }
    if (kind === 'shadow') continue
    const unwalked = kind === 'unrecordedRoot' ? 'unrecorded-root' : kind === 'vmcbOutside' ? 'vmcb-outside-dram' : undefined
    // An unrecorded root is told by the VMCB alone; what a save area recorded is used whatever the VMCB says.
    const root = kind === 'unrecordedRoot' ? (vmcbs.find((v) => v.address === address)?.root ?? 0) : frameAddress(nestedCr3)
    const recorded = mode === undefined ? hosts.of.get(cpu) : { mode: mode as HostPaging['mode'], nxe: hosts.common.nxe }
    const space = draft(root, unwalked, recorded)
    space.threads.add(cpu)
    space.vmcbs.add(address)
  }
  for (const { address, root, nestedPaging } of vmcbs) {
    if (!nestedPaging) draft(root, 'shadow-paging').vmcbs.add(address)
    // VMRUN refuses a root beyond the address width.
    else if (root !== 0 && root < 2 ** machine.maxphyaddr) draft(root, undefined).vmcbs.add(address)
  }
  const recorded = new Set(machine.saveStates.map(({ cpu }) => cpu))
  if (machine.cpus.some(({ cpu, inGuest }) => inGuest && !recorded.has(cpu))) shortcomings.add('unrecorded-root')
  const ascending = (set: ReadonlySet<number>) => [...set].sort((a, b) => a - b)
  const spaces = [...drafts.values()].map(
    ({ root, unwalked, paging, ...d }): Space => ({
      root,
      vmcbs: ascending(d.vmcbs),
      threads: ascending(d.threads),
      paging,
      ...(unwalked === undefined ? {} : { unwalked }),
    }),
  )
  const idle = ({ threads }: Space) => (threads.length === 0 ? 1 : 0)
  return { spaces: spaces.sort((a, b) => idle(a) - idle(b) || a.root - b.root), shortcomings: [...shortcomings] }
}
