// One run of a scenario on the model of src/x86, as the manual has it or with some of the emulators' rules in force.
//
// Covers: VMRUN's check of nCR3, the accesses in order on one memory, what came of them.
// Leaves out: reporting rules (observe.ts).
// Liberties: a rule that ignores an entry's bit is a view of memory in which that bit reads as zero at that level.

import { bool, bv } from '../model/term.ts'
import type { EntryUpdate } from '../x86/accessed-dirty.ts'
import { decodeSpan, guestAccess, type GuestResult, type TranslatedPart } from '../x86/guest-access.ts'
import type { NestedSpace } from '../x86/nested-access.ts'
import type { ReadEntry } from '../x86/npt.ts'
import { reservedRoot } from '../x86/paging.ts'
import type { StructuralDifference } from './differences.ts'
import { type Fill, VectorMemory } from './memory.ts'
import type { Scenario, ScenarioAccess } from './scenario.ts'

export type RunResult =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'translated'; readonly parts: readonly TranslatedPart[] }
  | { readonly kind: 'fault'; readonly fault: Exclude<GuestResult, { kind: 'translated' }>; readonly access: ScenarioAccess }

export interface Run {
  readonly result: RunResult
  readonly memory: VectorMemory
  /** A bits that hardware may set besides, in the walk that failed. */
  readonly maybe: readonly EntryUpdate[]
  /** The last word that a walk read, if it is a PDPE that maps a page. */
  readonly last1G: EntryUpdate | undefined
  /** Rules that could have changed this run: the run met what they are about. */
  readonly met: ReadonlySet<StructuralDifference>
}

const BIT8 = 1n << 8n
const PDPTE_LOW = 0x1e6n
const A = 1n << 5n
const NX = 1n << 63n

/** P and PS are set, and no bit that is reserved in every PDPE is one. */
function soundPdpe1G(value: bigint, { host, guest }: Scenario, walk: 'nested' | 'guest'): boolean {
  const rules = walk === 'guest' && guest.kind === 'on' ? guest.rules : host
  const beyond = value & 0xf_ffff_ffff_f000n & ~rules.physMask.value!
  return (value & 0x81n) === 0x81n && beyond === 0n && ((value & NX) === 0n || rules.nxe.value === true)
}

export function simulate(scenario: Scenario, rules: ReadonlySet<StructuralDifference>, fill: Fill): Run {
  const memory = new VectorMemory(scenario.memory, fill)
  const met = new Set<StructuralDifference>()
  const { guest } = scenario
  const guestIsPae = guest.kind === 'on' && guest.format === 'pae'
  let last1G: EntryUpdate | undefined

  const read: ReadEntry = (table, index, place) => {
    const word = memory.read(table, index, place)
    const value = word.value!
    if (memory.unknown.length > 0) met.add('table-outside-ram')
    const pae = place.walk === 'guest' && guestIsPae
    let ignored = 0n
    if (place.level >= 4 && (value & BIT8) !== 0n) {
      met.add('pml4e-bit8-not-reserved')
      if (rules.has('pml4e-bit8-not-reserved')) ignored = BIT8
    }
    if (pae && place.level === 3 && (value & PDPTE_LOW) !== 0n) {
      met.add('pae-pdpte-low-bits-not-checked')
      if (rules.has('pae-pdpte-low-bits-not-checked')) ignored = PDPTE_LOW
    }
    const pdpe = !pae && place.level === 3
    if (pdpe && (value & 0x81n) === 0x81n && scenario.host.page1g.value === false) met.add('1g-page-without-support')
    last1G = pdpe && soundPdpe1G(value, scenario, place.walk) ? { when: bool(true), table, index, set: bv(64, A) } : undefined
    return ignored === 0n ? word : bv(64, value & ~ignored)
  }

  const lenient = rules.has('1g-page-without-support') && scenario.host.page1g.value === false
  const with1G = { page1g: bool(true) }
  const host = lenient ? { ...scenario.host, ...with1G } : scenario.host
  const space: NestedSpace = { format: scenario.format, host, nCR3: scenario.nCR3 }
  const paging = lenient && guest.kind === 'on' ? { ...guest, rules: { ...guest.rules, ...with1G } } : guest

  // VMRUN: reserved bits of nCR3 (APM 15.25.4).
  if (reservedRoot(scenario.host, scenario.nCR3).value === true) {
    met.add('ncr3-mbz-not-checked')
    if (!rules.has('ncr3-mbz-not-checked')) return { result: { kind: 'invalid' }, memory, maybe: [], last1G, met }
  }

  let parts: readonly TranslatedPart[] = []
  for (const access of steps(scenario.accesses, rules)) {
    if (access.exchange) met.add('rmw-faults-as-read')
    const span = guestAccess(space, paging, read, access, access.bytes)
    const outcome = decodeSpan(span)
    memory.apply(span.first.updates)
    if (span.second !== undefined) memory.apply(span.second.updates)
    if (outcome.kind !== 'translated') {
      const maybe = [...span.first.maybe, ...(span.second?.maybe ?? [])]
      return { result: { kind: 'fault', fault: outcome, access }, memory, maybe, last1G, met }
    }
    parts = outcome.parts
  }
  return { result: { kind: 'translated', parts }, memory, maybe: [], last1G, met }
}

/** The accesses to make; an exchange is one write, or for some a read and then a write. */
function steps(accesses: readonly ScenarioAccess[], rules: ReadonlySet<StructuralDifference>): readonly ScenarioAccess[] {
  if (!rules.has('rmw-faults-as-read')) return accesses
  return accesses.flatMap((a) => (a.exchange ? [{ ...a, access: 'read' as const }, a] : [a]))
}
