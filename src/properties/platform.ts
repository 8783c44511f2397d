// What holds of the platform from hand-off to the next reset, for any number of threads and cores, whatever the hypervisor, the
// guests and the devices do: the SMRAM half of the theory.
// Each conjunct names the claim it belongs to and what else its proof may use.

import { conjunct, type Invariant } from '../model/invariant.ts'
import { forAll } from '../model/system.ts'
import { and, type Bool, type Bv, or } from '../model/term.ts'
import { flashGenuine, genuine } from '../x86/boot.ts'
import { cellOf, dram, exposed, foreign } from '../x86/dram.ts'
import { beforeRsm, cached, threadOf, translation } from '../x86/guest-tlb.ts'
import { handedOver, smm } from '../x86/modes.ts'
import { apicPageMeets, configWindowMeets, locked } from '../x86/msr.ts'
import { fabricMmio, frame, word } from '../x86/physical.ts'
import { on } from '../x86/profile.ts'
import { apicBase, hwcr, hwcrLayout, mmioCfgBase, smBase, smmAddr, smmKey, smmMapped, smmMask } from '../x86/registers.ts'
import { saveStateOffset } from '../x86/savestate.ts'
import { diverted, owed, pending } from '../x86/smi-state.ts'
import { deceived, derailed } from '../x86/smm.ts'
import { core, online, thread } from '../x86/topology.ts'
import { bootSmBase, bootSmmAddr, bootSmmMask, isTsegFrame, isTsegWord, saveWord } from '../x86/tseg.ts'

const fromHandOff = (holds: Bool): Bool => handedOver.now.implies(holds)
const baseLock = (c: Bv<string>): Bool => hwcrLayout.of(hwcr.at(c)).SmmBaseLock

const LOCK = 'I1 every core has SmmLock'
const KEY = 'I1 SMM_KEY is zero'
const BASE_LOCK = 'I1 SmmBaseLock is as at hand-off'
const ADDR = 'I2 SMMADDR is as at hand-off'
const MASK = 'I2 SMMMASK is as at hand-off'
const MAPPED = 'I2 no thread outside SMM has its view of SMRAM'
const CONFIG = 'I6 no configuration window lies over TSeg'
const APIC = 'I6 no APIC page lies over TSeg'
const FABRIC = 'I6 no fabric window lies over TSeg'
const GENUINE = 'I3 the handler in TSeg is genuine'
const INVD = 'I3 INVD writes back'
const FLASH = 'I3 the flash holds the genuine handler'
const WRITTEN = 'I3 every word of TSeg was last written by SMM'
const SMBASE = 'I4 SMM_BASE is as at hand-off'
const SLOT = 'I4 in SMM, the save area holds the SMBASE of its thread'
const RUNS = 'I5 the handler fetches its own code only'
const READS = 'I6 the handler reads what SMM wrote'
const EMPTY = 'T1 in SMM, a thread has no guest translation'
const FRESH = 'T1 no guest translation is older than the last RSM of its thread'
const SECRET = 'S1 nobody outside SMM has read TSeg'
const OWED = 'S2 an SMI that is owed is pending'
const DIVERTED = 'S2 no SMI ends a guest'

/** Conjuncts that claims about the handler rest on. */
export const names = {
  GENUINE,
  RUNS,
  READS,
  WRITTEN,
  SLOT,
  SMBASE,
  ADDR,
  MASK,
  MAPPED,
  INVD,
  CONFIG,
  UNTRANSLATED: EMPTY,
  APIC,
  FABRIC,
  LOCK,
} as const

