// What a run shows to whoever watches the machine: the outcome, the reported fault, the entries that changed.
//
// Covers: reporting rules of the emulators, A and D bits with and without those of failing walks, data read.

import type { EmulatorRules, ReportingDifference } from './differences.ts'
import type { Scenario } from './scenario.ts'
import type { Run } from './simulate.ts'

/** Words by address, the changed ones only. */
export type Changes = ReadonlyMap<bigint, bigint>

export type Observation =
  | {
      readonly o: 'ok'
      /** Host-physical address of the first byte, and of the second page's first byte if there is one. */
      readonly hpas: readonly bigint[]
      readonly changes: Changes
    }
  | {
      readonly o: 'npf'
      readonly code: bigint
      readonly gpa: bigint
      readonly level: number
      readonly on: 'target' | 'code' | 'guest-table'
      readonly changes: Changes
    }
  | {
      readonly o: 'exit'
      readonly exitcode: bigint
      readonly info1: bigint
      readonly info2: bigint
      readonly changes: Changes
    }
  | { readonly o: 'unspecified'; readonly address: bigint }

const P = 1n
const RSV = 1n << 3n
const ID = 1n << 4n
const GUEST_TABLE = 1n << 33n
const EXIT_PAGE_FAULT = 0x4en
const VMEXIT_INVALID = 0xffff_ffff_ffff_ffffn

/** As the manual has it: a table read from where nothing is recorded decides nothing. */
export function observeManual(scenario: Scenario, run: Run): Observation {
  const address = run.memory.unknown[0]
  return address === undefined ? observe(scenario, run, new Set(), false) : { o: 'unspecified', address }
}

export const observeEmulator = (
  scenario: Scenario,
  run: Run,
  { marksFailingWalks }: EmulatorRules,
  reporting: ReadonlySet<ReportingDifference>,
): Observation => observe(scenario, run, reporting, marksFailingWalks)

function observe(
  { host }: Scenario,
  { result, memory, maybe, last1G }: Run,
  reporting: ReadonlySet<ReportingDifference>,
  marksFailingWalks: boolean,
): Observation {
  const failing = result.kind === 'fault' && marksFailingWalks
  const changes = memory.changed(failing ? [...maybe, ...(last1G === undefined ? [] : [last1G])] : [])
  if (result.kind === 'invalid') return { o: 'exit', exitcode: VMEXIT_INVALID, info1: 0n, info2: 0n, changes }
  if (result.kind === 'translated') return { o: 'ok', hpas: result.parts.map(({ hpa }) => hpa), changes }
  const { fault, access } = result
  if (fault.kind === 'page-fault') {
    const silent = reporting.has('guest-rsv-fault-without-P') && (fault.errorCode & RSV) !== 0n
    const info1 = silent ? fault.errorCode & ~P : fault.errorCode
    return { o: 'exit', exitcode: EXIT_PAGE_FAULT, info1, info2: fault.address, changes }
  }
  let code = fault.exitinfo1
  if (reporting.has('rsv-fault-without-P') && (code & RSV) !== 0n) code &= ~P
  if (reporting.has('no-ID-bit-when-NXE=0') && host.nxe.value === false) code &= ~ID
  const on = (code & GUEST_TABLE) !== 0n ? 'guest-table' : access.on
  return { o: 'npf', code, gpa: fault.exitinfo2, level: fault.level, on, changes }
}
