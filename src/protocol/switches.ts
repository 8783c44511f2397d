// The defences of the report path, each a rigid truth of the model: a profile says which are there.
//
// Covers: what proxy, handler and key storage do; the profile that has all of it.
// Leaves out: defences of the platform (src/x86/profile.ts), on which H_KEY_SECRET rests: SMRAM that nobody else reads (claim S1), firmware
//   that is measured (H_TPM_ROT).

import type { Assumption } from '../model/invariant.ts'
import { but, type Setting, switchboard } from '../model/switchboard.ts'

const about = {
  H_KEY_SECRET: 'keys that platform and proxy share stay with them (SMRAM; S_KEY_LEAK is the opposite)',
  S_MAC: 'the proxy checks the tag of a report',
  S_NONCE: 'the proxy takes a report for the challenge that is open only',
  S_RANDOM: 'nonces cannot be foreseen: 128 random bits',
  S_MONO: 'the handler answers counters above the last only',
  S_PERSIST: 'no reset takes the last counter back: it is kept where INVD, S3 and reset do not reach',
  S_DEADLINE: 'the proxy raises an alarm when an answer is due',
  S_FLAGS: 'the proxy accepts complete censuses only',
  S_PLATFORM: 'the proxy compares the platform that answered with the one it asked',
  S_SEQUENCE: 'the proxy compares sequence numbers',
  S_CHALLENGE_MAC: 'the handler answers challenges with a tag only',
} as const satisfies Readonly<Record<string, string>>

export type ReportSwitch = keyof typeof about
const board = switchboard(about)
export const { names: reportSwitchNames, meaning: reportSwitchMeaning, on: has, variables: switchVariables } = board

const everyDefence: Setting<ReportSwitch> = {
  name: 'protected',
  values: Object.fromEntries(reportSwitchNames.map((name) => [name, true])) as Record<ReportSwitch, boolean>,
}
/** Every defence but those that are named. */
export const protectedBut = (...missing: readonly ReportSwitch[]): readonly Assumption[] =>
  board.assumptionsOf(but(everyDefence, ...missing))
