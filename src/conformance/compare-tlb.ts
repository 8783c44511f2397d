// An access after a nested entry was changed: by the new tables, or by what the TLB may still hold of the old ones.
//
// Covers: the manual's verdict by either (fresh, stale) and whether the old one is allowed; what each emulator showed, the changed
//   entry's A and D bits among it.
// Leaves out: the guest's own tables and the store to the entry itself: only the address under test is translated.
// Liberties: `stale allowed` means that no flush which the manual promises has removed the translation, whichever way its parameters
//   go; the verdict says nothing where both give the same. What an emulator keeps is predicted, and must be allowed.

import { match } from 'ts-pattern'
import { bool, bv } from '../model/term.ts'
import { type GuestAddress, guestAddress, linearAddress, pageOf } from '../x86/address.ts'
import { nestedWalk } from '../x86/nested-access.ts'
import { permitted, type Translation } from '../x86/npt.ts'
import { mayBeCached, mayHit, needsDirtyAssist, type TlbEntry, type TlbEvent, type TlbParameters } from '../x86/tlb.ts'
import { agreesWithManual, describe, explain, NO_RULES, show } from './compare-access.ts'
import type { Comparison, Disagreement } from './comparison.ts'
import { type DifferenceName, type EmulatorRules, emulatorRules } from './differences.ts'
import { VectorMemory, zeroFill } from './memory.ts'
import { observeEmulator, observeManual } from './observe.ts'
import { accessKinds, hostOf, type Scenario } from './scenario.ts'
import type { Observed, Prescribed, TableEntry } from './shapes.ts'
import { type Run, simulate } from './simulate.ts'
import type { BetweenRuns, InGuest, TlbVector } from './tlb-vector.ts'

const HOST = hostOf(40, true, true)
/** Guest-linear address of the access under test (index 257 of the guest's table). */
const LINEAR = 0x10_1000n

type AccessName = TlbVector['access'][number]

/** The access under test alone, under one root. */
const scenario = (memory: readonly TableEntry[], nCR3: bigint, access: AccessName, gpa: bigint): Scenario => ({
  format: 'long4',
  host: HOST,
  guest: { kind: 'off' },
  nCR3: bv(64, nCR3),
  memory,
  guestTables: new Set(),
  guestMarksRecorded: false,
  accesses: [
    {
      on: 'target',
      linear: linearAddress(gpa),
      access: accessKinds[access],
      user: bool(false),
      bytes: access === 'x' ? 1 : 8,
      exchange: access === 'rmw',
    },
  ],
})
const placeOf = ([table, index]: TableEntry): bigint => table + BigInt(index) * 8n

/** Table entries after changes by address and further stores. */
function after(
  entries: readonly TableEntry[],
  changes: ReadonlyMap<bigint, bigint>,
  stores: readonly TableEntry[],
): TableEntry[] {
  const words = new Map<bigint, TableEntry>(entries.map((e) => [placeOf(e), e]))
  for (const [address, value] of changes) {
    const index = Number((address & 0xfffn) >> 3n)
    words.set(address, [address & ~0xfffn, index, value])
  }
  for (const store of stores) words.set(placeOf(store), store)
  return [...words.values()]
}

interface Second {
  readonly scenario: Scenario
  readonly run: Run
}
interface Story {
  readonly first: Second
  /** By the tables as they are then. */
  readonly fresh: Second
  /** By the tables as they were. */
  readonly stale: Second
  /** A further access by the new tables. */
  readonly third: Second
  /** The place that the vector watches. */
  readonly changed: bigint | undefined
  readonly written: bigint | undefined
}

const ran = (s: Scenario): Second => ({ scenario: s, run: simulate(s, NO_RULES, zeroFill) })

function storyOf(vector: TlbVector, secondRoot: bigint): Story {
  const { entries, then_write, access, gpa, ncr3 } = vector
  const first = ran(scenario(entries, ncr3, access[0], gpa))
  const marks = first.run.memory.changed()
  const fresh = ran(scenario(after(entries, marks, then_write), secondRoot, access[1], gpa))
  const stale = ran(scenario(after(entries, marks, []), ncr3, access[1], gpa))
  const third = ran(scenario(after(fresh.scenario.memory, fresh.run.memory.changed(), []), secondRoot, access[1], gpa))
  const [store] = then_write
  return { first, fresh, stale, third, changed: store && placeOf(store), written: store?.[2] }
}

// ---- what the TLB may hold ----

const walkOf = ({ scenario: s }: Second, gpa: GuestAddress): Translation =>
  nestedWalk({ format: s.format, host: s.host, nCR3: s.nCR3 }, new VectorMemory(s.memory, zeroFill).read, pageOf(gpa))

