// The paging mode that nested tables use: the host's at VMRUN (APM 15.25.3). A CPU inside a guest shows the guest's registers; the host's are
// then in its host save area, which is laid out as the state-save area of a VMCB.

import type { PhysicalMemory } from '../executor/image/memory.ts'
import type { Machine, MachineCpu } from '../executor/machine.ts'
import { MODE } from '../smm/cells.ts'
import { byteOffset } from '../x86/area.ts'
import { vmcbSave } from '../x86/vmcb.ts'
import type { MeasureFault } from './fault.ts'

export type Mode = (typeof MODE)[keyof typeof MODE]
export interface HostPaging {
  readonly mode: Mode
  readonly nxe: boolean
}
export interface Hosts {
  readonly of: ReadonlyMap<number, HostPaging>
  /** For CPUs of which nothing is known, and for spaces that no CPU runs. */
  readonly common: HostPaging
}

const bit = (register: bigint, n: number): boolean => ((register >> BigInt(n)) & 1n) === 1n

/** Undefined when paging is off: no host runs guests with nested paging then. */
export function pagingOf(cr0: bigint, cr4: bigint, efer: bigint): HostPaging | undefined {
  if (!bit(cr0, 31)) return undefined
  const nxe = bit(efer, 11)
  if (bit(efer, 10)) return { mode: bit(cr4, 12) ? MODE.long5 : MODE.long4, nxe }
  return { mode: bit(cr4, 5) ? MODE.pae : MODE.legacy, nxe }
}

export function hostPaging(machine: Machine, memory: PhysicalMemory): Hosts | MeasureFault {
  const of = new Map<number, HostPaging>()
  for (const cpu of machine.cpus) {
    const paging = cpu.inGuest ? savedPaging(cpu, memory) : pagingOf(BigInt(cpu.cr0), BigInt(cpu.cr4), BigInt(cpu.efer))
    if (paging !== undefined) of.set(cpu.cpu, paging)
  }
  const told: HostPaging | undefined =
    machine.hostLa57 === undefined ? undefined : { mode: machine.hostLa57 ? MODE.long5 : MODE.long4, nxe: true }
  // A CPU inside a guest is one whose host runs guests.
  const guest = machine.cpus.find(({ cpu, inGuest }) => inGuest && of.has(cpu))
  const common = (guest === undefined ? [...of.values()][0] : of.get(guest.cpu)) ?? told
  return common === undefined ? { kind: 'host-mode-unknown' } : { of, common }
}

function savedPaging({ vmHsavePa }: MachineCpu, memory: PhysicalMemory): HostPaging | undefined {
  if (vmHsavePa === undefined) return undefined
  const [cr0, cr4, efer] = (['CR0', 'CR4', 'EFER'] as const).map((name) =>
    memory.read64(vmHsavePa + byteOffset(vmcbSave.fields[name])),
  )
  return cr0 === undefined || cr4 === undefined || efer === undefined ? undefined : pagingOf(cr0, cr4, efer)
}
