// Bounded search for attacks: a whole procedure, callees and all, executed symbolically from a scenario, whose entry state is
// concrete but for some free cells, and whose memory is zero but for some free words. The obligation that comes out says that
// no value of what is free breaks a condition of the procedure; a counter-model is a run, which the interpreter repeats.
// Leaves out: loop invariants and the contracts of callees (they are executed), and loops of symbolic length past MOST_TURNS.

import { match } from 'ts-pattern'
import { type Cell, cellOf } from '../model/cell.ts'
import { defaultValue, type Value } from '../model/evaluate.ts'
import type { Procedure, Statement } from '../model/procedure.ts'
import { safetyOf } from '../model/safety.ts'
import { blockAmount, isCharged } from '../model/tally.ts'
import { and, type Arr, bool, type Bool, bv, type Bv, bvVar, constArray, equal, ite, or, type Term } from '../model/term.ts'
import { Substitution } from '../model/traverse.ts'
import type { BoundedRead, Hypothesis, Obligation } from './obligation.ts'
import { literal } from './witness.ts'

export interface Scenario {
  readonly procedure: Procedure
  /** Values at entry; cells that are neither here nor free are zero. */
  readonly entry: ReadonlyMap<Cell, Value>
  readonly free: readonly Cell[]
  /** Numbers of the memory words that may hold anything; the others hold zero. */
  readonly words: readonly bigint[]
  /** A free word may change from read to read. */
  readonly racing: boolean
}

/** Turns of a loop whose bounds are not constant. */
const MOST_TURNS = 4

type State = ReadonlyMap<Cell, Term>
type Flow = 'normal' | 'return' | 'next' | 'break'
interface Path {
  readonly flow: Flow
  readonly state: State
  readonly condition: Bool
}

/** No run of the scenario breaks a condition (safety, assertion, or the contract) whose name `wanted` matches. */
export function boundedRun(scenario: Scenario, wanted: RegExp): Obligation {
  return new Unrolling(scenario, wanted).obligation()
}

class Unrolling {
  private readonly scenario: Scenario
  private readonly wanted: RegExp
  private readonly free: ReadonlySet<Cell>
  private readonly memory: Arr
  private readonly goals = new Map<string, Bool[]>()
  private readonly reads: BoundedRead[] = []
  private readonly bounds: Hypothesis[] = []

  constructor(scenario: Scenario, wanted: RegExp) {
    this.scenario = scenario
    this.wanted = wanted
    this.free = new Set(scenario.free)
    const snapshot = scenario.procedure.memory.snapshot as Arr
    const { index } = snapshot.sort
    this.memory = scenario.words.reduce(
      (memory, word) => memory.store(bv(index, word), snapshot.at(bv(index, word))),
      constArray(index, bv(64, 0)),
    )
  }

  obligation(): Obligation {
    const { procedure, racing, entry } = this.scenario
    const start: Path = { flow: 'normal', state: new Map(), condition: bool(true) }
    const owed = procedure.requires.filter((c) => !(racing && c.mode === 'snapshot'))
    const requires = owed.map((c): Hypothesis => ({ name: `requires: ${c.name}`, term: this.at(new Map()).apply(c.term) }))
    this.activate(procedure, start)
    const parts = [...this.goals].map(([name, terms]): Hypothesis => ({ name, term: and(...terms) }))
    const mode = racing ? 'havoc' : 'snapshot'
    return {
      id: `${procedure.name}/run`,
      conjunct: parts.map((p) => p.name).join('; '),
      parts,
      origin: { kind: 'procedure', procedure, mode, of: 'run', at: procedure.at, run: { entry, reads: this.reads } },
      hypotheses: [...requires, ...this.bounds],
      goal: and(...parts.map((p) => p.term)),
    }
  }

  // ---- terms over a state ----

