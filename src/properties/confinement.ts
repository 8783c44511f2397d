// P5: code in SMM writes nothing but SMRAM. Said of the steps that such code takes, from any state that the platform's invariant
// allows, one step at a time.
// Leaves out: what hardware writes while it enters SMM (the save area, claim I4), the mailbox of reports: it is the network's.

import { conjunct, type Invariant } from '../model/invariant.ts'
import { type Action, type Case, type Effect, forAll, rigid, state, type System } from '../model/system.ts'
import { and, type Bool, type Bv, or } from '../model/term.ts'
import { dram } from '../x86/dram.ts'
import { handedOver } from '../x86/modes.ts'
import { word } from '../x86/physical.ts'
import { isTsegWord } from '../x86/tseg.ts'
import { names } from './platform.ts'

/** What each word holds before the step. */
const held = rigid.per(word).bits('held before', 64)

const CONFINED = 'P5 no word outside TSeg changes'
export const confined: Invariant = [
  conjunct(
    'P5',
    forAll(CONFINED, [word], (a) =>
      isTsegWord(a)
        .not()
        .and(handedOver.now)
        .implies(dram.at(a).eq(held.at(a))),
    ),
    ...[names.GENUINE, names.RUNS, names.READS],
    ...[names.SMBASE, names.ADDR, names.MASK, names.CONFIG, names.APIC, names.FABRIC],
  ),
]

const isOfSmm = (a: Action): boolean => a.actor === 'SMM' || a.name === 'misled SMM code does anything'
/** The steps that code in SMM takes, what is not the handler's included. */
export const stepsOfSmm = (whole: System): System => ({
  ...whole,
  name: `${whole.name}: steps of SMM`,
  variables: [...whole.variables, held],
  initial: [forAll('memory is what it is', [word], (a) => dram.at(a).eq(held.at(a)))],
  actions: whole.actions.filter(isOfSmm),
})

// ---- concrete runs ----

/** Ghost: code in SMM has changed a word outside TSeg. */
const strayed = state.flag('SMM changed a word outside TSeg')
const changesOutside = (e: Effect): Bool => {
  if (e.kind !== 'store') throw new Error(`an effect on ${e.variable.name} by code in SMM that is no single store`)
  const differs = dram
    .at(e.index)
    .eq(e.value as Bv)
    .not()
  return and(e.when, handedOver.now, isTsegWord(e.index.as<'word'>()).not(), differs)
}
/** The whole system, of which no run begins in an arbitrary state: P5 as a ghost that a stray store would raise. */
export const runsOfConfinement = (whole: System): { readonly system: System; readonly conjuncts: Invariant } => ({
  system: {
    ...whole,
    variables: [...whole.variables, strayed],
    initial: [...whole.initial, forAll('no stray store', [], () => strayed.now.not())],
    actions: whole.actions.map((a) => (isOfSmm(a) ? { ...a, cases: a.cases.map(noting) } : a)),
  },
  conjuncts: [
    conjunct(
      'P5',
      forAll(CONFINED, [], () => strayed.now.not()),
    ),
  ],
})
const noting = (c: Case): Case => {
  const stores = c.effects.filter((e) => Object.is(e.variable, dram))
  return stores.length === 0 ? c : { ...c, effects: [...c.effects, strayed.set(or(strayed.now, ...stores.map(changesOutside)))] }
}
