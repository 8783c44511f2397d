// One obligation, decided: by the simplifier if it can, else by the solver, first with the hypotheses of the goal's topic
// only (most proofs need no others, and less is faster), then with all of them.

import { and } from '../model/term.ts'
import { sizeOf } from '../model/traverse.ts'
import { instantiate } from './instantiate.ts'
import { type Axiom, type Bundle, type Hypothesis, isAboutSystem, type Obligation } from './obligation.ts'
import type { Asking, Oracle } from './oracle.ts'
import { printScript, type Script } from './smtlib.ts'
import type { SolverAnswer, SolverRequest, Want } from './solver/solver.ts'

/** An obligation with the instances of the claim's axioms, ready to be asked about. */
export interface Prepared {
  readonly obligation: Obligation
  /** Its own hypotheses, without the instances. */
  readonly own: readonly Hypothesis[]
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
  if (isSimplified(full)) return { obligation: full, own, instances, simplified: true, weight: 0 }
  const kept = own.filter((h) => h.topic === undefined || h.topic === obligation.topic)
  const { bundle } = obligation
  const bundled = bundle === undefined ? {} : { bundled: bundleOf(bundle, { ...obligation, hypotheses: kept }, axioms) }
  const narrow = kept.length === own.length ? {} : { narrow: instantiate({ ...obligation, hypotheses: kept }, axioms) }
  return { obligation: full, own, instances, simplified: false, weight: sizeOf(negation(full)), ...narrow, ...bundled }
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
export function scriptOf(obligation: Obligation): Script {
  const hypotheses = obligation.hypotheses.map(({ term, role }, n) =>
    role === 'assumption' ? { term, name: `h${n}` } : { term },
  )
  return printScript([...hypotheses, { term: obligation.goal.not() }])
}
const hasAssumptions = ({ hypotheses }: Obligation): boolean => hypotheses.some((h) => h.role === 'assumption')
export function hypothesesScript(hypotheses: readonly Hypothesis[], named = false): Script {
  return printScript(hypotheses.map(({ term }, i) => (named ? { term, name: `h${i}` } : { term })))
}

export interface Decision {
  readonly answer: SolverAnswer
  /** The question that was answered last, for a second opinion. */
  readonly request: SolverRequest
  readonly script: Script
  readonly hypotheses: 'topic' | 'all'
  readonly cached: boolean
  readonly ms: number
  readonly bytes: number
  /** Assumptions that suffice, of a proof. */
  readonly needs: readonly string[]
}

/** The narrow question gets a share of the time: when it is hard, more hypotheses may well make it easier. */
const NARROW_SHARE = 3

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
  const ask = async (obligation: Obligation, hypotheses: 'topic' | 'all', limit: number): Promise<Decision> => {
    const script = scriptOf(obligation)
    bytes = Math.max(bytes, script.text.length)
    const put = async (want: Want): Promise<Decision> => {
      const request: SolverRequest = { id: `${id}#${hypotheses}`, smt2: script.text, timeoutMs: limit, want }
      const { answer, cached: found } = await oracle.ask(request, how)
      ms += answer.ms
      cached &&= found
      const core = answer.kind === 'unsat' ? answer.core : []
      const needs = core.map((name) => obligation.hypotheses[Number(name.slice(1))]!.name)
      return { answer, request, script, hypotheses, cached, ms, bytes, needs }
    }
    const last = hypotheses === 'all' && wanted === 'model' ? 'model' : 'verdict'
    if (!hasAssumptions(obligation)) return put(last)
    const decision = await put('core')
    return decision.answer.kind === 'sat' && last === 'model' ? put('model') : decision
  }
  if (prepared.bundled !== undefined) {
    const together = await once(prepared.bundled, () => ask(prepared.bundled!, 'topic', Math.ceil(timeoutMs / NARROW_SHARE)))
    if (together.answer.kind === 'unsat') return together
  }
  if (prepared.narrow !== undefined) {
    const first = await ask(prepared.narrow, 'topic', Math.ceil(timeoutMs / NARROW_SHARE))
    if (first.answer.kind === 'unsat') return first
  }
  return ask(prepared.obligation, 'all', timeoutMs)
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

const answered = new WeakMap<Obligation, Promise<Decision>>()
/** Members of a bundle share the answer to its question. */
function once(bundle: Obligation, ask: () => Promise<Decision>): Promise<Decision> {
  const answer = answered.get(bundle) ?? ask()
  answered.set(bundle, answer)
  return answer
}