  private atEntry(cell: Cell): Term {
    if (this.free.has(cell)) return cell.kind === 'constant' || cell.kind === 'watch' ? cell.now : cell.old
    return literal(cell.sort, this.scenario.entry.get(cell) ?? defaultValue(cell.sort))
  }
  /** Program and contract terms over `state`; tables that have a definition are what it says. */
  private at(state: State, entry: State = new Map()): Substitution {
    const { snapshot } = this.scenario.procedure.memory
    const whole: Substitution = new Substitution((t) => {
      if (t.op === 'select') {
        const definition = cellOf(t.args[0]!)?.definition
        return definition === undefined ? undefined : whole.apply(definition(whole.apply(t.args[1] as Bv)))
      }
      if (Object.is(t, snapshot)) return this.memory
      const cell = cellOf(t)
      if (cell === undefined || cell.definition !== undefined) return undefined
      return (Object.is(t, cell.now) ? state : entry).get(cell) ?? this.atEntry(cell)
    })
    return whole
  }

  private check(name: string, term: Bool, { condition }: Path, over: Substitution): void {
    if (!this.wanted.test(name)) return
    const goal = condition.implies(over.apply(term))
    if (goal.value !== true) this.goals.set(name, [...(this.goals.get(name) ?? []), goal])
  }

  // ---- statements ----

  /** The state after the call; `path` holds the parameters. */
  private activate(procedure: Procedure, path: Path): Path {
    const end = this.join(this.block(procedure.body, path, { procedure, entry: path.state }), path)
    if (procedure === this.scenario.procedure)
      for (const c of procedure.ensures)
        if (!(this.scenario.racing && c.mode === 'snapshot')) this.check(c.name, c.term, end, this.at(end.state, path.state))
    return end
  }

  private block(body: readonly Statement[], start: Path, frame: Frame): Path[] {
    const exits: Path[] = []
    let current = start
    for (const s of body) {
      const after = this.statement(s, current, frame).filter((p) => p.condition.value !== false)
      exits.push(...after.filter((p) => p.flow !== 'normal'))
      const on = after.filter((p) => p.flow === 'normal')
      if (on.length === 0) return exits
      current = on.length === after.length ? this.join(on, current) : this.join(on)
    }
    return [...exits, current]
  }

  private statement(s: Statement, path: Path, frame: Frame): Path[] {
    const now = this.at(path.state, frame.entry)
    for (const c of safetyOf(s, frame.procedure)) this.check(c.name, c.term, path, now)
    const set = (cell: Cell, value: Term): Path[] => [{ ...path, state: new Map(path.state).set(cell, value) }]
    return match(s)
      .with({ kind: 'assign' }, { kind: 'ghost' }, ({ cell, value }) => set(cell, now.apply(value)))
      .with({ kind: 'store' }, ({ cell, index, value }) =>
        set(cell, now.apply(cell.now as Arr).store(now.apply(index), now.apply(value) as Bv)),
      )
      .with({ kind: 'read' }, ({ cell, word }) => set(cell, this.read(cell, now.apply(word) as Bv, path)))
      .with({ kind: 'if' }, ({ condition, yes, no }) => {
        const c = now.apply(condition)
        const side = (body: readonly Statement[], taken: Bool): Path[] =>
          taken.value === false ? [] : this.block(body, { ...path, condition: path.condition.and(taken) }, frame)
        return [...side(yes, c), ...side(no, c.not())]
      })
      .with({ kind: 'for' }, (loop) => this.loop(loop, path, frame))
      .with({ kind: 'call' }, ({ callee, args, results }) => {
        const state = new Map(path.state)
        for (const [cell, term] of args) state.set(cell, now.apply(term))
        const end = this.activate(callee, { ...path, state })
        const after = new Map(end.state)
        for (const [from, to] of results) after.set(to, end.state.get(from) ?? this.atEntry(from))
        return [{ ...end, state: after }]
      })
      .with({ kind: 'exit' }, ({ to }) => [{ ...path, flow: to }])
      .with({ kind: 'assert' }, ({ conjunct }) => {
        if (!(this.scenario.racing && conjunct.mode === 'snapshot')) this.check(conjunct.name, conjunct.term, path, now)
        return [path]
      })
      .with({ kind: 'tally' }, ({ tally, index, counted }) => {
        const i = now.apply(index)
        const counter = now.apply(tally.counter.now)
        const amount = counted.kind === 'bits' ? popcount(now.apply(counted.bits as Bv)) : bv(64, blockAmount(counted))
        const charged = equal(i, now.apply(tally.element as Term)).and(now.apply(isCharged(counted, tally.object)))
        const state = new Map(path.state)
        state.set(tally.counter, counter.store(i, counter.at(i).plus(amount)))
        state.set(tally.charge, now.apply(tally.charge.now).plus(charged.ite(bv(64, 1), bv(64, 0))))
        return [{ ...path, state }]
      })
      .exhaustive()
  }

