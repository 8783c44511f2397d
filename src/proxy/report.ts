// Covers: what a handler's report says: which challenge it answers, on which platform, how complete the census was, what each address space
// has, what each thread was in.
// Leaves out: bytes (wire.ts), the tag (mac.ts), what a proxy makes of it (decision.ts).

import type { CensusStatus, CountedSpace, IncompleteStatus } from '../report/census.ts'
import type { Nonce } from './nonce.ts'

/** What the handler did of what makes a census complete. All hold where its status is `complete`. */
export const COVERAGE = [
  'all-threads-arrived',
  'configuration-as-at-boot',
  'devices-stopped',
  'caches-written-back',
  'roots-recorded',
  'spaces-in-use-counted',
] as const
export type Coverage = (typeof COVERAGE)[number]

/** The counts of a space, in the order of the wire. Each is a whole number from 0 to 2^53 - 1. */
export const COUNTS = [
  ...['mappedBytes', 'distinctFrames', 'distinctFramesCertain', 'framesMappedMoreThanOnce', 'extraMappings'],
  ...['reservedBitEntries', 'foreignLeaves', 'beyondGuestWidth', 'tablePages', 'framesSharedWithOtherSpaces'],
] as const satisfies readonly (keyof CountedSpace)[]
export type Count = (typeof COUNTS)[number]

interface SpaceIdentity {
  /** Physical addresses, in lower-case hexadecimal as in a census; VMCBs ascend. */
  readonly root: string
  readonly vmcbs: readonly string[]
  /** Hardware threads, ascending. */
  readonly threads: readonly number[]
}
export type ReportedSpace = SpaceIdentity &
  (
    | ({ readonly status: 'complete'; readonly leafEntries: CountedSpace['leafEntries'] } & { readonly [K in Count]: number })
    | { readonly status: IncompleteStatus }
  )

/** What a thread was in when it entered SMM. */
export type ThreadSample = {
  readonly thread: number
  /** From the trigger to the thread's entry, in nanoseconds of a clock that the host cannot set; null where there is none. */
  readonly delay: number | null
} & ({ readonly in: 'host' } | { readonly in: 'guest'; readonly vmcb: string } | { readonly in: 'unknown' })

export interface Report {
  readonly nonce: Nonce
  /** 128 bits, in hexadecimal. */
  readonly platform: string
  /** How many reports this platform has made for this proxy, this one included. 64 bits. */
  readonly sequence: bigint
  readonly status: CensusStatus
  readonly coverage: readonly Coverage[]
  readonly threads: { readonly expected: number; readonly arrived: number }
  readonly spaces: readonly ReportedSpace[]
  readonly samples: readonly ThreadSample[]
}
