// A made-up machine for the handler: one space of 4 levels, whose two lowest tables are full. Small enough for the interpreter.

import { compile } from '../src/executor/compile.ts'
import { Execution, loadFrom } from '../src/executor/execution.ts'
import type { Cell } from '../src/model/cell.ts'
import { ArrayValue, type Value } from '../src/model/evaluate.ts'
import { Interpreter } from '../src/model/interpreter.ts'
import { measure } from '../src/smm/census.ts'
import { bootMap, config, counts, MODE, spaces } from '../src/smm/cells.ts'
import { ALL_ON } from '../src/smm/switches.ts'

const USABLE = 7n
const entry = (frame: number): bigint => (BigInt(frame) << 12n) | USABLE
const slot = (frame: number, index: number): bigint => BigInt(frame * 512 + index)
const LEAVES = 1024

const words = new Map<bigint, bigint>([
  [slot(1, 0), entry(2)],
  [slot(2, 0), entry(3)],
  [slot(3, 0), entry(4)],
  [slot(3, 1), entry(5)],
])
for (let i = 0; i < LEAVES; i++) words.set(slot(4 + (i >> 9), i & 511), entry(64 + i))

const one = (value: bigint): ArrayValue => new ArrayValue(0n, new Map([[0n, value]]))
const state = new Map<Cell, Value>([
  [config.physMask, 2n ** 40n - 1n],
  [config.guestPages, 2n ** 36n - 1n],
  [config.nxe, true],
  [config.budget, 1_000_000n],
  [config.windowWords, 64n],
  [config.smramFirst, 2n ** 40n - 1n],
  [config.smramLast, 2n ** 40n - 1n],
  [bootMap.ranges, 1n],
  [bootMap.last, one(2047n)],
  [spaces.count, 1n],
  [spaces.root, one(1n)],
  [spaces.mode, one(BigInt(MODE.long4))],
])
const procedure = measure(ALL_ON)
const program = compile(procedure)
const load = loadFrom((word) => words.get(word) ?? 0n)

export const SIZE = `${LEAVES} leaves, 5 tables`

export function interpreted(): void {
  const run = new Interpreter({ memory: { get: (w) => words.get(w) ?? 0n }, check: false, erase: true, maxSteps: 100_000_000 })
  run.run(procedure, state)
  expect(run.get(counts.total.counter) as ArrayValue)
}
export function compiled(): void {
  const run = new Execution(program, load, state)
  run.run()
  expect(run.get(counts.total.counter) as ArrayValue)
}

/** A benchmark of something else is none. */
function expect(total: ArrayValue): void {
  if (total.get(0n) !== BigInt(LEAVES)) throw new Error(`counted ${total.get(0n)} frames, not ${LEAVES}`)
}
