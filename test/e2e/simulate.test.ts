import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Result, Workspace } from './command.ts'
import * as specs from './specs.ts'

/** Threads write to a register that a lock protects; the switch LOCKS says whether the firmware closes it. */
const door = (claims: string) => `
import { action, bool, bv, bvSort, conjunct, domain, forAll, given, rigid, state, systemClaim, type System } from 'smmcheck'
const THREADS = rigid.bits('THREADS', 4)
const LOCKS = rigid.flag('LOCKS')
const thread = domain('thread', 4, () => THREADS.now)
const ready = state.flag('ready')
const locked = state.flag('locked')
const register = state.per(thread).bits('register', 64)
const system: System = {
  name: 'door',
  domains: [thread],
  variables: [THREADS, LOCKS, ready, locked, register],
  facts: [forAll('there is a thread', [], () => THREADS.now.ugt(0))],
  initial: [forAll('off', [thread], (t) => ready.now.not().and(locked.now.not(), register.at(t).isZero()))],
  actions: [
    action('hand-off', { actor: 'firmware', cite: 'none', parameters: {} }, () => ({
      guard: ready.now.not(),
      cases: { all: [ready.set(bool(true)), locked.set(LOCKS.now)] },
    })),
    action('write', { actor: 'hypervisor', cite: 'none', parameters: { by: thread, value: bvSort(64) } }, ({ by, value }) => ({
      guard: ready.now,
      cases: { refused: given(locked.now), taken: [register.set(by, value)] },
    })),
  ],
}
const zero = conjunct('zero', forAll('registers are zero', [thread], (t) => register.at(t).isZero()), 'locked')
const shut = conjunct('zero', forAll('locked', [], () => ready.now.implies(locked.now)))
const about = { system, invariant: [zero, shut], of: ['registers are zero'], statement: 'For every number of threads: zero.' }
const on = { name: 'LOCKS', term: LOCKS.now }
const off = { name: 'LOCKS off', term: LOCKS.now.not() }
export default [${claims}]
`
const SOUND = "systemClaim({ ...about, id: 'DOOR', profile: [on] })"
const OPEN = "systemClaim({ ...about, id: 'DOOR/open', profile: [off], expect: 'refuted' })"
const WRONG = "systemClaim({ ...about, id: 'DOOR/wrong', profile: [off], invariant: [{ ...zero, restsOn: [] }] })"

async function simulate(
  text: string,
  ...args: readonly string[]
): Promise<Result & { readonly traces: (name: string) => unknown }> {
  const place = new Workspace({ 'spec.ts': text })
  const read = new Map<string, unknown>()
  try {
    const result = await place.smmcheck('simulate', 'spec.ts', '--no-typecheck', ...args)
    for (const name of ['DOOR-wrong-seed4.itf.json'])
      if (args.includes('--traces') && result.exit === 1) read.set(name, JSON.parse(place.read(`out/${name}`)))
    return { ...result, traces: (name) => read.get(name) }
  } finally {
    place.remove()
  }
}

test('a sound system survives, a violation that is expected is none', async () => {
  const place = new Workspace({ 'spec.ts': door(`${SOUND}, ${OPEN}`) })
  const { exit, out, err } = await place.smmcheck('simulate', 'spec.ts', '--steps', '2_000', '--runs', '2', '--seed', '11')
  place.remove()
  assert.is(err, '')
  assert.is(exit, 0)
  assert.match(out, /run 1, seed 11 {2}no violation {2}2,000 steps {2}[\d,]+ steps\/s {2}2\/2 actions, 2\/3 cases/)
  assert.match(out, /run 2, seed 12/)
  assert.match(out, /✓ DOOR {2}no violation in 2 runs\n {2}For every number of threads: zero\.\n {2}never taken: write\/taken/)
  assert.match(out, /✓ DOOR\/open {2}violated in 2 of 2 runs, as refuted was expected/)
})

