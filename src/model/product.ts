// Two runs of one system side by side, under the same choices: what secrecy is stated about. The runs agree on everything but
// secrets; a step that cannot be repeated in the second run, or after which they differ in something else, raises a mark. That
// the mark is never raised is an ordinary invariant, and says that nothing outside of the secrets depends on them (unwinding:
// Goguen and Meseguer 1984; two runs as one system: Barthe, D'Argenio and Rezk 2004).
// What is equal in both runs is one variable here, so only secrets are kept twice. Whether they differ somewhere is asked at an
// arbitrary element of each domain, a parameter of the step: whoever wants to see a difference looks there.
// Leaves out: time, the order of steps (the second run takes the step that the first one takes), probability. What an action
// chooses is the same in both runs: a parameter that stands for a secret would hide its flow.

import { after, present, type State } from './successor.ts'
import {
  type Action,
  type Case,
  type Domain,
  type Effect,
  effectsOf,
  forAll,
  type Parameter,
  type Quantified,
  rigid,
  type Scalar,
  state,
  type System,
  type Table,
  type Variable,
  variableOf,
} from './system.ts'
import { and, bool, type Bool, bv, type Bv, equal, ite, or, type Term, varOf } from './term.ts'
import { Substitution, variables, visit } from './traverse.ts'

/** Where two runs may differ, in terms of what is equal in both. */
export type Secret =
  | { readonly kind: 'table'; readonly variable: Table; readonly where: (index: Bv<string>) => Bool }
  | { readonly kind: 'scalar'; readonly variable: Scalar; readonly where: Bool }
export const secretElements = (variable: Table, where: (index: Bv<string>) => Bool): Secret => ({
  kind: 'table',
  variable,
  where,
})
export const secretScalar = (variable: Scalar, where: Bool): Secret => ({ kind: 'scalar', variable, where })

/** What a step tells on purpose: of two runs that differ in it nothing is claimed (delimited release: Sabelfeld and Myers 2004). */
export interface Release {
  readonly action: string
  /** In terms of the state before the step and its parameters. */
  readonly when: Bool
  readonly told: Term
}

/**
 * A lemma about states: where it holds, the element of a secret that a step reads at `index`, if `when`, is not one. Steps are
 * simpler with it; whoever claims that the runs agree claims the lemma, too. Undefined: it says nothing of this read.
 */
export type Harmless = (action: Action, index: Bv<string>, when: Bool) => Bool | undefined

export interface Product {
  readonly system: System
  /** The mark is not raised. */
  readonly agree: Quantified
  /** The state of the second run, in terms of the product's variables. */
  readonly second: State
  /** What the runs differ in, by the mark's number. */
  readonly differences: readonly string[]
  /** The second run's copy of a secret. */
  readonly copyOf: (variable: Variable) => Variable
}

const MARK_BITS = 12
/** 0: the runs agree; else a number of `differences`. */
export const mark = state.bits('runs differ', MARK_BITS)
const GUARD = 'what is possible'
const READING = 'what is read'

const copies = new WeakMap<Variable, Variable>()
function copyOf(variable: Variable): Variable {
  const known = copies.get(variable)
  if (known !== undefined) return known
  const of = variable.change === 'state' ? state : rigid
  const name = `${variable.name}, second run`
  const { sort } = variable
  const over = variable.kind === 'table' ? of.per(variable.domain) : of
  const made = sort.kind === 'bv' ? over.bits(name, sort.width) : over.flag(name)
  copies.set(variable, made)
  return made
}

