// Every seeded fault of the handler's use of its key, of the platform's rules that keep it in, or of the eyes of the model, is
// caught: some step does not keep the two runs apart from each other's secrets. And the claim is about what it says.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { supportOf } from '../../src/model/invariant.ts'
import { type Action, effectsOf, type Effect, type System } from '../../src/model/system.ts'
import { bool, bv, type Bool, type Bv, type Term } from '../../src/model/term.ts'
import { Substitution } from '../../src/model/traverse.ts'
import { meeting, meetingNames } from '../../src/properties/meeting.ts'
import { lemmas, plainRuns, premises, secrecy } from '../../src/properties/secrecy.ts'
import { seen, secrecySystem } from '../../src/properties/secrecy-system.ts'
import { prepare, scriptOf } from '../../src/prover/decide.ts'
import { obligationsOf } from '../../src/prover/induction.ts'
import { openSolver } from '../../src/prover/solver/open.ts'
import { handlerSystem } from '../../src/smm/handler-system.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { built, meetingAssumptions, type MeetingProfile } from '../../src/smm/system-profile.ts'
import { CAREFUL, tagging } from '../../src/smm/tagging.ts'
import { CHALLENGED, EMITTED, holdsKey, keyMaterial, loadedKey, taggingVariables } from '../../src/smm/tagging-steps.ts'
import { dram } from '../../src/x86/dram.ts'
import { handlerObject } from '../../src/x86/tseg.ts'
import { but } from '../../src/model/switchboard.ts'
import { assumptionsOf, hardened, type Profile } from '../../src/x86/profile.ts'

interface Mutant {
  readonly name: string
  readonly system?: System
  /** The step that must fall. */
  readonly where: string
  readonly profile?: Profile
  readonly built?: MeetingProfile
  /** Conjuncts that are not to be had. */
  readonly without?: readonly string[]
}

const whole = secrecySystem()
const actionOf = (name: string): Action => {
  const found = whole.actions.find((a) => a.name === name)
  if (found === undefined) throw new Error(`no action is called ${name}`)
  return found
}
const parameter = (name: string, of: string): Bv => actionOf(name).parameters.find((p) => p.name === of)!.term as Bv
const replacing = (changed: Action): System => ({
  ...whole,
  name: `mutant ${changed.name}`,
  actions: whole.actions.map((a) => (a.name === changed.name ? changed : a)),
})
/** @throws Error when nothing changed: a mutant must be one. */
const effects = (name: string, edit: (e: Effect) => Effect): System => {
  const known = actionOf(name)
  let edits = 0
  const cases = known.cases.map((c) => ({
    ...c,
    effects: c.effects.map((e) => {
      const made = edit(e)
      if (made !== e) edits++
      return made
    }),
  }))
  if (edits === 0) throw new Error(`${name} has nothing to change`)
  return replacing({ ...known, cases })
}
const writing = (name: string, variable: string, value: Term): System =>
  effects(name, (e) => (e.variable.name === variable ? ({ ...e, value } as Effect) : e))
/** A part of the guard is forgotten. */
const unguarded = (name: string, part: Bool, asked = true): System => {
  const known = actionOf(name)
  const guard = new Substitution((v) => (Object.is(v, part) ? bool(asked) : undefined)).apply(known.guard)
  if (Object.is(guard, known.guard)) throw new Error(`${name} does not ask for that`)
  return replacing({ ...known, guard })
}
const also = (name: string, more: readonly Effect[]): System => {
  const known = actionOf(name)
  return replacing({ ...known, cases: known.cases.map((c) => ({ ...c, effects: [...c.effects, ...more] })) })
}
const keyAt = (name: string): Bv => loadedKey(parameter(name, 't'), parameter(name, 'answer'))

