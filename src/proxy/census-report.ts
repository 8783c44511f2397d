// Covers: the report of a census: which counts of it are told, what each status says of the coverage, what each thread was in.
// Leaves out: counts of permissions (a census has them, a report does not).

import { match } from 'ts-pattern'
import type { Census, CensusSpace, CensusStatus } from '../report/census.ts'
import type { Nonce } from './nonce.ts'
import { type Count, COUNTS, COVERAGE, type Coverage, type Report, type ReportedSpace, type ThreadSample } from './report.ts'

export interface ReportContext {
  readonly nonce: Nonce
  readonly platform: string
  readonly sequence: bigint
  readonly threads: { readonly expected: number; readonly arrived: number }
  /** One for each thread that arrived, ascending. */
  readonly samples: readonly ThreadSample[]
}

export const reportOf = (census: Census, { nonce, platform, sequence, threads, samples }: ReportContext): Report => ({
  nonce,
  platform,
  sequence,
  status: census.status,
  coverage: coverageOf(census.status),
  threads,
  ...(beforeDiscovery(census.status) ? { spaces: [], samples: [] } : { spaces: census.spaces.map(reportedSpace), samples }),
})

/** The handler ends before it looks at any thread or table: a census that an image has all the same is not its own (src/smm/rendezvous.ts). */
const beforeDiscovery = (status: CensusStatus): boolean =>
  status === 'partial' || status === 'tamper' || status === 'dma-not-quiesced'

/** All that is not denied by the status. */
function coverageOf(status: CensusStatus): readonly Coverage[] {
  const lacking = match(status)
    .returnType<Coverage | undefined>()
    .with('complete', () => undefined)
    .with('partial', () => 'all-threads-arrived')
    .with('tamper', () => 'configuration-as-at-boot')
    .with('dma-not-quiesced', () => 'devices-stopped')
    .with('race', () => 'caches-written-back')
    .with('unrecorded-root', 'shadow-paging', 'root-mismatch', 'vmcb-outside-dram', () => 'roots-recorded')
    .with('foreign-table', 'truncated', 'too-many-spaces', 'unsupported-mode', 'incomplete-image', () => 'spaces-in-use-counted')
    .exhaustive()
  return COVERAGE.filter((name) => name !== lacking)
}

function reportedSpace(space: CensusSpace): ReportedSpace {
  const { root, vmcbs, threads } = space
  // A census may name a root that no table can have, where it was not walked.
  const identity = { root: `0x${(BigInt(root) & 0xf_ffff_ffff_f000n).toString(16)}`, vmcbs, threads }
  if (space.status !== 'complete') return { ...identity, status: space.status }
  const counts = Object.fromEntries(COUNTS.map((name) => [name, space[name]])) as Record<Count, number>
  return { ...identity, status: space.status, leafEntries: space.leafEntries, ...counts }
}
