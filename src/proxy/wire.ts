// Covers: reports as bytes, in exactly one way: equal reports have equal bytes, and bytes that are accepted are those that the report read
// from them is written as. So a tag over the bytes is a tag over the report.
// Leaves out: the tag (mac.ts).
// All numbers are big-endian. Lists begin with their length in two bytes. `docs/report.md` has the table.

import type { CensusStatus, IncompleteStatus } from '../report/census.ts'
import { type Parsed, type Reader, reading, Writer } from './bytes.ts'
import { readNonce, writeNonce } from './nonce.ts'
import { type Count, COUNTS, COVERAGE, type Report, type ReportedSpace, type ThreadSample } from './report.ts'

const MAGIC = Buffer.from('SMMRPT', 'latin1')
const VERSION = 1
const PLATFORM_BYTES = 16
const NO_DELAY = 0xffff_ffff
const MOST_DELAY = NO_DELAY - 1
const FRAME = 0xfffn
const LARGEST_COUNT = BigInt(Number.MAX_SAFE_INTEGER)

/** Numbers are never used again for another status. */
const STATUS_NUMBERS: Readonly<Record<CensusStatus, number>> = {
  complete: 0,
  partial: 1,
  'foreign-table': 2,
  truncated: 3,
  'unsupported-mode': 4,
  'incomplete-image': 5,
  'unrecorded-root': 6,
  race: 7,
  tamper: 8,
  'dma-not-quiesced': 9,
  'shadow-paging': 10,
  'root-mismatch': 11,
  'vmcb-outside-dram': 12,
  'too-many-spaces': 13,
}
const STATUSES = new Map(Object.entries(STATUS_NUMBERS).map(([status, n]) => [n, status as CensusStatus]))
const SAMPLES = ['host', 'guest', 'unknown'] as const
const LEAVES = ['4K', '2M', '1G'] as const

/** @throws RangeError when a number or list is larger than the wire has room for, or a list is out of order. */
export function encodeReport(report: Report): Buffer {
  const w = new Writer().raw(MAGIC).unsigned(VERSION, 2)
  writeNonce(w, report.nonce)
    .unsigned(BigInt(`0x${report.platform}`), PLATFORM_BYTES)
    .unsigned(report.sequence, 8)
    .unsigned(STATUS_NUMBERS[report.status], 1)
    .unsigned(
      report.coverage.reduce((bits, name) => bits | (1 << COVERAGE.indexOf(name)), 0),
      1,
    )
    .unsigned(report.threads.expected, 2)
    .unsigned(report.threads.arrived, 2)
    .list(report.spaces, (space) => writeSpace(w, space))
    .list(report.samples, (sample) => writeSample(w, sample))
  const bytes = w.bytes()
  const read = decodeReport(bytes)
  if (!read.ok) throw new RangeError(`this report cannot be written: ${read.fault.kind}`)
  return bytes
}

function writeSpace(w: Writer, space: ReportedSpace): void {
  w.unsigned(BigInt(space.root), 8)
    .list(space.vmcbs, (vmcb) => w.unsigned(BigInt(vmcb), 8))
    .list(space.threads, (thread) => w.unsigned(thread, 2))
    .unsigned(STATUS_NUMBERS[space.status], 1)
  if (space.status !== 'complete') return
  for (const size of LEAVES) w.unsigned(space.leafEntries[size], 8)
  for (const count of COUNTS) w.unsigned(space[count], 8)
}

function writeSample(w: Writer, sample: ThreadSample): void {
  w.unsigned(sample.thread, 2)
    .unsigned(SAMPLES.indexOf(sample.in), 1)
    .unsigned(sample.delay ?? NO_DELAY, 4)
  if (sample.in === 'guest') w.unsigned(BigInt(sample.vmcb), 8)
}

export const decodeReport = (bytes: Uint8Array): Parsed<Report> => reading(bytes, readReport)

function readReport(r: Reader): Report {
  if (!r.raw(MAGIC.length).equals(MAGIC)) r.fail({ kind: 'not-a-report' })
  const version = r.small(2)
  if (version !== VERSION) r.fail({ kind: 'other-version', version })
  const nonce = readNonce(r)
  const platform = r.raw(PLATFORM_BYTES).toString('hex')
  const sequence = r.unsigned(8)
  const status = readStatus(r)
  const bits = r.small(1)
  if (bits >> COVERAGE.length !== 0) r.badValue('coverage flags that nobody defined')
  const coverage = COVERAGE.filter((_, i) => (bits >> i) & 1)
  const threads = { expected: r.small(2), arrived: r.small(2) }
  if (threads.arrived > threads.expected) r.badValue('more threads arrived than there are')
  const spaces = r.list(() => readSpace(r))
  const samples = r.list(() => readSample(r))
  r.ascending(
    samples.map(({ thread }) => thread),
    'samples out of order',
  )
  return { nonce, platform, sequence, status, coverage, threads, spaces, samples }
}

const readStatus = (r: Reader): CensusStatus => STATUSES.get(r.small(1)) ?? r.badValue('a status that nobody defined')

/** A page of physical memory, as a census writes it. */
function readPage(r: Reader, what: string): string {
  const address = r.unsigned(8)
  if ((address & FRAME) !== 0n || address >> 52n !== 0n) r.badValue(what)
  return `0x${address.toString(16)}`
}
function readCount(r: Reader): number {
  const n = r.unsigned(8)
  if (n > LARGEST_COUNT) r.badValue('a count above 2^53 - 1')
  return Number(n)
}

function readSpace(r: Reader): ReportedSpace {
  const root = readPage(r, 'a root that is no page')
  const vmcbs = r.list(() => readPage(r, 'a VMCB that is no page'))
  r.ascending(
    vmcbs.map((text) => BigInt(text)),
    'VMCBs out of order',
  )
  const threads = r.list(() => r.small(2))
  r.ascending(threads, 'threads out of order')
  const status = readStatus(r)
  const identity = { root, vmcbs, threads }
  if (status !== 'complete') return { ...identity, status: status satisfies IncompleteStatus }
  const [leaf4K, leaf2M, leaf1G] = [readCount(r), readCount(r), readCount(r)]
  const counts = Object.fromEntries(COUNTS.map((name) => [name, readCount(r)])) as Record<Count, number>
  return { ...identity, status, leafEntries: { '4K': leaf4K, '2M': leaf2M, '1G': leaf1G }, ...counts }
}

function readSample(r: Reader): ThreadSample {
  const thread = r.small(2)
  const kind = SAMPLES[r.small(1)] ?? r.badValue('a kind of sample that nobody defined')
  const time = r.small(4)
  const common = { thread, delay: time === NO_DELAY ? null : time }
  return kind === 'guest' ? { ...common, in: kind, vmcb: readPage(r, 'a VMCB that is no page') } : { ...common, in: kind }
}

/** Nanoseconds as the wire has them: what is longer is the longest. */
export const delayOnWire = (nanoseconds: number): number => Math.min(Math.ceil(nanoseconds), MOST_DELAY)
