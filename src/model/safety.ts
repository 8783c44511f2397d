// The conditions that make a statement safe to execute, whatever the contracts say: array indices in bounds, no wrapped
// addition or subtraction, untrusted reads at readable addresses. Used by the verification conditions and, as run-time
// checks, by the interpreter.

import { type Cell, cellOf } from './cell.ts'
import type { Counted, Procedure, Statement } from './procedure.ts'
import { type Arr, type Bool, bool, bv, type Bv, type Term } from './term.ts'
import { visit } from './traverse.ts'

export interface SafetyCondition {
  readonly kind: 'bounds' | 'overflow' | 'readable'
  readonly name: string
  readonly term: Bool
  readonly topic?: string
}

/** Conditions over the state just before the statement. Terms that are guarded inside an if-then-else count unguarded. */
export function safetyOf(s: Statement, procedure: Procedure): SafetyCondition[] {
  const out: SafetyCondition[] = []
  const inspect = (...terms: readonly Term[]) => {
    visit(terms, (t) => {
      if (t.op === 'add' || t.op === 'sub' || t.op === 'mul') {
        const term = doesNotWrap(t)
        if (term.value !== true) out.push({ kind: 'overflow', name: `no overflow in ${t.op}`, term })
      } else if (t.op === 'select') {
        const cell = cellOf(t.args[0]!)
        if (cell !== undefined) inBounds(out, cell, t.args[1] as Bv)
      }
    })
  }
  switch (s.kind) {
    case 'assign':
      inspect(s.value)
      break
    case 'store':
      inspect(s.index, s.value)
      inBounds(out, s.cell, s.index)
      break
    case 'read':
      inspect(s.word, s.evidence)
      for (const c of procedure.memory.readable(s.word, s.evidence)) out.push({ kind: 'readable', name: c.name, term: c.term })
      break
    case 'if':
      inspect(s.condition)
      break
    case 'for':
      inspect(s.from, s.below)
      break
    case 'call':
      inspect(...s.args.values())
      break
    case 'tally':
      inspect(s.index, s.counted.first, ...(s.counted.kind === 'bits' ? [s.counted.bits] : [s.counted.count]))
      inBounds(out, s.tally.counter, s.index)
      out.push({
        kind: 'overflow',
        name: `${s.tally.counter.name} does not overflow`,
        term: (s.tally.counter.now as Arr).at(s.index).ule(bv(64, (1n << 64n) - 1n).minus(largestAmount(s.counted))),
        topic: s.tally.counter.name,
      })
      break
    default:
      break
  }
  return out
}

function inBounds(out: SafetyCondition[], cell: Cell, index: Bv<string>): void {
  if (cell.length === undefined) return
  const term = index.ult(cell.length)
  if (term.value !== true) out.push({ kind: 'bounds', name: `index of ${cell.name} in bounds`, term })
}

/** An upper bound of what a tally adds, as 64 bits. */
export function largestAmount(counted: Counted): Bv {
  if (counted.kind === 'bits') return bv(64, counted.bits.width)
  if (counted.kind === 'each') return counted.count.zext(64) as Bv
  return bv(64, 1)
}

function doesNotWrap(t: Term): Bool {
  const [a, b] = t.args as [Bv, Bv]
  const width = a.width
  if (t.op === 'sub') return b.ule(a)
  if (t.op === 'add') return a.ule(b.bitnot())
  const product = a.zext(2 * width).times(b.zext(2 * width))
  return width === 0 ? bool(true) : product.bits(2 * width - 1, width).isZero()
}
