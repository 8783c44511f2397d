// The exact interpreter of procedures, by evaluation of their terms: the reference that verification conditions and compiled
// code are tested against. It can check every contract, invariant, assertion, bound and overflow as it goes (that is how a
// counterexample is replayed), and it can run erased, without ghost code.

import { match } from 'ts-pattern'
import { type Cell, cellOf } from './cell.ts'
import { type ArrayValue, defaultValue, Evaluator, type Readable, type Value } from './evaluate.ts'
import type { Position } from './position.ts'
import type { Conjunct, Counted, Procedure, Statement } from './procedure.ts'
import { type SafetyCondition, safetyOf } from './safety.ts'
import { blockAmount, isCharged, popcount } from './tally.ts'
import { type Bool, type Bv, bv, type Term } from './term.ts'
import { variables } from './traverse.ts'

/** Untrusted memory: the 64-bit word with that number (physical address / 8), or undefined where there is none. */
export interface MemoryImage {
  get(word: bigint): bigint | undefined
}

export interface RunOptions {
  readonly memory: MemoryImage
  /** Check contracts, invariants, assertions, bounds and overflow; the first failure ends the run. */
  readonly check: boolean
  /** The memory may change between reads: conjuncts that relate the result to a frozen memory are neither owed nor checked. */
  readonly racing?: boolean
  /** Check what the first procedure requires, and else only conditions of these names. */
  readonly only?: ReadonlySet<string>
  /** Leave ghost statements out, as compiled code does. */
  readonly erase: boolean
  /** Statements before the run is given up. */
  readonly maxSteps: number
  /** Told of calls, returns and turns of loops, before they have an effect. */
  readonly atControlPoint?: (point: ControlPoint) => void
}

/** Where a run goes on in another statement than the next. */
export type ControlPoint =
  | { readonly kind: 'call' | 'return'; readonly procedure: string }
  /** A turn of the loop over `index`. */
  | { readonly kind: 'turn'; readonly procedure: string; readonly index: string; readonly turn: bigint }

export type Outcome =
  | { readonly kind: 'completed' }
  | {
      readonly kind: 'violation'
      readonly of: ViolationKind
      readonly procedure: string
      readonly name: string
      readonly at: Position
    }
  | { readonly kind: 'absent'; readonly word: bigint }
  | { readonly kind: 'step-limit' }
export type ViolationKind =
  | 'requires'
  | 'ensures'
  | 'invariant'
  | 'assertion'
  | 'bounds'
  | 'overflow'
  | 'readable'
  | 'counted once'

export interface ReadEvent {
  readonly procedure: string
  readonly local: string
  readonly word: bigint
  readonly value: bigint
}

type Flow = 'normal' | 'return' | 'next' | 'break'
class Stop extends Error {
  readonly outcome: Outcome
  constructor(outcome: Outcome) {
    super(outcome.kind)
    this.outcome = outcome
  }
}

/** The state of all cells, and the means to run procedures on it. */
export class Interpreter {
  readonly state = new Map<Cell, Value>()
  /** Reads of untrusted memory, in order. */
  readonly reads: ReadEvent[] = []
  private readonly options: RunOptions
  /** Statements executed so far. */
  steps = 0
  /** When each cell changed last, on a clock that counts changes. */
  private readonly changed = new Map<Cell, number>()
  private clock = 0
  /** When a condition was last seen to hold; for those that speak of values at entry, per activation. */
  private readonly held = new Map<Term, number>()
  private readonly heldSince = new WeakMap<object, Map<Term, number>>()
  /** Past what the first procedure requires. */
  private inside = false

  constructor(options: RunOptions) {
    this.options = options
  }

  get(cell: Cell): Value {
    if (cell.definition !== undefined) return this.defined(cell, cell.definition)
    return this.state.get(cell) ?? defaultValue(cell.sort)
  }
  set(cell: Cell, value: Value): void {
    if (this.state.get(cell) === value) return
    this.state.set(cell, value)
    this.changed.set(cell, ++this.clock)
  }
  value(term: Term, entry?: ReadonlyMap<Cell, Value>): Value {
    return this.evaluator(entry).value(term)
  }

