// What holds of platform and handler together, for any number of threads and any interleaving: the meeting (I7), devices (I8),
// and what both are for: while memory is measured it holds still, and every read of the handler returns what it held.
// Each conjunct names the claim it belongs to and what else its proof may use; the platform's own conjuncts are among them.

import { conjunct, type Invariant } from '../model/invariant.ts'
import { forAll } from '../model/system.ts'
import { and, type Bool, or } from '../model/term.ts'
import { dmaStopped } from '../x86/devices.ts'
import { dram } from '../x86/dram.ts'
import { handedOver, smm } from '../x86/modes.ts'
import { fabricMmio, frame, word } from '../x86/physical.ts'
import { isThread, online, thread } from '../x86/topology.ts'
import { isTsegWord } from '../x86/tseg.ts'
import { asAtBoot } from '../smm/configuration.ts'
import { arrived, misread, registerOf, snap } from '../smm/meeting-state.ts'
import { bootDram } from '../smm/system-profile.ts'
import { handler, perThread, type PHASE, phaseIs, platformConfig, registerNames, VERDICT } from '../smm/thread-cells.ts'
import { invariant as platformInvariant, names } from './platform.ts'

const fromHandOff = (holds: Bool): Bool => handedOver.now.implies(holds)
type Phase = keyof typeof PHASE
const during = (...phases: readonly Phase[]): Bool => and(handedOver.now, or(...phases.map((p) => phaseIs(p))))
/** From the end of the gathering to the release. */
const together = (): Bool => during('checking', 'quiescing', 'flushing', 'measuring')
const passed = (t: Parameters<typeof arrived>[0]): Bool => t.as<'bits'>().ult(handler.next.now)
const verdict = (t: Parameters<typeof arrived>[0]) => perThread.verdict.now.at(t)
const flushed = (t: Parameters<typeof arrived>[0]): Bool => perThread.flushed.now.has(t)

const HERE = 'I7 a thread with its flag up is in SMM'
const PASSED = 'I7 while threads gather, those passed have arrived'
const GATHERED = 'I7 from then to the release every thread has arrived'
const DEPARTED = 'I7 while threads leave, those passed have their flags down'
const EMPTY = 'I7 between meetings no flag is up'
const NEW = 'I7 while threads gather, none has a verdict'
const CHECKED = 'I11 those passed in the check are as at boot'
const AS_AT_BOOT = 'I11 registers that passed are as at boot'
const QUIET = 'I8 from the flush to the release devices write nothing'
const FLUSHED = 'I7 while memory is measured every cache has been written back'
const WINDOWS = 'I11 no window of the fabric lies over the boot map'
const STILL = 'I8 while memory is measured it is as it was'
const READ = 'I8 the handler reads memory as it was'
export const meetingNames = { QUIET, READ, STILL, GATHERED, HERE, FLUSHED, EMPTY } as const

const TRUE_CODE = [names.GENUINE, names.RUNS, names.READS]

/** Code in SMM that is not the handler's could write TSeg: with the handler there, these rest on there being none. */
const written: readonly string[] = [names.WRITTEN, names.SLOT]

export const meeting: Invariant = [
  ...platformInvariant.map((c) => (written.includes(c.name) ? { ...c, restsOn: [...c.restsOn, ...TRUE_CODE] } : c)),
  conjunct(
    'I7',
    forAll(HERE, [thread], (t) => fromHandOff(arrived(t).implies(and(smm.at(t), online.at(t), isThread(t))))),
    ...TRUE_CODE,
  ),
  conjunct(
    'I7',
    forAll(PASSED, [thread], (t) => and(during('gathering'), passed(t)).implies(or(arrived(t), platformConfig.parkVisible.now))),
    ...TRUE_CODE,
  ),
  conjunct(
    'I7',
    forAll(GATHERED, [thread], (t) => and(together(), isThread(t)).implies(or(arrived(t), platformConfig.parkVisible.now))),
    ...[PASSED, ...TRUE_CODE],
  ),
  conjunct(
    'I7',
    forAll(DEPARTED, [thread], (t) =>
      and(during('releasing'), passed(t)).implies(or(arrived(t).not(), handler.leader.now.eq(t.as()))),
    ),
    ...TRUE_CODE,
  ),
  conjunct(
    'I7',
    forAll(EMPTY, [thread], (t) => during('idle').implies(arrived(t).not())),
    ...[DEPARTED, HERE, ...TRUE_CODE],
  ),
  conjunct(
    'I7',
    forAll(NEW, [thread], (t) => and(during('gathering'), arrived(t)).implies(verdict(t).eq(VERDICT.none))),
    ...[EMPTY, ...TRUE_CODE],
  ),
  conjunct(
    'I11',
    forAll(AS_AT_BOOT, [thread], (t) =>
      and(together(), arrived(t), verdict(t).eq(VERDICT.asAtBoot)).implies(
        and(...registerNames.map((name) => asAtBoot(name, registerOf(t, name), t))),
      ),
    ),
    ...[NEW, GATHERED, HERE, ...TRUE_CODE],
  ),
  conjunct(
    'I11',
    forAll(CHECKED, [thread], (t) =>
      and(
        or(and(during('checking'), passed(t)), and(during('quiescing', 'flushing', 'measuring'), isThread(t))),
        arrived(t),
      ).implies(verdict(t).eq(VERDICT.asAtBoot)),
    ),
    ...[AS_AT_BOOT, ...TRUE_CODE],
  ),
  conjunct(
    'I8',
    forAll(QUIET, [], () => during('flushing', 'measuring').implies(dmaStopped.now)),
    ...TRUE_CODE,
  ),
  conjunct(
    'I7',
    forAll(FLUSHED, [thread], (t) =>
      and(or(and(during('flushing'), passed(t)), and(during('measuring'), isThread(t))), arrived(t)).implies(flushed(t)),
    ),
    ...TRUE_CODE,
  ),
  conjunct(
    'I11',
    forAll(WINDOWS, [frame], (f) => and(handedOver.now, bootDram.at(f)).implies(fabricMmio.at(f).not())),
  ),
  conjunct(
    'I8',
    forAll(STILL, [word], (a) => and(during('measuring'), isTsegWord(a).not()).implies(dram.at(a).eq(snap.at(a)))),
    ...[GATHERED, HERE, QUIET, ...TRUE_CODE],
  ),
  conjunct(
    'I8',
    forAll(READ, [], () => fromHandOff(misread.now.not())),
    ...[STILL, GATHERED, HERE, CHECKED, AS_AT_BOOT, FLUSHED, WINDOWS, ...TRUE_CODE],
  ),
]

/** I7 in one sentence. */
export const allInSmm = forAll('I7 from the gathering to the release every thread is in SMM', [thread], (t) =>
  and(together(), isThread(t)).implies(smm.at(t)),
)
