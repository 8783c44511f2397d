// Covers: which address spaces of a census are those of a machine of the SLA, and how much is known of them.
// A space is evidence where a thread was inside it when it was measured, and the save state named one of the machine's VMCBs. What memory alone
// says (a VMCB of a machine on no thread) can be forged or left over: it may raise what a machine could have, never what it has.

import type { Census, CountedSpace, IncompleteStatus } from '../report/census.ts'
import type { Unmeasured } from '../report/judgement.ts'
import type { VmSla } from './sla.ts'

/** What judging needs of a census, whether it was made here or reported from afar. */
export interface MeasuredCensus {
  readonly status: 'complete' | IncompleteStatus
  readonly spaces: readonly MeasuredSpace[]
  /** VMCBs that save states name. */
  readonly running: readonly string[]
}
export type MeasuredSpace = SpaceOf<'complete', Counts> | SpaceOf<IncompleteStatus, unknown>
type SpaceOf<S, More> = More & { readonly status: S; readonly vmcbs: readonly string[]; readonly threads: readonly number[] }
type Counts = Readonly<
  Pick<CountedSpace, 'leafEntries' | 'mappedBytes' | 'distinctFrames' | 'distinctFramesCertain' | 'framesSharedWithOtherSpaces'>
>
export type CountedEvidence = SpaceOf<'complete', Counts>

export interface Evidence {
  /** Spaces that a thread was in, at least one. */
  readonly spaces: readonly CountedEvidence[]
  /** Other counted spaces that VMCBs of this machine name. */
  readonly possible: readonly CountedEvidence[]
  /** A space that a VMCB of this machine names has no numbers. */
  readonly uncounted: boolean
  /** Nobody was seen in some space of the census, of whatever machine. */
  readonly leftovers: boolean
}
export type Found = { readonly found: true; readonly evidence: Evidence } | { readonly found: false; readonly reason: Unmeasured }

export function evidenceFor({ vmcbs }: VmSla, census: MeasuredCensus): Found {
  if (census.status !== 'complete') return { found: false, reason: 'census-not-complete' }
  const seen = vmcbs.filter((vmcb) => census.running.includes(vmcb))
  const naming = (list: readonly string[]) => census.spaces.filter((space) => space.vmcbs.some((vmcb) => list.includes(vmcb)))
  const entered = naming(seen).filter(({ threads }) => threads.length > 0)
  if (entered.length === 0) return { found: false, reason: 'not-running' }
  const spaces = entered.filter(isCounted)
  if (spaces.length < entered.length) return { found: false, reason: 'space-not-counted' }
  const others = naming(vmcbs).filter((space) => !entered.includes(space))
  const possible = others.filter(isCounted)
  return {
    found: true,
    evidence: {
      spaces,
      possible,
      uncounted: possible.length < others.length,
      leftovers: census.spaces.some(({ threads }) => threads.length === 0),
    },
  }
}

const isCounted = (space: MeasuredSpace): space is CountedEvidence => space.status === 'complete'

/** What was measured here. */
export const measuredFrom = ({ status, spaces, candidates }: Census): MeasuredCensus => ({
  status,
  spaces,
  running: candidates.filter((c) => c.state === 'running').map((c) => c.vmcb),
})
