// One obligation, decided: by the simplifier if it can, else by the solver, first with the hypotheses of the goal's topic
// only (most proofs need no others, and less is faster), then with all of them. Where a verdict is enough, equations that
// define variables are used up first.

import { and, type Bool } from '../model/term.ts'
import { sizeOf } from '../model/traverse.ts'
import { instantiate } from './instantiate.ts'
import { type Axiom, type Bundle, type Hypothesis, isAboutSystem, type Obligation } from './obligation.ts'
import type { Asking, Oracle } from './oracle.ts'
import { near } from './near.ts'
import { printScript, type Printing, type Script } from './smtlib.ts'
import { refuted, solved } from './solve.ts'
import type { SolverAnswer, SolverRequest, Want } from './solver/solver.ts'

/** An obligation with the instances of the claim's axioms, ready to be asked about. */
export interface Prepared {
  readonly obligation: Obligation
  readonly instances: readonly Hypothesis[]
  /** The same with the hypotheses of other topics left out, if there are any. */
  readonly narrow?: Obligation
  /** All goals of the bundle at once, with the hypotheses of their topic. */
  readonly bundled?: Obligation
  readonly simplified: boolean
  /** Distinct nodes: a guess of how long it takes. */
  readonly weight: number
}

const cells = new WeakMap<Obligation, Prepared>()
export function prepare(obligation: Obligation, common: readonly Axiom[]): Prepared {
  if (!isAboutSystem(obligation)) return prepared(obligation, common)
  // Claims about a system share their obligations, and have no axioms besides.
  const known = cells.get(obligation) ?? prepared(obligation, common)
  cells.set(obligation, known)
  return known
}

function prepared(obligation: Obligation, common: readonly Axiom[]): Prepared {
  const axioms = [...common, ...(obligation.axioms ?? [])]
  const own = obligation.hypotheses
  const full = instantiate(obligation, axioms)
  const instances = full.hypotheses.filter((h, n) => n >= own.length || h.role === 'instance')
  if (isSimplified(full)) return { obligation: full, instances, simplified: true, weight: 0 }
  const kept = own.filter((h) => h.topic === undefined || h.topic === obligation.topic)
  const { bundle } = obligation
  const bundled = bundle === undefined ? {} : { bundled: bundleOf(bundle, { ...obligation, hypotheses: kept }, axioms) }
  const narrow = kept.length === own.length ? {} : { narrow: instantiate({ ...obligation, hypotheses: kept }, axioms) }
  return { obligation: full, instances, simplified: false, weight: weightOf(full), ...narrow, ...bundled }
}

/** Added to what other questions follow from, one after another: they had better begin soon. */
export const FOLLOWED = 1_000_000
/** Proofs about systems are followed by questions about what they needed. */
const weightOf = (obligation: Obligation): number => {
  const { kind } = obligation.origin
  const followed = kind !== 'validity' && kind !== 'procedure'
  return sizeOf(negation(obligation)) + (followed ? FOLLOWED : 0)
}

const bundles = new WeakMap<Bundle, Obligation>()
/** The bundle as one obligation, the same object for all members. */
function bundleOf(bundle: Bundle, member: Obligation, axioms: readonly Axiom[]): Obligation {
  const made = bundles.get(bundle) ?? instantiate({ ...member, goal: bundle.goal }, axioms)
  bundles.set(bundle, made)
  return made
}

export function isSimplified(obligation: Obligation): boolean {
  if (obligation.discharged !== undefined) return true
  const parts = negation(obligation)
  return parts.some((t) => t.value === false) || and(...parts).value === false
}

/** Satisfiable exactly when the obligation fails. */
export const negation = ({ hypotheses, goal }: Obligation) => [...hypotheses.map((h) => h.term), goal.not()]

/** Assumptions have names, so that a proof can say which of them it needs. */
export function scriptOf(obligation: Obligation, printing: Printing = {}): Script {
  const hypotheses = obligation.hypotheses.map(({ term, role }, n) =>
    role === 'assumption' ? { term, name: `h${n}` } : { term },
  )
  return printScript([...hypotheses, { term: obligation.goal.not() }], printing)
}
const hasAssumptions = ({ hypotheses }: Obligation): boolean => hypotheses.some((h) => h.role === 'assumption')
export function hypothesesScript(hypotheses: readonly Hypothesis[], named: boolean, printing: Printing): Script {
  return printScript(
    hypotheses.map(({ term }, i) => (named ? { term, name: `h${i}` } : { term })),
    printing,
  )
}

export interface Decision {
  readonly answer: SolverAnswer
  /** What the answer is about: a second solver is asked about all of it, with no equation used up. */
  readonly obligation: Obligation
  readonly script: Script
  readonly hypotheses: 'topic' | 'all'
  readonly cached: boolean
  readonly ms: number
  readonly bytes: number
  /** Assumptions that suffice, of a proof. */
  readonly needs: readonly string[]
}