test('a violation is made small, printed and written, and its exit code is 1', async () => {
  const { exit, out, traces } = await simulate(door(WRONG), '--seed', '4', '--traces', 'out')
  assert.is(exit, 1)
  assert.match(out, /✗ DOOR\/wrong {2}violated in 1 of 1 run\n/)
  const trace = [
    'begins with 1 of thread, what is not named false or 0:',
    '  THREADS  1  constant',
    '1. firmware: hand-off, all',
    '     ready  false -> true',
    'breaks registers are zero at thread 0',
  ]
  for (const line of trace) assert.match(out, `    ${line}\n`)
  assert.match(out, /2\. hypervisor: write, taken {2}\(by 0, value \w+\)\n {9}register\[0\] {2}0 -> \w+\n/)

  const itf = traces('DOOR-wrong-seed4.itf.json') as {
    '#meta': Record<string, unknown>
    params: string[]
    vars: string[]
    states: Record<string, unknown>[]
  }
  assert.is(itf['#meta'].format, 'ITF')
  assert.is(itf['#meta'].seed, 4)
  assert.equal(itf.params, ['THREADS', 'LOCKS'])
  assert.equal(itf.vars, ['ready', 'locked', 'register'])
  assert.is(itf.states.length, 3)
  assert.equal(itf.states[0]!.register, { '#map': [[{ '#bigint': '0' }, { '#bigint': '0' }]] })
  assert.equal(
    itf.states.map((s) => s.ready),
    [false, true, true],
  )
  const { step } = itf.states[2]!['#meta'] as { step: { action: string; case: string } }
  assert.is(`${step.action}, ${step.case}`, 'write, taken')
})

test('claims about one system share their runs, and one that is expected to fall has its own', async () => {
  const place = new Workspace({ 'spec.ts': door(`${SOUND}, ${SOUND.replace("'DOOR'", "'DOOR/too'")}, ${OPEN}`) })
  const { exit, out, err } = await place.smmcheck('simulate', 'spec.ts', '--steps', '500', '--coverage')
  place.remove()
  assert.is(err, '')
  assert.is(exit, 0)
  assert.is(out.match(/run 1, seed 0/g)?.length, 2)
  assert.match(out, /✓ DOOR {2}no violation in 1 run\n.*\n✓ DOOR\/too {2}no violation in 1 run\n/)
  assert.match(out, / {2}taken:\n {4}hand-off: all [\d,]+\n {4}write: [\d,]+ \(refused [\d,]+, taken never\)\n/)
  assert.match(out, /✓ DOOR\/open {2}violated in 1 of 1 run, as refuted was expected/)
})

test('of claims that share a run, the one that says what falls is violated', async () => {
  const holds =
    "systemClaim({ ...about, id: 'DOOR/holds', profile: [off], of: 'true', invariant: [conjunct('true', forAll('it is true', [], () => bool(true)))] })"
  const { exit, out } = await simulate(door(`${holds}, ${WRONG}`), '--seed', '4')
  assert.is(exit, 1)
  assert.match(out, /✓ DOOR\/holds {2}no violation in 1 run\n/)
  assert.match(out, /✗ DOOR\/wrong {2}violated in 1 of 1 run\n/)
})

test('the same seed prints the same trace', async () => {
  const told = async () => (await simulate(door(WRONG), '--seed', '8')).out.replace(/[\d,]+ steps\/s/g, '')
  assert.is(await told(), await told())
})

test('specs that cannot be run, and wrong calls, are one line and exit code 2', async () => {
  const complain = async (text: string, complaint: RegExp, ...args: readonly string[]) => {
    const { exit, err } = await simulate(text, ...args)
    assert.is(exit, 2, err)
    assert.match(err, complaint)
    assert.is(err.trim().split('\n').length, 1, err)
  }
  await complain(specs.throwsAtLoad, /^spec\.ts:5: threw RangeError/)
  await complain(specs.holds, /^smmcheck: no claim of spec\.ts is about a system/)
  await complain(door(SOUND), /^smmcheck: no claim has "I3" in its id/, '--filter', 'I3')
})

test('a system without a first state is told apart', async () => {
  const { exit, out } = await simulate(door("systemClaim({ ...about, id: 'NONE', profile: [on, off] })"))
  assert.is(exit, 2)
  assert.match(out, /no first state found: the profile does not hold/)
})

test('--steps and --help', async () => {
  const place = new Workspace({ 'spec.ts': door(SOUND) })
  const wrong = await place.smmcheck('simulate', 'spec.ts', '--steps', 'many')
  const help = await place.smmcheck('simulate', '--help')
  place.remove()
  assert.is(wrong.exit, 2)
  assert.match(wrong.err, 'smmcheck: --steps takes a whole number of at least 1, not "many"')
  assert.is(help.exit, 0)
  assert.match(help.out, /Examples?:\n {2}smmcheck/)
})

test.run()
