// Every sample state: what the whole handler finds, and what a proxy makes of it. What is expected is counted by hand from the sample's own lines.

import { readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { proxyVerdict } from '../../src/cli/run-sample.ts'
import { measureSample } from '../../src/measure/measure-sample.ts'
import type { Sample } from '../../src/measure/sample.ts'
import { type Census, type CensusSpace, type CensusStatus, censusRecord } from '../../src/report/census.ts'

const FOLDER = new URL('../../samples/', import.meta.url)

interface Expected {
  readonly status: CensusStatus
  /** Of the spaces that threads are in: some of their fields. */
  readonly spaces: readonly Partial<CensusSpace>[]
  /** Frames of all spaces that threads are in. */
  readonly running: number | null
  /** By state, ascending. */
  readonly candidates: readonly string[]
  readonly also?: (census: Census) => void
}
const leaves = (n: number) => ({ '4K': n, '2M': 0, '1G': 0 })

const EXPECTED: Readonly<Record<string, Expected>> = {
  'two-vms': {
    status: 'complete',
    spaces: [
      { leafEntries: leaves(8), distinctFrames: 8, threads: [0], tablePages: 4 },
      { leafEntries: leaves(4), distinctFrames: 4, threads: [1], tablePages: 4 },
    ],
    running: 12,
    candidates: ['running', 'running'],
  },
  ksm: {
    status: 'complete',
    spaces: [0, 1].map(() => ({
      distinctFrames: 5,
      framesSharedWithOtherSpaces: 3,
      leafPermissions: { 'r--': 0, 'r-x': 3, 'rw-': 0, rwx: 2 },
    })),
    running: 7,
    candidates: ['running', 'running'],
  },
  balloon: { status: 'complete', spaces: [{ mappedBytes: 5 * 4096, distinctFrames: 5 }], running: 5, candidates: ['running'] },
  nested: {
    status: 'complete',
    spaces: [{ distinctFrames: 2, framesSharedWithOtherSpaces: 2 }],
    running: 2,
    candidates: ['guest-owned', 'idle', 'running'],
    also: ({ spaces, candidates, distinctFrames }) => {
      const outer = candidates.find(({ state }) => state === 'idle')!.root
      assert.is(spaces[0]!.innerGuestOf, outer)
      assert.is(candidates.find(({ state }) => state === 'guest-owned')!.inside, outer)
      assert.is(distinctFrames, 6)
    },
  },
  alias: {
    status: 'complete',
    spaces: [{ mappedBytes: 16 * 4096, distinctFrames: 4, framesMappedMoreThanOnce: 4, extraMappings: 12 }],
    running: 4,
    candidates: ['running'],
  },
  'shared-frame': {
    status: 'complete',
    spaces: [0, 1].map(() => ({ distinctFrames: 4, framesSharedWithOtherSpaces: 1 })),
    running: 7,
    candidates: ['running', 'running'],
  },
  'mmio-marks': {
    status: 'complete',
    spaces: [{ leafEntries: leaves(2), reservedBitEntries: 5, distinctFrames: 2 }],
    running: 2,
    candidates: ['running'],
  },
  'late-thread': { status: 'partial', spaces: [], running: null, candidates: [] },
  decoy: {
    status: 'root-mismatch',
    spaces: [{ distinctFrames: 1 }],
    running: null,
    candidates: ['running'],
    also: ({ spaces }) =>
      assert.equal(
        spaces.map(({ evidence, distinctFrames }) => [evidence, distinctFrames]),
        [
          ['save-state', 1],
          ['candidate', 8],
        ],
      ),
  },
  'self-reference': {
    status: 'truncated',
    spaces: [{ status: 'truncated', distinctFrames: null }],
    running: null,
    candidates: ['running'],
  },
  'five-levels': {
    status: 'complete',
    spaces: [{ levels: 5, leafEntries: { '4K': 1, '2M': 1, '1G': 0 }, distinctFrames: 513, tablePages: 5 }],
    running: 513,
    candidates: ['running'],
  },
  'smmlock-clear': { status: 'tamper', spaces: [], running: null, candidates: [] },
  'own-tables': {
    status: 'complete',
    spaces: [{ leafEntries: leaves(5), distinctFrames: 4, mappedTables: 1, smramLeaves: 1, foreignLeaves: 1 }],
    running: 4,
    candidates: ['running'],
    also: ({ candidates: [vmcb], spaces: [space] }) => assert.is(vmcb!.inside, space!.root),
  },
  shadow: { status: 'shadow-paging', spaces: [], running: null, candidates: ['running'] },
}

const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length))
  .sort()

const samples = suite('sample states')
samples('each has an expectation', () => assert.equal(names, Object.keys(EXPECTED).sort()))
for (const name of names)
  samples(name, async () => {
    const sample = ((await import(new URL(`${name}.ts`, FOLDER).href)) as { default: Sample }).default
    assert.is(sample.name, name)
    const result = measureSample(sample)
    if (!result.ok) throw new Error(result.fault.kind)
    const census = censusRecord.parse(result.census)
    const { status, spaces, running, candidates, also } = EXPECTED[name]!
    assert.is(census.status, status)
    const measured = census.spaces.filter(({ evidence }) => evidence === 'save-state')
    assert.is(measured.length, spaces.length)
    for (const [i, wanted] of spaces.entries())
      for (const [field, value] of Object.entries(wanted)) assert.equal(measured[i]![field as keyof CensusSpace], value, field)
    assert.is(census.distinctFramesRunning, running)
    assert.equal(census.candidates.map(({ state }) => state).sort(), candidates)
    also?.(census)
    // Each thread that comes goes through the whole handler, and out again.
    assert.is(result.steps.at(-1)!.phase, 'idle')
    const verdict = proxyVerdict(sample, census)
    if (status === 'complete') assert.is(verdict.kind, 'accepted')
    else assert.equal(verdict.kind === 'alarm' && verdict.alarm, { kind: 'incomplete-census', status })
  })
samples.run()