  private read(cell: Cell, word: Bv, { condition }: Path): Term {
    const { racing, words } = this.scenario
    const isFree = racing ? or(...words.map((w) => word.eq(w))) : bool(false)
    const fresh = bvVar(`${cell.name}!${this.reads.length}`, 64)
    const value = racing ? isFree.ite(fresh, bv(64, 0)) : this.memory.at(word)
    this.reads.push({ condition, word, value })
    return value
  }

  private loop(s: Extract<Statement, { kind: 'for' }>, path: Path, frame: Frame): Path[] {
    const before = this.at(path.state, frame.entry)
    const [from, below] = [before.apply(s.from) as Bv, before.apply(s.below) as Bv]
    const isConstant = from.isConst && below.isConst
    const out: Path[] = []
    let head = path
    for (let turn = 0; ; turn++) {
      const i = from.plus(turn)
      const here: Path = { ...head, state: new Map(head.state).set(s.index, i) }
      const more = i.ult(below)
      if (more.value !== true) out.push({ ...here, condition: here.condition.and(more.not()) })
      if (more.value === false) break
      const inside: Path = { ...here, condition: here.condition.and(more) }
      if (!isConstant && turn === MOST_TURNS) {
        this.bounds.push({ name: `no more than ${MOST_TURNS} turns at line ${s.at.line}`, term: inside.condition.not() })
        break
      }
      const ends = this.block(s.body, inside, frame)
      const goesOn = (p: Path): boolean => p.flow === 'normal' || p.flow === 'next'
      const again = ends.filter(goesOn)
      out.push(...ends.filter((p) => !goesOn(p)).map((p): Path => (p.flow === 'break' ? { ...p, flow: 'normal' } : p)))
      if (again.length === 0) break
      head = again.length === ends.length ? this.join(again, inside) : this.join(again)
    }
    return out
  }

  // ---- joins ----

  /** One path for several; they are all that became of `whole`, if that is given. */
  private join([first, ...rest]: readonly Path[], whole?: Path): Path {
    let { state, condition } = first!
    for (const p of rest) {
      state = this.choose(p.condition, p.state, state)
      condition = or(condition, p.condition)
    }
    return { flow: 'normal', state, condition: whole?.condition ?? condition }
  }
  private choose(condition: Bool, a: State, b: State): State {
    if (a === b) return a
    const out = new Map(b)
    for (const cell of new Set([...a.keys(), ...b.keys()])) {
      // A local that one side lacks is not read after the join.
      const other = cell.kind === 'local' ? (a.get(cell) ?? b.get(cell)!) : this.atEntry(cell)
      const [yes, no] = [a.get(cell) ?? other, b.get(cell) ?? other]
      out.set(cell, Object.is(yes, no) ? yes : ite(condition, yes, no))
    }
    return out
  }
}

/** The procedure that runs, and the state that it was entered in. */
interface Frame {
  readonly procedure: Procedure
  readonly entry: State
}

function popcount(bits: Bv): Bv {
  let sum = bv(64, 0)
  for (let i = 0; i < bits.width; i++) sum = sum.plus(bits.bits(i, i).zext(64))
  return sum
}
