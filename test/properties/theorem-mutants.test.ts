// The theorem can fail. Every seeded fault of the whole system is caught: some step breaks a conjunct of P1, P2, P6, U1 or of the report
// path. And each thing that the last step of P1, P2 and U1 rests on is needed: without it, a state that breaks the claim exists.

import { but } from '../../src/model/switchboard.ts'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Invariant, supportOf } from '../../src/model/invariant.ts'
import type { System } from '../../src/model/system.ts'
import { endToEnd, reportLemmas } from '../../src/properties/end-to-end.ts'
import { meeting } from '../../src/properties/meeting.ts'
import { observations } from '../../src/properties/observed.ts'
import { timely } from '../../src/properties/timely.ts'
import { wholeSystem } from '../../src/properties/whole-system.ts'
import { obligationsOf } from '../../src/prover/induction.ts'
import { protectedBut, type ReportSwitch } from '../../src/protocol/switches.ts'
import { built, meetingAssumptions, type MeetingProfile } from '../../src/smm/system-profile.ts'
import { assumptionsOf, hardened } from '../../src/x86/profile.ts'
import { openFallen } from './fallen.ts'
import { mentions, mutationsOf } from './mutate-system.ts'

const whole = wholeSystem()
const invariant: Invariant = [...meeting, ...observations, ...reportLemmas, ...endToEnd, ...timely]
const { without, losing, unasked } = mutationsOf(whole)

const STAGE = mentions('stage of the measurement')
const FLUSHED = 'the leader asks who has flushed'
const LISTS = 'the leader lists spaces'
const CENSUS = 'the leader takes the census'
const REPORTS = 'the leader reports'
const STOPS = 'the leader stops devices'

interface Mutant {
  readonly name: string
  readonly system?: System
  /** The steps and conjuncts among which one must fall. */
  readonly where: RegExp
  readonly built?: MeetingProfile
  readonly missing?: readonly ReportSwitch[]
}
const mutants: readonly Mutant[] = [
  {
    name: 'a census of the last measurement counts for this one',
    system: losing(FLUSHED, 'stage of the measurement'),
    where: /^the leader asks who has flushed x (what a complete|every thread|U1)/,
  },
  {
    name: 'spaces are listed before every thread was observed',
    system: unasked(LISTS, 'every thread was observed'),
    where: /^the leader lists spaces x every thread/,
  },
  {
    name: 'a thread is observed again after the list was made',
    system: without('the leader observes a thread', STAGE),
    where: /^the leader observes a thread x every thread/,
  },
  {
    name: 'the census goes before the list',
    system: without(CENSUS, STAGE),
    where: /^the leader takes the census x every/,
  },
  {
    name: 'a space of a thread is left out of the list',
    system: unasked(LISTS, 'I9 every space that is measured'),
    where: /^the leader lists spaces x every thread/,
  },
  {
    name: 'a thread on shadow tables does not spoil the status',
    system: unasked(LISTS, 'as grave as any thread'),
    where: /^the leader lists spaces x every thread/,
  },
  {
    name: 'the list has a space that no thread is in',
    system: unasked(LISTS, 'P2 every space'),
    where: /^the leader lists spaces x every space/,
  },
  {
    name: 'the status is graver than any thread deserves',
    system: unasked(LISTS, 'no graver than one'),
    where: /^the leader lists spaces x U1/,
  },
  {
    name: 'the census leaves frames out',
    system: unasked(CENSUS, 'W1 every frame'),
    where: /^the leader takes the census x what a complete census .* W1 every frame/,
  },
  {
    name: 'the census counts frames that nobody reaches',
    system: unasked(CENSUS, 'as certain is DRAM'),
    where: /^the leader takes the census x what a complete census .* W2 a frame counted as certain/,
  },
  {
    name: 'what was counted is not kept',
    system: losing(CENSUS, 'counted distinct'),
    where: /^the leader takes the census x what a complete census .* W1 every frame/,
  },
  {
    name: 'the sample is of another instant than the picture of memory',
    system: losing(FLUSHED, 'sampled N_CR3'),
    where: /^the leader asks who has flushed x while memory/,
  },
  {
    name: 'a partial census is reported as complete',
    system: without(REPORTS, mentions('complete report')),
    where: /^the leader reports x P1 no report/,
  },
  {
    name: 'the report goes out before the census, as complete',
    system: without(REPORTS, (t) => STAGE(t) || mentions('complete report')(t)),
    where: /^the leader reports x P2 no report/,
  },
  {
    name: 'the nonce is not consumed',
    system: losing(REPORTS, 'last counter answered'),
    where: /^the leader reports x (R2|what was answered|what was issued has a counter)/,
  },
  {
    name: 'two reports have one number',
    system: losing(REPORTS, 'reports made'),
    where: /^the leader reports x (what was issued has a number|reports with larger)/,
  },
  {
    name: 'the status of the last meeting is kept',
    system: losing('a thread joins the meeting', 'handler.status'),
    where: /^a thread joins the meeting x U1 until/,
  },
  {
    name: 'other code takes the key',
    system: without('misled SMM code takes a key', mentions('derailed', 'deceived', 'handler genuine')),
    where: /^misled SMM code takes a key x K1/,
  },
  {
    name: 'without H_COUNTED',
    built: but(built, 'H_COUNTED'),
    where: /^the leader (lists spaces|observes a thread) x (every|U1)/,
  },
  {
    name: 'without P_FF38_WHEN',
    built: but(built, 'P_FF38_WHEN'),
    where: /^the leader reports x P1 no report/,
  },
  { name: 'with P_PARK_VISIBLE', built: but(built, 'P_PARK_VISIBLE'), where: /^(VMRUN|RSM) x while memory/ },
  {
    name: 'what was there before a reaction is not of this challenge',
    system: losing('ask', 'unprompted memory'),
    where: /^ask x P6 (once|such)/,
  },
  {
    name: 'what was there when devices stopped is not kept',
    system: losing(STOPS, 'unprompted memory'),
    where: /^the leader stops devices x P6 once/,
  },
  {
    name: 'that somebody may have reacted is forgotten',
    system: losing(STOPS, 'devices stopped after a reaction'),
    where: /^the leader stops devices x P6 once/,
  },
  {
    name: 'the time when devices stopped is of an earlier measurement',
    system: losing(STOPS, 'devices stopped at'),
    where: /^the leader stops devices x P6 who may/,
  },
  {
    name: 'the trigger arrives before it can',
    system: without('the trigger arrives', mentions('TRIP')),
    where: /^the trigger arrives x P6 the trigger/,
  },
  {
    name: 'the first stop is no stop for this challenge',
    system: losing('SMI arrives', 'first thread stopped for the trigger at'),
    where: /^SMI arrives x P6 the trigger/,
  },
  {
    name: 'a report of a prompted measurement passes for another',
    system: losing(REPORTS, 'report of a prompted measurement'),
    where: /^the leader reports x P6 where there was/,
  },
  {
    name: 'a report has the time of another measurement',
    system: losing(REPORTS, 'devices stopped for the report at'),
    where: /^the leader reports x P6 a report of a prompted/,
  },
  {
    name: 'an open challenge is overdue',
    system: unasked('time passes', 'no timer is overdue'),
    where: /^time passes x P6 while the challenge/,
  },
  { name: 'without S_MONO', missing: ['S_MONO'], where: /^the leader reports x (R2|what was|reports with|a number)/ },
]

