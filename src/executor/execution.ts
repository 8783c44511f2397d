// A compiled program with its state: SMRAM cells, set before a run and read after it, and the memory that it reads.

import { ArrayValue, defaultValue, evaluate, type Value } from '../model/evaluate.ts'
import { type Cell, cellOf } from '../model/cell.ts'
import type { Sort } from '../model/sort.ts'
import type { Program } from './compile.ts'
import { bigOfLimbs, limbCount, numberOfLimb } from './limbs.ts'

/** Untrusted memory: puts the 64-bit word with that number (physical address / 8) into `word`, low half first; false: absent. */
export type Load = (index: number, word: Int32Array) => boolean

/** The same from a function that returns the word, or undefined where there is none. */
export const loadFrom =
  (read64: (word: bigint) => bigint | undefined): Load =>
  (index, word) => {
    const value = read64(BigInt(index))
    if (value === undefined) return false
    word[0] = numberOfLimb(value, 0)
    word[1] = numberOfLimb(value, 1)
    return true
  }

export type Ending = { readonly kind: 'completed' } | { readonly kind: 'absent'; readonly word: number }

class AbsentWord {
  readonly word: number
  constructor(word: number) {
    this.word = word
  }
}

interface Generated {
  run(args: readonly number[]): void
  /** Writes the scalars back to `host.scalars`. */
  save(): void
}
interface Elements {
  readonly elements: Int32Array | Uint8Array
  readonly length: number
}

type Factory = (host: object) => Generated
/** One function per program, so that later executions find it compiled and optimized. */
const factories = new WeakMap<Program, Factory>()
function factoryOf(program: Program): Factory {
  const factory = factories.get(program) ?? (new Function('host', program.source) as Factory)
  factories.set(program, factory)
  return factory
}

/** Elements per array that can be indexed with 32-bit arithmetic. */
const MOST_ELEMENTS = 2 ** 29
/** Arrays that give no length of their own have an element for every index, if these are few. */
const MOST_IMPLIED_BITS = 16

export class Execution {
  private readonly program: Program
  private readonly generated: Generated
  private readonly scalars: Int32Array
  private readonly arrays: readonly Elements[]

  /** `state`: values of SMRAM cells and constants; others begin as false or 0. @throws RangeError when an array would be too large. */
  constructor(program: Program, load: Load, state: ReadonlyMap<Cell, Value>) {
    this.program = program
    const stateOf = (cell: Cell): Value => state.get(cell) ?? defaultValue(cell.sort)
    this.scalars = Int32Array.from(program.scalars.flatMap((cell) => slotsOf(cell, stateOf(cell))))
    this.arrays = program.arrays.map((cell) => elementsOf(cell, stateOf(cell), stateOf))
    const host = {
      load,
      word: new Int32Array(2),
      scalars: this.scalars,
      arrays: this.arrays,
      absent: (index: number): never => {
        throw new AbsentWord(index)
      },
      outOfBounds: (name: string): never => {
        throw new RangeError(`an index of ${name} is out of bounds`)
      },
    }
    this.generated = factoryOf(program)(host)
  }

  /** Runs the procedure once, from the state as it is. Absent memory ends the run where it is met. */
  run(args: ReadonlyMap<Cell, Value> = new Map()): Ending {
    const given = this.program.root.params.flatMap((cell) => slotsOf(cell, args.get(cell) ?? defaultValue(cell.sort)))
    try {
      this.generated.run(given)
      return { kind: 'completed' }
    } catch (e) {
      if (e instanceof AbsentWord) return { kind: 'absent', word: e.word }
      throw e
    } finally {
      this.generated.save()
    }
  }

  /** The value of a cell that the program mentions, or the value that cells begin with. */
  get(cell: Cell): Value {
    if (cell.sort.kind === 'array') return this.arrayValue(cell)
    let at = 0
    for (const c of this.program.scalars) {
      if (c === cell)
        return cell.sort.kind === 'bool' ? this.scalars[at] !== 0 : bigOfLimbs(this.scalars, at, limbCount(cell.sort.width))
      at += slotCount(c)
    }
    return defaultValue(cell.sort)
  }

  private arrayValue(cell: Cell): ArrayValue {
    const nothing = defaultValue(cell.sort) as ArrayValue
    const array = this.arrays[this.program.arrays.indexOf(cell)]
    if (array === undefined || cell.sort.kind !== 'array') return nothing
    const { element } = cell.sort
    const entries = new Map<bigint, bigint | boolean>()
    for (let i = 0; i < array.length; i++) {
      const count = element.kind === 'bool' ? 1 : limbCount(element.width)
      const value = element.kind === 'bool' ? array.elements[i] !== 0 : bigOfLimbs(array.elements, i * count, count)
      if (value !== nothing.otherwise) entries.set(BigInt(i), value)
    }
    return new ArrayValue(nothing.otherwise, entries)
  }
}

const slotCount = (cell: Cell): number => (cell.sort.kind === 'bv' ? limbCount(cell.sort.width) : 1)

/** @throws RangeError when the value does not fit: generated code relies on the bits above being zero. */
function within(sort: Sort, value: bigint): bigint {
  if (sort.kind !== 'bv' || value === BigInt.asUintN(sort.width, value)) return value
  throw new RangeError(`${value} does not fit in ${sort.width} bits`)
}

function slotsOf(cell: Cell, value: Value): number[] {
  if (typeof value === 'boolean') return [value ? 1 : 0]
  const bits = within(cell.sort, value as bigint)
  return Array.from({ length: slotCount(cell) }, (_, k) => numberOfLimb(bits, k))
}

function elementsOf(cell: Cell, value: Value, stateOf: (cell: Cell) => Value): Elements {
  if (cell.sort.kind !== 'array') throw new TypeError(`${cell.name} is no array`)
  const { element, index } = cell.sort
  const length = lengthOf(cell, index, stateOf)
  const count = element.kind === 'bool' ? 1 : limbCount(element.width)
  const elements = element.kind === 'bool' ? new Uint8Array(length) : new Int32Array(length * count)
  const put = (i: number, v: bigint | boolean) => {
    if (typeof v === 'boolean') elements[i] = v ? 1 : 0
    else for (let k = 0; k < count; k++) elements[i * count + k] = numberOfLimb(within(element, v), k)
  }
  const given = value as ArrayValue
  if (given.otherwise !== false && given.otherwise !== 0n) for (let i = 0; i < length; i++) put(i, given.otherwise)
  for (const [i, v] of given.entries) if (i < length) put(Number(i), v)
  return { elements, length }
}

function lengthOf(cell: Cell, indexWidth: number, stateOf: (cell: Cell) => Value): number {
  if (cell.length === undefined) {
    if (indexWidth <= MOST_IMPLIED_BITS) return 2 ** indexWidth
    throw new RangeError(`${cell.name} has no length, and too many indices to have an element for each`)
  }
  const length = evaluate(cell.length, (v) => {
    const of = cellOf(v)
    if (of === undefined) throw new TypeError(`${String(v.attribute)} is not a cell`)
    return stateOf(of)
  }) as bigint
  if (length > MOST_ELEMENTS) throw new RangeError(`${cell.name} would have ${length} elements`)
  return Number(length)
}
