// A vector's expectations against what the model shows: the manual's verdict, and each emulator's result.
//
// Covers: outcomes, codes, addresses, A and D bits, data; which named rules an emulator's result needs.
// Leaves out: CR2 (the intercepted #PF does not change it), how the emulator's address was observed.
// Liberties: bits in `code_ignore` are open; an emulator's address may be missing only where memory cannot show it; entries that
//   the guest's own store overwrites are left out of an emulator's A and D bits (and kept in the manual's).

import { match } from 'ts-pattern'
import type { Comparison, Disagreement } from './comparison.ts'
import { type DifferenceName, type EmulatorRules, emulatorRules, type StructuralDifference } from './differences.ts'
import { type Fill, type VectorMemory, zeroFill } from './memory.ts'
import { type Changes, type Observation, observeEmulator, observeManual } from './observe.ts'
import { type AccessVector, type Scenario, scenarioOf } from './scenario.ts'
import { type Run, simulate } from './simulate.ts'
import type { Observed, Prescribed, TableEntry } from './shapes.ts'

export const NO_RULES: ReadonlySet<StructuralDifference> = new Set()
const BIT8: ReadonlySet<StructuralDifference> = new Set(['pml4e-bit8-not-reserved'])

/** The vectors that are one access of a guest. */
export function compareAccess(covered: AccessVector): Comparison {
  const { manual, manual_if_pml4e_bit8_ignored: ignoringBit8, ...emulators } = covered.vector.expect
  const scenario = scenarioOf(covered)
  const strict = simulate(scenario, NO_RULES, zeroFill)
  const disagreements: Disagreement[] = []
  const against = (name: string, prescribed: Prescribed, run: Run) => {
    const mine = observeManual(scenario, run)
    if (!agreesWithManual(prescribed, mine, aboutAddress(covered)))
      disagreements.push({ with: name, expected: show(prescribed), got: describe(mine) })
  }
  if (manual !== undefined) against('manual', manual, strict)
  if (ignoringBit8 !== undefined) against('manual with bit 8 of PML4E ignored', ignoringBit8, simulate(scenario, BIT8, zeroFill))

  const differences: Record<string, readonly DifferenceName[]> = {}
  for (const [name, observed] of Object.entries(emulators)) {
    const rules = emulatorRules(name)
    if (rules === undefined) {
      disagreements.push({ with: name, expected: show(observed), got: 'no rules are known for this emulator' })
      continue
    }
    const explained = explain(scenario, strict, rules, observed)
    if (explained.kind === 'explained') differences[name] = explained.names
    else disagreements.push({ with: name, expected: show(observed), got: explained.got })
  }
  return { disagreements, differences }
}

/** The guest-physical address that a walk vector is about. */
const aboutAddress = (covered: AccessVector): bigint | undefined => (covered.kind === 'walk' ? covered.vector.gpa : undefined)

// ---- an emulator's result ----

export type Explanation =
  | { readonly kind: 'explained'; readonly names: readonly DifferenceName[] }
  | { readonly kind: 'unexplained'; readonly got: string }

/** The rules that an emulator's result needs, given the manual's run. */
export function explain(scenario: Scenario, strict: Run, rules: EmulatorRules, observed: Observed): Explanation {
  const relevant = [...strict.met].some((name) => rules.structural.has(name))
  // Where no structural rule applies, the manual's run is the emulator's.
  const fills = relevant ? rules.fills : rules.fills.slice(0, 1)
  let got = ''
  for (const fill of fills) {
    const run = relevant ? simulate(scenario, rules.structural, fill) : strict
    const predicted = observeEmulator(scenario, run, rules, rules.reporting)
    if (agreesWithEmulator(scenario, run, predicted, observed, fill))
      return { kind: 'explained', names: rulesNeeded(scenario, run, predicted, rules, fill) }
    got = describe(predicted)
    // Another fill can matter only to a run that read where contents are not recorded.
    if (run.memory.unknown.length === 0) break
  }
  return { kind: 'unexplained', got }
}

