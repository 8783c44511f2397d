// A guess at nested virtualization. A guest that is a hypervisor keeps VMCBs of its own; the host runs its guest on another VMCB, which it fills from the
// guest's, with a nested root of its own. So a VMCB that is in a guest's memory, or that leads nowhere (its nested CR3 being a guest's
// address), and that has the registers of a VMCB which leads to tables, is taken for the guest's; and the other for the one that
// its inner guest runs on.
// A heuristic: the inner guest may have changed its registers since, and a host may make any VMCB look so. Nothing is left out of a census for it.

import type { PhysicalMemory } from '../executor/image/memory.ts'
import { byteOffset } from '../x86/area.ts'
import { vmcbControl, vmcbSave } from '../x86/vmcb.ts'

export interface Placed {
  readonly address: number
  readonly root: number
  /** Root of the space in whose memory the VMCB lies, if one is known. */
  readonly inside: number | undefined
  /** Its nested CR3 leads to a table. */
  readonly leads: boolean
}
export interface InnerGuests {
  /** For the root of each inner guest that of the space which runs it. */
  readonly owner: ReadonlyMap<number, number>
  /** Addresses of VMCBs that are a guest's own. */
  readonly guestOwned: ReadonlySet<number>
}

const { GDTR_BASE, IDTR_BASE, CR0, CR3, CR4, EFER } = vmcbSave.fields

export function innerGuests(memory: PhysicalMemory, vmcbs: readonly Placed[]): InnerGuests {
  const words = (address: number, fields: readonly Parameters<typeof byteOffset>[0][]): string | undefined => {
    const values = fields.map((field) => memory.read64(address + byteOffset(field)))
    return values.every((value) => value !== undefined) && values[0] !== 0n ? values.join() : undefined
  }
  const registers = ({ address }: Placed): string | undefined => words(address, [IDTR_BASE, GDTR_BASE, CR0, CR3, CR4, EFER])
  // Hosts give each virtual CPU a map of its own, and use it for its inner guest, too.
  const permissionMap = ({ address }: Placed): string | undefined => words(address, [vmcbControl.fields.MSRPM_BASE_PA])

  const owner = new Map<number, number>()
  const guestOwned = new Set(vmcbs.filter(({ inside }) => inside !== undefined).map(({ address }) => address))
  for (const own of vmcbs) {
    if (own.inside === undefined && own.leads) continue
    const like = registers(own)
    for (const run of vmcbs) {
      if (like === undefined || run === own || !run.leads || run.root === own.root || registers(run) !== like) continue
      const host = own.inside ?? vmcbs.find((v) => v.leads && v.root !== run.root && sameMap(v, run))?.root
      if (host === undefined || host === run.root) continue
      owner.set(run.root, host)
      guestOwned.add(own.address)
    }
  }
  return { owner, guestOwned }

  function sameMap(a: Placed, b: Placed): boolean {
    const map = permissionMap(a)
    return map !== undefined && map === permissionMap(b)
  }
}
