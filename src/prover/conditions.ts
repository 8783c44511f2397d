// Verification conditions of procedures, by forward symbolic execution with merging. Each procedure is taken twice:
// in havoc mode every read of untrusted memory returns an arbitrary value and only `any` conjuncts are used and proved;
// in snapshot mode a read selects from the frozen memory, `any` conjuncts are known and `snapshot` conjuncts are proved.
// A loop is one arbitrary iteration from a head state that satisfies the invariant; the same head state, past the bound, is
// the state after the loop. Calls are their contracts. Leaves out: termination (structural in the language).

import { match } from 'ts-pattern'
import { type Cell, cellOf } from '../model/cell.ts'
import { blockAmount, isCharged } from '../model/tally.ts'
import type { Position } from '../model/position.ts'
import { type Conjunct, modifiedBy, type Procedure, type Statement } from '../model/procedure.ts'
import { safetyOf } from '../model/safety.ts'
import { and, type Arr, bool, type Bool, type Bv, bv, bvVar, equal, ite, or, type Term, varOf } from '../model/term.ts'
import { Substitution, substitute } from '../model/traverse.ts'
import type { ConditionKind, Hypothesis, Obligation } from './obligation.ts'
import { type Propagated, propagate } from './propagate.ts'

export type Mode = 'havoc' | 'snapshot'

type State = ReadonlyMap<Cell, Term>
interface Path {
  readonly flow: 'normal' | 'return' | 'next' | 'break'
  readonly state: State
  readonly condition: Bool
}

/** All verification conditions of one procedure in one mode, callees by contract. */
export function conditionsOf(procedure: Procedure, mode: Mode): Obligation[] {
  return new Generator(procedure, mode).run()
}

class Generator {
  private readonly obligations: Obligation[] = []
  private readonly hypotheses: Hypothesis[] = []
  private readonly ids = new Map<string, number>()
  private fresh = 0
  private readonly procedure: Procedure
  private readonly mode: Mode

  constructor(procedure: Procedure, mode: Mode) {
    this.procedure = procedure
    this.mode = mode
  }

  run(): Obligation[] {
    const { requires, ensures, body, at } = this.procedure
    const start: Path = { flow: 'normal', state: new Map(), condition: bool(true) }
    this.assume(requires, start, 'requires')
    for (const end of this.block(body, start)) this.prove('ensures', ensures, end, at)
    return this.obligations
  }

  // ---- terms over a state ----

  /** Program and contract terms over `state`; `old` values are those at the procedure's entry unless `before` is given. */
  private at(state: State, before?: State): Substitution {
    const entry = (cell: Cell): Term => (cell.kind === 'constant' || cell.kind === 'watch' ? cell.now : cell.old)
    return new Substitution((v) => {
      const cell = cellOf(v)
      if (cell === undefined) return undefined
      if (v === cell.now) return state.get(cell) ?? entry(cell)
      return before === undefined ? entry(cell) : (before.get(cell) ?? entry(cell))
    })
  }
  private havoc(name: string, sort: Term['sort']): Term {
    return varOf(`${name}!${this.fresh++}`, sort)
  }

  // ---- hypotheses and goals ----

