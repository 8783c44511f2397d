// Reports made up for tests, and random ones.

import fc from 'fast-check'
import type { Nonce } from '../../src/proxy/nonce.ts'
import { COUNTS, COVERAGE, type Report, type ReportedSpace, type ThreadSample } from '../../src/proxy/report.ts'
import { CENSUS_STATUSES, INCOMPLETE_STATUSES } from '../../src/report/census.ts'

export const KEY = Buffer.alloc(32, 0x5a)
export const OTHER_KEY = Buffer.alloc(32, 0x5b)
export const PLATFORM = '00112233445566778899aabbccddeeff'
export const NONCE: Nonce = { proxy: 7n, counter: 3n, random: 0x0123_4567_89ab_cdef_0123_4567_89ab_cdefn }

export const COMPLETE: Report = {
  nonce: NONCE,
  platform: PLATFORM,
  sequence: 2n,
  status: 'complete',
  coverage: COVERAGE,
  threads: { expected: 2, arrived: 2 },
  spaces: [
    {
      ...{ root: '0x111586000', vmcbs: ['0x10fd65000'], threads: [0], status: 'complete' },
      leafEntries: { '4K': 16134, '2M': 12, '1G': 0 },
      ...{ mappedBytes: 91250688, distinctFrames: 22270, distinctFramesCertain: 22264, framesMappedMoreThanOnce: 5 },
      ...{ extraMappings: 8, reservedBitEntries: 64, foreignLeaves: 2, beyondGuestWidth: 0, tablePages: 36 },
      framesSharedWithOtherSpaces: 1000,
    },
    { root: '0x2c31000', vmcbs: [], threads: [], status: 'foreign-table' },
  ],
  samples: [
    { thread: 0, delay: 900, in: 'guest', vmcb: '0x10fd65000' },
    { thread: 1, delay: null, in: 'host' },
  ],
}

const plain = <T>(of: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(of, { noNullPrototype: true }) as unknown as fc.Arbitrary<T>
const unsigned = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n })
const page = unsigned(40).map((n) => `0x${(n << 12n).toString(16)}`)
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const ascending = <T>(of: fc.Arbitrary<T>, key: (item: T) => bigint) =>
  fc
    .uniqueArray(of, { maxLength: 4, selector: (item) => key(item).toString() })
    .map((list) => [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1)))
const threads = ascending(fc.nat({ max: 0xffff }), BigInt)

const identity = { root: page, vmcbs: ascending(page, BigInt), threads }
const space: fc.Arbitrary<ReportedSpace> = fc.oneof(
  plain({ ...identity, status: fc.constantFrom(...INCOMPLETE_STATUSES) }),
  plain({
    ...identity,
    status: fc.constant('complete' as const),
    leafEntries: plain({ '4K': count, '2M': count, '1G': count }),
    counts: fc.array(count, { minLength: COUNTS.length, maxLength: COUNTS.length }),
  }).map(
    ({ counts, ...rest }) =>
      ({ ...rest, ...Object.fromEntries(COUNTS.map((name, i) => [name, counts[i]])) }) as unknown as ReportedSpace,
  ),
)
const delay = fc.option(fc.nat({ max: 0xffff_fffe }))
const sample: fc.Arbitrary<ThreadSample> = fc.oneof(
  plain({ thread: fc.nat({ max: 0xffff }), delay, in: fc.constantFrom('host' as const, 'unknown' as const) }),
  plain({ thread: fc.nat({ max: 0xffff }), delay, in: fc.constant('guest' as const), vmcb: page }),
)
export const anyNonce: fc.Arbitrary<Nonce> = plain({ proxy: unsigned(64), counter: unsigned(64), random: unsigned(128) })
export const anyReport: fc.Arbitrary<Report> = plain({
  nonce: anyNonce,
  platform: unsigned(128).map((n) => n.toString(16).padStart(32, '0')),
  sequence: unsigned(64),
  status: fc.constantFrom(...CENSUS_STATUSES),
  coverage: fc.subarray([...COVERAGE]),
  threads: fc
    .tuple(fc.nat({ max: 0xffff }), fc.nat({ max: 0xffff }))
    .map(([a, b]) => ({ expected: Math.max(a, b), arrived: Math.min(a, b) })),
  spaces: fc.array(space, { maxLength: 3 }),
  samples: ascending(sample, ({ thread }) => BigInt(thread)),
})
