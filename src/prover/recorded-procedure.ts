// A run of a procedure as a record with nothing left out: a step for each control point, with what it read; the cells after each.
// Cells that are zero throughout are left out; constants stand in the first state only.

import type { Cell } from '../model/cell.ts'
import { ArrayValue, defaultValue, type Value } from '../model/evaluate.ts'
import type { ControlPoint, ReadEvent } from '../model/interpreter.ts'
import type { Procedure } from '../model/procedure.ts'
import { runInStretches } from '../model/procedure-run.ts'
import { hex, plain } from './countermodel.ts'
import type { NamedValue, RecordedRun, RecordedValue } from './record.ts'
import { type Case, memoryOfCase } from './shrink.ts'

/** The names of what is no cell: the memory by words, or the answers of one that changes, by the order of reads. */
const MEMORY = 'memory'
const ANSWERS = 'answers of memory'
const MOST_STATEMENTS = 50_000

/** @param violated the condition that falls @param without defences that the procedure lacks */
export function recordedRun(
  procedure: Procedure,
  { entry, racing, answers }: Case,
  violated: string,
  without: readonly string[],
): RecordedRun {
  const memory = memoryOfCase({ racing, answers })
  const { stretches } = runInStretches(procedure, { entry, memory, racing, only: new Set([violated]) }, MOST_STATEMENTS)
  const states = [entry, ...stretches.map((s) => s.after)]
  const cells = [...new Set(states.flatMap((s) => [...s.keys()]))].filter((c) => states.some((s) => !isNothing(s.get(c))))
  const words: RecordedValue = {
    name: racing ? ANSWERS : MEMORY,
    value: plain(new ArrayValue(0n, new Map([...answers].filter(([, v]) => v !== 0n)))),
    isConstant: true,
  }
  return {
    system: `procedure ${procedure.name}${without.length === 0 ? '' : ` without ${without.join(', ')}`}`,
    violated,
    watched: [],
    sizes: [],
    steps: stretches.map(({ begins, reads }) => ({
      ...pointRecord(begins),
      parameters: reads.map(readRecord),
    })),
    states: states.map((state, n) => [
      ...(n === 0 ? [words] : []),
      ...cells.filter((c) => n === 0 || !isRigid(c)).map((c) => valueRecord(c, state.get(c))),
    ]),
  }
}

const isRigid = ({ kind }: Cell): boolean => kind === 'constant' || kind === 'watch'
const isNothing = (value: Value | undefined): boolean =>
  value === undefined ||
  value === false ||
  value === 0n ||
  (value instanceof ArrayValue && [...value.entries.values(), value.otherwise].every((v) => v === 0n || v === false))

function valueRecord(cell: Cell, value: Value | undefined): RecordedValue {
  return { name: cell.name, value: plain(value ?? defaultValue(cell.sort)), isConstant: isRigid(cell) }
}

const pointRecord = (point: ControlPoint) =>
  point.kind === 'turn'
    ? { action: `${point.procedure}: turn`, actor: 'SMM', case: `${point.index} = ${point.turn}` }
    : { action: `${point.procedure}: ${point.kind}`, actor: 'SMM', case: '' }
const readRecord = ({ local, word, value }: ReadEvent, n: number): NamedValue => ({
  name: `read ${n + 1}, ${local} at ${hex(word * 8n)}`,
  value: hex(value),
})