/** The first access left a translation that serves the second: only rights that it has, no walk for D through the changed leaf. */
function serves(story: Story, vector: TlbVector): boolean {
  const walk = walkOf(story.first, guestAddress(vector.gpa))
  const [before, now] = [accessKinds[vector.access[0]], accessKinds[vector.access[1]]]
  if (mayBeCached(walk).value === false || permitted(HOST, walk, before).value === false) return false
  if (permitted(HOST, walk, now).value === false) return false
  const leaf = walk.steps.find((step) => step.leaf.value === true)!
  const dirty = bool(((leaf.word.value ?? 0n) & 0x40n) !== 0n || before === 'write')
  const leafPlace = (leaf.table.value! << 12n) + (leaf.index.value! << 3n)
  return needsDirtyAssist({ ...walk, dirty }, now).value === false || leafPlace !== story.changed
}

/** Some processor that keeps what the manual promises may still have it. */
function mayBeThere(vector: TlbVector, events: readonly TlbEvent[], from: number, to: number): boolean {
  const page = pageOf(guestAddress(vector.gpa))
  const entry: TlbEntry = { asid: bv(32, from), page, global: bool(false), nested: bool(true) }
  const parameters: TlbParameters = { guestFlushesNested: bool(false) }
  return mayHit(bool(true), events, entry, { asid: bv(32, to), page }, parameters).value === true
}

const pageAt = (address: bigint) => pageOf(guestAddress(address))
const GUEST = bv(32, 1)

/** An instruction of the host between two VMRUNs; undefined when nobody knows it. */
const hostEvent = ([name, ...operands]: readonly (string | number)[], gpa: bigint): TlbEvent | undefined => {
  const address = typeof operands[0] === 'number' ? BigInt(operands[0]) : gpa
  return match(name)
    .with('invlpga', () => ({ kind: 'invlpga' as const, asid: bv(32, Number(operands[1] ?? 0)), page: pageAt(address) }))
    .with('invlpg', () => ({ kind: 'invlpg' as const, asid: bv(32, 0), page: pageAt(address) }))
    .with('mov-cr3', () => ({ kind: 'mov-cr3' as const, asid: bv(32, 0) }))
    .with('cr4-pge-toggle', () => ({ kind: 'paging-control' as const, asid: bv(32, 0) }))
    .with('wbinvd', () => ({ kind: 'other' as const }))
    .otherwise(() => undefined)
}
/** What the guest does between its two accesses. */
const guestEvent = (name: string): TlbEvent | undefined =>
  match(name)
    .with('invlpg', 'invlpga', (kind) => ({ kind, asid: GUEST, page: pageAt(LINEAR) }))
    .with('cr3', () => ({ kind: 'mov-cr3' as const, asid: GUEST }))
    .with('cr4pge', () => ({ kind: 'paging-control' as const, asid: GUEST }))
    .with('none', 'wbinvd', 'cpuid-like-jmp', () => ({ kind: 'other' as const }))
    .otherwise(() => undefined)

const vmrun = (asid: number, tlbControl: number): TlbEvent => ({
  kind: 'vmrun',
  asid: bv(32, asid),
  tlbControl: bv(8, tlbControl),
})

// ---- comparison ----

const unknownStep = (vector: TlbVector, name: string): Comparison => ({
  disagreements: [{ with: 'vector', expected: JSON.stringify(vector.access), got: `nothing is known of the step ${name}` }],
  differences: {},
})

export function compareTlb(vector: TlbVector): Comparison {
  return vector.cat === 'tlb' ? compareBetween(vector) : compareInGuest(vector)
}

/** The manual's first, fresh and stale results, and whether the stale one may be seen. */
function againstManual(vector: TlbVector, story: Story, allowed: boolean): Disagreement[] {
  const { manual } = vector.expect
  if (manual === undefined) return []
  const out: Disagreement[] = []
  const check = (what: string, expected: Prescribed | undefined, of: Second): void => {
    const mine = observeManual(of.scenario, of.run)
    if (expected !== undefined && !agreesWithManual(expected, mine, vector.gpa))
      out.push({ with: 'manual', expected: `${what} ${show(expected)}`, got: describe(mine) })
  }
  check('first', manual.first, story.first)
  check('fresh', manual.fresh, story.fresh)
  check('stale', manual.stale, story.stale)
  const distinct = show(manual.fresh) !== show(manual.stale)
  if (distinct && manual.stale_allowed !== allowed)
    out.push({ with: 'manual', expected: `stale_allowed ${manual.stale_allowed}`, got: `${allowed}` })
  return out
}