const test = suite('seeded faults of the whole system')
const { among, close } = await openFallen()

const profileOf = (firmware: MeetingProfile, missing: readonly ReportSwitch[]) => [
  ...assumptionsOf(hardened),
  ...meetingAssumptions(firmware),
  ...protectedBut(...missing),
]
const obligationsWhere = (where: RegExp, system: System, firmware = built, missing: readonly ReportSwitch[] = []) => {
  const isAsked = (action: string, name: string): boolean => where.test(`${action} x ${name}`)
  const actions = system.actions.filter((a) => invariant.some((c) => isAsked(a.name, c.name)))
  const asked = invariant.filter((c) => actions.some((a) => isAsked(a.name, c.name))).map((c) => c.name)
  const all = supportOf(invariant, asked)
  const conjuncts = all.filter((c) => asked.includes(c.name))
  const given = all.filter((c) => !asked.includes(c.name))
  const about = { system: { ...system, actions }, conjuncts, given, implies: [], profiles: [], never: {} }
  return obligationsOf({ ...about, profile: profileOf(firmware, missing) }).filter((o) => where.test(o.id))
}

for (const { name, system = whole, where, built: firmware, missing } of mutants)
  test(name, async () => {
    const suspects = obligationsWhere(where, system, firmware, missing)
    assert.ok(suspects.length > 0, 'there is such a step')
    const fallen = await among(suspects)
    assert.ok(fallen !== undefined, `none of ${suspects.map((o) => o.id).join('; ')} fell`)
  })

for (const last of ['P1 no report', 'P2 no report', 'U1 no report']) {
  const [o] = obligationsWhere(new RegExp(`^the leader reports x ${last}`), whole)
  const { restsOn } = invariant.find((c) => c.name.startsWith(last))!
  test(`${last}: has no counter-model as it stands`, async () => assert.is(await among([o!]), undefined))
  for (const ground of restsOn)
    test(`${last}: not without "${ground}"`, async () => {
      const hypotheses = o!.hypotheses.filter((h) => h.role !== 'instance' || !h.name.startsWith(ground))
      assert.ok(hypotheses.length < o!.hypotheses.length, 'it is a hypothesis')
      assert.is(await among([{ ...o!, hypotheses }]), o!.id)
    })
}
test.after(close)
test.run()
