// What is said to a solver for one request: an opening that ends with the check, then one follow-up that depends on the
// verdict; and what the two replies mean.
// An error anywhere in a reply makes it worthless: z3 skips an assertion that it cannot parse and answers for the others.
// Leaves out: how texts travel (worker.ts, native.ts).

import { match, P } from 'ts-pattern'
import { ModelError } from './definitions.ts'
import { parseCore, parseModel } from './model.ts'
import { declarationsOf, logicOf, namedAssertionsOf } from './script.ts'
import { excerpt, SexprError } from './sexpr.ts'
import { type SolverAnswer, type SolverRequest, type UnknownReason, unknown } from './solver.ts'
import { checkCommand, coreCommand, plainCheck } from './tactics.ts'
import { emptyModel } from './value.ts'

export interface Dialogue {
  readonly opening: string
  readonly followUps: Readonly<Partial<Record<Verdict, FollowUp>>>
}
export type Verdict = 'sat' | 'unsat' | 'unknown'
export interface FollowUp {
  readonly text: string
  /** In a new context, without what the opening declared. */
  readonly fresh: boolean
}
export interface Transcript {
  readonly first: string
  readonly second: string
  readonly ms: number
}

/** Not an answer. An error is worth another try in a new process. */
export interface Fault {
  readonly kind: 'fault'
  readonly reason: 'error' | 'memory' | 'unreadable model'
  readonly detail: string
}

/** The answer when there is nothing left to try. */
export const faultAnswer = ({ reason, detail }: Fault, ms: number): SolverAnswer =>
  unknown(reason === 'memory' ? 'memory' : 'solver-error', detail, ms)

const sameContext = (text: string): FollowUp => ({ text, fresh: false })
const reason = sameContext('(get-info :reason-unknown)')
const trackCores = '(set-option :produce-unsat-cores true)\n'

const lateCore = (smt2: string): FollowUp => ({ text: `${trackCores}${smt2}\n${plainCheck}\n(get-unsat-core)`, fresh: true })

/** For the embedded z3: the tactic fits the logic, and a core that would cost much is extracted after the verdict. */
export function embeddedDialogue({ smt2, want, expected }: SolverRequest, plain = false): Dialogue {
  const logic = plain ? undefined : logicOf(smt2)
  const opening = `${smt2}\n${checkCommand(logic, expected)}`
  return match(want)
    .returnType<Dialogue>()
    .with('verdict', () => ({ opening, followUps: { unknown: reason } }))
    .with('model', () => ({ opening, followUps: { unknown: reason, sat: sameContext('(get-model)') } }))
    .with('core', () => {
      const tracked = coreCommand(logic)
      return tracked === undefined
        ? { opening, followUps: { unknown: reason, unsat: lateCore(smt2) } }
        : {
            opening: `${trackCores}${smt2}\n${tracked}`,
            followUps: { unknown: reason, unsat: sameContext('(get-unsat-core)') },
          }
    })
    .exhaustive()
}

/** For solvers that choose by the logic themselves, in standard SMT-LIB. */
export function standardDialogue({ smt2, want }: SolverRequest): Dialogue {
  return match(want)
    .returnType<Dialogue>()
    .with('verdict', () => ({ opening: `${smt2}\n(check-sat)`, followUps: { unknown: reason } }))
    .with('model', () => ({
      opening: `(set-option :produce-models true)\n${smt2}\n(check-sat)`,
      followUps: { unknown: reason, sat: sameContext('(get-model)') },
    }))
    .with('core', () => ({
      opening: `${trackCores}${smt2}\n(check-sat)`,
      followUps: { unknown: reason, unsat: sameContext('(get-unsat-core)') },
    }))
    .exhaustive()
}

export const verdictOf = (reply: string): Verdict | undefined =>
  match(reply.trim())
    .with('sat', 'unsat', 'unknown', (verdict) => verdict)
    .otherwise(() => undefined)

export function readTranscript(
  request: SolverRequest,
  dialogue: Dialogue,
  { first, second, ms }: Transcript,
): SolverAnswer | Fault {
  const verdict = verdictOf(first)
  if (verdict === undefined) return fault(first)
  const followUp = dialogue.followUps[verdict]
  if (followUp?.fresh) return readLateCore(request, second, ms)
  if (verdict === 'unknown') return unknown(whyUnknown(second, ms >= request.timeoutMs), excerpt(second), ms)
  if (followUp !== undefined && (second.trim() === '' || second.includes('(error'))) return fault(second)
  return match(verdict)
    .returnType<SolverAnswer | Fault>()
    .with('sat', () => readModel(request, second, ms))
    .with('unsat', () => {
      const core = followUp === undefined ? [] : parseCore(second)
      return core === undefined ? fault(second) : { kind: 'unsat', core, ms }
    })
    .exhaustive()
}

function readModel(request: SolverRequest, text: string, ms: number): SolverAnswer | Fault {
  if (request.want !== 'model') return { kind: 'sat', model: emptyModel, ms }
  try {
    return { kind: 'sat', model: parseModel(text, declarationsOf(request.smt2)), ms }
  } catch (e) {
    if (!(e instanceof ModelError || e instanceof SexprError)) throw e
    return { kind: 'fault', reason: 'unreadable model', detail: `a model that cannot be read: ${e.message}` }
  }
}

/** The verdict is known; without a core in time, all named assertions are one. */
function readLateCore(request: SolverRequest, text: string, ms: number): SolverAnswer | Fault {
  const [verdict, ...rest] = text.trim().split('\n')
  if (verdict === 'sat') return { kind: 'fault', reason: 'error', detail: 'unsat, but sat when asked for the core' }
  const core = verdict === 'unsat' && !text.includes('(error') ? parseCore(rest.join('\n')) : undefined
  return { kind: 'unsat', core: core ?? namedAssertionsOf(request.smt2).sort(), ms }
}

/** What solvers say when they run out of memory: z3 its own words, cvc5 those of the C++ library. */
export const outOfMemory = /out of memory|memout|max\. memory|memory exceeded|bad_alloc|Cannot enlarge memory/i

function fault(reply: string): Fault {
  const detail = reply.trim() === '' ? 'an empty answer' : excerpt(reply)
  return { kind: 'fault', reason: outOfMemory.test(reply) ? 'memory' : 'error', detail }
}

/** Words after :reason-unknown, as z3 and cvc5 use them; nobody but their timers cancels them. Other solvers may have none. */
const whyUnknown = (info: string, late: boolean): UnknownReason =>
  match(info)
    .returnType<UnknownReason>()
    .with(
      P.when((s: string) => outOfMemory.test(s)),
      () => 'memory',
    )
    .with(
      P.when((s: string) => /timeout|canceled|interrupted/i.test(s)),
      () => 'timeout',
    )
    .with(
      P.when((s: string) => /resource/i.test(s)),
      () => 'resource-limit',
    )
    .otherwise(() => (late ? 'timeout' : 'incomplete'))
