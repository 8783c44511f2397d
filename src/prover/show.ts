// Terms in short, for names of instances: an identifier, an element, a number; larger terms by their operator only.

import type { Bv, Term } from '../model/term.ts'

const DEEPEST = 3

export function shown(t: Term, depth = 0): string {
  if (t.op === 'var') return t.attribute as string
  if (t.op === 'const') return t.sort.kind === 'bool' ? String(t.attribute === 1n) : String((t as Bv).value)
  if (depth === DEEPEST) return '..'
  const args = t.args.map((a) => shown(a, depth + 1))
  if (t.op === 'select') return `${args[0]}(${args[1]})`
  if (t.op === 'extract') {
    const low = t.attribute as number
    return `${args[0]}[${low + (t as Bv).width - 1}:${low}]`
  }
  return `${t.op}(${args.join(', ')})`
}