  /** Runs `procedure` with its parameter cells set to `args`. A violation of `requires` at entry is the caller's. */
  run(procedure: Procedure, args: ReadonlyMap<Cell, Value>): Outcome {
    for (const [cell, value] of args) this.set(cell, value)
    try {
      this.activate(procedure)
      return { kind: 'completed' }
    } catch (e) {
      if (e instanceof Stop) return e.outcome
      throw e
    }
  }

  private evaluator(entry?: ReadonlyMap<Cell, Value>): Evaluator {
    return new Evaluator((v) => {
      const cell = cellOf(v)
      if (cell === undefined) {
        if (v.op === 'var' && v.attribute === 'snap') return this.snapshot
        throw new Error(`${String(v.attribute)} is not a cell`)
      }
      if (v === cell.old && entry !== undefined) return entry.get(cell) ?? defaultValue(cell.sort)
      return this.get(cell)
    })
  }
  private readonly snapshot: Readable = { get: (word) => this.options.memory.get(word) ?? 0n }

  /** Elements of a defined table, worked out when asked for; constants, watches and memory do not change during a run. */
  private defined(cell: Cell, definition: (index: Bv) => Term): Readable {
    const known = this.tables.get(cell)
    if (known !== undefined) return known
    const width = cell.sort.kind === 'array' ? cell.sort.index : 0
    const elements = new Map<bigint, bigint | boolean>()
    const table: Readable = {
      get: (index) => {
        const value = elements.get(index) ?? (this.value(definition(bv(width, index))) as bigint | boolean)
        elements.set(index, value)
        return value
      },
    }
    this.tables.set(cell, table)
    return table
  }
  private readonly tables = new Map<Cell, Readable>()

  private activate(procedure: Procedure): void {
    const entry = this.options.check ? new Map(this.state) : undefined
    this.check('requires', procedure, procedure.requires, entry)
    this.inside = true
    this.options.atControlPoint?.({ kind: 'call', procedure: procedure.name })
    this.block(procedure.body, procedure, entry)
    this.options.atControlPoint?.({ kind: 'return', procedure: procedure.name })
    this.check('ensures', procedure, procedure.ensures, entry)
  }

  private fail(of: ViolationKind, procedure: Procedure, name: string, at: Position): never {
    throw new Stop({ kind: 'violation', of, procedure: procedure.name, name, at })
  }

  private check(
    of: ViolationKind,
    procedure: Procedure,
    conjuncts: readonly Conjunct[],
    entry: ReadonlyMap<Cell, Value> | undefined,
    at: Position = procedure.at,
  ): void {
    if (!this.options.check) return
    const evaluator = this.evaluator(entry)
    for (const c of conjuncts) if (this.isOwed(c) && !this.holds(c.term, evaluator, entry)) this.fail(of, procedure, c.name, at)
  }

  /** A condition that held, and none of whose cells has changed, still holds. */
  private holds(term: Bool, evaluator: Evaluator, entry: ReadonlyMap<Cell, Value> | undefined): boolean {
    const { cells, ofEntry } = dependenciesOf(term)
    let held = this.held
    if (ofEntry && entry !== undefined) {
      held = this.heldSince.get(entry) ?? new Map()
      this.heldSince.set(entry, held)
    }
    const last = held.get(term)
    if (last !== undefined && cells.every((c) => (this.changed.get(c) ?? 0) <= last)) return true
    const result = evaluator.bool(term)
    if (result) held.set(term, this.clock)
    return result
  }

  private isOwed({ name, mode }: Conjunct): boolean {
    const { racing, only } = this.options
    return !(racing && mode === 'snapshot') && (only === undefined || !this.inside || only.has(name))
  }

  private block(body: readonly Statement[], procedure: Procedure, entry: ReadonlyMap<Cell, Value> | undefined): Flow {
    for (const s of body) {
      const flow = this.statement(s, procedure, entry)
      if (flow !== 'normal') return flow
    }
    return 'normal'
  }