/** The state in which secrets have the second run's values. @param harmless what is known of single reads */
function secondOf(secrets: Secrets, harmless: (index: Bv<string>, when: Bool) => Bool | undefined = () => undefined): State {
  const ofScalar = (s: Extract<Secret, { kind: 'scalar' }>): Term =>
    ite<Term>(s.where, (copyOf(s.variable) as Scalar).now, s.variable.now)
  const ofElement = (s: Extract<Secret, { kind: 'table' }>, index: Bv<string>): Term =>
    ite<Term>(s.where(index), (copyOf(s.variable) as Table).at(index), s.variable.at(index))
  const replaced = (v: Term): Term | undefined => {
    const secret = secretOf(secrets, v)
    if (secret === undefined) return undefined
    if (secret.kind === 'scalar') return ofScalar(secret)
    return ofElement(secret, substitution.apply(v.args[1] as Bv))
  }
  /** A branch that reads a secret which is none there, at the index that the first run has. */
  const chosen = (t: Term, args: readonly Term[]): Term | undefined => {
    if (t.op !== 'ite' || !Object.is(args[0], t.args[0])) return undefined
    const condition = t.args[0] as Bool
    const branch = (n: 1 | 2, taken: Bool): Term => {
      const read = t.args[n]!
      if (secretOf(secrets, read)?.kind !== 'table') return args[n]!
      const index = read.args[1] as Bv
      const known = Object.is(substitution.apply(index), index) ? harmless(index, taken) : undefined
      return known === undefined ? args[n]! : ite(known, read, args[n]!)
    }
    return ite(condition, branch(1, condition), branch(2, condition.not()))
  }
  const substitution: Substitution = new Substitution(replaced, chosen)
  return {
    apply: (term) => substitution.apply(term),
    read: (table, index) => {
      const secret = secrets.get(table)
      return secret?.kind === 'table' ? ofElement(secret, index) : table.at(index)
    },
    scalar: (now) => substitution.apply(now),
  }
}
type Secrets = ReadonlyMap<Variable, Secret>
/** The secret that a scalar, or an element of a table, is of. */
function secretOf(secrets: Secrets, t: Term): Secret | undefined {
  const variable = t.op === 'select' ? variableOf(t.args[0]!) : variableOf(t)
  return variable === undefined || (t.op === 'var' && variable.kind === 'table') ? undefined : secrets.get(variable)
}

/** That the terms are equal; two cases on one condition are compared case by case. */
function same(a: Term, b: Term): Bool {
  if (Object.is(a, b)) return bool(true)
  if (a.op === 'ite' && b.op === 'ite' && Object.is(a.args[0], b.args[0])) {
    const condition = a.args[0] as Bool
    return and(condition.implies(same(a.args[1]!, b.args[1]!)), or(condition, same(a.args[2]!, b.args[2]!)))
  }
  return equal(a, b)
}

const conjunctsOf = (t: Bool): readonly Term[] => (t.op === 'and' ? t.args : [t])
const isState = (v: Term): boolean => variableOf(v)?.change === 'state'

/** Builds the steps of both runs. */
class Twice {
  private readonly secrets: Secrets
  private readonly differences: readonly string[]
  private readonly releases: readonly Release[]
  private readonly harmless: Harmless
  /** Of the action at hand. */
  private second!: State
  private isHarmless!: (index: Bv<string>, when: Bool) => Bool | undefined

  constructor(secrets: Secrets, differences: readonly string[], { releases = [], harmless = () => undefined }: Telling) {
    this.secrets = secrets
    this.differences = differences
    this.releases = releases
    this.harmless = harmless
  }

  step(action: Action): Action {
    const said = new Set(conjunctsOf(action.guard))
    this.isHarmless = (index, when) => {
      const where = this.harmless(action, index, when)
      return where !== undefined && conjunctsOf(where).every((c) => said.has(c)) ? bool(true) : where
    }
    this.second = secondOf(this.secrets, this.isHarmless)
    const looks = new Map<Domain, Parameter>()
    const look = (domain: Domain): Bv => {
      const name = `look at ${domain.name}`
      const known = looks.get(domain) ?? {
        name,
        term: varOf(`${action.name}!${name}`, { kind: 'bv', width: domain.width }),
        domain,
      }
      looks.set(domain, known)
      return known.term as Bv
    }
    const sameCases = action.cases.every((c) => Object.is(this.second.apply(c.when), c.when))
    const always = this.unrepeatable(action, look)
    const cases = action.cases.map((c): Case => {
      const repeated = sameCases ? [c] : action.cases
      const differences = [...always, ...this.changed(action, c, repeated, sameCases, look)]
      const number = (what: string): Bv => bv(MARK_BITS, this.differences.indexOf(what))
      const value = differences.reduceRight<Bv>((otherwise, d) => ite(d.when, number(d.what), otherwise), mark.now)
      const marks = Object.is(value, mark.now) ? [] : [mark.set(value)]
      return { ...c, effects: [...c.effects, ...this.copied(repeated, sameCases), ...marks] }
    })
    const agreed = this.releases
      .filter((r) => r.action === action.name)
      .map((r) => r.when.implies(equal(r.told, this.second.apply(r.told))))
    return { ...action, parameters: [...action.parameters, ...looks.values()], guard: and(action.guard, ...agreed), cases }
  }