  private relevant(conjuncts: readonly Conjunct[]): readonly Conjunct[] {
    return this.mode === 'havoc' ? conjuncts.filter((c) => c.mode === 'any') : conjuncts
  }
  private toProve(conjuncts: readonly Conjunct[]): readonly Conjunct[] {
    const wanted = this.mode === 'havoc' ? 'any' : 'snapshot'
    return conjuncts.filter((c) => c.mode === wanted)
  }
  private assume(conjuncts: readonly Conjunct[], { state, condition }: Path, why: string, substitution = this.at(state)): void {
    for (const c of this.relevant(conjuncts)) {
      const topic = c.topic === undefined ? {} : { topic: c.topic }
      this.hypotheses.push({ name: `${why}: ${c.name}`, term: condition.implies(substitution.apply(c.term)), ...topic })
      if (c.also === undefined) continue
      const other = substitution.apply(substitute(c.term, c.also))
      this.hypotheses.push({ name: `${why}: ${c.name} (instance)`, term: condition.implies(other), ...topic })
    }
  }
  private prove(
    of: ConditionKind,
    conjuncts: readonly Conjunct[],
    path: Path,
    at: Position,
    substitution = this.at(path.state),
  ): void {
    const groups = new Map<string, Conjunct[]>()
    for (const c of this.toProve(conjuncts)) {
      const key = c.topic ?? ''
      groups.set(key, [...(groups.get(key) ?? []), c])
    }
    for (const group of groups.values())
      this.goal(
        of,
        group.map((c) => ({ name: c.name, term: substitution.apply(c.term) })),
        path.condition,
        at,
        group[0]!.topic,
      )
  }
  /** Goals that share their hypotheses: one obligation for each claim, those that propagation discharges apart. */
  private goal(of: ConditionKind, parts: readonly Hypothesis[], condition: Bool, at: Position, topic?: string): void {
    if (condition.value === false || parts.length === 0) return
    const known = this.known(condition)
    const open: Hypothesis[] = []
    const closed: Hypothesis[] = []
    for (const p of parts) {
      const term = known.simplify(p.term)
      if (term.value === true) closed.push(p)
      else open.push({ ...p, term })
    }
    const push = (
      some: readonly Hypothesis[],
      hypotheses: readonly Hypothesis[],
      extra: Pick<Obligation, 'discharged' | 'bundle'>,
    ) => {
      const stem = `${this.procedure.name}/${this.mode}/${of}/${claimOf(some[0]!.name)}${topic === undefined ? '' : `/${topic}`}@${at.line}`
      const n = this.ids.get(stem) ?? 0
      this.ids.set(stem, n + 1)
      this.obligations.push({
        id: n === 0 ? stem : `${stem}~${n}`,
        conjunct: some.map((p) => p.name).join('; '),
        parts: some,
        ...(topic === undefined ? {} : { topic }),
        origin: { kind: 'procedure', procedure: this.procedure, mode: this.mode, of, at },
        hypotheses,
        goal: and(...some.map((p) => p.term)),
        ...extra,
      })
    }
    // In snapshot mode a goal without a topic draws on all of them.
    const all = this.mode === 'snapshot' && topic === undefined
    const hypotheses = all ? known.hypotheses.map(({ name, term }) => ({ name, term })) : known.hypotheses
    const claims = byClaim(open)
    const bundle = claims.length > 1 ? { bundle: { goal: and(...open.map((p) => p.term)) } } : {}
    for (const some of claims) push(some, hypotheses, bundle)
    for (const some of byClaim(closed))
      push(some, [...this.hypotheses, { name: 'path', term: condition }], { discharged: 'by propagation' })
  }
  /** What propagation makes of the hypotheses so far on a path; kept for goals at the same point. */
  private known(condition: Bool): Propagated {
    if (this.last?.condition !== condition || this.last.count !== this.hypotheses.length)
      this.last = { condition, count: this.hypotheses.length, known: propagate(condition, this.hypotheses) }
    return this.last.known
  }
  private last: { readonly condition: Bool; readonly count: number; readonly known: Propagated } | undefined

  // ---- statements ----

  /** The ends of all paths through `body`; paths are merged between statements, but not after the last. */
  private block(body: readonly Statement[], start: Path): Path[] {
    const exits: Path[] = []
    let current: Path | undefined = start
    for (const [n, s] of body.entries()) {
      if (current === undefined) break
      const after: Path[] = this.statement(s, current, n === body.length - 1)
      if (n === body.length - 1) return [...exits, ...after].filter((p) => p.condition.value !== false)
      exits.push(...after.filter((p) => p.flow !== 'normal'))
      current = merge(after.filter((p) => p.flow === 'normal'))
    }
    if (current !== undefined) exits.push(current)
    return exits.filter((p) => p.condition.value !== false)
  }

