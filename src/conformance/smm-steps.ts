// The steps of an SMM vector: what was done, as the model takes it, and which steps say nothing about it.
//
// Covers: every form of step; the reasons why a step cannot be compared.
// Leaves out: results (compare-smm.ts).
// Liberties: a vector's note tells how its guest runs (the SMI intercept, what the nested tables map).

import { match, P } from 'ts-pattern'
import type { SmmStep } from './smm-vector.ts'

/** Why a step cannot be held against the model of an AMD processor. */
export const incomparable = {
  chipset: 'SMRAMC and ESMRAMC are registers of an Intel chipset (AMD: SMMADDR and SMMMASK, 10.2.5)',
  routing: 'what a closed SMRAM or TSEG answers is decided by an Intel chipset',
  msrs: "the emulators do not implement AMD's SMM registers: reads give 0, writes are dropped",
  'not reached': 'the emulator stopped before',
  addresses: 'the step names addresses only',
  unknown: 'a step of an unknown form',
} as const
export type Incomparable = keyof typeof incomparable

export type SmmAction =
  | { readonly kind: 'install'; readonly address: bigint }
  /** The host writes a port that raises an SMI. */
  | { readonly kind: 'smi'; readonly value: bigint }
  | { readonly kind: 'clgi' }
  | { readonly kind: 'stgi' }
  /** A guest does so, then VMMCALL. */
  | { readonly kind: 'guest-smi' }
  | { readonly kind: 'evidence' }
  | { readonly kind: 'save-area' }
  | { readonly kind: 'incomparable'; readonly reason: Incomparable }

const number = (text: string | undefined): bigint => BigInt(`0x${text}`)

export function actionOf(step: SmmStep): SmmAction {
  const none = (reason: Incomparable): SmmAction => ({ kind: 'incomparable', reason })
  if (step.seen === 'not reached') return none('not reached')
  const install = /^install handler at ([0-9A-F]+)h/.exec(step.do)
  if (install !== null) return { kind: 'install', address: number(install[1]) }
  const port = /^write port B2h = ([0-9A-F]+)h/.exec(step.do)
  if (port !== null) return { kind: 'smi', value: number(port[1]) }
  return match(step.do)
    .with('CLGI', (): SmmAction => ({ kind: 'clgi' }))
    .with('STGI', (): SmmAction => ({ kind: 'stgi' }))
    .with(P.string.startsWith('handler evidence'), (): SmmAction => ({ kind: 'evidence' }))
    .with(P.string.startsWith('state-save area'), (): SmmAction => ({ kind: 'save-area' }))
    .with(P.string.startsWith('VMRUN: guest runs OUT B2h'), (): SmmAction => ({ kind: 'guest-smi' }))
    .with(P.string.startsWith('guest VMCB address'), () => none('addresses'))
    .with(P.string.regex(/^(RDMSR|WRMSR)|SMM_MASK/), () => none('msrs'))
    .with(P.string.regex(/^(write|read) (E?SMRAMC|EXT_TSEG\w*)\b|SMRAMC as read/), () => none('chipset'))
    .with(P.string.regex(/^(non-SMM |SMM )?(read|write)\d+ |nested root table|VMRUN|TSEG/), () => none('routing'))
    .otherwise(() => none('unknown'))
}

/** What the note says of the guest that the vector runs. */
export interface SmmGuest {
  readonly intercept: boolean
  /** The nested tables map the low gigabyte onto itself; else nothing below 512 GiB. */
  readonly identity: boolean
}
export const guestOf = (note: string | null): SmmGuest => ({
  intercept: /SMI intercept=1/.test(note ?? ''),
  identity: /one-to-one/.test(note ?? ''),
})