/** What a difference can show in: not the level, and not the A bits of a failing walk, which the manual leaves open. */
const visible = (o: Observation): string =>
  describe(o.o === 'npf' ? { ...o, level: 0, changes: new Map() } : o.o === 'exit' ? { ...o, changes: new Map() } : o)

/** The rules without which the prediction would be another one. */
function rulesNeeded(scenario: Scenario, run: Run, predicted: Observation, rules: EmulatorRules, fill: Fill): DifferenceName[] {
  const whole = visible(predicted)
  const names: DifferenceName[] = []
  for (const name of rules.reporting) {
    const without = observeEmulator(scenario, run, rules, new Set([...rules.reporting].filter((n) => n !== name)))
    if (visible(without) !== whole) names.push(name)
  }
  for (const name of rules.structural) {
    if (!run.met.has(name)) continue
    if (name === 'table-outside-ram') {
      names.push(name)
      continue
    }
    const without = simulate(scenario, new Set([...rules.structural].filter((n) => n !== name)), fill)
    if (visible(observeEmulator(scenario, without, rules, rules.reporting)) !== whole) names.push(name)
  }
  return names
}

function agreesWithEmulator(scenario: Scenario, run: Run, mine: Observation, theirs: Observed, fill: Fill): boolean {
  const target = scenario.accesses[scenario.accesses.length - 1]!
  const store = target.access === 'write'
  return match(mine)
    .with({ o: 'ok' }, ({ hpas, changes }) => {
      const stored = store ? new Set(storedWords(hpas, target.bytes)) : new Set<bigint>()
      return (
        theirs.o === 'ok' &&
        addressAgrees(run.memory, hpas, store, theirs.hpa) &&
        (theirs.read_hpa == null || theirs.read_hpa === hpas[0]) &&
        dataAgrees(run.memory, hpas, target.bytes, theirs.value, fill) &&
        (theirs.rax === undefined || store || theirs.rax === bytesAcross(run.memory, hpas, target.bytes)) &&
        (theirs.first_page_changed ?? store) === store &&
        (theirs.second_page_changed ?? store) === store &&
        changesAgree(scenario, changes, theirs, stored)
      )
    })
    .with({ o: 'npf' }, ({ code, gpa, changes }) => {
      const untouched = theirs.first_page_changed !== true && theirs.second_page_changed !== true
      return (
        theirs.o === 'npf' && theirs.code === code && theirs.gpa === gpa && untouched && changesAgree(scenario, changes, theirs)
      )
    })
    .with({ o: 'exit' }, ({ exitcode, info1, info2, changes }) => {
      const same = theirs.exitcode === exitcode && theirs.info1 === info1 && theirs.info2 === info2
      return theirs.o === 'exit' && same && changesAgree(scenario, changes, theirs)
    })
    .with({ o: 'unspecified' }, () => false)
    .exhaustive()
}

/** The observed address, if there is one; none is right only where the place does not name itself (PAE vectors never tell). */
function addressAgrees(memory: VectorMemory, hpas: readonly bigint[], store: boolean, hpa: bigint | null | undefined): boolean {
  if (hpa === undefined) return true
  return hpa === null ? !memory.observable(hpas[0]!, store) : hpa === hpas[0]
}

/** The value read, where what is there is known: recorded memory, fresh RAM, the emulator's empty bus. */
function dataAgrees(
  memory: VectorMemory,
  hpas: readonly bigint[],
  bytes: number,
  value: bigint | undefined,
  fill: Fill,
): boolean {
  if (value === undefined) return true
  const region = memory.region(hpas[0]!)
  if (region === 'unrecorded') return true
  if (region === 'recorded') return value === memory.bytes(hpas[0]!, bytes)
  return value === BigInt.asUintN(bytes * 8, fill[region])
}

/** Little-endian bytes of an access whose second part begins in another page. */
function bytesAcross(memory: VectorMemory, hpas: readonly bigint[], bytes: number): bigint {
  const [first, second] = hpas
  if (second === undefined) return memory.bytes(first!, bytes)
  const below = 0x1000 - Number(first! & 0xfffn)
  return memory.bytes(first!, below) | (memory.bytes(second, bytes - below) << BigInt(below * 8))
}

