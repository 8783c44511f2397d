// What attacks on platform and handler break, and what it follows from.

import type { Invariant } from '../model/invariant.ts'
import { forAll, type Quantified } from '../model/system.ts'
import { and, type Bool, or } from '../model/term.ts'
import { isMeasured } from '../smm/enlist.ts'
import { arrived } from '../smm/meeting-state.ts'
import { phaseIs } from '../smm/thread-cells.ts'
import { cached, threadOf, translation } from '../x86/guest-tlb.ts'
import { guest, handedOver, runsGuest } from '../x86/modes.ts'
import { isSet } from '../x86/svm-state.ts'
import { isThread, thread } from '../x86/topology.ts'
import { allInSmm, meeting, meetingNames } from './meeting.ts'
import { observations, observedNames } from './observed.ts'
import { names } from './platform.ts'

interface Told {
  readonly statement: Quantified
  /** Conjuncts that are proved for it. */
  readonly of: readonly string[]
  readonly implies?: readonly Quantified[]
  readonly invariant: Invariant
}

const all: Invariant = [...meeting, ...observations]
const held = (name: string, ...by: readonly string[]): Told => {
  const statement = all.find((c) => c.name === name)
  if (statement === undefined) throw new Error(`no conjunct is called ${name}`)
  return { statement, of: [name, ...by], invariant: all }
}
const following = (statement: Quantified, ...of: readonly string[]): Told => ({
  statement,
  of,
  implies: [statement],
  invariant: all,
})

const { GATHERED, HERE, STILL, READ } = meetingNames
const together = (): Bool =>
  and(handedOver.now, or(...(['checking', 'quiescing', 'flushing', 'measuring'] as const).map((p) => phaseIs(p))))
const noGuest = forAll('I7 from the gathering to the release no guest runs', [thread], (t) =>
  together().implies(runsGuest(t).not()),
)
/** Guests that run on while their tables are measured could use memory that these no longer name (facts C53). */
const noTranslation = forAll('T1 while memory is measured no thread has a guest translation', [translation], (e) =>
  and(handedOver.now, phaseIs('measuring'), isThread(threadOf(e))).implies(cached.at(e).not()),
)
/** A guest without nested paging has no tree that could be measured. */
const noShadow = forAll('I9 no guest on shadow tables is measured', [thread], (t) =>
  and(handedOver.now, arrived(t), isMeasured(t.as())).implies(and(guest.at(t), isSet(t, 'NP_ENABLE'))),
)

export const meetingStatements = {
  'all in SMM': following(allInSmm, GATHERED, HERE),
  'no guest runs': following(noGuest, GATHERED, HERE),
  'memory holds still': held(STILL),
  'reads are true': held(READ),
  'no shadow is walked': following(noShadow, observedNames.OBSERVED),
  'what is observed is true': held(observedNames.OBSERVED),
  'no translation': following(noTranslation, GATHERED, HERE, names.UNTRANSLATED),
} as const satisfies Readonly<Record<string, Told>>
export type MeetingStatement = keyof typeof meetingStatements
