// Runs one procedure three ways from one state: interpreted, interpreted without ghost code, compiled; says where they differ.

import { compile } from '../../src/executor/compile.ts'
import { Execution, loadFrom } from '../../src/executor/execution.ts'
import type { Cell } from '../../src/model/cell.ts'
import { ArrayValue, type Value } from '../../src/model/evaluate.ts'
import { Interpreter, type MemoryImage } from '../../src/model/interpreter.ts'
import type { Procedure } from '../../src/model/procedure.ts'

export interface Case {
  readonly procedure: Procedure
  readonly memory: MemoryImage
  readonly state: ReadonlyMap<Cell, Value>
  readonly args?: ReadonlyMap<Cell, Value>
}

export interface Comparison {
  readonly ending: string
  readonly differences: readonly string[]
  /** The compiled run. */
  readonly execution: Execution
}

const MAX_STEPS = 2_000_000

/** The way the run ended, and each difference as a line. */
export function compareRuns({ procedure, memory, state, args = new Map() }: Case): Comparison {
  const interpret = (erase: boolean) => {
    const interpreter = new Interpreter({ memory, check: false, erase, maxSteps: MAX_STEPS })
    for (const [cell, value] of state) interpreter.set(cell, value)
    const outcome = interpreter.run(procedure, args)
    return { interpreter, ending: outcome.kind === 'absent' ? `absent ${outcome.word}` : outcome.kind }
  }
  const [whole, erased] = [interpret(false), interpret(true)]
  const program = compile(procedure)
  const execution = new Execution(
    program,
    loadFrom((word) => memory.get(word)),
    state,
  )
  const ran = execution.run(args)
  const ending = ran.kind === 'absent' ? `absent ${ran.word}` : ran.kind
  const differences: string[] = []
  const differ = (what: string, a: Value | string, b: Value | string, c: Value | string) => {
    if (!same(a, b)) differences.push(`${what}: ${show(a)} with ghost code, ${show(b)} without`)
    if (!same(b, c)) differences.push(`${what}: ${show(b)} interpreted, ${show(c)} compiled`)
  }
  differ('ending', whole.ending, erased.ending, ending)
  for (const cell of [...program.scalars, ...program.arrays])
    differ(cell.name, whole.interpreter.get(cell), erased.interpreter.get(cell), execution.get(cell))
  return { ending, differences, execution }
}

/** Arrays are equal when they agree wherever either has an entry of its own: compiled ones have no elements beyond. */
const same = (a: Value | string, b: Value | string): boolean =>
  a instanceof ArrayValue && b instanceof ArrayValue
    ? [...a.entries.keys(), ...b.entries.keys()].every((i) => a.get(i) === b.get(i))
    : a === b
const show = (v: Value | string): string =>
  v instanceof ArrayValue ? `{${[...v.entries].map(([i, x]) => `${i}: ${x}`).join(', ')}; ${v.otherwise}}` : String(v)