interface Shown {
  readonly of: Second
  readonly observed: Observed
}
/** Each access as the emulator showed it, and the changed entry afterwards. */
function againstEmulator(
  name: string,
  rules: EmulatorRules,
  shown: readonly Shown[],
  story: Story,
  stale: boolean,
  entryAfter: bigint | null,
): { readonly disagreements: Disagreement[]; readonly names: readonly DifferenceName[] } {
  const disagreements: Disagreement[] = []
  const names = new Set<DifferenceName>()
  for (const { of, observed } of shown) {
    const explained = explain(of.scenario, of.run, rules, observed)
    if (explained.kind === 'explained') for (const n of explained.names) names.add(n)
    else disagreements.push({ with: name, expected: show(observed), got: explained.got })
  }
  const last = shown[shown.length - 1]!.of
  const seen = observeEmulator(last.scenario, last.run, rules, rules.reporting)
  const marked = seen.o === 'unspecified' || stale || story.changed === undefined ? undefined : seen.changes.get(story.changed)
  const before = last.scenario.memory.find((e) => placeOf(e) === story.changed)?.[2]
  const mine = (stale ? story.written : (marked ?? before)) ?? null
  if (mine !== entryAfter)
    disagreements.push({
      with: name,
      expected: `changed entry ${show({ o: 'ok', value: entryAfter ?? 0n })}`,
      got: `0x${mine?.toString(16)}`,
    })
  return { disagreements, names: [...names] }
}

function compareBetween(vector: BetweenRuns): Comparison {
  const { second_run: second, asid } = vector
  const events: TlbEvent[] = [{ kind: 'vmexit' }]
  for (const step of second.before ?? []) {
    const event = hostEvent(step, vector.gpa)
    if (event === undefined) return unknownStep(vector, step[0])
    events.push(event)
  }
  events.push(vmrun(second.asid, second.tlb_control))
  if (second.then_asid1_again === true) events.push({ kind: 'vmexit' }, vmrun(1, 0))
  const to = second.then_asid1_again === true ? 1 : second.asid
  const story = storyOf(vector, second.ncr3)
  const allowed = serves(story, vector) && mayBeThere(vector, events, asid, to)
  const disagreements = againstManual(vector, story, allowed)
  const differences: Record<string, readonly DifferenceName[]> = {}
  const { manual: _, ...emulators } = vector.expect
  for (const [name, { runs, changed_entry_after }] of Object.entries(emulators)) {
    const rules = emulatorRules(name)
    if (rules === undefined) {
      disagreements.push({ with: name, expected: 'runs', got: 'no rules are known for this emulator' })
      continue
    }
    // Fresh at every VMRUN: always right, since nothing forces a TLB to keep anything.
    const by = [story.first, story.fresh, story.third]
    const shown = runs.map((observed, i) => ({ of: by[Math.min(i, 2)]!, observed }))
    const result = againstEmulator(name, rules, shown, story, false, changed_entry_after)
    disagreements.push(...result.disagreements)
    differences[name] = result.names
  }
  return { disagreements, differences }
}

/** What an emulator's TLB still has after the guest's step. */
function keeps(rules: EmulatorRules, event: TlbEvent, vector: InGuest): boolean {
  const [before, now] = [accessKinds[vector.access[0]], accessKinds[vector.access[1]]]
  if (now === 'write' && before !== 'write' && !rules.tlb.readServesStore) return false
  return match(event.kind)
    .with('invlpg', 'invlpga', () => rules.tlb.invlpgKeepsNested)
    .with('other', () => true)
    .otherwise(() => false)
}

function compareInGuest(vector: InGuest): Comparison {
  const event = guestEvent(vector.between)
  if (event === undefined) return unknownStep(vector, vector.between)
  const story = storyOf(vector, vector.ncr3)
  const fits = serves(story, vector)
  const allowed = fits && mayBeThere(vector, [event], 1, 1)
  const disagreements = againstManual(vector, story, allowed)
  const differences: Record<string, readonly DifferenceName[]> = {}
  const { manual: _, ...emulators } = vector.expect
  for (const [name, result] of Object.entries(emulators)) {
    const rules = emulatorRules(name)
    if (rules === undefined) {
      disagreements.push({ with: name, expected: show(result.exit), got: 'no rules are known for this emulator' })
      continue
    }
    const stale = fits && keeps(rules, event, vector)
    if (stale && !allowed) disagreements.push({ with: name, expected: 'a flush that the manual promises', got: 'kept' })
    const hpa = (found: bigint | undefined): Observed => ({ o: 'ok', ...(found === undefined ? {} : { hpa: found }) })
    const second = result.exit.o === 'ok' ? hpa(result.second_hpa ?? result.second_store_at) : result.exit
    const shown: Shown[] = [
      { of: story.first, observed: hpa(result.first_hpa ?? result.first_store_at) },
      { of: stale ? story.stale : story.fresh, observed: second },
    ]
    const compared = againstEmulator(name, rules, shown, story, stale, result.changed_entry_after)
    disagreements.push(...compared.disagreements)
    differences[name] = compared.names
  }
  return { disagreements, differences }
}
