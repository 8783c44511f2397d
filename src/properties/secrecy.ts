// Secrecy of the key that the handler tags with: two runs of platform and handler in which SMRAM holds different keys, everything
// else is equal, and every adversary does the same, are equal for everybody outside SMM at every step, but for tags.

import { conjunct, type Invariant, type InvariantConjunct } from '../model/invariant.ts'
import { type Harmless, type Product, type Release, secretElements, type Secret, twice } from '../model/product.ts'
import { domain, forAll, type Quantified, type System } from '../model/system.ts'
import { and, type Bool, bool, bv, type Bv, type Term } from '../model/term.ts'
import { arrived, snap } from '../smm/meeting-state.ts'
import { challengeTag, reportTag, tagging } from '../smm/tagging.ts'
import { CHALLENGED, EMITTED, holdsKey, keyMaterial, loadedKey, vectors } from '../smm/tagging-steps.ts'
import { handler, phaseIs } from '../smm/thread-cells.ts'
import { alias, cellOf, dram } from '../x86/dram.ts'
import { handedOver, smm } from '../x86/modes.ts'
import { addressOf, type Word, word, wordAt } from '../x86/physical.ts'
import { smBase } from '../x86/registers.ts'
import { SAVE_AREA } from '../x86/savestate.ts'
import { routeOf } from '../x86/thread-route.ts'
import { online, thread } from '../x86/topology.ts'
import { meeting, meetingNames } from './meeting.ts'
import { names } from './platform.ts'

/** Where the two runs may differ. */
export const secrets: readonly Secret[] = [
  secretElements(dram, (a) => keyMaterial.at(a)),
  // The ghost copy of memory at the beginning of the measurement holds SMRAM, too.
  secretElements(snap, (a) => keyMaterial.at(a)),
  secretElements(vectors, (t) => and(holdsKey.at(t), smm.at(t))),
]

/** What the handler tells of its key on purpose. */
export function releases(system: System): readonly Release[] {
  const of = (action: string, name: string): Term => {
    const found = system.actions.find((a) => a.name === action)!.parameters.find((p) => p.name === name)
    return found!.term
  }
  const key = (action: string): Bv => loadedKey(of(action, 't') as Bv, of(action, 'answer') as Bv)
  const { open, nonce } = tagging
  return [
    { action: EMITTED, when: open.now, told: reportTag(key(EMITTED), nonce.now, of(EMITTED, 'body') as Bv) },
    {
      action: CHALLENGED,
      when: bool(true),
      told: (of(CHALLENGED, 'tag') as Bv).eq(challengeTag(key(CHALLENGED), of(CHALLENGED, 'asked') as Bv)),
    },
  ]
}

const reached = (t: Bv<string>, a: Bv<string>): Bool => routeOf(t, addressOf(a), 'data', false, bool(false)).dram
const saveAreaWord = domain('word of a save area', 6)
/** A word of the save area that the thread has now, by its number. */
const savedNow = (t: Bv<string>, n: Bv<string>): Word =>
  wordAt((smBase.at(t) as Bv).plus(SAVE_AREA).plus(n.as<'bits'>().zext(32).shl(3)).zext(52))
/** What a thread reads as software outside SMM does, in no word that depends on the key: a lemma. */
const outOfReach = forAll('K2 what is read outside SMM is no key material', [thread, word], (t, a) =>
  and(handedOver.now, reached(t, a)).implies(keyMaterial.at(cellOf(a)).not()),
)
/** Nor in the save area that the thread has now. */
const savedApart = forAll('K2 save areas hold no key material', [thread, saveAreaWord], (t, n) =>
  and(handedOver.now, online.at(t)).implies(keyMaterial.at(cellOf(savedNow(t, n))).not()),
)
export const lemmas: readonly Quantified[] = [outOfReach, savedApart]

/** The address that `cellOf` makes this index of, if it has the form that it gives. */
function addressOfCell(index: Bv<string>): Word | undefined {
  const [high, low] = index.args
  if (index.op !== 'concat' || high?.op !== 'bvxor') return undefined
  const of = high.args.find((f) => high.args.some((other) => Object.is(other, alias.at(f as Bv))))
  return of === undefined ? undefined : (of as Bv).concat(low as Bv).as<'word'>()
}
/** A read that a lemma is about, by its very terms: a load by the routing of the action's thread. */
const harmless: Harmless = (action, index, when) => {
  const t = action.parameters.find((p) => p.name === 't')?.term as Bv | undefined
  const a = addressOfCell(index)
  if (t === undefined || a === undefined) return undefined
  if (Object.is(when, reached(t, a))) return handedOver.now
  const isSaved = Array.from({ length: 2 ** saveAreaWord.width }, (_, n) => savedNow(t, bv(saveAreaWord.width, n)))
  return isSaved.some((w) => Object.is(w, a)) ? and(handedOver.now, online.at(t)) : undefined
}

const made = new WeakMap<System, Product>()
/** Two runs of the system with a key, as they are proved. */
export function twoRuns(system: System): Product {
  const known = made.get(system) ?? twice(system, secrets, { releases: releases(system), harmless })
  made.set(system, known)
  return known
}
/** Without what proofs make simpler: for systems of which the lemma may be false. */
export const plainRuns = (system: System): Product => twice(system, secrets, { releases: releases(system) })

const HOLDER = 'K2 who holds the key leads the measurement'
const TRUE_CODE = [names.GENUINE, names.RUNS, names.READS]
/** What the claim rests on: conjuncts that specs/platform.ts and specs/meeting.ts prove. */
export const premises: readonly string[] = [
  ...[names.ADDR, names.MASK, names.MAPPED, names.SMBASE, names.INVD],
  ...TRUE_CODE,
  meetingNames.HERE,
]

/** @param product of two runs of a system with a key */
export function secrecy({ agree }: Product): Invariant {
  const holder: InvariantConjunct = conjunct(
    'K2',
    forAll(HOLDER, [thread], (t) =>
      and(handedOver.now, holdsKey.at(t)).implies(and(arrived(t), handler.leader.now.eq(t.as()), phaseIs('measuring'))),
    ),
    ...[...TRUE_CODE, meetingNames.HERE],
  )
  return [...meeting, holder, conjunct('K2', agree, HOLDER, ...premises)]
}
