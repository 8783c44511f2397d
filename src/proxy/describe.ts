// Covers: outcomes, alarms, discards and refusals in words, each with what to do where something can be done.

import { match } from 'ts-pattern'
import type { WireFault } from './bytes.ts'
import type { Refusal } from './challenge.ts'
import type { Alarm, Discard } from './decision.ts'

export function describeWireFault(fault: WireFault): string {
  return match(fault)
    .with({ kind: 'truncated' }, ({ needed }) => `it is cut off, at least ${needed} bytes are missing; get it again, whole`)
    .with({ kind: 'trailing' }, ({ extra }) => `it has ${extra} bytes too many; get it again as it was sent`)
    .with({ kind: 'not-canonical' }, ({ at, what }) => `${what}, before byte ${at}; it was not written by smmcheck`)
    .with({ kind: 'bad-value' }, ({ at, what }) => `${what}, before byte ${at}; it was not written by this version of smmcheck`)
    .with({ kind: 'not-a-report' }, () => 'it does not begin as a report does')
    .with({ kind: 'not-a-challenge' }, () => 'it does not begin as a challenge does')
    .with({ kind: 'other-version' }, ({ version }) => `it has version ${version}, and this smmcheck reads version 1`)
    .exhaustive()
}

export function describeAlarm(alarm: Alarm): string {
  return match(alarm)
    .with({ kind: 'silent' }, ({ elapsed, deadline }) => `no report within ${deadline} ms (now ${elapsed} ms)`)
    .with({ kind: 'late' }, ({ elapsed, deadline }) => `the report came after ${elapsed} ms, and ${deadline} ms were allowed`)
    .with(
      { kind: 'clock-went-back' },
      ({ elapsed }) => `the proxy's clock shows ${-elapsed} ms before the challenge; mend the clock`,
    )
    .with({ kind: 'wrong-platform' }, ({ asked, answered }) => `platform ${answered} answered, and ${asked} was asked`)
    .with(
      { kind: 'sequence-behind' },
      ({ found, least }) => `report number ${found}, where ${least} is the least: the platform has lost what it kept`,
    )
    .with(
      { kind: 'sequence-ahead' },
      ({ found, most }) => `report number ${found}, where ${most} is the most: somebody else has been asking`,
    )
    .with({ kind: 'incomplete-census' }, ({ status }) => `the census is not complete: ${status}`)
    .with({ kind: 'coverage' }, ({ missing }) => `the census says complete and leaves out: ${missing.join(', ')}`)
    .with({ kind: 'threads-missing' }, ({ expected, arrived }) => `${arrived} of ${expected} threads took part`)
    .exhaustive()
}

export function describeDiscard(discard: Discard): string {
  return match(discard)
    .with({ kind: 'wrong-mac' }, () => 'its MAC is wrong: another key, or changed on the way; nothing in it can be believed')
    .with({ kind: 'malformed' }, ({ fault }) => `it is no report: ${describeWireFault(fault)}`)
    .with({ kind: 'nothing-asked' }, () => 'no challenge is open; smmcheck challenge makes one')
    .with({ kind: 'other-proxy' }, ({ proxy }) => `it answers proxy ${proxy}, not this one`)
    .with({ kind: 'replayed' }, ({ counter, asked }) => `it is replayed: it answers challenge ${counter}, and ${asked} is open`)
    .with(
      { kind: 'never-asked' },
      ({ counter, asked }) => `it answers a challenge ${counter} that this proxy never made; ${asked} is open`,
    )
    .exhaustive()
}

export function describeRefusal(refusal: Refusal): string {
  return match(refusal)
    .with({ kind: 'wrong-mac' }, () => 'the MAC of the challenge is wrong; give the key that the proxy has')
    .with({ kind: 'malformed' }, ({ fault }) => `this is no challenge: ${describeWireFault(fault)}`)
    .with(
      { kind: 'other-proxy' },
      ({ proxy }) => `the challenge is from proxy ${proxy}, and this platform is not enrolled with it`,
    )
    .with(
      { kind: 'answered-before' },
      ({ counter, last }) => `challenge ${counter} comes too late: ${last} has been answered; make a new one`,
    )
    .exhaustive()
}
