// A small transition system for tests of induction: threads of two kinds with a register each, one lock for the registers of
// ordinary threads, a key that opens it, and a meeting of all threads.

import { type Assumption, conjunct, type Invariant } from '../../src/model/invariant.ts'
import { bvSort } from '../../src/model/sort.ts'
import { action, domain, forAll, given, rigid, state, type System } from '../../src/model/system.ts'
import { bool, bv } from '../../src/model/term.ts'
import { type SystemClaim, systemClaim } from '../../src/prover/system-claim.ts'

export const COUNT = rigid.bits('COUNT', 4)
export const thread = domain('thread', 4, () => COUNT.now)

const LOCKS = rigid.flag('LOCKS')
const KEYLESS = rigid.flag('KEYLESS')
const UNUSED = rigid.flag('UNUSED')
export const privileged = rigid.per(thread).flag('privileged')

export const ready = state.flag('ready')
export const locked = state.flag('locked')
export const met = state.flag('met')
export const phase = state.bits('phase', 8)
export const register = state.per(thread).bits('register', 8)
export const quiet = state.per(thread).flag('quiet')

const CLEAN = bv(8, 7)
const about = { actor: 'hypervisor', cite: 'test' } as const
const byThread = { ...about, parameters: { by: thread } }

export const handOff = action('hand-off', { actor: 'firmware', cite: 'test', parameters: {} }, () => ({
  guard: ready.now.not(),
  cases: { all: [ready.set(bool(true)), locked.set(LOCKS.now), register.sweep(() => CLEAN)] },
}))
export const write = action('write', { ...about, parameters: { by: thread, value: bvSort(8) } }, ({ by, value }) => ({
  guard: ready.now,
  cases: {
    refused: given(locked.now.and(privileged.at(by).not())),
    taken: [register.set(by, value)],
  },
}))
export const turnKey = action('turn the key', { ...about, parameters: {} }, () => ({
  guard: ready.now.and(KEYLESS.now.not()),
  cases: { opens: [locked.set(bool(false))] },
}))
export const rest = action('rest', byThread, ({ by }) => ({
  guard: ready.now,
  cases: { rests: [quiet.set(by, bool(true))] },
}))
export const wake = action('wake', byThread, ({ by }) => ({
  guard: ready.now.and(met.now.not()),
  cases: { wakes: [quiet.set(by, bool(false))] },
}))
export const meet = action('meet', { actor: 'SMM', cite: 'test', parameters: {} }, () => ({
  everywhere: [forAll('all are quiet', [thread], (t) => quiet.at(t))],
  cases: { meets: [met.set(bool(true))] },
}))
export const tick = action('tick', { ...about, parameters: {} }, () => ({
  cases: { ticks: [phase.set(phase.now.plus(2))] },
}))
export const impossible = action('impossible', byThread, ({ by }) => ({
  guard: ready.now.not().and(quiet.at(by)),
  cases: { happens: [met.set(bool(true))] },
}))

export const system: System = {
  name: 'lock',
  domains: [thread],
  variables: [COUNT, LOCKS, KEYLESS, UNUSED, privileged, ready, locked, met, phase, register, quiet],
  facts: [forAll('there is a thread', [], () => COUNT.now.ugt(0))],
  initial: [
    forAll('off', [], () => ready.now.not().and(met.now.not(), phase.now.isZero())),
    forAll('awake', [thread], (t) => quiet.at(t).not()),
  ],
  actions: [handOff, write, turnKey, rest, wake, meet, tick, impossible],
}

export const invariant: Invariant = [
  conjunct(
    'lock',
    forAll('locked', [], () => ready.now.implies(locked.now)),
  ),
  conjunct(
    'lock',
    forAll('clean', [thread], (t) => ready.now.implies(privileged.at(t).or(register.at(t).eq(CLEAN)))),
    'locked',
  ),
  conjunct(
    'meeting',
    forAll('quiet', [thread], (t) => met.now.implies(quiet.at(t))),
    'off is awake',
  ),
  conjunct(
    'meeting',
    forAll('off is awake', [thread], (t) => quiet.at(t).implies(ready.now)),
  ),
  conjunct(
    'phase',
    forAll('never five', [], () => phase.now.ne(5)),
  ),
  conjunct(
    'phase',
    forAll('not four', [], () => phase.now.ne(4)),
  ),
]

export const assumption = {
  locks: { name: 'LOCKS', term: LOCKS.now },
  keyless: { name: 'KEYLESS', term: KEYLESS.now },
  unused: { name: 'UNUSED', term: UNUSED.now },
} satisfies Record<string, Assumption>
export const sound = Object.values(assumption)

export const lockClaim = (more: Partial<SystemClaim> = {}) =>
  systemClaim({
    id: 'lock',
    statement: 'For every number of threads: registers of ordinary threads stay as the firmware left them.',
    system,
    invariant,
    of: 'lock',
    profile: sound,
    ...more,
  })
