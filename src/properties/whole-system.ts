// From the proxy to the proxy: challenges and reports on their way, the server that the handler runs on, and in the middle one step
// that is both a turn of the handler's leader and an answer of the protocol. Any number of platforms, proxies and reports; one
// server in full, of which every thread, device and word of memory is there.
// Everything that the parts do, they do here, so what is proved of a part is proved of it here, where the other part's actions
// keep it (an obligation each).
// Leaves out: how a challenge reaches the handler (the network, the NIC, the SMI it raises): whoever holds it may bring it, or not.
// Liberties: the step that reports takes the challenge, numbers the report and sends it at once. While it does, memory holds still.

import { action, type Action, forAll, rigid, state, type System, when } from '../model/system.ts'
import { and, bool, or } from '../model/term.ts'
import { earliest, shortTimes } from '../protocol/freshness-state.ts'
import { answerChallenge, answering } from '../protocol/handler.ts'
import { enrolment, isComplete, key, nonce, report } from '../protocol/messages.ts'
import { knowsKey } from '../protocol/state.ts'
import { reportPath } from '../protocol/system.ts'
import { handlerSystem } from '../smm/handler-system.ts'
import { page, stageIs } from '../smm/measuring-state.ts'
import { leads, misled } from '../smm/meeting-state.ts'
import { oncePerSwitches } from '../smm/switches.ts'
import { space } from '../smm/system-cells.ts'
import { phaseIs } from '../smm/thread-cells.ts'
import { runsHandler } from '../x86/modes.ts'
import { frame } from '../x86/physical.ts'
import { thread } from '../x86/topology.ts'
import { isHidden, isInflated, isUnfounded, isWhole, statusIn } from './reported.ts'
import { inTime, timeInitial, timeVariables } from './whole-time.ts'

// ---- state ----

/** Enrolments of the server at hand. */
export const isOurs = rigid.per(enrolment).flag('enrolment of this platform')
/** Ghosts: what was wrong with a report when it was made, if anything. */
export const faults = {
  hides: state.per(report).flag('report hides memory'),
  inflates: state.per(report).flag('report counts what no guest has'),
  unfounded: state.per(report).flag('report is incomplete for no reason'),
} as const

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
      // One case: whatever else is proved of the step need not know what a report says.
      cases: {
        reported: [
          answer.effects,
          when(and(says, isHidden(u, page_, frame_)), faults.hides.set(b, bool(true))),
          when(and(says, isInflated(s.as(), frame_)), faults.inflates.set(b, bool(true))),
          when(and(says.not(), isUnfounded()), faults.unfounded.set(b, bool(true))),
        ],
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
    variables: [...server.variables, ...reportPath.variables, isOurs, ...Object.values(faults), ...timeVariables],
    facts: [...server.facts, ...reportPath.facts, shortTimes, earliest],
    initial: [
      ...server.initial,
      ...reportPath.initial,
      forAll('no report has a fault', [report], (b) => and(...Object.values(faults).map((fault) => fault.at(b).not()))),
      ...timeInitial,
    ],
    actions: inTime([...server.actions, ...path, reports, othersAnswer, takesKey]),
  }
})