  /** The second run cannot take the step with these parameters. */
  private unrepeatable({ guard, everywhere }: Action, look: (domain: Domain) => Bv): Difference[] {
    const readings = everywhere.map(({ term, over }): Difference => {
      const read = this.secretsIn(term)
      if (read.value === false) return { what: READING, when: read }
      const at = new Map<Term, Term>(over.map(({ domain, bound }) => [bound, look(domain)]))
      return { what: READING, when: new Substitution((v) => at.get(v)).apply(read) }
    })
    const possible = this.second.apply(guard)
    const blocked = { what: GUARD, when: Object.is(possible, guard) ? bool(false) : possible.not() }
    return [blocked, ...readings].filter((d) => d.when.value !== false)
  }

  /**
   * Somewhere in the term a secret is read that differs, where it matters: in the branch that is taken, beside conjuncts that
   * hold. Where nothing is, the term has one value in both runs: from the inside out, all that matters has.
   */
  private secretsIn(root: Term): Bool {
    const order: Term[] = []
    const touched = new Set<Term>()
    visit([root], (t) => {
      if (secretOf(this.secrets, t) === undefined && !t.args.some((a) => touched.has(a))) return
      touched.add(t)
      order.push(t)
    })
    const matters = new Map<Term, Bool>([[root, bool(true)]])
    const readings: Bool[] = []
    /** @param locally what the term above asks, beside that it matters itself */
    const descend = (t: Term, above: Bool, locally: Bool): void => {
      if (!touched.has(t)) return
      matters.set(t, or(matters.get(t) ?? bool(false), and(above, locally)))
      const secret = secretOf(this.secrets, t)
      if (secret === undefined) return
      const known = secret.kind === 'table' ? this.isHarmless(t.args[1] as Bv, locally) : undefined
      const differs = same(t, this.ownly(secret.variable, t)).not()
      readings.push(and(above, locally, differs, ...(known === undefined ? [] : [known.not()])))
    }
    descend(root, bool(true), bool(true))
    for (const t of order.reverse()) {
      const above = matters.get(t)!
      for (const [n, a] of t.args.entries()) {
        const condition = t.args[0] as Bool
        if (t.op === 'ite' && n > 0) descend(a, above, n === 1 ? condition : condition.not())
        else if (t.op === 'and') descend(a, above, and(...(t.args.filter((other) => !touched.has(other)) as Bool[])))
        else descend(a, above, bool(true))
      }
    }
    return or(...readings)
  }
  /** The second run's element at the index that the first run has. */
  private ownly(variable: Variable, t: Term): Term {
    return variable.kind === 'scalar' ? this.second.scalar(t) : this.second.read(variable, t.args[1] as Bv)
  }

  /** What is no secret after the step and differs. */
  private changed(
    action: Action,
    first: Case,
    repeated: readonly Case[],
    sameCases: boolean,
    look: (d: Domain) => Bv,
  ): Difference[] {
    const alone = (c: Case): Case => ({ ...c, when: bool(true) })
    const one = after(present, { ...action, cases: [alone(first)] })
    const two = after(this.second, { ...action, cases: sameCases ? [alone(first)] : repeated })
    const written = new Set([first, ...repeated].flatMap((c) => c.effects.map((e) => e.variable)))
    const secretAfter = (s: Secret, index?: Bv): Bool => one.apply(s.kind === 'table' ? s.where(index!) : s.where)
    const concerned = [...this.secrets.values()].filter(
      (s) => written.has(s.variable) || wheres(s).some((v) => written.has(variableOf(v)!)),
    )
    const touched = new Set([...written, ...concerned.map((s) => s.variable)])
    return [...touched].flatMap((variable): Difference[] => {
      const secret = this.secrets.get(variable)
      if (variable.kind === 'scalar') {
        const differ = same(one.scalar(variable.now), two.scalar(variable.now)).not()
        return found(variable.name, and(differ, ...(secret === undefined ? [] : [secretAfter(secret).not()])))
      }
      // An element is asked about only where it can differ: looks make a step's question larger.
      const probe = (index: Bv): Bool => {
        const differ = same(one.read(variable, index), two.read(variable, index)).not()
        return and(differ, ...(secret === undefined ? [] : [secretAfter(secret, index).not()]))
      }
      const arbitrary = varOf(`#look ${variable.domain.name}`, { kind: 'bv', width: variable.domain.width }) as Bv
      return probe(arbitrary).value === false ? [] : found(variable.name, probe(look(variable.domain)))
    })
  }

