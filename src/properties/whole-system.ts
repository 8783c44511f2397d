// From the proxy to the proxy: challenges and reports on their way, the server that the handler runs on, and in the middle one step
// that is both a turn of the handler's leader and an answer of the protocol. Any number of platforms, proxies and reports; one
// server in full, of which every thread, device and word of memory is there.
// Everything that the parts do, they do here, so what is proved of a part is proved of it here, where the other part's actions
// keep it (an obligation each).
// Leaves out: how a challenge reaches the handler (the network, the NIC, the SMI it raises): whoever holds it may bring it, or not.
// Liberties: the step that reports takes the challenge, numbers the report and sends it at once. While it does, memory holds still.

import { action, type Action, forAll, given, rigid, state, type System } from '../model/system.ts'
import { and, bool, type Bool, type Bv, ite, or } from '../model/term.ts'
import { answerChallenge, answering } from '../protocol/handler.ts'
import { enrolment, isComplete, key, nonce, report } from '../protocol/messages.ts'
import { knowsKey } from '../protocol/state.ts'
import { reportPath } from '../protocol/system.ts'
import { census, MODE, STATUS } from '../smm/cells.ts'
import { reaches, surelyReads } from '../smm/hardware-words.ts'
import { handlerSystem } from '../smm/handler-system.ts'
import { leads, misled } from '../smm/meeting-state.ts'
import { charged, inhabitantOf, measured, page, sampled, spaceNoted, spaceOf, stageIs } from '../smm/measuring-state.ts'
import { oncePerSwitches } from '../smm/switches.ts'
import { space } from '../smm/system-cells.ts'
import { inBootMap } from '../smm/system-profile.ts'
import { handler, HANDLER_STATUS, handlerGhosts, phaseIs } from '../smm/thread-cells.ts'
import { runsHandler } from '../x86/modes.ts'
import { frame } from '../x86/physical.ts'
import { isThread, thread } from '../x86/topology.ts'

// ---- state ----

/** Enrolments of the server at hand. */
export const isOurs = rigid.per(enrolment).flag('enrolment of this platform')
/** Ghosts: what was wrong with a report when it was made, if anything. */
export const faults = {
  hides: state.per(report).flag('report hides memory'),
  inflates: state.per(report).flag('report counts what no guest has'),
  unfounded: state.per(report).flag('report is incomplete for no reason'),
} as const

// ---- what a report says, and whether it is so ----

/** What the handler reports on is a whole census of all that threads run. */
export const isWhole = (): Bool =>
  and(
    phaseIs('measuring'),
    stageIs('counted'),
    handler.status.now.eq(HANDLER_STATUS.complete),
    census.status.now.eq(STATUS.running),
  )
const isLong = (t: Bv<string>): Bool => sampled.mode.at(t).uge(MODE.long4)

/**
 * The guest that the thread was in at the sample instant has something that the report does not: nested tables that were not
 * walked, or a page that reaches a frame which is not counted for the space noted for the thread.
 */
export const isHidden = (t: Bv<string>, g: Bv, f: Bv): Bool => {
  const s = spaceNoted(t)
  const counted = ite(inBootMap(f), and(charged.distinct.at(s.concat(f)), charged.total.at(f)), charged.foreign.at(s.concat(g)))
  const walked = and(sampled.nested.at(t), isLong(t), s.ult(measured.count))
  return and(isThread(t), sampled.inGuest.at(t), or(walked.not(), and(reaches(spaceOf(t), g, f), counted.not())))
}
/** The frame is counted as certain for the space, and the guest that was in the space cannot surely read it. */
export const isInflated = (s: Bv, f: Bv): Bool => {
  const t = inhabitantOf(s).as<'thread'>()
  const owned = and(
    inBootMap(f),
    ...[isThread(t), sampled.inGuest.at(t), sampled.nested.at(t), isLong(t)],
    surelyReads(spaceOf(t), measured.certainPage(s, f), f),
  )
  return and(s.ult(measured.count), charged.certain.at(s.concat(f)), owned.not())
}
const statusIn = (...names: readonly (keyof typeof HANDLER_STATUS)[]): Bool =>
  or(...names.map((name) => handler.status.now.eq(HANDLER_STATUS[name])))
