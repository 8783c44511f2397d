// What a concrete value depends on: the variables and elements that decide it, followed through the terms as they were
// evaluated. Of a false conjunction one false part is followed, of a choice the branch that was taken.

import type { Evaluator, Readable, Value } from '../model/evaluate.ts'
import type { Term } from '../model/term.ts'

/** A scalar variable, or one element of an array variable. */
export interface Leaf {
  /** The variable, or where the element is read. */
  readonly term: Term
  readonly variable: Term
  readonly index?: bigint
  readonly value: Value
}

export function leavesOf(evaluator: Evaluator, roots: readonly Term[]): Leaf[] {
  const seen = new Set<number>()
  const leaves = new Map<string, Leaf>()
  const stack = [...roots].reverse()
  for (let t = stack.pop(); t !== undefined; t = stack.pop()) {
    if (seen.has(t.id)) continue
    seen.add(t.id)
    if (t.op === 'var') leaves.set(keyOf(t), { term: t, variable: t, value: evaluator.value(t) })
    else if (t.op === 'select' && t.args[0]!.op === 'var') {
      const [array, at] = t.args as [Term, Term]
      const index = evaluator.value(at) as bigint
      leaves.set(keyOf(array, index), { term: t, variable: array, index, value: (evaluator.value(array) as Readable).get(index) })
      stack.push(at)
    } else stack.push(...followed(t, evaluator).toReversed())
  }
  return [...leaves.values()]
}

export const keyOf = (variable: Term, index?: bigint): string =>
  index === undefined ? `${variable.id}` : `${variable.id}[${index}`

function followed(t: Term, evaluator: Evaluator): readonly Term[] {
  if (t.op === 'ite') return [t.args[0]!, t.args[evaluator.value(t.args[0]!) === true ? 1 : 2]!]
  if (t.op === 'and' || t.op === 'or') {
    const deciding = t.op === 'or'
    const one = t.args.find((a) => evaluator.value(a) === deciding)
    return one === undefined ? t.args : [one]
  }
  return t.args
}