  private statement(s: Statement, path: Path, isLast: boolean): Path[] {
    if (path.condition.value === false) return []
    const now = this.at(path.state)
    if (this.mode === 'havoc') {
      const conditions = safetyOf(s, this.procedure).map((c) => ({ ...c, term: now.apply(c.term) }))
      for (const kind of ['bounds', 'overflow', 'readable', 'counted once'] as const)
        for (const topic of new Set(conditions.map((c) => c.topic))) {
          const parts = conditions.filter((c) => c.kind === kind && c.topic === topic)
          this.goal(kind, parts, path.condition, s.at, topic)
        }
    }
    const set = (cell: Cell, value: Term): Path[] => [{ ...path, state: new Map(path.state).set(cell, value) }]
    return match(s)
      .with({ kind: 'assign' }, ({ cell, value }) => set(cell, now.apply(value)))
      .with({ kind: 'store' }, ({ cell, index, value }) =>
        set(cell, now.apply(cell.now as Arr).store(now.apply(index), now.apply(value) as Bv)),
      )
      .with({ kind: 'read' }, ({ cell, word }) =>
        set(
          cell,
          this.mode === 'havoc' ? this.havoc(cell.name, cell.sort) : (this.procedure.memory.snapshot as Arr).at(now.apply(word)),
        ),
      )
      .with({ kind: 'if' }, ({ condition, yes, no }) => {
        const c = now.apply(condition)
        const taken = this.block(yes, { ...path, condition: path.condition.and(c) })
        const passed = this.block(no, { ...path, condition: path.condition.and(c.not()) })
        return isLast ? [...taken, ...passed] : this.branches(c, taken, passed)
      })
      .with({ kind: 'for' }, (loop) => this.loop(loop, path))
      .with({ kind: 'call' }, (call) => this.call(call, path))
      .with({ kind: 'exit' }, ({ to }) => [{ ...path, flow: to }])
      .with({ kind: 'assert' }, ({ conjunct, at }) => {
        this.prove('assertion', [conjunct], path, at)
        this.assume([conjunct], path, `asserted at line ${at.line}`)
        return [path]
      })
      .with({ kind: 'tally' }, ({ tally, index, counted }) => {
        const i = now.apply(index)
        const counter = now.apply(tally.counter.now)
        const amount = counted.kind === 'bits' ? this.populationCount(counted.bits.width) : bv(64, blockAmount(counted))
        const charged = equal(i, now.apply(tally.element as Term)).and(now.apply(isCharged(counted, tally.object)))
        const state = new Map(path.state)
        state.set(tally.counter, counter.store(i, counter.at(i).plus(amount)))
        state.set(tally.charge, now.apply(tally.charge.now).plus(charged.ite(bv(64, 1), bv(64, 0))))
        return [{ ...path, state }]
      })
      .with({ kind: 'ghost' }, ({ cell, value, mode }) =>
        set(cell, this.mode === 'havoc' && mode === 'snapshot' ? this.havoc(cell.name, cell.sort) : now.apply(value)),
      )
      .exhaustive()
  }

  /** A number of set bits: any number up to the width. Which objects are counted is in the charges, exactly. */
  private populationCount(width: number): Bv {
    const n = bvVar(`popcount!${this.fresh++}`, 64)
    this.hypotheses.push({ name: 'population count', term: n.ule(width) })
    return n
  }

  private branches(condition: Bool, yes: Path[], no: Path[]): Path[] {
    const a = merge(yes.filter((p) => p.flow === 'normal'))
    const b = merge(no.filter((p) => p.flow === 'normal'))
    const exits = [...yes, ...no].filter((p) => p.flow !== 'normal')
    if (a === undefined) return b === undefined ? exits : [...exits, b]
    if (b === undefined) return [...exits, a]
    return [
      ...exits,
      { flow: 'normal', state: mergeStates(a.state, b.state, condition), condition: either(a.condition, b.condition) },
    ]
  }