function storedWords(hpas: readonly bigint[], bytes: number): bigint[] {
  const [first, second] = hpas
  const below = second === undefined ? bytes : 0x1000 - Number(first! & 0xfffn)
  const words = (from: bigint, count: number) => Array.from({ length: count }, (_, i) => (from + BigInt(i)) & ~7n)
  return [...words(first!, below), ...(second === undefined ? [] : words(second, bytes - below))]
}

function changesAgree(scenario: Scenario, changes: Changes, theirs: Observed, stored: ReadonlySet<bigint> = new Set()): boolean {
  const nested = new Map<bigint, bigint>()
  const guest = new Map<bigint, bigint>()
  for (const [address, value] of changes)
    if (!stored.has(address)) (scenario.guestTables.has(address & ~0xfffn) ? guest : nested).set(address, value)
  const guestAgrees = !scenario.guestMarksRecorded || same(guest, theirs.gad ?? [])
  return (theirs.ad === undefined || same(nested, theirs.ad)) && guestAgrees
}

const same = (changes: Changes, listed: readonly TableEntry[]): boolean =>
  changes.size === listed.length && listed.every(([table, index, value]) => changes.get(table + BigInt(index) * 8n) === value)

// ---- the manual's verdict ----

export function agreesWithManual(theirs: Prescribed, mine: Observation, about: bigint | undefined): boolean {
  const given = <T>(value: T | undefined, of: T): boolean => value === undefined || value === of
  return match(theirs)
    .with({ o: 'unspecified' }, ({ why }) => {
      const address = /fetched from (0x[0-9a-f]+), not RAM/.exec(why ?? '')?.[1]
      return address === undefined || (mine.o === 'unspecified' && mine.address === BigInt(address))
    })
    .with({ o: 'ok' }, ({ hpa, ad }) => {
      if (mine.o !== 'ok') return false
      return given(hpa, mine.hpas[0]!) && (ad === undefined || same(mine.changes, ad))
    })
    .with({ o: 'npf' }, ({ code, code_ignore = 0n, gpa, level, on }) => {
      if (mine.o !== 'npf') return false
      const codeAgrees = code === undefined || (code & ~code_ignore) === (mine.code & ~code_ignore)
      // `target` is a fault about the address under test; any other final address counts as `code`.
      const mineOn = mine.on === 'target' && about !== undefined && mine.gpa !== about ? 'code' : mine.on
      return codeAgrees && given(gpa, mine.gpa) && given(level, mine.level) && given(on, mineOn)
    })
    .with({ o: 'exit' }, ({ exitcode, info1, info2 }) => {
      if (mine.o !== 'exit') return false
      return given(exitcode, mine.exitcode) && given(info1, mine.info1) && given(info2, mine.info2)
    })
    .exhaustive()
}

// ---- in words ----

const hexOf = (value: bigint): string => `0x${value.toString(16)}`

export function describe(observation: Observation): string {
  const marks = (changes: Changes) =>
    [...changes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([address, value]) => ` [${hexOf(address)}]=${hexOf(value)}`)
      .join('')
  return match(observation)
    .with({ o: 'ok' }, ({ hpas, changes }) => `ok hpa ${hpas.map(hexOf).join(', ')}${marks(changes)}`)
    .with({ o: 'npf' }, (n) => `npf code ${hexOf(n.code)} gpa ${hexOf(n.gpa)} level ${n.level} on ${n.on}${marks(n.changes)}`)
    .with({ o: 'exit' }, (e) => `exit ${hexOf(e.exitcode)} info1 ${hexOf(e.info1)} info2 ${hexOf(e.info2)}${marks(e.changes)}`)
    .with({ o: 'unspecified' }, ({ address }) => `unspecified: table entry fetched from ${hexOf(address)}`)
    .exhaustive()
}

export const show = (expected: Observed | Prescribed): string =>
  Object.entries(expected)
    .map(([name, value]) => `${name} ${JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? hexOf(v) : v))}`)
    .join(' ')
