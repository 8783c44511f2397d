// Covers: the statuses of a census in words.
// Leaves out: when a status is given; that is the handler's part.
import { match } from 'ts-pattern'
import type { CandidateState, CensusStatus } from './census.ts'

/** A clause that says what the status means for the reader. */
export function describeStatus(status: CensusStatus): string {
  return match(status)
    .with('complete', () => 'everything reachable was counted')
    .with('partial', () => 'not every hardware thread took part')
    .with('foreign-table', () => 'a table lies outside the RAM of the boot-time map')
    .with('truncated', () => 'the work budget was spent before the walk ended')
    .with('unsupported-mode', () => 'the host used a paging mode other than 4 or 5 levels')
    .with('incomplete-image', () => 'a table that the walk needs is not in the image')
    .with('unrecorded-root', () => 'a thread was inside a guest, and nothing records on which root')
    .with('race', () => 'memory changed while it was measured')
    .with('tamper', () => 'the configuration differs from the one at boot')
    .with('dma-not-quiesced', () => 'devices could still write memory')
    .with('root-mismatch', () => 'a VMCB in memory names another root than the one that a thread was on')
    .with('vmcb-outside-dram', () => 'a thread was inside a VMCB that does not lie in RAM')
    .with('too-many-spaces', () => 'there are more address spaces than the handler has room for')
    .with('shadow-paging', () => 'nested paging is off; shadow tables are not walked')
    .exhaustive()
}

export function describeState(state: CandidateState): string {
  return match(state)
    .with('running', () => 'running')
    .with('idle', () => 'idle')
    .with('never-run', () => 'never run')
    .with('nested-paging-off', () => 'nested paging off')
    .with('leftover', () => 'leftover: its root maps nothing')
    .with('guest-owned', () => "a guest's own")
    .exhaustive()
}