/** Questions with fewer hypotheses get a share of the time: when they are hard, more hypotheses may well make them easier. */
const SHARES = { near: 60, topic: 3, whole: 3, all: 1 }
type Scope = keyof typeof SHARES
/** The share of a proof that is tried again with fewer assumptions: it was quick before, or is not to be had. */
const AGAIN = 30

/** Goals up to so many are asked about one by one: each denial then simplifies its own question; more cost more than that gains. */
const FEW = 5

function partsOf(obligation: Obligation): readonly Obligation[] {
  const { goal } = obligation
  if (goal.op !== 'and' || goal.args.length > FEW) return [obligation]
  return goal.args.map((part) => ({ ...obligation, goal: part as Bool }))
}

/** What is near is worth a question of its own where the whole one is much larger. */
const SMALLER = 0.55
function nearer(part: Obligation, whole: Obligation): Obligation | undefined {
  const some = near(part)
  if (some === undefined) return undefined
  const question = refuted(some)
  return sizeOf(negation(question)) > SMALLER * sizeOf(negation(whole)) ? undefined : question
}

/** Conditions of procedures mostly do; of a run on a scenario, a model is wanted. */
const isExpectedToHold = ({ origin }: Obligation): boolean => origin.kind === 'procedure' && origin.run === undefined

/** @param wanted of an obligation that fails: a model, or only that it does. */
export async function decide(
  prepared: Prepared,
  id: string,
  oracle: Oracle,
  timeoutMs: number,
  how: Asking,
  wanted: 'model' | 'verdict' = 'model',
): Promise<Decision> {
  let [ms, bytes, cached] = [0, 0, true]
  const ask = async (obligation: Obligation, scope: Scope, question: Obligation): Promise<Decision> => {
    const put = async (want: Want): Promise<Decision> => {
      const script = scriptOf(question, { narrow: want !== 'model' })
      bytes = Math.max(bytes, script.text.length)
      const limit = Math.ceil(timeoutMs / (scope === 'topic' && wanted === 'verdict' ? AGAIN : SHARES[scope]))
      const request: SolverRequest = { id: `${id}#${scope}`, smt2: script.text, timeoutMs: limit, want }
      const { answer, cached: found } = await oracle.ask(request, how)
      ms += answer.ms
      cached &&= found
      const core = answer.kind === 'unsat' ? answer.core : []
      const needs = core.map((name) => question.hypotheses[Number(name.slice(1))]!.name)
      const hypotheses = obligation === prepared.obligation ? 'all' : 'topic'
      return { answer, obligation, script, hypotheses, cached, ms, bytes, needs }
    }
    const last = scope === 'all' && wanted === 'model' ? 'model' : 'verdict'
    if (!hasAssumptions(question)) return put(last)
    const decision = await put('core')
    return decision.answer.kind === 'sat' && last === 'model' ? put('model') : decision
  }
  /** A proof, or undefined. Used-up equations would be missing in the core of a proof that must name what it needs. */
  const proof = async (obligation: Obligation, scopes: readonly Scope[]): Promise<Decision | undefined> => {
    if (hasAssumptions(obligation)) {
      const decision = scopes.includes('topic') ? await ask(obligation, 'topic', obligation) : undefined
      return decision?.answer.kind === 'unsat' ? decision : undefined
    }
    let last: Decision | undefined
    for (const part of partsOf(solved(obligation))) {
      last = undefined
      const whole = refuted(part)
      for (const scope of scopes) {
        const question = scope === 'near' ? nearer(part, whole) : whole
        if (question === undefined) continue
        const decision = await ask(obligation, scope, question)
        if (decision.answer.kind === 'unsat') {
          last = decision
          break
        }
      }
      if (last === undefined) return undefined
    }
    return last
  }
  const { bundled, narrow, obligation } = prepared
  return (
    (bundled && (await once(bundled, () => proof(bundled, ['near', 'topic'])))) ??
    (narrow && (await proof(narrow, ['near', 'topic']))) ??
    (await proof(obligation, isExpectedToHold(obligation) ? ['near', 'whole'] : ['near'])) ??
    ask(obligation, 'all', obligation)
  )
}

const shared = new WeakMap<Obligation, { readonly decision: Decision; readonly oracle: Oracle }>()
/** A cell of several claims is asked about once. */
export async function decideCell(...[prepared, id, oracle, ...rest]: Parameters<typeof decide>): Promise<Decision> {
  const known = shared.get(prepared.obligation)
  if (known !== undefined && Object.is(known.oracle, oracle)) return { ...known.decision, cached: true, ms: 0 }
  const decision = await decide(prepared, id, oracle, ...rest)
  if (decision.answer.kind !== 'unknown') shared.set(prepared.obligation, { decision, oracle })
  return decision
}

const answered = new WeakMap<Obligation, Promise<Decision | undefined>>()
/** Members of a bundle share the answer to its question. */
function once(bundle: Obligation, ask: () => Promise<Decision | undefined>): Promise<Decision | undefined> {
  const answer = answered.get(bundle) ?? ask()
  answered.set(bundle, answer)
  return answer
}
