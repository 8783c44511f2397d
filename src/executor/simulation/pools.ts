// Values that are worth trying: constants of the model, what the state holds, near misses of both.

import type { Bv, Term } from '../../model/term.ts'
import { visit } from '../../model/traverse.ts'
import { limbCount, numberOfLimb } from '../limbs.ts'
import { limbsOfWidth, type Place } from './layout.ts'
import type { Machine } from './machine.ts'
import type { Random } from './random.ts'

/** A field of a word, and a constant that the model compares it with or puts there. */
interface Field {
  readonly mask: Int32Array
  readonly value: Int32Array
}

const MOST_LIMBS = 4

export class Pools {
  private readonly machine: Machine
  private readonly random: Random
  /** Limbs of the constants of a width, one after the other. */
  private readonly constants = new Map<number, Int32Array>()
  private readonly fields = new Map<number, readonly Field[]>()
  private readonly sources = new Map<number, Place[]>()
  private readonly numbers: readonly Place[]
  private readonly word = new Int32Array(MOST_LIMBS)

  constructor(machine: Machine, terms: readonly Term[], random: Random) {
    this.machine = machine
    this.random = random
    const { layout } = machine
    const places = layout.variables.map((v) => layout.place(v))
    for (const place of places) {
      const known = this.sources.get(place.width)
      if (known === undefined) this.sources.set(place.width, [place])
      else known.push(place)
    }
    this.numbers = places.filter((p) => p.width > 1)
    this.collect(terms)
  }

  private collect(terms: readonly Term[]): void {
    const constants = new Map<number, Set<bigint>>()
    const fields = new Map<number, Field[]>()
    visit(terms, (t) => {
      if (t.op === 'const' && t.sort.kind === 'bv') {
        const known = constants.get(t.sort.width)
        if (known === undefined) constants.set(t.sort.width, new Set([t.attribute as bigint]))
        else known.add(t.attribute as bigint)
      }
      if (t.op !== 'eq') return
      for (const [slice, other] of [t.args, [...t.args].reverse()] as [Term, Term][]) {
        if (slice.op !== 'extract' || other.op !== 'const') continue
        const [low, { width }] = [BigInt(slice.attribute as number), slice.args[0] as Bv]
        const mask = ((1n << BigInt((slice as Bv).width)) - 1n) << low
        const value = (other.attribute as bigint) << low
        const of = (v: bigint): Field => ({ mask: limbsOf(mask, width), value: limbsOf(v, width) })
        fields.set(width, [...(fields.get(width) ?? []), of(value), of(mask & ~value)])
      }
    })
    for (const [width, values] of constants)
      this.constants.set(width, Int32Array.from([...values].flatMap((v) => [...limbsOf(v, width)])))
    for (const [width, list] of fields) this.fields.set(width, list)
  }

  /** Puts a value of this width (0: a Boolean) into `to` from `at` on. */
  fill(to: Int32Array, at: number, width: number): void {
    const { random } = this
    if (width === 0) {
      to[at] = random.next() & 1
      return
    }
    const limbs = limbsOfWidth(width)
    const kind = random.below(100)
    if (kind < 8) for (let k = 0; k < limbs; k++) to[at + k] = random.next()
    else if (kind < 14) to.fill(0, at, at + limbs)
    else if (kind < 40 && this.constant(to, at, width)) {
      // A constant as it is.
    } else if (kind < 70) this.current(to, at, width)
    else if (kind < 78) this.converted(to, at, width)
    else {
      if (random.next() & 1 || !this.constant(to, at, width)) this.current(to, at, width)
      if (kind < 90 && this.fields.has(width)) this.field(to, at, width)
      else this.vary(to, at, width)
    }
    this.trim(to, at, width)
  }

