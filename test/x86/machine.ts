// Small machines for the tests of src/x86: hosts by a few facts, memories by a list of entries, symbolic hosts and environments.

import fc from 'fast-check'
import { bool, type Bool, boolVar, bv, type Bv, bvVar, arrayVar, type Term } from '../../src/model/term.ts'
import { arraySort, bvSort } from '../../src/model/sort.ts'
import type { Evaluator, Readable } from '../../src/model/evaluate.ts'
import type { EntryPlace, ReadEntry } from '../../src/x86/npt.ts'
import type { NestedHost } from '../../src/x86/paging.ts'

export const lowMask = (width: number, ones: number): Bv => bv(width, (1n << BigInt(ones)) - 1n)

export interface Facts {
  m?: number
  nxe?: boolean
  page1g?: boolean
  cBit?: number
  gmet?: boolean
  gmetData?: boolean
  pse?: boolean
  trunc?: boolean
}
export function host(facts: Facts = {}): NestedHost {
  const { m = 48, nxe = true, page1g = true, cBit, gmet = false, gmetData = true, pse = true, trunc = false } = facts
  return {
    physMask: lowMask(52, m),
    cBit: bv(52, cBit === undefined ? 0 : 1n << BigInt(cBit)),
    nxe: bool(nxe),
    page1g: bool(page1g),
    pse: bool(pse),
    gmet: bool(gmet),
    gmetData: bool(gmetData),
    guestPageMask: lowMask(45, 36).as<'guest page'>(),
    gpaTrunc: bool(trunc),
  }
}

export const symbolicHost = (): NestedHost => ({
  physMask: bvVar('physMask', 52),
  cBit: bvVar('cBit', 52),
  nxe: boolVar('nxe'),
  page1g: boolVar('page1g'),
  pse: boolVar('pse'),
  gmet: boolVar('gmet'),
  gmetData: boolVar('gmetData'),
  guestPageMask: bvVar<'guest page'>('guestPageMask', 45),
  gpaTrunc: boolVar('gpaTrunc'),
})

/** A memory by address; what is not listed is zero. `seen` collects the places read, in order. */
export function memoryOf(words: Readonly<Record<string, bigint>>, seen: string[] = []): ReadEntry {
  const byAddress = new Map(Object.entries(words).map(([address, word]) => [BigInt(address), word]))
  return (table, index, place: EntryPlace) => {
    const address = (table.value! << 12n) | (index.value! << 3n)
    seen.push(`${place.walk} ${place.level} 0x${address.toString(16)}`)
    return bv(64, byAddress.get(address) ?? 0n)
  }
}

export const memory = arrayVar('mem', arraySort(49, bvSort(64)))
export const fromArray: ReadEntry = (table, index) => memory.at(table.concat(index))
/** The memory of an environment, for a concrete run. */
export const fromReadable =
  (mem: Readable): ReadEntry =>
  (table, index) =>
    bv(64, mem.get((table.value! << 9n) | index.value!) as bigint)

/** The constant that a term is in an environment. */
export const constantIn = <T extends Bool | Bv<string>>(evaluator: Evaluator, t: T): T =>
  (t.sort.kind === 'bool' ? bool(evaluator.bool(t as Bool)) : bv((t as Bv).width, evaluator.bv(t as Bv))) as T
export const hostIn = (evaluator: Evaluator, rules: NestedHost): NestedHost =>
  Object.fromEntries(
    Object.entries(rules).map(([name, term]) => [name, constantIn(evaluator, term as Bool)]),
  ) as unknown as NestedHost

/** Entries that are mostly present and mostly sound, so that walks get deep; few tables, so that they meet again. */
const entryArbitrary = fc.tuple(fc.bigInt(0n, (1n << 64n) - 1n), fc.nat(7), fc.nat(9)).map(([noise, kind, defect]) => {
  const address = noise & 0x0000_0000_000f_f000n
  const base = address | 0x27n | (kind === 0 ? 0x80n : 0n) | (kind === 1 ? 1n << 63n : 0n)
  if (defect === 0) return noise
  return defect === 1 ? base ^ (1n << (noise & 63n)) : kind === 0 ? base & ~0x3f_f000n : base
})

export interface TestEnvironment {
  readonly get: (variable: Term) => bigint | boolean | Readable
  readonly mem: Readable
}
export const environment: fc.Arbitrary<TestEnvironment> = fc
  .record({
    entries: fc.array(entryArbitrary, { minLength: 4, maxLength: 64 }),
    m: fc.integer({ min: 36, max: 52 }),
    c: fc.integer({ min: 36, max: 60 }),
    flags: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    page: fc.bigInt(0n, (1n << 45n) - 1n),
    table: fc.bigInt(0n, 0xffn),
    linear: fc.bigInt(0n, (1n << 48n) - 1n),
  })
  .map(({ entries, m, c, flags, page, table, linear }) => {
    const values: Record<string, bigint | boolean> = {
      physMask: (1n << BigInt(m)) - 1n,
      cBit: c >= m && c < 52 ? 1n << BigInt(c) : 0n,
      nxe: flags[0]!,
      page1g: flags[1]!,
      pse: flags[2]!,
      gmet: flags[3]!,
      gmetData: flags[4]!,
      guestPageMask: (1n << 36n) - 1n,
      gpaTrunc: flags[5]!,
      user: flags[6]!,
      writeProtect: flags[7]!,
      page,
      table,
      nCR3: table << 12n,
      cr3: (table ^ 0x55n) << 12n,
      linear,
    }
    const mem = { get: (index: bigint) => entries[Number((index * 0x9e37_79b9n) % BigInt(entries.length))]! }
    const get = (variable: Term) => (variable.attribute === 'mem' ? mem : values[variable.attribute as string]!)
    return { get, mem }
  })
