// Every seeded fault of platform and handler together is caught: some step breaks a conjunct of the named claim. The faults are of
// the composition: a check at the wrong time, a flag at the wrong place, a step left out.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { supportOf } from '../../src/model/invariant.ts'
import type { System } from '../../src/model/system.ts'
import { and, bool, type Bool } from '../../src/model/term.ts'
import { meeting } from '../../src/properties/meeting.ts'
import { obligationsOf } from '../../src/prover/induction.ts'
import { handlerSystem } from '../../src/smm/handler-system.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { built, meetingAssumptions, type MeetingProfile } from '../../src/smm/system-profile.ts'
import { but } from '../../src/model/switchboard.ts'
import { assumptionsOf, hardened, type Profile } from '../../src/x86/profile.ts'
import { openFallen } from './fallen.ts'
import { mentions, mutationsOf } from './mutate-system.ts'

interface Mutant {
  readonly name: string
  readonly system?: System
  /** The steps and conjuncts among which one must fall. */
  readonly where: RegExp
  readonly profile?: Profile
  readonly built?: MeetingProfile
}

const whole = handlerSystem()
const { actionOf, replacing, without, losing } = mutationsOf(whole)
/** The handler's step happens in another phase, too. */
const anyPhase = (name: string): System => {
  const known = actionOf(name)
  const phase = mentions('handler.phase')
  const parts = known.guard.args as readonly Bool[]
  return replacing({ ...known, guard: and(...parts.filter((t) => !phase(t))) })
}

const mutants: readonly Mutant[] = [
  { name: 'RSM with the flag up', system: without('RSM', mentions('thread.arrived')), where: /^RSM x I7 a thread with its flag/ },
  {
    name: 'registers are compared on arrival',
    system: anyPhase('a thread checks its registers'),
    where: /^a thread checks its registers x I7 while threads gather, none/,
  },
  {
    name: 'devices go before the release',
    system: without('SMM lets DMA go', mentions('handler.phase')),
    where: /^SMM lets DMA go x I8 from the flush/,
  },
  {
    name: 'devices are not really stopped',
    system: losing('the leader stops devices', 'DMA stopped'),
    where: /^the leader stops devices x I8/,
  },
  {
    name: 'an old verdict is kept',
    system: losing('a thread joins the meeting', 'thread.verdict'),
    where: /^a thread joins the meeting x I7 while threads gather, none/,
  },
  {
    name: 'the loop does not begin anew',
    system: losing('the leader looks for a thread', 'handler.next'),
    where: /^the leader looks for a thread x (I11 those passed|I7)/,
  },
  {
    name: 'flags survive a reset',
    system: losing('firmware hands over', 'thread.arrived'),
    where: /^firmware hands over x I7 a thread with its flag/,
  },
  {
    name: 'threads leave while memory is measured',
    system: {
      ...whole,
      name: 'early',
      actions: whole.actions.map((a) =>
        a.name === 'a thread leaves the meeting' ? { ...a, cases: a.cases.map((c, n) => ({ ...c, when: bool(n === 0) })) } : a,
      ),
    },
    where: /^a thread leaves the meeting x I7 from then/,
  },
  {
    name: 'the picture of memory is an old one',
    system: losing('the leader asks who has flushed', 'snapshot'),
    where: /^the leader asks who has flushed x I8 while memory/,
  },
  {
    name: 'without S_RDV',
    system: handlerSystem({ ...ALL_ON, S_RDV: false }),
    where: /^the leader looks for a thread x I7 while threads gather, those/,
  },
  {
    name: 'without S_ROUTE_CHECK',
    system: handlerSystem({ ...ALL_ON, S_ROUTE_CHECK: false }),
    where: /^the leader asks for a verdict x I11 those passed/,
  },
  {
    name: 'without S_FLUSH_READ',
    system: handlerSystem({ ...ALL_ON, S_FLUSH_READ: false }),
    where: /^the leader asks who has flushed x I7 while memory/,
  },
  { name: 'without H_COUNTED', built: but(built, 'H_COUNTED'), where: /^the leader looks for a thread x I7 from then/ },
  { name: 'with P_PARK_VISIBLE', built: but(built, 'P_PARK_VISIBLE'), where: /^(host store|VMRUN) x I8 while memory/ },
  { name: 'without H_DF_LOCK', profile: but(hardened, 'H_DF_LOCK'), where: /^move a fabric window x I11/ },
  {
    name: 'without H_IOMMU_BLOCK, and a handler that thinks otherwise',
    profile: but(hardened, 'H_IOMMU_BLOCK'),
    built: but(built, 'H_KNOWN'),
    where: /^the leader stops devices x I8/,
  },
]

const test = suite('seeded faults of platform and handler together')
const { among, close } = await openFallen()

for (const { name, system = whole, where, profile = hardened, built: firmware = built } of mutants)
  test(name, async () => {
    const isAsked = (action: string, conjunct: string): boolean => where.test(`${action} x ${conjunct}`)
    const actions = system.actions.filter((a) => meeting.some((c) => isAsked(a.name, c.name)))
    const asked = meeting.filter((c) => actions.some((a) => isAsked(a.name, c.name))).map((c) => c.name)
    const about = {
      ...{ system: { ...system, actions }, conjuncts: supportOf(meeting, asked), implies: [], profiles: [], never: {} },
      profile: [...assumptionsOf(profile), ...meetingAssumptions(firmware)],
    }
    const suspects = obligationsOf(about).filter((o) => where.test(o.id))
    assert.ok(suspects.length > 0, 'there is such a step')
    const fallen = await among(suspects)
    assert.ok(fallen !== undefined, `none of ${suspects.map((o) => o.id).join('; ')} fell`)
  })
test.after(close)
test.run()
