// Accessed and dirty bits: which entries a completed walk marks, and memory as it is after that.
//
// Covers: A on every entry of a permitted walk, D on the leaf of a write; the A bits that hardware may set in a walk that faults.
// Leaves out: speculative walks (APM 5.4.2 allows A bits that no access explains; A is no evidence of use).
// Manual: APM volume 2, 5.4.1 (A, D), 5.4.2 (when they are written), 15.25.5 (nested tables are marked likewise).
// Liberties: an update is "these bits of that word become one", so it does not depend on what else the word holds.

import { and, type Bool, bv, type Bv, ite } from '../model/term.ts'
import type { HostFrame, Index9 } from './address.ts'
import type { PagingFormat } from './paging.ts'
import type { ReadEntry, WalkStep } from './npt.ts'

export interface EntryUpdate {
  readonly when: Bool
  readonly table: HostFrame
  readonly index: Index9
  /** 64 bits: those that become one. */
  readonly set: Bv
}

const A = 1n << 5n
const D = 1n << 6n

function update(format: PagingFormat, step: WalkStep, when: Bool, bits: bigint): EntryUpdate[] {
  // PAE page-directory-pointer entries have no A bit: bits 8:5 must be zero (APM 5.2.3).
  if (format === 'pae' && step.level === 3) return []
  if (when.value === false) return []
  const set = ite(step.highHalf, bv(64, bits << 32n), bv(64, bits))
  const changes = and(step.reached, when, step.word.bitand(set).ne(set))
  return changes.value === false ? [] : [{ when: changes, table: step.table, index: step.index, set }]
}

/** What a walk marks once it is permitted (`done`): A everywhere, D on the leaf when it is a write. */
export function accessedDirty(format: PagingFormat, steps: readonly WalkStep[], done: Bool, write: boolean): EntryUpdate[] {
  if (done.value === false) return []
  return steps.flatMap((step) => [
    ...update(format, step, and(done, step.descends), A),
    ...update(format, step, and(done, step.leaf), write ? A | D : A),
  ])
}

/** What hardware may mark although the walk `failed`: A on the entries it descended through. Software must allow for both. */
export function maybeAccessed(format: PagingFormat, steps: readonly WalkStep[], failed: Bool): EntryUpdate[] {
  if (failed.value === false) return []
  return steps.flatMap((step) => update(format, step, and(failed, step.descends), A))
}

/** The same updates, under one more condition. */
export function guarded(condition: Bool, updates: readonly EntryUpdate[]): EntryUpdate[] {
  return updates.map((u) => ({ ...u, when: and(condition, u.when) })).filter((u) => u.when.value !== false)
}

/** Memory as `read` gives it, after the updates. Constant updates are looked up, others become conditions in the term. */
export function overlay(read: ReadEntry, updates: readonly EntryUpdate[]): ReadEntry {
  if (updates.length === 0) return read
  const known = new Map<bigint, bigint>()
  let constant = true
  const key = (table: bigint, index: bigint): bigint => (table << 9n) | index
  for (const { when, table, index, set } of updates) {
    const [t, i, bits] = [table.value, index.value, set.value]
    if (when.value !== true || t === undefined || i === undefined || bits === undefined) constant = false
    else known.set(key(t, i), (known.get(key(t, i)) ?? 0n) | bits)
  }
  return (table, index, place) => {
    const word = read(table, index, place)
    const [t, i] = [table.value, index.value]
    if (constant && t !== undefined && i !== undefined) {
      const bits = known.get(key(t, i))
      return bits === undefined ? word : word.bitor(bits)
    }
    return updates.reduce((w, u) => w.bitor(ite(and(u.when, table.eq(u.table), index.eq(u.index)), u.set, bv(64, 0))), word)
  }
}
