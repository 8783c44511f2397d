// S3: what becomes of an SMI is what the manual's table says, row by row, and nothing else.
// The rows are written from APM 15.13.3, 15.22.2 (table 15-14), 15.32.1 and 10.3.3, not from src/x86/smi.ts.

import { and, type Bool, bool, boolVar, or } from '../model/term.ts'
import { type Claim, claim } from '../prover/claim.ts'
import type { Obligation } from '../prover/obligation.ts'
import { smiFate, type SmiFate, type SmiTarget } from '../x86/smi.ts'

type Is = 'yes' | 'no' | 'any'
interface Row {
  readonly smmLock: Is
  readonly gif: Is
  readonly guest: Is
  readonly intercept: Is
  readonly inSmm: Is
  readonly parked: Is
  readonly internal: keyof SmiFate
  readonly external: keyof SmiFate
}
const outside = { inSmm: 'no', parked: 'no' } as const

const rows: Readonly<Record<string, Row>> = {
  'GIF is 0': { smmLock: 'any', gif: 'no', guest: 'any', intercept: 'any', ...outside, internal: 'lost', external: 'pending' },
  'an intercepted guest, without SmmLock': {
    ...{ smmLock: 'no', gif: 'yes', guest: 'yes', intercept: 'yes', ...outside },
    ...{ internal: 'vmexit', external: 'vmexitStillPending' },
  },
  'a guest that is not intercepted, without SmmLock': {
    ...{ smmLock: 'no', gif: 'yes', guest: 'yes', intercept: 'no', ...outside },
    ...{ internal: 'takenInGuest', external: 'takenInGuest' },
  },
  'the host, without SmmLock': {
    ...{ smmLock: 'no', gif: 'yes', guest: 'no', intercept: 'any', ...outside },
    ...{ internal: 'takenInHost', external: 'takenInHost' },
  },
  'a guest, under SmmLock': {
    ...{ smmLock: 'yes', gif: 'yes', guest: 'yes', intercept: 'any', ...outside },
    ...{ internal: 'takenInGuest', external: 'takenInGuest' },
  },
  'the host, under SmmLock': {
    ...{ smmLock: 'yes', gif: 'yes', guest: 'no', intercept: 'any', ...outside },
    ...{ internal: 'takenInHost', external: 'takenInHost' },
  },
  'in SMM': {
    ...{ smmLock: 'any', gif: 'any', guest: 'any', intercept: 'any', inSmm: 'yes', parked: 'any' },
    ...{ internal: 'latched', external: 'latched' },
  },
  'waiting for SIPI': {
    ...{ smmLock: 'any', gif: 'any', guest: 'any', intercept: 'any', inSmm: 'no', parked: 'yes' },
    ...{ internal: 'lost', external: 'pending' },
  },
}

/** Of the thread that an SMI reaches. */
export const threadState = {
  smmLock: boolVar('SmmLock'),
  gif: boolVar('GIF'),
  guest: boolVar('in a guest'),
  intercept: boolVar('SMI intercept'),
  inSmm: boolVar('in SMM'),
  parked: boolVar('wait-for-SIPI'),
} as const
const inputs = Object.keys(threadState) as readonly (keyof typeof threadState)[]

const applies = (row: Row): Bool =>
  and(
    ...inputs.map((name) =>
      row[name] === 'any' ? bool(true) : row[name] === 'yes' ? threadState[name] : threadState[name].not(),
    ),
  )

function obligation(id: string, parts: readonly { name: string; term: Bool }[]): Obligation {
  const goal = and(...parts.map((p) => p.term))
  return { id, conjunct: id, parts, origin: { kind: 'validity' }, hypotheses: [], goal }
}
/** The named fate, and no other. */
function only(fate: SmiFate, name: keyof SmiFate): Bool {
  return and(...Object.entries(fate).map(([other, holds]: [string, Bool]) => (other === name ? holds : holds.not())))
}

/** For every state of a thread: exactly one row of the table applies, and what becomes of an SMI by this rule is what it says. */
export const smiTableOf = (rule: (at: SmiTarget) => SmiFate): Claim =>
  claim({
    id: 'S3',
    statement:
      'For every state of a thread and every SMI: it is lost, held, latched, taken or turned into a #VMEXIT as the table of APM 15.22.2 says, with SmmLock, GIF, SMM and wait-for-SIPI.',
    obligations: () => [
      ...Object.entries(rows).flatMap(([name, row]) =>
        (['internal', 'external'] as const).map((source) => {
          const fate = rule({ ...threadState, external: bool(source === 'external') })
          return obligation(`${name}, ${source}`, [{ name, term: applies(row).implies(only(fate, row[source])) }])
        }),
      ),
      obligation('every state has a row', [{ name: 'every state has a row', term: or(...Object.values(rows).map(applies)) }]),
    ],
  })
export const smiTable: Claim = smiTableOf(smiFate)