const mutants: readonly Mutant[] = [
  {
    name: 'the report holds a part of the key',
    system: writing(EMITTED, tagging.toldBody.name, keyAt(EMITTED).bits(63, 0)),
    where: EMITTED,
  },
  {
    name: 'the key is told in place of the tag',
    system: writing(EMITTED, tagging.toldTag.name, keyAt(EMITTED)),
    where: EMITTED,
  },
  {
    name: 'a word of SMRAM is told',
    system: writing(EMITTED, tagging.toldBody.name, dram.at(parameter('the leader keeps what depends on the key', 'a'))),
    where: EMITTED,
  },
  {
    name: 'without S_CHALLENGE_MAC: what nobody has asked for is tagged',
    system: secrecySystem(ALL_ON, { ...CAREFUL, S_CHALLENGE_MAC: false }),
    where: EMITTED,
  },
  {
    name: 'without S_CLEAR: registers are not cleared',
    system: secrecySystem(ALL_ON, { ...CAREFUL, S_CLEAR: false }),
    where: 'the leader clears its registers',
  },
  {
    name: 'threads leave before registers are cleared',
    system: unguarded('the leader lets threads go', holdsKey.at(parameter('the leader lets threads go', 't')), false),
    where: 'the leader lets threads go',
  },
  {
    name: 'how far a tag is right is told',
    system: also(CHALLENGED, [
      seen.set(parameter(CHALLENGED, 'tag').bits(63, 0).bitxor(keyAt(CHALLENGED).bits(63, 0)).bitand(bv(64, 0xff))),
    ]),
    where: CHALLENGED,
  },
  {
    name: 'what depends on the key is kept just anywhere in SMRAM',
    system: unguarded(
      'the leader keeps what depends on the key',
      keyMaterial.at(parameter('the leader keeps what depends on the key', 'a')),
    ),
    where: 'the leader keeps what depends on the key',
  },
  {
    name: 'without S_DRAM: a control block that lies in SMRAM is read',
    system: secrecySystem({ ...ALL_ON, S_DRAM: false }),
    where: 'the leader observes a thread',
  },
  { name: 'without H_BOOTMAP: SMRAM is measured', built: but(built, 'H_BOOTMAP'), where: 'the leader reads memory' },
  { name: 'without H_DMA_TSEG', profile: but(hardened, 'H_DMA_TSEG'), where: 'device read' },
  { name: 'without H_ALIAS_CHECK', profile: but(hardened, 'H_ALIAS_CHECK'), where: 'host load' },
  { name: 'without H_TVALID', profile: but(hardened, 'H_TVALID'), where: 'host load' },
  {
    name: 'SMM_BASE that anybody moves: the save area is the key',
    where: 'RSM',
    without: ['I4 SMM_BASE is as at hand-off'],
  },
  {
    name: 'code in SMM that is not genuine',
    where: 'misled SMM code does anything',
    without: [
      'I3 the handler in TSeg is genuine',
      'I5 the handler fetches its own code only',
      'I6 the handler reads what SMM wrote',
    ],
  },
  { name: 'SMMMASK that anybody changes', where: 'guest load', without: ['I2 SMMMASK is as at hand-off'] },
  {
    name: 'threads outside SMM with its view',
    where: 'VMLOAD',
    without: ['I2 no thread outside SMM has its view of SMRAM'],
  },
]

const test = suite('seeded faults of secrecy')
const solver = await openSolver('wasm', { jobs: 1 })
if (!('solve' in solver)) throw new Error('no embedded solver')

for (const { name, system = whole, where, profile = hardened, built: firmware = built, without = [] } of mutants)
  test(name, async () => {
    // Systems of one step: what the others do is no matter here.
    const of = system.actions.filter((a) => a.name === where)
    assert.is(of.length, 1)
    const releasing = system.actions.filter((a) => a.name === where || a.name === EMITTED || a.name === CHALLENGED)
    const product = plainRuns({ ...system, actions: releasing })
    const invariant = secrecy(product)
    const known = (c: string): boolean => !without.includes(c)
    const conjuncts = invariant.filter((c) => c.claim === 'K2').map((c) => ({ ...c, restsOn: c.restsOn.filter(known) }))
    const about = {
      system: { ...product.system, actions: product.system.actions.filter((a) => a.name === where) },
      profile: [...assumptionsOf(profile), ...meetingAssumptions(firmware)],
      ...{ conjuncts, given: invariant.filter((c) => c.claim !== 'K2' && known(c.name)), implies: [], profiles: [], never: {} },
    }
    let fallen = false
    for (const o of obligationsOf(about).filter(({ origin }) => origin.kind === 'action')) {
      const { obligation, simplified } = prepare(o, [])
      if (simplified) continue
      const request = { id: o.id, smt2: scriptOf(obligation).text, timeoutMs: 60_000, want: 'verdict' } as const
      fallen ||= (await solver.solve(request)).kind === 'sat'
    }
    assert.ok(fallen, `${where} keeps the runs in agreement`)
  })
test.after(() => solver.close())

test('the conjuncts that it rests on are those that the claim I7 proves', () => {
  const proved = supportOf(meeting, [meetingNames.GATHERED, meetingNames.HERE, meetingNames.FLUSHED, meetingNames.EMPTY])
  for (const name of premises)
    assert.ok(
      proved.some((c) => c.name === name),
      name,
    )
  assert.ok(lemmas.every((l) => !l.name.includes('second run')))
})

test('the handler with a key does to the composed system what that does, and nothing else', () => {
  const composed = handlerSystem()
  const own = new Set([...taggingVariables, ...whole.variables.filter((v) => !composed.variables.includes(v))])
  for (const a of whole.actions) {
    const known = composed.actions.find((c) => c.name === a.name)
    const old = effectsOf(a).filter((e) => !own.has(e.variable))
    if (known !== undefined) assert.equal(old.length, effectsOf(known).length, a.name)
    // The one new step that writes memory is a store of the handler to an object of its own.
    else if (old.length > 0) {
      assert.is(a.name, 'the leader keeps what depends on the key')
      const stores = effectsOf(composed.actions.find((c) => c.name === 'SMM store')!).map((e) => e.variable)
      assert.equal(
        old.map((e) => e.variable),
        stores,
      )
      assert.ok(
        (a.guard.args as readonly Term[]).includes(handlerObject.at(a.parameters.find((p) => p.name === 'a')!.term as Bv)),
      )
    }
  }
})
test.run()
