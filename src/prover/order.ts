// An order of arguments that depends on the terms alone, not on which was built first. Obligation texts follow it, so that
// neither the cache nor a solver's luck depends on what else a process has built.
// Leaves out: exactness. Two terms of one fingerprint (1 in 2^50) keep the order of their age, which is as correct.

import { type Sort, sortKey } from '../model/sort.ts'
import type { Op, Term } from '../model/term.ts'
import { visit } from '../model/traverse.ts'

const COMMUTATIVE: ReadonlySet<Op> = new Set(['and', 'or', 'eq', 'add', 'mul', 'bvand', 'bvor', 'bvxor'])

const fingerprints = new Map<number, number>()
const sorted = new Map<number, readonly Term[]>()

/** The arguments of `t`, those of a commutative operator in an order that depends on their structure only. */
export function argumentsOf(t: Term): readonly Term[] {
  if (!COMMUTATIVE.has(t.op)) return t.args
  let args = sorted.get(t.id)
  if (args === undefined) {
    args = [...t.args].sort((a, b) => fingerprint(a) - fingerprint(b))
    sorted.set(t.id, args)
  }
  return args
}

/** A hash of the term's structure. */
export function fingerprint(root: Term): number {
  const known = fingerprints.get(root.id)
  if (known !== undefined) return known
  visit([root], (t) => {
    if (!fingerprints.has(t.id)) fingerprints.set(t.id, hash(t))
  })
  return fingerprints.get(root.id)!
}

function hash(t: Term): number {
  const children = t.args.map((a) => fingerprints.get(a.id)!)
  if (COMMUTATIVE.has(t.op)) children.sort((a, b) => a - b)
  let [high, low] = [0x9e3779b9, 0x85ebca6b]
  const add = (n: number) => {
    high = Math.imul(high ^ n, 0x9e3779b1)
    high ^= high >>> 15
    low = Math.imul(low ^ (n + 0x7f4a7c15), 0x85ebca77)
    low ^= low >>> 13
  }
  const label = `${t.op} ${t.attribute === undefined ? '' : t.attribute} ${labelOf(t.sort)}`
  for (let i = 0; i < label.length; i++) add(label.charCodeAt(i))
  for (const child of children) {
    add((child % 0x1_0000_0000) | 0)
    add((child / 0x1_0000_0000) | 0)
  }
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0)
}

const labels = new WeakMap<Sort, string>()
function labelOf(sort: Sort): string {
  let label = labels.get(sort)
  if (label === undefined) {
    label = sortKey(sort)
    labels.set(sort, label)
  }
  return label
}
