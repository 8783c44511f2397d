// I9 and C1 on the composed system: what the handler notes of a thread is what the processor runs it on, from the save area's
// write at the SMI to the copy in SMRAM, for every parameter of what save areas record.
// Each conjunct names what else its proof may use.

import { conjunct, type Invariant } from '../model/invariant.ts'
import { forAll } from '../model/system.ts'
import { and, type Bool, type Bv, bv, ite, or } from '../model/term.ts'
import { cellOf, dram, saveImage } from '../x86/dram.ts'
import { cr0Layout, eferLayout, guest, handedOver, smm } from '../x86/modes.ts'
import { ff38IsNestedCr3, hostModeInternal, recordsNested, snpGuest } from '../x86/save-parameters.ts'
import { word } from '../x86/physical.ts'
import * as svm from '../x86/svm-state.ts'
import { online, thread } from '../x86/topology.ts'
import { inSaveArea, saveWord } from '../x86/tseg.ts'
import { config } from '../smm/cells.ts'
import { kindIs, modeOf } from '../smm/discover.ts'
import { isMeasured } from '../smm/enlist.ts'
import { arrived, savedOffset } from '../smm/meeting-state.ts'
import { observed, saved, type SavedWord } from '../smm/thread-cells.ts'
import { meetingNames } from './meeting.ts'
import { names } from './platform.ts'

const fromHandOff = (holds: Bool): Bool => handedOver.now.implies(holds)
const TRUE_CODE = [names.GENUINE, names.RUNS, names.READS]
const OWN_TSEG = [names.SMBASE, names.ADDR, names.MASK, names.CONFIG, names.APIC, names.FABRIC]

/** The save area records root and host of the guest on this thread (state 6). */
const isRecorded = (t: Bv<string>): Bool => and(guest.at(t), ite(recordsNested.now, svm.isSet(t, 'NP_ENABLE'), snpGuest.now))

type Held = (name: SavedWord) => Bv
/** Words as the processor writes them when the SMI is taken; what is not documented is left open (smm-entry.ts). */
const recorded: Readonly<Record<string, (t: Bv<string>, held: Held) => Bool>> = {
  state: (t, held) =>
    held('state')
      .bits(2, 0)
      .eq(ite(isRecorded(t), bv(3, 6), ite(guest.at(t), bv(3, 2), bv(3, 0)))),
  root: (t, held) => and(isRecorded(t), ff38IsNestedCr3.now).implies(held('ff38').eq(svm.inUse(t, 'N_CR3'))),
  EFER: (t, held) => and(isRecorded(t), hostModeInternal.now).implies(held('hostEfer').eq(svm.hostEfer.at(t))),
  CR4: (t, held) => and(isRecorded(t), hostModeInternal.now).implies(held('hostCr4').eq(svm.hostCr4.at(t))),
  CR0: (t, held) => and(isRecorded(t), hostModeInternal.now).implies(held('hostCr0').eq(svm.hostCr0.at(t))),
}
const fields = Object.keys(recorded)
const savedName = (field: string): string => `I9 an SMI records ${field} of guest and host`
const copiedName = (field: string): string => `I9 the handler keeps ${field} of guest and host`

const KEPT = 'I9 in SMM, the save area of the thread is as the SMI left it'
const OBSERVED = 'I9 root and mode of what is measured are those of the hardware'
const HOST = 'C1 a thread is noted as in the host exactly when it is'
export const observedNames = { OBSERVED, HOST } as const

export const observations: Invariant = [
  conjunct(
    'I9',
    forAll(KEPT, [thread, word], (t, a) =>
      and(handedOver.now, online.at(t), smm.at(t), inSaveArea(t, a)).implies(dram.at(a).eq(saveImage.at(a))),
    ),
    ...[...OWN_TSEG, names.SLOT, names.MAPPED, names.INVD, ...TRUE_CODE],
  ),
  ...fields.map((field) =>
    conjunct(
      'I9',
      forAll(savedName(field), [thread], (t) =>
        and(handedOver.now, online.at(t), smm.at(t)).implies(
          recorded[field]!(t, (name) => saveImage.at(cellOf(saveWord(t, savedOffset(name))))),
        ),
      ),
      ...[...OWN_TSEG, ...TRUE_CODE],
    ),
  ),
  ...fields.map((field) =>
    conjunct(
      'I9',
      forAll(copiedName(field), [thread], (t) =>
        fromHandOff(arrived(t).implies(recorded[field]!(t, (name) => saved[name].now.at(t)))),
      ),
      ...[KEPT, savedName(field), meetingNames.HERE, ...OWN_TSEG, ...TRUE_CODE],
    ),
  ),
  conjunct(
    'I9',
    forAll(OBSERVED, [thread], (t) =>
      and(handedOver.now, arrived(t), isMeasured(t.as())).implies(
        and(
          guest.at(t),
          or(svm.isSet(t, 'NP_ENABLE'), and(recordsNested.now.not(), snpGuest.now)),
          observed.root.now.at(t).eq(svm.inUse(t, 'N_CR3').bits(51, 12)),
          observed.mode.now.at(t).eq(modeOf(svm.hostCr4.at(t).as(), svm.hostEfer.at(t).as())),
          cr0Layout.of(svm.hostCr0.at(t)).PG,
          eferLayout.of(svm.hostEfer.at(t)).NXE.iff(config.nxe.now),
        ),
      ),
    ),
    ...[...fields.map(copiedName), meetingNames.HERE, ...TRUE_CODE],
  ),
  conjunct(
    'C1',
    forAll(HOST, [thread], (t) =>
      and(handedOver.now, arrived(t), kindIs(t, 'absent').not(), kindIs(t, 'parked').not()).implies(
        kindIs(t, 'host').iff(guest.at(t).not()),
      ),
    ),
    ...[copiedName('state'), meetingNames.HERE, ...TRUE_CODE],
  ),
]
