// The conditions that make a statement safe to execute, whatever the contracts say: array indices in bounds, no wrapped
// addition or subtraction, untrusted reads at readable addresses. Used by the verification conditions and, as run-time
// checks, by the interpreter.

import { type Cell, cellOf } from './cell.ts'
import type { Procedure, Statement } from './procedure.ts'
import { blockAmount, isCharged } from './tally.ts'
import { type Arr, type Bool, bool, bv, type Bv, type Term } from './term.ts'
import { visit } from './traverse.ts'

export interface SafetyCondition {
  readonly kind: 'bounds' | 'overflow' | 'readable' | 'counted once'
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
      inspect(s.index, s.counted.first, ...(s.counted.kind === 'bits' ? [s.counted.bits] : []))
      inBounds(out, s.tally.counter, s.index)
      out.push(counterCondition(s))
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

function counterCondition({ tally, index, counted }: Extract<Statement, { kind: 'tally' }>): SafetyCondition {
  const { counter, charge, element, object, charges } = tally
  const topic = counter.name
  if (charges === 'often') {
    const amount = counted.kind === 'bits' ? BigInt(counted.bits.width) : blockAmount(counted)
    const room = bv(64, (1n << 64n) - 1n - amount)
    return { kind: 'overflow', name: `${topic} does not overflow`, term: (counter.now as Arr).at(index).ule(room), topic }
  }
  const charged = (index as Bv).eq(element as Bv).and(isCharged(counted, object))
  return { kind: 'counted once', name: `E4 ${topic} counts no object twice`, term: charged.implies(charge.now.isZero()) }
}

function doesNotWrap(t: Term): Bool {
  const [a, b] = t.args as [Bv, Bv]
  const width = a.width
  if (t.op === 'sub') return b.ule(a)
  if (t.op === 'add') return a.ule(b.bitnot())
  const product = a.zext(2 * width).times(b.zext(2 * width))
  return width === 0 ? bool(true) : product.bits(2 * width - 1, width).isZero()
}
