// The steps of the handler that use its key, for the composed system: made of the procedures of tagging.ts, each a turn between
// which anything may happen.
//
// Covers: where the key lies in TSeg; loading it through the thread's own routing; what is kept of it in SMRAM while a tag is made.
// Leaves out: where the key comes from before hand-off (facts 9: sealed to the measured firmware); that it is used in one step: it
//   is in registers.
// Liberties: the words of the key, and of whatever else depends on it, are any of the handler's own.

import { bvSort } from '../model/sort.ts'
import { action, type Action, type Domain, domain, type Effect, forAll, rigid, type Scalar, state } from '../model/system.ts'
import { and, bool, bv, type Bv, type Term } from '../model/term.ts'
import { casesOf, type Steps, stepsOf } from '../model/transition.ts'
import { Substitution } from '../model/traverse.ts'
import { load } from '../x86/dram.ts'
import { type Word, word, WORD_BITS } from '../x86/physical.ts'
import { platform } from '../x86/platform.ts'
import { on } from '../x86/profile.ts'
import { inSmm } from '../x86/smm.ts'
import { thread } from '../x86/topology.ts'
import { handlerObject, isTsegWord } from '../x86/tseg.ts'
import { leads } from './meeting-state.ts'
import {
  clearRegisters,
  emit,
  KEY_BITS,
  quarterOf,
  TAG_BITS,
  TAGGED_BITS,
  tagging,
  taggingFunction,
  takeChallenge,
  type TaggingSwitches,
} from './tagging.ts'
import { phaseIs } from './thread-cells.ts'

/** Variables of the names of cells: procedures and system speak of the same things. */
export const vectors = state.per(thread).bits(tagging.vectors.name, KEY_BITS)
export const holdsKey = state.per(thread).flag(tagging.holdsKey.name)
export const open = state.flag(tagging.open.name)
const scalars: readonly Scalar[] = [tagging.nonce, tagging.toldNonce, tagging.toldBody, tagging.toldTag].map((c) =>
  state.bits(c.name, c.sort.width),
)
export const tagged: Domain = domain('key and message', TAGGED_BITS)
const tagOf = rigid.per(tagged).bits(taggingFunction.name, TAG_BITS)

const WORDS = KEY_BITS / 64
const keyFirst = rigid.bits('key', WORD_BITS)
/** Words whose content may depend on the key. */
export const keyMaterial = rigid.per(word).flag('key material')
export const keyWord = (n: number): Word => keyFirst.now.plus(n).as<'word'>()
/** The key as the thread's handler loads it. @param answer of a device, where a load does not go to DRAM */
export const loadedKey = (t: Bv<string>, answer: Bv): Bv => {
  const words = Array.from({ length: WORDS }, (_, n) => load(inSmm(t), keyWord(n), answer))
  return words[0]!.concat(...words.slice(1))
}

export const taggingFacts = [
  // Follows from what follows and from where objects of the handler are; said of it alone, no thread is needed to know it.
  forAll('H_TVALID: TSeg holds the key and what depends on it', [word], (a) =>
    and(on('H_TVALID'), keyMaterial.at(a)).implies(isTsegWord(a)),
  ),
  forAll('the key and what depends on it are objects of the handler', [word], (a) =>
    keyMaterial.at(a).implies(handlerObject.at(a)),
  ),
  forAll('the key is key material', [], () => and(...Array.from({ length: WORDS }, (_, n) => keyMaterial.at(keyWord(n))))),
] as const
export const taggingVariables = [vectors, holdsKey, open, ...scalars, tagOf, keyFirst, keyMaterial] as const
/** At power-on and reset registers are zero (APM 14.1.3, table 14-1), and no challenge is open. */
export const forgotten: readonly Effect[] = [
  vectors.sweep(() => bv(KEY_BITS, 0)),
  holdsKey.sweep(() => bool(false)),
  open.set(bool(false)),
]

// ---- steps ----

const cite = 'facts 12.5'
const turn = { t: thread, answer: bvSort(64) } as const
const measuring = (t: Bv<string>) => and(leads(t), phaseIs('measuring'))

export const CHALLENGED = 'the leader takes a challenge'
export const EMITTED = 'the leader emits a report'

const challenged = action(
  CHALLENGED,
  { actor: 'SMM', cite, parameters: { ...turn, asked: bvSort(64), tag: bvSort(TAG_BITS) } },
  (p) => ({
    guard: and(measuring(p.t), open.now.not()),
    cases: casesOf(stepsOf(takeChallenge, { ...p, key: loadedKey(p.t, p.answer) }), ['its tag is right', 'it is not']),
  }),
)

const emits = (switches: TaggingSwitches): Action =>
  action(EMITTED, { actor: 'SMM', cite, parameters: { ...turn, body: bvSort(64) } }, (p) => {
    const steps: Steps = stepsOf(emit(switches), { ...p, key: loadedKey(p.t, p.answer) })
    return {
      guard: measuring(p.t),
      cases: casesOf(steps, switches.S_CHALLENGE_MAC ? ['told', 'nobody has asked'] : ['told']),
    }
  })

const clears = (switches: TaggingSwitches): Action =>
  action('the leader clears its registers', { actor: 'SMM', cite, parameters: { t: thread } }, ({ t }) => ({
    guard: measuring(t),
    cases: casesOf(stepsOf(clearRegisters(switches), { t }), ['cleared']),
  }))

/** A store of the handler, of what its registers hold of the key, to a word that is for that. */
const keeps = ((): Action => {
  const known = platform.actions.find((a) => a.name === 'SMM store')!
  const [t, a, value] = ['t', 'a', 'value'].map((name) => known.parameters.find((p) => p.name === name)!.term) as [Bv, Bv, Bv]
  const name = 'the leader keeps what depends on the key'
  return action(name, { actor: 'SMM', cite, parameters: { t: thread, a: word, quarter: bvSort(2) } }, (p) => {
    const instead = new Map<Term, Term>([
      [t, p.t],
      [a, p.a],
      [value, quarterOf(p.t, p.quarter)],
    ])
    const of = new Substitution((v) => instead.get(v))
    const effects = known.cases[0]!.effects.map(
      (e): Effect =>
        e.kind === 'store'
          ? { ...e, when: of.apply(e.when), index: of.apply(e.index), value: of.apply(e.value) }
          : { ...e, when: of.apply(e.when), value: of.apply(e.value) },
    )
    return { guard: and(of.apply(known.guard), measuring(p.t), keyMaterial.at(p.a)), cases: { kept: effects } }
  })
})()

export const taggingSteps = (switches: TaggingSwitches): readonly Action[] => [
  challenged,
  emits(switches),
  clears(switches),
  keeps,
]