  /** What becomes of the second run's secrets. */
  private copied(repeated: readonly Case[], sameCases: boolean): Effect[] {
    const apply = <T extends Term>(t: T): T => this.second.apply(t)
    const all = sameCases ? repeated.flatMap((c) => c.effects) : effectsOf({ cases: repeated })
    return [...this.secrets.values()].flatMap((secret): Effect[] => {
      const { variable } = secret
      if (wheres(secret).some(isState)) return this.whole(secret, repeated, sameCases)
      return all
        .filter((e) => e.variable === variable)
        .map((e): Effect => {
          const common = { variable: copyOf(variable), when: apply(e.when), value: apply(e.value) }
          if (e.kind === 'store') return { ...e, ...common, index: apply(e.index) } as Effect
          if (e.kind === 'block') return { ...e, ...common, first: apply(e.first), count: apply(e.count) } as Effect
          return { ...e, ...common } as Effect
        })
    })
  }
  /** Where secrets come and go, the copy is all of the second run's value at any time. */
  private whole(secret: Secret, repeated: readonly Case[], sameCases: boolean): Effect[] {
    const cases = sameCases ? repeated.map((c) => ({ ...c, when: bool(true) })) : repeated
    const written = new Set(cases.flatMap((c) => c.effects.map((e) => e.variable)))
    if (![secret.variable, ...wheres(secret).map((v) => variableOf(v)!)].some((v) => written.has(v))) return []
    const two = after(this.second, {
      name: '',
      actor: 'hardware',
      cite: '',
      parameters: [],
      guard: bool(true),
      everywhere: [],
      cases,
      at: NOWHERE,
    })
    const copy = copyOf(secret.variable)
    if (secret.kind === 'scalar') return [(copy as Scalar).set(two.scalar(secret.variable.now) as Bv)]
    return [(copy as Table).sweep((index) => two.read(secret.variable, index) as Bv)]
  }
}
const NOWHERE = { file: '', line: 0 }

interface Difference {
  readonly what: string
  readonly when: Bool
}
const found = (what: string, when: Bool): Difference[] => (when.value === false ? [] : [{ what, when }])

const known = new WeakMap<Secret, readonly Term[]>()
/** Variables of the system that decide where the secret is one. */
function wheres(secret: Secret): readonly Term[] {
  const at =
    secret.kind === 'table'
      ? secret.where(varOf('#where', { kind: 'bv', width: secret.variable.domain.width }) as Bv)
      : secret.where
  const found = known.get(secret) ?? variables([at]).filter((v) => variableOf(v) !== undefined)
  known.set(secret, found)
  return found
}

export interface Telling {
  readonly releases?: readonly Release[]
  readonly harmless?: Harmless
}

/** @throws Error when a secret is none of the system's variables, or where it is one depends on a secret, or a release names no action. */
export function twice(system: System, secrets: readonly Secret[], telling: Telling = {}): Product {
  const byVariable = new Map(secrets.map((s): [Variable, Secret] => [s.variable, s]))
  const second = secondOf(byVariable)
  for (const s of secrets) {
    if (!system.variables.includes(s.variable)) throw new Error(`${system.name} has no ${s.variable.name}`)
    const on = wheres(s).find((v) => byVariable.has(variableOf(v)!))
    if (on !== undefined) throw new Error(`where ${s.variable.name} is secret depends on ${variableOf(on)!.name}, which is`)
    if (s.kind === 'table' && s.variable.domain.count === undefined && wheres(s).some(isState))
      throw new Error(`${s.variable.name}: where a table without a count is secret cannot change`)
  }
  for (const { action, when } of telling.releases ?? []) {
    if (!system.actions.some((a) => a.name === action)) throw new Error(`${system.name} has no action called ${action}`)
    if (!Object.is(second.apply(when), when)) throw new Error(`when ${action} tells something is a secret itself`)
  }
  const differences = ['nothing', GUARD, READING, ...system.variables.map((v) => v.name)]
  if (differences.length > 2 ** MARK_BITS) throw new Error(`${system.name} has more than ${2 ** MARK_BITS} variables`)
  const steps = new Twice(byVariable, differences, telling)
  const both = (all: readonly Quantified[]): Quantified[] =>
    all.flatMap((q) => {
      const term = second.apply(q.term)
      return Object.is(term, q.term) ? [q] : [q, { ...q, name: `${q.name}, second run`, term }]
    })
  const agree = forAll('the two runs agree on all but secrets', [], () => mark.now.isZero())
  return {
    system: {
      name: `${system.name}, twice`,
      domains: system.domains,
      variables: [...system.variables, ...secrets.map((s) => copyOf(s.variable)), mark],
      facts: both(system.facts),
      initial: [...both(system.initial), agree],
      actions: system.actions.map((a) => steps.step(a)),
    },
    agree,
    second,
    differences,
    copyOf,
  }
}