  private loop(s: Extract<Statement, { kind: 'for' }>, path: Path): Path[] {
    const entry = this.at(path.state)
    const [from, below] = [entry.apply(s.from) as Bv, entry.apply(s.below) as Bv]
    const withIndex = (p: Path, i: Term): Path => ({ ...p, state: new Map(p.state).set(s.index, i) })
    this.prove('invariant entry', s.invariant(s.index.now as Bv), withIndex(path, from), s.at)
    this.goalIfHavoc('lower bound above upper bound', from.ule(below), path.condition, s.at)
    const state = new Map(path.state)
    for (const cell of modifiedBy(s.body)) state.set(cell, this.havoc(cell.name, cell.sort))
    const i = this.havoc(s.index.name, s.index.sort) as Bv
    const head = withIndex({ ...path, state }, i)
    this.assume(s.invariant(s.index.now as Bv), head, 'invariant')
    this.hypotheses.push({ name: 'loop index', term: path.condition.implies(from.ule(i).and(i.ule(below))) })
    const iteration = { ...head, condition: path.condition.and(i.ult(below)) }
    const paths = this.block(s.body, iteration)
    for (const again of paths.filter((p) => p.flow === 'normal' || p.flow === 'next'))
      this.prove('invariant preserved', s.invariant(s.index.now as Bv), withIndex(again, i.plus(1)), s.at)
    const after: Path = { ...head, condition: path.condition.and(below.ule(i)) }
    const breaks = paths.filter((p) => p.flow === 'break').map((p): Path => ({ ...p, flow: 'normal' }))
    return [...paths.filter((p) => p.flow === 'return'), merge([after, ...breaks])!]
  }
  private goalIfHavoc(name: string, term: Bool, condition: Bool, at: Position): void {
    if (this.mode === 'havoc') this.goal('bounds', [{ name, term }], condition, at)
  }

  private call({ callee, args, results, at }: Extract<Statement, { kind: 'call' }>, path: Path): Path[] {
    const now = this.at(path.state)
    const before = new Map(path.state)
    for (const [cell, term] of args) before.set(cell, now.apply(term))
    this.prove('callee precondition', callee.requires, { ...path, state: before }, at, this.at(before, before))
    const after = new Map(path.state)
    for (const cell of callee.modifies) after.set(cell, this.havoc(cell.name, cell.sort))
    for (const [from, to] of results) {
      const value = this.havoc(to.name, to.sort)
      after.set(to, value)
      after.set(from, value)
    }
    const withArgs = new Map(after)
    for (const cell of args.keys()) withArgs.set(cell, before.get(cell)!)
    this.assume(callee.ensures, { ...path, state: after }, callee.name, this.at(withArgs, before))
    return [{ ...path, state: after }]
  }
}

function merge(paths: readonly Path[]): Path | undefined {
  const [first, ...rest] = paths.filter((p) => p.condition.value !== false)
  if (first === undefined) return undefined
  let out: Path = { ...first, flow: 'normal' }
  for (const p of rest)
    out = { flow: 'normal', state: mergeStates(p.state, out.state, p.condition), condition: either(out.condition, p.condition) }
  return out
}

/** a or b, with what both say in front: propagation sees only conjuncts. */
function either(a: Bool, b: Bool): Bool {
  const [left, right] = [conjunctsOf(a), conjunctsOf(b)]
  const common = left.filter((t) => right.includes(t))
  if (common.length === 0) return or(a, b)
  const rest = (parts: readonly Bool[]) => and(...parts.filter((t) => !common.includes(t)))
  return and(...common, or(rest(left), rest(right)))
}
const conjunctsOf = (t: Bool): readonly Bool[] => (t.op === 'and' ? (t.args as readonly Bool[]) : [t])

/** `a` where the condition holds, else `b`. A cell that only one side has is unread after the join (block-scoped local). */
function mergeStates(a: State, b: State, condition: Bool): State {
  if (a === b) return a
  const out = new Map(b)
  for (const [cell, value] of a) {
    const other = out.get(cell) ?? (cell.kind === 'local' ? value : cell.old)
    out.set(cell, value === other ? value : ite(condition, value, other))
  }
  for (const [cell, value] of b) if (!a.has(cell) && cell.kind !== 'local') out.set(cell, ite(condition, cell.old as Term, value))
  return out
}

/** `W1 no-hide` belongs to claim W1; a conjunct without such a name supports all claims. */
export function claimOf(conjunct: string): string {
  return /^[A-Z]\d+/.exec(conjunct)?.[0] ?? 'support'
}

function byClaim(parts: readonly Hypothesis[]): Hypothesis[][] {
  const groups = new Map<string, Hypothesis[]>()
  for (const p of parts) groups.set(claimOf(p.name), [...(groups.get(claimOf(p.name)) ?? []), p])
  return [...groups.values()]
}