  private trim(to: Int32Array, at: number, width: number): void {
    const over = width & 31
    if (over !== 0) to[at + limbsOfWidth(width) - 1]! &= 2 ** over - 1
  }
  private constant(to: Int32Array, at: number, width: number): boolean {
    const all = this.constants.get(width)
    if (all === undefined) return false
    const limbs = limbsOfWidth(width)
    const from = limbs * this.random.below(all.length / limbs)
    for (let k = 0; k < limbs; k++) to[at + k] = all[from + k]!
    return true
  }
  /** What some variable of this width holds. */
  private current(to: Int32Array, at: number, width: number): void {
    const places = this.sources.get(width)
    const { spaces, layout } = this.machine
    if (layout.spaces.length > 0 && this.random.chance(0.3)) {
      // An index that somebody has mentioned.
      const n = this.random.below(layout.spaces.length)
      const { keys, count } = spaces[n]!
      if (layout.spaces[n] === width && count > 1) {
        const entry = 1 + this.random.below(count - 1)
        for (let k = 0; k < limbsOfWidth(width); k++) to[at + k] = keys[k]![entry]!
        return
      }
    }
    if (places === undefined) this.converted(to, at, width)
    else this.copy(places[this.random.below(places.length)]!, to, at)
  }
  /** What a variable of another width holds, moved by whole pages, words or not at all. */
  private converted(to: Int32Array, at: number, width: number): void {
    const limbs = limbsOfWidth(width)
    to.fill(0, at, at + limbs)
    if (this.numbers.length === 0) return
    const place = this.numbers[this.random.below(this.numbers.length)]!
    const { word } = this
    if (limbsOfWidth(place.width) > MOST_LIMBS) return
    word.fill(0)
    this.copy(place, word, 0)
    const shift = [0, 0, 3, 12, -3, -12][this.random.below(6)]!
    if (shift > 0) for (let k = 0; k < MOST_LIMBS; k++) word[k] = (word[k]! >>> shift) | ((word[k + 1] ?? 0) << (32 - shift))
    if (shift < 0)
      for (let k = MOST_LIMBS - 1; k >= 0; k--) word[k] = (word[k]! << -shift) | ((word[k - 1] ?? 0) >>> (32 + shift))
    for (let k = 0; k < Math.min(limbs, MOST_LIMBS); k++) to[at + k] = word[k]!
  }
  /** An arbitrary element of a table, or the scalar itself. */
  private copy(place: Place, to: Int32Array, at: number): void {
    const { S, N, spaces, columns } = this.machine
    const limbs = limbsOfWidth(place.width)
    let [from, start] = [S, place.slot]
    if (place.kind === 'table') {
      const { dense, domain, space, number } = place
      const counted = domain?.domain.count === undefined ? dense : N[domain.number]!
      if (counted > 0) start += limbs * this.random.below(counted)
      else if (space !== undefined) {
        from = columns[number]!.values
        start = limbs * this.random.below(spaces[space]!.count)
      }
    }
    for (let k = 0; k < limbs; k++) to[at + k] = from[start + k]!
  }
  private field(to: Int32Array, at: number, width: number): void {
    const all = this.fields.get(width)!
    const { mask, value } = all[this.random.below(all.length)]!
    for (let k = 0; k < mask.length; k++) to[at + k] = (to[at + k]! & ~mask[k]!) | value[k]!
  }
  /** A little more, a little less, or one bit flipped. */
  private vary(to: Int32Array, at: number, width: number): void {
    const { random } = this
    if (random.next() & 1) {
      const bit = random.below(width)
      to[at + (bit >> 5)]! ^= 1 << (bit & 31)
      return
    }
    const by = [1, -1, 8, -8, 0x1000, -0x1000][random.below(6)]!
    let carry = by
    for (let k = 0; k < limbsOfWidth(width); k++) {
      const sum = (to[at + k]! >>> 0) + carry
      to[at + k] = sum | 0
      carry = Math.floor(sum / 2 ** 32)
    }
  }
}

const limbsOf = (value: bigint, width: number): Int32Array =>
  Int32Array.from({ length: limbCount(width) }, (_, k) => numberOfLimb(value, k))
