// Procedures: the handler's language, kept as a syntax tree. Typed locals, assignment, if, bounded loops with an invariant,
// calls with contracts, assertions, tallies, ghost statements. Untrusted memory can only be read: there is no statement that
// stores to it. Back ends: verification conditions (src/prover), the exact interpreter (interpreter.ts), compiled code
// (src/executor). Termination is structural: loops run from a lower to an upper bound, calls cannot be recursive.

import type { Position } from './position.ts'
import type { Cell, CellKind, Tally } from './cell.ts'
import type { Bool, Bv, Term } from './term.ts'

/**
 * A named sub-formula of a contract or invariant. `any` conjuncts speak of SMRAM and ghost state only and are proved with
 * every read of untrusted memory arbitrary (havoc mode); `snapshot` conjuncts relate the result to the memory as it was.
 */
export interface Conjunct {
  readonly name: string
  readonly term: Bool
  readonly mode: 'any' | 'snapshot'
  /** Conjuncts of one topic are proved together; hypotheses of other topics are left out at first. */
  readonly topic?: string
  /**
   * Further instances that may be assumed wherever the conjunct is: it is proved for an arbitrary value of a watch, and
   * speaks of no ghost state, so it holds with the watch replaced by any other term.
   */
  readonly also?: ReadonlyMap<Term, Term>
}

/**
 * What a tally adds: one for each set bit of a word whose bit 0 is object `first`, or an aligned block of 2^shift objects,
 * counted as one or one for each object.
 */
export type Counted =
  | { readonly kind: 'bits'; readonly first: Bv<string>; readonly bits: Bv<string> }
  | { readonly kind: 'block'; readonly first: Bv<string>; readonly shift: number; readonly as: 'one' | 'each' }

export type Statement =
  | { readonly kind: 'assign'; readonly cell: Cell; readonly value: Term; readonly at: Position }
  | { readonly kind: 'store'; readonly cell: Cell; readonly index: Bv<string>; readonly value: Term; readonly at: Position }
  | {
      readonly kind: 'read'
      readonly cell: Cell
      readonly word: Bv<string>
      readonly evidence: Bv<string>
      readonly at: Position
    }
  | {
      readonly kind: 'if'
      readonly condition: Bool
      readonly yes: readonly Statement[]
      readonly no: readonly Statement[]
      readonly at: Position
    }
  | {
      readonly kind: 'for'
      readonly index: Cell
      readonly from: Bv<string>
      readonly below: Bv<string>
      readonly invariant: (index: Bv<string>) => readonly Conjunct[]
      readonly body: readonly Statement[]
      readonly at: Position
    }
  | {
      readonly kind: 'call'
      readonly callee: Procedure
      readonly args: ReadonlyMap<Cell, Term>
      readonly results: ReadonlyMap<Cell, Cell>
      readonly at: Position
    }
  | { readonly kind: 'exit'; readonly to: 'return' | 'next' | 'break'; readonly at: Position }
  | { readonly kind: 'assert'; readonly conjunct: Conjunct; readonly at: Position }
  | {
      readonly kind: 'tally'
      readonly tally: Tally
      readonly index: Bv<string>
      readonly counted: Counted
      readonly at: Position
    }
  | {
      readonly kind: 'ghost'
      readonly cell: Cell
      readonly value: Term
      readonly mode: 'any' | 'snapshot'
      readonly at: Position
    }

/**
 * What a read of untrusted memory must satisfy, over the word number (physical address / 8) and the evidence that the
 * program brings (for instance the index of the memory range that the address lies in).
 */
export type ReadPrecondition = (word: Bv<string>, evidence: Bv<string>) => readonly Conjunct[]

export interface Procedure {
  readonly name: string
  readonly params: readonly Cell[]
  readonly results: readonly Cell[]
  /** SMRAM and ghost cells that an activation may change, callees included. */
  readonly modifies: readonly Cell[]
  readonly requires: readonly Conjunct[]
  readonly ensures: readonly Conjunct[]
  readonly body: readonly Statement[]
  readonly memory: Memory
  readonly at: Position
}

/** The untrusted memory as a procedure sees it. */
export interface Memory {
  /** Array variable that stands for the frozen memory in snapshot mode: word number -> 64 bits. */
  readonly snapshot: Term
  readonly readable: ReadPrecondition
}

/** Statements in source order, nested ones included. */
export function* statementsOf(body: readonly Statement[]): Generator<Statement> {
  for (const s of body) {
    yield s
    if (s.kind === 'if') {
      yield* statementsOf(s.yes)
      yield* statementsOf(s.no)
    } else if (s.kind === 'for') yield* statementsOf(s.body)
  }
}

/** The cells that running `body` may change (locals included). */
export function modifiedBy(body: readonly Statement[]): Set<Cell> {
  const out = new Set<Cell>()
  for (const s of statementsOf(body)) {
    if (s.kind === 'assign' || s.kind === 'store' || s.kind === 'read' || s.kind === 'ghost') out.add(s.cell)
    else if (s.kind === 'for') out.add(s.index)
    else if (s.kind === 'tally') {
      out.add(s.tally.counter)
      out.add(s.tally.charge)
    } else if (s.kind === 'call') {
      for (const cell of s.callee.modifies) out.add(cell)
      for (const cell of s.results.values()) out.add(cell)
    }
  }
  return out
}

/** Every procedure that `root` may call, itself first, each once. */
export function calledBy(root: Procedure): Procedure[] {
  const out = new Set<Procedure>([root])
  for (const p of out) for (const s of statementsOf(p.body)) if (s.kind === 'call') out.add(s.callee)
  return [...out]
}

/** Number of statements and of contract conjuncts, for statistics. */
export function measure(p: Procedure): { statements: number; conjuncts: number } {
  return { statements: [...statementsOf(p.body)].length, conjuncts: p.requires.length + p.ensures.length }
}

const GHOSTLY: readonly CellKind[] = ['ghost', 'watch']
export const isGhostly = (cell: Cell): boolean => GHOSTLY.includes(cell.kind)