export const invariant: Invariant = [
  conjunct(
    'I1',
    forAll(LOCK, [core], (c) => fromHandOff(locked(c))),
    KEY,
  ),
  conjunct(
    'I1',
    forAll(KEY, [core], (c) => fromHandOff(smmKey.at(c).isZero())),
    LOCK,
  ),
  conjunct(
    'I1',
    forAll(BASE_LOCK, [core], (c) => fromHandOff(baseLock(c).iff(on('H_SMBASELOCK')))),
    LOCK,
  ),

  conjunct(
    'I2',
    forAll(ADDR, [core], (c) => fromHandOff(smmAddr.at(c).eq(bootSmmAddr.now))),
    LOCK,
  ),
  conjunct(
    'I2',
    forAll(MASK, [core], (c) => fromHandOff(smmMask.at(c).eq(bootSmmMask.now))),
    LOCK,
  ),
  conjunct(
    'I2',
    forAll(MAPPED, [thread], (t) => fromHandOff(smmMapped.at(t).not())),
    LOCK,
  ),

  conjunct(
    'I3',
    forAll(GENUINE, [], () => fromHandOff(genuine.now)),
    FLASH,
  ),
  conjunct(
    'I3',
    forAll(FLASH, [], () => flashGenuine.now),
  ),
  conjunct(
    'I3',
    forAll(WRITTEN, [word], (a) => and(handedOver.now, isTsegWord(a)).implies(foreign.at(cellOf(a)).not())),
    ...[ADDR, MASK, MAPPED, INVD],
  ),
  conjunct(
    'I3',
    forAll(INVD, [core], (c) => fromHandOff(hwcrLayout.of(hwcr.at(c)).INVDWBINVD)),
  ),

  conjunct(
    'I4',
    forAll(SMBASE, [thread], (t) => and(handedOver.now, online.at(t)).implies(smBase.at(t).eq(bootSmBase.at(t)))),
    ...[LOCK, SLOT, BASE_LOCK, ...[ADDR, MASK, CONFIG, APIC, FABRIC]],
  ),
  conjunct(
    'I4',
    forAll(SLOT, [thread], (t) => {
      const saved = dram.at(cellOf(saveWord(t, saveStateOffset('SMBASE')))).bits(31, 0)
      return and(handedOver.now, online.at(t), smm.at(t), on('H_SMBASELOCK').not()).implies(saved.eq(bootSmBase.at(t)))
    }),
    ...[SMBASE, BASE_LOCK, MAPPED, INVD, ADDR, MASK, CONFIG, APIC, FABRIC],
  ),

  conjunct(
    'I5',
    forAll(RUNS, [thread], (t) => fromHandOff(derailed.at(t).not())),
    ...[SMBASE, WRITTEN, ADDR, MASK, CONFIG, APIC, FABRIC],
  ),

  conjunct(
    'I6',
    forAll(CONFIG, [core], (c) =>
      fromHandOff(
        mmioCfgBase
          .at(c)
          .bit(0)
          .implies(configWindowMeets(mmioCfgBase.at(c)).not()),
      ),
    ),
  ),
  conjunct(
    'I6',
    forAll(APIC, [thread], (t) =>
      fromHandOff(
        apicBase
          .at(t)
          .bit(11)
          .implies(apicPageMeets(apicBase.at(t)).not()),
      ),
    ),
  ),
  conjunct(
    'I6',
    forAll(FABRIC, [frame], (f) => and(handedOver.now, fabricMmio.at(f)).implies(isTsegFrame(f).not())),
  ),
  conjunct(
    'I6',
    forAll(READS, [thread], (t) => fromHandOff(deceived.at(t).not())),
    ...[WRITTEN, ADDR, MASK, CONFIG, APIC, FABRIC],
  ),

  conjunct(
    'T1',
    forAll(EMPTY, [translation], (e) => and(handedOver.now, smm.at(threadOf(e))).implies(cached.at(e).not())),
  ),
  conjunct(
    'T1',
    forAll(FRESH, [translation], (e) => and(handedOver.now, cached.at(e)).implies(beforeRsm.at(e).not())),
    EMPTY,
  ),

  conjunct(
    'S1',
    forAll(SECRET, [word], (a) => and(handedOver.now, isTsegWord(a)).implies(exposed.at(cellOf(a)).not())),
    ADDR,
    MASK,
    MAPPED,
  ),
  conjunct(
    'S2',
    forAll(OWED, [thread], (t) => fromHandOff(or(owed.at(t).not(), pending.at(t)))),
    LOCK,
  ),
  conjunct(
    'S2',
    forAll(DIVERTED, [thread], (t) => fromHandOff(diverted.at(t).not())),
    LOCK,
  ),
]
