// A run of a procedure taken apart: the stretches between its control points (calls, returns, turns of loops), what each read, and the
// state after it. One function for those who record a run and those who execute it again.

import type { Cell } from './cell.ts'
import { defaultValue, type Value } from './evaluate.ts'
import { type ControlPoint, Interpreter, type MemoryImage, type Outcome, type ReadEvent } from './interpreter.ts'
import type { Procedure } from './procedure.ts'

/** What a run is determined by. */
export interface RunInput {
  readonly entry: ReadonlyMap<Cell, Value>
  readonly memory: MemoryImage
  /** The memory changes between reads. */
  readonly racing: boolean
  /** The condition that is looked at; without it, all. */
  readonly only?: ReadonlySet<string>
}

/** From one control point to the next, or to the end. */
export interface Stretch {
  readonly begins: ControlPoint
  readonly reads: readonly ReadEvent[]
  /** Cells that have a value, after it. */
  readonly after: ReadonlyMap<Cell, Value>
}

export interface ProcedureRun {
  readonly start: ReadonlyMap<Cell, Value>
  readonly stretches: readonly Stretch[]
  readonly outcome: Outcome
}

/** @param maxSteps statements before the run is given up */
export function runInStretches(procedure: Procedure, input: RunInput, maxSteps: number): ProcedureRun {
  const { entry, memory, racing, only } = input
  const stretches: Stretch[] = []
  let begun: ControlPoint | undefined
  let read = 0
  const end = (): void => {
    if (begun === undefined) return
    stretches.push({ begins: begun, reads: interpreter.reads.slice(read), after: new Map(interpreter.state) })
    read = interpreter.reads.length
  }
  const interpreter: Interpreter = new Interpreter({
    ...{ memory, racing, maxSteps, check: true, erase: false },
    ...(only === undefined ? {} : { only }),
    atControlPoint: (point) => {
      end()
      begun = point
    },
  })
  const outcome = interpreter.run(procedure, entry)
  end()
  return { start: entry, stretches, outcome }
}

/** `walkTable1: turn walkTable1.i = 3`. */
export const pointText = (point: ControlPoint): string =>
  point.kind === 'turn' ? `${point.procedure}: turn ${point.index} = ${point.turn}` : `${point.procedure}: ${point.kind}`

/** A cell's value in a state; zero where it has none. */
export const cellValue = (state: ReadonlyMap<Cell, Value>, cell: Cell): Value => state.get(cell) ?? defaultValue(cell.sort)
