// From a memory image and its machine file to a census: the handler's own procedures, run on both.
// Each space is measured alone first, so that one that cannot be counted (a leftover of a machine that is gone, say) has its own
// status and does not spoil the others; those that can be counted are then measured together.

import { compile } from '../executor/compile.ts'
import type { PhysicalMemory } from '../executor/image/memory.ts'
import { loadImage } from '../executor/load-image.ts'
import type { Machine } from '../executor/machine.ts'
import type { Census, CensusCandidate, CensusSpace, CensusStatus, IncompleteStatus } from '../report/census.ts'
import { measure } from '../smm/census.ts'
import { MODE, SPACE } from '../smm/cells.ts'
import { ALL_ON } from '../smm/switches.ts'
import { bootState, budgetFor, jointBudget, windowWords } from './boot-state.ts'
import { namedVmcbs, type Vmcb, vmcbsAt, withCurrent } from './candidates.ts'
import { isFault, type MeasureFault } from './fault.ts'
import { type Counts, runHandler } from './handler-run.ts'
import { hostPaging } from './host-paging.ts'
import { once } from './once.ts'
import { scanImage } from './scan-image.ts'
import { findSpaces, type Space } from './spaces.ts'

export interface MeasureOptions {
  /** Take these for the VMCBs instead of scanning memory; those that save states name are taken in any case. */
  readonly vmcbs?: readonly number[]
  /** Size of the four bitmaps together. */
  readonly bitmapBytes?: number
}

export type MeasureResult = { readonly ok: true; readonly census: Census } | { readonly ok: false; readonly fault: MeasureFault }

const handler = once(() => compile(measure(ALL_ON)))

const MOST_SPACES = 2 ** SPACE - 1

export function measureImage(memory: PhysicalMemory, machine: Machine, options: MeasureOptions = {}): MeasureResult {
  const boot = bootState(machine)
  if (isFault(boot)) return { ok: false, fault: boot }
  const [usual, words] = [windowWords(boot, undefined), windowWords(boot, options.bitmapBytes)]
  if (typeof usual !== 'number') return { ok: false, fault: usual }
  if (typeof words !== 'number') return { ok: false, fault: words }
  const hosts = hostPaging(machine, memory)
  if (isFault(hosts)) return { ok: false, fault: hosts }
  const listed =
    options.vmcbs === undefined ? vmcbsAt(memory, scanImage(memory, boot).candidates) : namedVmcbs(memory, boot, options.vmcbs)
  if (isFault(listed)) return { ok: false, fault: listed }
  const vmcbs = withCurrent(listed, machine, memory)
  const { spaces, shortcomings } = findSpaces(machine, vmcbs, hosts)
  if (spaces.length > MOST_SPACES)
    return { ok: false, fault: { kind: 'too-many-spaces', count: spaces.length, most: MOST_SPACES } }

  const setting = {
    program: handler(),
    load: loadImage(memory),
    boot,
    // What no guest uses cannot matter to any; a guest that does has it in its VMCB.
    gmetCapable: vmcbs.some(({ gmet }) => gmet),
  }
  const alone = { ...setting, words: usual, budget: budgetFor(boot, usual) }
  const statuses = new Map<Space, CensusStatus>()
  for (const space of spaces) statuses.set(space, space.unwalked ?? runHandler(alone, [space]).status)
  const countable = spaces.filter((space) => statuses.get(space) === 'complete')
  const together = runHandler({ ...setting, words, budget: jointBudget(boot, words, countable.length) }, countable)
  if (together.status !== 'complete') throw new Error(`spaces that can be counted alone are ${together.status} together`)
  const counted = new Map(countable.map((space, i) => [space, together.spaces[i]!]))

  const status = worst([
    ...shortcomings,
    ...spaces.filter(({ threads }) => threads.length > 0).map((space) => statuses.get(space)!),
  ])
  return {
    ok: true,
    census: {
      schema: 'smmcheck.census/1',
      status,
      spaces: spaces.map((space) => spaceRecord(space, statuses.get(space)!, counted.get(space))),
      distinctFrames: status === 'complete' ? together.distinctFrames : null,
      candidates: vmcbs.map((vmcb) => candidateRecord(vmcb, machine)),
    },
  }
}

/** What says most about how little is known comes first. */
const GRAVITY: readonly CensusStatus[] = [
  'unrecorded-root',
  'foreign-table',
  'incomplete-image',
  'truncated',
  'unsupported-mode',
  'shadow-paging',
  'partial',
]
const worst = (statuses: readonly CensusStatus[]): CensusStatus => GRAVITY.find((s) => statuses.includes(s)) ?? 'complete'

const hex = (n: number): string => `0x${n.toString(16)}`

function spaceRecord(space: Space, status: CensusStatus, counts: Counts | undefined): CensusSpace {
  const identity = { root: hex(space.root), vmcbs: space.vmcbs.map(hex), threads: [...space.threads] }
  const { mode } = space.paging
  if (counts !== undefined && (mode === MODE.long4 || mode === MODE.long5))
    return { ...identity, status: 'complete', levels: mode === MODE.long5 ? 5 : 4, nestedPaging: true, ...counts }
  return {
    ...identity,
    status: status as IncompleteStatus,
    levels: space.unwalked === 'shadow-paging' ? null : LEVELS[mode],
    nestedPaging: space.unwalked !== 'shadow-paging',
    leafEntries: null,
    mappedBytes: null,
    distinctFrames: null,
    distinctFramesCertain: null,
    framesMappedMoreThanOnce: null,
    extraMappings: null,
    reservedBitEntries: null,
    foreignLeaves: null,
    beyondGuestWidth: null,
    tablePages: null,
    framesSharedWithOtherSpaces: null,
    leafPermissions: null,
  }
}
const LEVELS = { [MODE.legacy]: 2, [MODE.pae]: 3, [MODE.long4]: 4, [MODE.long5]: 5 } as const

function candidateRecord({ address, root, asid, nestedPaging }: Vmcb, machine: Machine): CensusCandidate {
  const running = machine.saveStates.some(({ vmcb }) => vmcb === address)
  const state = running ? 'running' : !nestedPaging ? 'nested-paging-off' : asid === 0 ? 'never-run' : 'idle'
  return { vmcb: hex(address), root: hex(root), asid, nestedPaging, state }
}