  private statement(s: Statement, procedure: Procedure, entry: ReadonlyMap<Cell, Value> | undefined): Flow {
    if (++this.steps > this.options.maxSteps) throw new Stop({ kind: 'step-limit' })
    if (this.options.check) {
      const evaluator = this.evaluator(entry)
      const { only } = this.options
      for (const condition of safetyAt(s, procedure))
        if ((only === undefined || only.has(condition.name)) && !this.holds(condition.term, evaluator, entry))
          this.fail(condition.kind, procedure, condition.name, s.at)
    }
    // A switch, where elsewhere a match would stand: this is the loop that runs are made of.
    switch (s.kind) {
      case 'assign':
        this.set(s.cell, this.value(s.value))
        return 'normal'
      case 'store': {
        const array = this.get(s.cell) as ArrayValue
        this.set(s.cell, array.set(this.value(s.index) as bigint, this.value(s.value) as bigint | boolean))
        return 'normal'
      }
      case 'read': {
        const word = this.value(s.word) as bigint
        const value = this.options.memory.get(word)
        if (value === undefined) throw new Stop({ kind: 'absent', word })
        this.reads.push({ procedure: procedure.name, local: s.cell.name, word, value })
        this.set(s.cell, value)
        return 'normal'
      }
      case 'if':
        return this.block(this.value(s.condition) ? s.yes : s.no, procedure, entry)
      case 'for': {
        const below = this.value(s.below) as bigint
        let i = this.value(s.from) as bigint
        for (; ; i++) {
          this.set(s.index, i)
          if (this.options.check) this.check('invariant', procedure, invariantOf(s), entry, s.at)
          if (i >= below) return 'normal'
          this.options.atControlPoint?.({ kind: 'turn', procedure: procedure.name, index: s.index.name, turn: i })
          const flow = this.block(s.body, procedure, entry)
          if (flow === 'return') return flow
          if (flow === 'break') return 'normal'
        }
      }
      case 'call': {
        const values = [...s.args].map(([cell, term]) => [cell, this.value(term)] as const)
        for (const [cell, value] of values) this.set(cell, value)
        this.activate(s.callee)
        for (const [from, to] of s.results) this.set(to, this.get(from))
        return 'normal'
      }
      case 'exit':
        return s.to
      case 'assert':
        this.check('assertion', procedure, [s.conjunct], entry, s.at)
        return 'normal'
      case 'tally': {
        const { tally, counted } = s
        const at = this.value(s.index) as bigint
        const counter = this.get(tally.counter) as ArrayValue
        this.set(tally.counter, counter.set(at, (counter.get(at) as bigint) + this.amount(counted)))
        if (!this.options.erase && at === this.value(tally.element) && (this.value(isCharged(counted, tally.object)) as boolean))
          this.set(tally.charge, (this.get(tally.charge) as bigint) + 1n)
        return 'normal'
      }
      case 'ghost':
        if (!this.options.erase) this.set(s.cell, this.value(s.value, entry))
        return 'normal'
      default:
        return s satisfies never
    }
  }

  private amount(counted: Counted): bigint {
    return match(counted)
      .with({ kind: 'bits' }, ({ bits }) => popcount(this.value(bits) as bigint))
      .with({ kind: 'block' }, blockAmount)
      .exhaustive()
  }
}

// Conditions of a statement are terms over the state; they are made once.

type Loop = Extract<Statement, { kind: 'for' }>
const invariants = new WeakMap<Loop, readonly Conjunct[]>()
function invariantOf(loop: Loop): readonly Conjunct[] {
  const known = invariants.get(loop) ?? loop.invariant(loop.index.now as Bv)
  invariants.set(loop, known)
  return known
}
const conditions = new WeakMap<Statement, readonly SafetyCondition[]>()
function safetyAt(s: Statement, procedure: Procedure): readonly SafetyCondition[] {
  const known = conditions.get(s) ?? safetyOf(s, procedure)
  conditions.set(s, known)
  return known
}
interface Dependencies {
  readonly cells: readonly Cell[]
  /** Some are values at the procedure's entry. */
  readonly ofEntry: boolean
}
const dependencies = new WeakMap<Term, Dependencies>()
function dependenciesOf(term: Term): Dependencies {
  let known = dependencies.get(term)
  if (known === undefined) {
    const found = variables([term])
    const ofEntry = found.some((v) => cellOf(v)?.old === v)
    known = { cells: found.flatMap((v) => (cellOf(v)?.now === v ? cellOf(v)! : [])), ofEntry }
    dependencies.set(term, known)
  }
  return known
}
