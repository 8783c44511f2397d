// A small platform for tests of simulations: threads in and out of SMM, a register for the SMM area that a lock protects, memory
// of which each word remembers who wrote it.

import type { SimulatedSystem } from '../../../src/executor/simulation/compiled.ts'
import { bvSort } from '../../../src/model/sort.ts'
import { action, domain, forAll, given, rigid, state, type System } from '../../../src/model/system.ts'
import { type Bool, bool, type Bv, bv, u64 } from '../../../src/model/term.ts'

export const THREADS = rigid.bits('THREADS', 8)
export const LOCKS = rigid.flag('LOCKS')
export const thread = domain('thread', 8, () => THREADS.now)
export const word = domain('word', 64)

const inSmm = state.per(thread).flag('inSmm')
const locked = state.flag('locked')
const base = state.bits('base', 64)
const stranger = state.per(word).flag('stranger')
const content = state.per(word).bits('content', 64)

const AREA = 16
const inArea = (w: Bv<string>): Bool => w.minus(base.now).ult(AREA)

const hypervisor = { actor: 'hypervisor', cite: 'made up' } as const
const store = action(
  'store',
  { ...hypervisor, parameters: { by: thread, at: word, value: bvSort(64) } },
  ({ by, at, value }) => ({
    cases: {
      aborts: given(inArea(at).and(inSmm.at(by).not())),
      'from SMM': given(inSmm.at(by), content.set(at, value), stranger.set(at, bool(false))),
      reaches: [content.set(at, value), stranger.set(at, bool(true))],
    },
  }),
)
const moveBase = action('move the base', { ...hypervisor, parameters: { by: thread, value: bvSort(64) } }, ({ by, value }) => ({
  guard: value.bits(3, 0).isZero(),
  cases: {
    'locked out': given(locked.now),
    'in SMM': given(inSmm.at(by)),
    moves: [base.set(value)],
  },
}))
const lock = action('lock', { actor: 'firmware', cite: 'made up', parameters: {} }, () => ({
  guard: locked.now.not().and(LOCKS.now),
  cases: {
    locks: [
      locked.set(bool(true)),
      stranger.block(base.now, u64(AREA), () => bool(false)),
      content.block(base.now, u64(AREA), (n) => n),
    ],
  },
}))
const enter = action('SMI', { ...hypervisor, parameters: {} }, () => ({
  everywhere: [forAll('all are outside', [thread], (t) => inSmm.at(t).not())],
  cases: { enters: [inSmm.sweep(() => bool(true))] },
}))
const leave = action('RSM', { actor: 'SMM', cite: 'made up', parameters: { by: thread } }, ({ by }) => ({
  guard: inSmm.at(by),
  cases: { leaves: [inSmm.set(by, bool(false))] },
}))

export const system: System = {
  name: 'small platform',
  domains: [thread, word],
  variables: [THREADS, LOCKS, inSmm, locked, base, stranger, content],
  facts: [forAll('there is a thread', [], () => THREADS.now.ugt(0))],
  initial: [
    forAll('outside', [thread], (t) => inSmm.at(t).not()),
    forAll('clean', [word], (w) => stranger.at(w).not()),
    forAll('base', [], () => base.now.eq(u64(0x1000)).and(locked.now.iff(LOCKS.now))),
  ],
  actions: [store, moveBase, lock, enter, leave],
}
const clean = forAll('the SMM area is clean', [word], (w) => inArea(w).implies(stranger.at(w).not()))
const still = forAll('the base stays', [], () => LOCKS.now.implies(base.now.eq(u64(0x1000))))

export const sound: SimulatedSystem = { system, invariant: [clean, still], profile: [LOCKS.now] }
export const unlocked: SimulatedSystem = { system, invariant: [clean, still], profile: [LOCKS.now.not()] }
/** A sweep that forgets to ask who wrote. */
export const never: SimulatedSystem = {
  system,
  invariant: [forAll('no two words', [word, word], (v, w) => stranger.at(v).and(stranger.at(w)).implies(v.eq(w)))],
  profile: [LOCKS.now, THREADS.now.eq(bv(8, 3))],
}
