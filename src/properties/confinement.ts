// P5: code in SMM writes nothing but SMRAM. Said of the steps that such code takes, from any state that the platform's invariant
// allows, one step at a time.
// Leaves out: what hardware writes while it enters SMM (the save area, claim I4), the mailbox of reports: it is the network's.

import { conjunct, type Invariant } from '../model/invariant.ts'
import { forAll, rigid, type System } from '../model/system.ts'
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

/** The steps that code in SMM takes, what is not the handler's included. */
export const stepsOfSmm = (whole: System): System => ({
  ...whole,
  name: `${whole.name}: steps of SMM`,
  variables: [...whole.variables, held],
  initial: [forAll('memory is what it is', [word], (a) => dram.at(a).eq(held.at(a)))],
  actions: whole.actions.filter((a) => a.actor === 'SMM' || a.name === 'misled SMM code does anything'),
})