/** A status other than complete has a reason: a thread, a register or a device; a guest that a thread was in; a full list. */
export const isFounded = (): Bool => {
  const t = handlerGhosts.cause.now.as<'thread'>()
  const ofThread = and(
    statusIn('shadow', 'unsupportedMode', 'vmcbOutside', 'rootMismatch', 'unrecordedRoot'),
    isThread(t),
    sampled.inGuest.at(t),
  )
  return or(statusIn('partial', 'tamper', 'dmaNotQuiesced', 'tooManySpaces'), ofThread)
}
/** Neither the meeting's status nor the census's says why something should be missing. */
const isUnfounded = (): Bool => {
  const ofCensus = and(phaseIs('measuring'), census.status.now.ne(STATUS.running))
  return and(isFounded().not(), ofCensus.not())
}

// ---- actions ----

const reports = action(
  'the leader reports',
  {
    actor: 'SMM',
    cite: 'facts 12.5',
    parameters: { t: thread, e: enrolment, n: nonce, b: report, u: thread, g: page, s: space, f: frame },
  },
  ({ t, e, n, b, u, g, s, f }) => {
    const answer = answering({ e, n, b })
    const says = isComplete.at(b)
    const [page_, frame_] = [g.as<'bits'>(), f.as<'bits'>()]
    return {
      guard: and(
        leads(t),
        or(and(phaseIs('measuring'), stageIs('counted')), and(phaseIs('releasing'), statusIn('complete').not())),
        isOurs.at(e),
        isComplete.at(b).iff(isWhole()),
        answer.guard,
      ),
      cases: {
        'and hides memory': given(and(says, isHidden(u, page_, frame_)), answer.effects, faults.hides.set(b, bool(true))),
        'and counts what no guest has': given(
          and(says, isInflated(s.as(), frame_)),
          answer.effects,
          faults.inflates.set(b, bool(true)),
        ),
        'something missing for no reason': given(
          and(says.not(), isUnfounded()),
          answer.effects,
          faults.unfounded.set(b, bool(true)),
        ),
        'what there is': answer.effects,
      },
    }
  },
)
/** Other servers: what they do is their affair. */
const othersAnswer = action(
  'another platform answers a challenge',
  { actor: 'SMM', cite: 'facts 12.5', parameters: { e: enrolment, n: nonce, b: report } },
  (p) => {
    const { guard, effects } = answering(p)
    return { guard: and(guard, isOurs.at(p.e).not()), cases: { answered: effects } }
  },
)
/** The key lies in SMRAM: code that runs there and is not the handler's has it. */
const takesKey = action(
  'misled SMM code takes a key',
  { actor: 'hypervisor', cite: 'facts 9.E, E08', parameters: { t: thread, k: key } },
  ({ t, k }) => ({ guard: and(runsHandler(t), misled(t)), cases: { taken: [knowsKey.set(k, bool(true))] } }),
)

// ---- the system ----

/** Made once, so that claims about it share their obligations. */
export const wholeSystem = oncePerSwitches((switches): System => {
  const server = handlerSystem(switches)
  const path: readonly Action[] = reportPath.actions.filter((a) => a !== answerChallenge)
  return {
    name: `${server.name}, with their proxies`,
    domains: [...server.domains, ...reportPath.domains],
    variables: [...server.variables, ...reportPath.variables, isOurs, ...Object.values(faults)],
    facts: [...server.facts, ...reportPath.facts],
    initial: [
      ...server.initial,
      ...reportPath.initial,
      forAll('no report has a fault', [report], (b) => and(...Object.values(faults).map((fault) => fault.at(b).not()))),
    ],
    actions: [...server.actions, ...path, reports, othersAnswer, takesKey],
  }
})
