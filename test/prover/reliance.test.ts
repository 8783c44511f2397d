import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { conjunct, type Invariant } from '../../src/model/invariant.ts'
import { action, forAll, rigid, state, type System } from '../../src/model/system.ts'
import { type Bool, bool, boolVar } from '../../src/model/term.ts'
import type { Claim } from '../../src/prover/claim.ts'
import { systemClaim } from '../../src/prover/system-claim.ts'
import { embedded } from './embedded.ts'
import { claimOf, decideClaim, hypothesis, obligation } from './engine.ts'

const solver = await embedded()
const test = suite('reliance')
test.after(() => solver.close())

// A house with two doors. The front door opens where neither LOCK nor BOLT holds, the back door where neither BOLT nor GUARD does;
// a cellar opens where CELLAR does not hold; DOG has nothing to do with it.
const names = ['LOCK', 'BOLT', 'GUARD', 'CELLAR', 'DOG'] as const
const flag = Object.fromEntries(names.map((name) => [name, rigid.flag(`house ${name}`)]))
const holds = (name: (typeof names)[number]): Bool => flag[name]!.now
const doors = { front: state.flag('front open'), back: state.flag('back open'), cellar: state.flag('cellar open') }
const open = (door: keyof typeof doors, ...against: readonly (typeof names)[number][]) =>
  action(`open ${door}`, { actor: 'hypervisor', cite: 'test', parameters: {} }, () => ({
    guard: against.reduce<Bool>((all, name) => all.and(holds(name).not()), bool(true)),
    cases: { opens: [doors[door].set(bool(true))] },
  }))
const house: System = {
  name: 'house',
  domains: [],
  variables: [...Object.values(flag), ...Object.values(doors)],
  facts: [],
  initial: [forAll('shut', [], () => Object.values(doors).reduce<Bool>((all, d) => all.and(d.now.not()), bool(true)))],
  actions: [open('front', 'LOCK', 'BOLT'), open('back', 'BOLT', 'GUARD'), open('cellar', 'CELLAR')],
}
const shut = (door: keyof typeof doors) =>
  conjunct(
    door,
    forAll(`${door} is shut`, [], () => doors[door].now.not()),
  )
const invariant: Invariant = [shut('front'), shut('back'), shut('cellar')]
const profile = names.map((name) => ({ name, term: holds(name) }))

const houseClaim = (more: Partial<Claim> = {}, of: readonly string[] = ['front is shut', 'back is shut']): Claim => ({
  ...systemClaim({ id: 'HOUSE', statement: 'For every step: it is shut.', system: house, invariant, of, profile }),
  ...more,
})
const restsOn = async (claim: Claim) =>
  (await decideClaim(claim, solver.oracle, { timeoutMs: 20_000, assumptions: true })).claim.restsOn

test('all minimal sets of a small system, as by hand', async () => {
  assert.equal(await restsOn(houseClaim()), {
    sets: [['BOLT'], ['LOCK', 'GUARD']],
    without: [
      { names: ['LOCK', 'BOLT'], attacks: [] },
      { names: ['BOLT', 'GUARD'], attacks: [] },
    ],
    unused: ['CELLAR', 'DOG'],
    exact: false,
  })
  assert.equal((await restsOn(houseClaim({}, ['cellar is shut'])))?.sets, [['CELLAR']])
})

test('attacks are named where they lack just that, and make the sets exact', async () => {
  const attack = (id: string, claim: string, ...without: readonly string[]) => ({ id, spec: 'x.ts', claim, without })
  const front = attack('picked', 'HOUSE', 'LOCK', 'BOLT')
  const back = attack('asleep', 'HOUSE', 'BOLT', 'GUARD', 'DOG')
  const tooMuch = attack('army', 'HOUSE', 'LOCK', 'BOLT', 'GUARD')
  const other = attack('else', 'GARDEN', 'LOCK', 'BOLT')
  const exact = await restsOn(houseClaim({ attacks: [tooMuch, other, front, back] }))
  assert.equal(exact?.exact, true)
  assert.equal(
    exact?.without.map((w) => w.attacks.map((a) => a.id)),
    [['picked'], ['asleep']],
  )
  // An attack on a conjunct that it rests on is told, and is none on the claim.
  const indirect = await restsOn(houseClaim({ attacks: [{ ...front, claim: 'front' }, back] }))
  assert.equal(indirect?.exact, false)
  assert.equal(indirect?.without[0]?.attacks, [{ id: 'picked', spec: 'x.ts', claim: 'front', direct: false }])
})

test('a claim rests on what it takes for granted', async () => {
  const ground = houseClaim({ id: 'CELLAR' }, ['cellar is shut'])
  const p = boolVar('p')
  const theorem = claimOf([obligation('theorem', [hypothesis('cellar', p)], p)], { restsOn: [ground] })
  assert.equal((await restsOn(theorem))?.sets, [['CELLAR']])
  const both = await restsOn(houseClaim({ restsOn: [ground] }))
  assert.equal(both?.sets, [
    ['BOLT', 'CELLAR'],
    ['LOCK', 'GUARD', 'CELLAR'],
  ])
})

test('conjuncts that are proved elsewhere count', async () => {
  const resting: Invariant = [shut('cellar'), { ...shut('front'), restsOn: ['cellar is shut'] }]
  const claim = systemClaim({
    id: 'APART',
    statement: 'For every step: it is shut.',
    system: house,
    invariant: resting,
    of: ['front is shut'],
    profile,
    restProved: true,
  })
  assert.equal((await restsOn(claim))?.sets, [
    ['LOCK', 'CELLAR'],
    ['BOLT', 'CELLAR'],
  ])
})

test('defences that procedures are built with', async () => {
  const [p, q] = [boolVar('p'), boolVar('q')]
  // Without S_A the first hypothesis is missing, without S_B the second; either will do. S_C changes nothing.
  const of = (missing: readonly string[]) => [
    obligation(
      'built',
      [
        ...(missing.includes('S_A') ? [] : [hypothesis('first', p.and(q))]),
        ...(missing.includes('S_B') ? [] : [hypothesis('second', q.and(p))]),
        ...(missing.includes('S_A') && missing.includes('S_B') ? [] : [hypothesis('either', p.or(q.not()))]),
      ],
      p,
    ),
  ]
  const claim = claimOf(of([]), { builtIn: { names: ['S_A', 'S_B', 'S_C'], without: of } })
  assert.equal(await restsOn(claim), {
    sets: [['S_A'], ['S_B']],
    without: [{ names: ['S_A', 'S_B'], attacks: [] }],
    unused: ['S_C'],
    exact: false,
  })
})

test('hypotheses that say that they are assumptions, of a plain theorem', async () => {
  const [p, q] = [boolVar('p'), boolVar('q')]
  const assumed = (name: string, term: Bool) => ({ ...hypothesis(name, term), role: 'assumption' as const })
  const plain = claimOf([obligation('plain', [assumed('P', p), assumed('Q', q)], p)])
  assert.equal((await restsOn(plain))?.sets, [['P']])
})

test('without names there is nothing to say, and nothing is said unless asked for', async () => {
  const p = boolVar('p')
  assert.is(await restsOn(claimOf([obligation('p', [], p.or(p.not()))])), undefined)
  assert.is((await decideClaim(houseClaim(), solver.oracle)).claim.restsOn, undefined)
})

test('a claim that is not proved rests on nothing', async () => {
  const without = systemClaim({
    id: 'OPEN',
    statement: 'It is shut.',
    system: house,
    invariant,
    of: ['cellar is shut'],
    profile: [],
  })
  assert.is(await restsOn(without), undefined)
})

test.run()
