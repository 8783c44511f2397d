// A recorded run of a procedure executed again by the exact interpreter: does each step begin where the trace says, does it read what the
// trace says, and is the state after it the one that the trace says? And does the condition fall at the end?

import { type Cell, cellNamed } from '../model/cell.ts'
import { ArrayValue, type Value } from '../model/evaluate.ts'
import type { MemoryImage, ReadEvent } from '../model/interpreter.ts'
import type { Procedure } from '../model/procedure.ts'
import { cellValue, pointText, runInStretches, type Stretch } from '../model/procedure-run.ts'
import type { PlainValue } from './simulation/record.ts'

export interface ProcedureTrace {
  /** The condition that falls. */
  readonly violated: string
  readonly steps: readonly {
    readonly action: string
    readonly case: string
    /** What is read: `read 1, walkTable1.entry at 0x100ff8` and its value. */
    readonly parameters: ReadonlyMap<string, PlainValue>
  }[]
  /** One more than steps: values by the names of cells; constants and memory in the first. */
  readonly states: readonly ReadonlyMap<string, PlainValue>[]
}

export interface ReplayedStretch extends Stretch {
  /** Cells that are told of and that the stretch changed. */
  readonly changes: readonly { readonly cell: Cell; readonly from: Value; readonly to: Value }[]
}

export type ReplayedProcedure =
  | { readonly kind: 'agrees'; readonly start: ReadonlyMap<Cell, Value>; readonly stretches: readonly ReplayedStretch[] }
  | {
      readonly kind: 'differs'
      readonly start: ReadonlyMap<Cell, Value>
      readonly stretches: readonly ReplayedStretch[]
      readonly reason: string
    }
  /** The trace is not one of this procedure. */
  | { readonly kind: 'foreign'; readonly problem: string }

const MEMORY = 'memory'
const ANSWERS = 'answers of memory'
const MOST_STATEMENTS = 1_000_000

export function replayProcedure(procedure: Procedure, trace: ProcedureTrace): ReplayedProcedure {
  const problem = misfit(trace)
  if (problem !== undefined) return { kind: 'foreign', problem }
  const [first] = trace.states as [ReadonlyMap<string, PlainValue>]
  const told = [...first.keys()].flatMap((name) => cellNamed(name) ?? [])
  const start = new Map(told.map((c): [Cell, Value] => [c, valueFrom(first.get(c.name)!)]))
  const racing = first.has(ANSWERS)
  const { stretches, outcome } = runInStretches(
    procedure,
    { entry: start, memory: memoryOf(first), racing, only: new Set([trace.violated]) },
    MOST_STATEMENTS,
  )
  const done: ReplayedStretch[] = []
  const differs = (reason: string): ReplayedProcedure => ({ kind: 'differs', start, stretches: done, reason })
  let before: ReadonlyMap<Cell, Value> = start
  for (const [n, stretch] of stretches.entries()) {
    const step = trace.steps[n]
    if (step === undefined) return differs(`the run goes on with ${pointText(stretch.begins)}, the trace ends`)
    const place = `step ${n + 1}`
    if (pointText(stretch.begins) !== pointTold(step))
      return differs(`${place}: the trace says ${pointTold(step)}, the run is at ${pointText(stretch.begins)}`)
    const read = readsOff(stretch.reads, step.parameters)
    if (read !== undefined) return differs(`${place}, ${pointTold(step)}: ${read}`)
    const state = trace.states[n + 1]!
    for (const cell of told) {
      const given = state.get(cell.name)
      if (given === undefined) continue
      const off = difference(valueFrom(given), cellValue(stretch.after, cell))
      if (off !== undefined)
        return differs(
          `after ${place}, ${pointTold(step)}: the trace says ${cell.name}${off.at} = ${off.told}, the run says ${off.is}`,
        )
    }
    const changes = told.flatMap((cell) => {
      const [from, to] = [cellValue(before, cell), cellValue(stretch.after, cell)]
      return difference(from, to) === undefined ? [] : [{ cell, from, to }]
    })
    done.push({ ...stretch, changes })
    before = stretch.after
  }
  if (done.length < trace.steps.length) return differs(`the run ends after step ${done.length}, the trace goes on`)
  if (outcome.kind !== 'violation') return differs(`"${trace.violated}" holds: the run ends as ${outcome.kind}`)
  if (outcome.name !== trace.violated) return differs(`"${outcome.name}" falls, not "${trace.violated}"`)
  return { kind: 'agrees', start, stretches: done }
}

const pointTold = (step: ProcedureTrace['steps'][number]): string =>
  step.case === '' ? step.action : `${step.action} ${step.case}`

function memoryOf(first: ReadonlyMap<string, PlainValue>): MemoryImage {
  const answers = first.get(ANSWERS)
  const words = valueFrom(answers ?? first.get(MEMORY) ?? { otherwise: 0n, entries: new Map() }) as ArrayValue
  if (answers === undefined) return { get: (word) => words.get(word) as bigint }
  let n = 0n
  return { get: () => words.get(n++) as bigint }
}

function readsOff(reads: readonly ReadEvent[], told: ReadonlyMap<string, PlainValue>): string | undefined {
  const is = reads.map(({ local, word, value }, n) => [`read ${n + 1}, ${local} at ${hex(word * 8n)}`, value] as const)
  const given = [...told]
  if (given.length !== is.length) return `the trace says ${given.length} reads, the run makes ${is.length}`
  for (const [n, [name, value]] of is.entries())
    if (given[n]![0] !== name || given[n]![1] !== value)
      return `the trace says ${given[n]![0]}: ${text(given[n]![1] as bigint)}, the run ${name}: ${text(value)}`
  return undefined
}

// ---- values ----

const valueFrom = (plain: PlainValue): Value =>
  typeof plain === 'object' ? new ArrayValue(plain.otherwise, plain.entries) : plain

function difference(a: Value, b: Value): { at: string; told: string; is: string } | undefined {
  if (!(a instanceof ArrayValue) || !(b instanceof ArrayValue))
    return a === b ? undefined : { at: '', told: text(a as bigint), is: text(b as bigint) }
  const index = [...a.entries.keys(), ...b.entries.keys()].find((i) => a.get(i) !== b.get(i))
  if (index === undefined) return undefined
  return { at: `[${hex(index)}]`, told: text(a.get(index) as bigint), is: text(b.get(index) as bigint) }
}
const hex = (n: bigint): string => `0x${n.toString(16)}`
const text = (value: bigint | boolean): string => (typeof value === 'bigint' ? hex(value) : String(value))

// ---- whether the trace is of this procedure ----

function misfit({ states, steps }: ProcedureTrace): string | undefined {
  const [first] = states as [ReadonlyMap<string, PlainValue>]
  for (const [name, value] of first) {
    if (name === MEMORY || name === ANSWERS) {
      if (typeof value !== 'object') return `${name} is no table`
      continue
    }
    const cell = cellNamed(name)
    if (cell === undefined) return `it has nothing called "${name}"`
    const isTable = cell.sort.kind === 'array'
    if (isTable !== (typeof value === 'object')) return `${name} has a value of another kind`
    if (cell.sort.kind === 'bool' && typeof value !== 'boolean') return `${name} has a value of another kind`
    if (cell.sort.kind === 'bv' && (typeof value !== 'bigint' || value >> BigInt(cell.sort.width) !== 0n))
      return `${name} has a value of another kind`
  }
  if (states.length !== steps.length + 1) return `${steps.length} steps and ${states.length} states`
  return undefined
}
