// Walks over terms: substitution, free variables, sub-term search, size. All are linear in the number of distinct nodes.

import type { Sort } from './sort.ts'
import { build } from './simplify.ts'
import type { Term } from './term.ts'

/** Rebuilds (and so re-simplifies) terms with variables or elements of arrays replaced; one instance may serve many terms over the same map. */
export class Substitution {
  private readonly done = new Map<number, Term>()
  private readonly replacement: (variableOrSelect: Term) => Term | undefined
  private readonly make: (t: Term, args: readonly Term[]) => Term | undefined

  /**
   * `replacement` gives the new term of a variable or select, or undefined to keep it. It must be constant over calls. `make`
   * may build a term with new arguments in its own way.
   */
  constructor(
    replacement: (variableOrSelect: Term) => Term | undefined,
    make: (t: Term, args: readonly Term[]) => Term | undefined = () => undefined,
  ) {
    this.replacement = replacement
    this.make = make
  }

  apply<T extends Term>(root: T): T {
    const stack: Term[] = [root]
    while (stack.length > 0) {
      const t = stack[stack.length - 1]!
      if (this.done.has(t.id)) {
        stack.pop()
        continue
      }
      if (t.op === 'var' || t.op === 'select') {
        const replaced = this.replacement(t) ?? (t.op === 'var' ? t : undefined)
        if (replaced !== undefined) {
          this.done.set(t.id, replaced)
          stack.pop()
          continue
        }
      }
      const missing = t.args.filter((a) => !this.done.has(a.id))
      if (missing.length > 0) {
        stack.push(...missing)
        continue
      }
      stack.pop()
      const args = t.args.map((a) => this.done.get(a.id)!)
      const kept = args.every((a, i) => a === t.args[i])
      this.done.set(t.id, kept ? t : (this.make(t, args) ?? build(t.op, args, t.attribute, widthOf(t.sort), t.sort)))
    }
    return this.done.get(root.id) as T
  }
}

const widthOf = (sort: Sort): number => (sort.kind === 'bv' ? sort.width : 0)

export function substitute<T extends Term>(root: T, map: ReadonlyMap<Term, Term>): T {
  return new Substitution((v) => map.get(v)).apply(root)
}

const inOrder = (t: Term): readonly Term[] => t.args

/** Marks of the terms that one visit has opened (even) and left (odd), by id; visits within visits have their own. */
interface Marks {
  of: Uint32Array
  round: number
}
const marks: Marks[] = []
let depth = 0

/** Visits every distinct sub-term once, arguments (in the order that `argumentsOf` gives) before the terms that use them. */
export function visit(
  roots: Iterable<Term>,
  callback: (term: Term) => void,
  argumentsOf: (term: Term) => readonly Term[] = inOrder,
): void {
  marks[depth] ??= { of: new Uint32Array(1 << 16), round: 0 }
  const mine = marks[depth++]!
  mine.round += 2
  if (mine.round > 0xffff_fff0) {
    mine.of.fill(0)
    mine.round = 2
  }
  const [opened, left] = [mine.round, mine.round + 1]
  const at = (id: number): number => {
    if (id >= mine.of.length) {
      const longer = new Uint32Array(2 ** Math.ceil(Math.log2(id + 1)))
      longer.set(mine.of)
      mine.of = longer
    }
    return mine.of[id]!
  }
  try {
    const stack: Term[] = [...roots].reverse()
    while (stack.length > 0) {
      const t = stack[stack.length - 1]!
      const mark = at(t.id)
      if (mark === opened || mark === left) {
        stack.pop()
        if (mark === left) continue
        mine.of[t.id] = left
        callback(t)
        continue
      }
      mine.of[t.id] = opened
      const args = argumentsOf(t)
      for (let i = args.length - 1; i >= 0; i--) if (at(args[i]!.id) !== left) stack.push(args[i]!)
    }
  } finally {
    depth--
  }
}

/** Free variables in order of first occurrence. */
export function variables(roots: Iterable<Term>): Term[] {
  const out: Term[] = []
  visit(roots, (t) => {
    if (t.op === 'var') out.push(t)
  })
  return out
}

/** Number of distinct nodes. */
export function sizeOf(roots: Iterable<Term>): number {
  let n = 0
  visit(roots, () => n++)
  return n
}
