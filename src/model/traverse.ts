// Walks over terms: substitution, free variables, sub-term search, size. All are linear in the number of distinct nodes.

import type { Sort } from './sort.ts'
import { build } from './simplify.ts'
import type { Term } from './term.ts'

/** Rebuilds (and so re-simplifies) terms with variables replaced; one instance may serve many terms over the same map. */
export class Substitution {
  private readonly done = new Map<number, Term>()
  private readonly replacement: (variable: Term) => Term | undefined

  /** `replacement` gives the new term of a variable, or undefined to keep it. It must be constant over calls. */
  constructor(replacement: (variable: Term) => Term | undefined) {
    this.replacement = replacement
  }

  apply<T extends Term>(root: T): T {
    const stack: Term[] = [root]
    while (stack.length > 0) {
      const t = stack[stack.length - 1]!
      if (this.done.has(t.id)) {
        stack.pop()
        continue
      }
      if (t.op === 'var') {
        this.done.set(t.id, this.replacement(t) ?? t)
        stack.pop()
        continue
      }
      const missing = t.args.filter((a) => !this.done.has(a.id))
      if (missing.length > 0) {
        stack.push(...missing)
        continue
      }
      stack.pop()
      const args = t.args.map((a) => this.done.get(a.id)!)
      this.done.set(t.id, args.every((a, i) => a === t.args[i]) ? t : build(t.op, args, t.attribute, widthOf(t.sort), t.sort))
    }
    return this.done.get(root.id) as T
  }
}

const widthOf = (sort: Sort): number => (sort.kind === 'bv' ? sort.width : 0)

export function substitute<T extends Term>(root: T, map: ReadonlyMap<Term, Term>): T {
  return new Substitution((v) => map.get(v)).apply(root)
}

const inOrder = (t: Term): readonly Term[] => t.args

/** Visits every distinct sub-term once, arguments (in the order that `argumentsOf` gives) before the terms that use them. */
export function visit(
  roots: Iterable<Term>,
  callback: (term: Term) => void,
  argumentsOf: (term: Term) => readonly Term[] = inOrder,
): void {
  const seen = new Set<number>()
  const stack: Term[] = [...roots].reverse()
  while (stack.length > 0) {
    const t = stack[stack.length - 1]!
    if (seen.has(t.id)) {
      stack.pop()
      continue
    }
    const missing = argumentsOf(t).filter((a) => !seen.has(a.id))
    if (missing.length > 0) {
      for (let i = missing.length - 1; i >= 0; i--) stack.push(missing[i]!)
      continue
    }
    stack.pop()
    seen.add(t.id)
    callback(t)
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
