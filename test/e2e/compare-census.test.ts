// The comparison must be silent on a census that agrees and must notice every single field that does not.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Census, CENSUS_SCHEMA, type CountedSpace } from '../../src/report/census.ts'
import { SHADOW, UNCOUNTED } from '../report/samples.ts'
import { compareCensus, readTruth, type Truth } from './compare-census.ts'

const DUMPS = fileURLToPath(new URL('../data/kvm-dumps/', import.meta.url))

/** The census that a truth file asks for. */
function censusOf(truth: Truth): Census {
  const hex = (n: number): string => `0x${n.toString(16)}`
  const root = (n: number): number => n - (n % 4096)
  const spaces = truth.vms
    .filter(({ npt }) => npt)
    .flatMap(({ roots, levels, totals }) =>
      roots.map((r): CountedSpace => {
        return {
          root: hex(root(r)),
          status: 'complete',
          levels: levels === 5 ? 5 : 4,
          nestedPaging: true,
          vmcbs: truth.vmcbs.filter(({ n_cr3 }) => root(n_cr3) === root(r)).map(({ pa }) => hex(pa)),
          threads: truth.cpus.filter((c) => c.in_guest && root(c.active_nested_cr3 ?? 0) === root(r)).map(({ cpu }) => cpu),
          leafEntries: { '4K': totals.leaf_entries_4k, '2M': totals.leaf_entries_2m, '1G': totals.leaf_entries_1g },
          mappedBytes: totals.gpa_bytes_mapped,
          distinctFrames: totals.distinct_4k_frames,
          distinctFramesCertain: totals.distinct_4k_frames,
          framesMappedMoreThanOnce: totals.frames_mapped_more_than_once,
          extraMappings: totals.extra_mappings_of_those,
          reservedBitEntries: totals.reserved_bit_entries,
          foreignLeaves: 0,
          beyondGuestWidth: 0,
          tablePages: totals.table_pages,
          framesSharedWithOtherSpaces: totals.frames_shared_with_other_vms,
          mappedTables: 0,
          smramLeaves: 0,
          evidence: 'candidate',
          innerGuestOf: null,
          leafPermissions: { ...totals.leaf_perms, 'rw-': 0 },
        }
      }),
    )
  return {
    schema: CENSUS_SCHEMA,
    status: 'complete',
    spaces,
    distinctFrames: 0,
    distinctFramesRunning: 0,
    scan: null,
    candidates: [],
  }
}

const TOTALS: Truth['vms'][number]['totals'] = {
  leaf_entries_4k: 10,
  leaf_entries_2m: 2,
  leaf_entries_1g: 1,
  gpa_bytes_mapped: 1077977088,
  distinct_4k_frames: 263_170,
  frames_mapped_more_than_once: 3,
  extra_mappings_of_those: 7,
  reserved_bit_entries: 64,
  table_pages: 6,
  leaf_perms: { rwx: 11, 'r-x': 2, 'r--': 0 },
  frames_shared_with_other_vms: 5,
}

const TRUTH: Truth = {
  name: 'made-up',
  cpus: [
    { cpu: 0, in_guest: true, active_nested_cr3: 0x11_1586_0018 },
    { cpu: 1, in_guest: true, active_nested_cr3: 0x11_1586_0018 },
    { cpu: 2, in_guest: false },
  ],
  vmcbs: [
    { pa: 0x1_0fd6_5000, n_cr3: 0x11_1586_0000 },
    { pa: 0x2_0000, n_cr3: 0x11_1586_0000 },
  ],
  decoys: { vmcb_like_not_live: [] },
  vms: [
    { vm: 0, npt: true, roots: [0x11_1586_0000], levels: 4, totals: TOTALS },
    { vm: 1, npt: true, roots: [0x3_0000], levels: 4, totals: TOTALS },
    { vm: 2, npt: true, roots: [], levels: 4, totals: TOTALS },
    { vm: 3, npt: true, roots: [0], levels: 4, totals: TOTALS },
  ],
}

const SPACE = censusOf(TRUTH).spaces[0]! as CountedSpace

function withFirst(change: Partial<CountedSpace>): Census {
  const census = censusOf(TRUTH)
  return { ...census, spaces: [{ ...SPACE, ...change }, ...census.spaces.slice(1)] }
}

const test = suite('compare-census')

test('silent when all agrees, in any order, with other spaces besides', () => {
  const census = censusOf(TRUTH)
  assert.equal(compareCensus(TRUTH, census), [])
  assert.equal(compareCensus(TRUTH, { ...census, spaces: [{ ...UNCOUNTED, root: '0x5000' }, ...census.spaces.toReversed()] }), [])
  assert.equal(compareCensus(TRUTH, withFirst({ leafPermissions: { 'r-x': 2, 'r--': 0, rwx: 11 } })), [])
  assert.equal(compareCensus(TRUTH, withFirst({ vmcbs: [...SPACE.vmcbs, '0x7000'], threads: [0, 1, 2] })), [])
})

test('every field that differs is named, once', () => {
  const changes: readonly (readonly [Partial<CountedSpace>, string])[] = [
    [{ levels: 5 }, 'vm 0 levels: truth 4, census 5'],
    [{ vmcbs: ['0x20000'] }, 'vm 0: VMCB 0x10fd65000 is missing from the space 0x1115860000'],
    [{ threads: [1] }, 'vm 0: thread 0 was inside it, the census lists [1]'],
    [{ leafEntries: { '4K': 11, '2M': 2, '1G': 1 } }, 'vm 0 4K leaves: truth 10, census 11'],
    [{ leafEntries: { '4K': 10, '2M': 0, '1G': 1 } }, 'vm 0 2M leaves: truth 2, census 0'],
    [{ leafEntries: { '4K': 10, '2M': 2, '1G': 2 } }, 'vm 0 1G leaves: truth 1, census 2'],
    [{ mappedBytes: 0 }, 'vm 0 mapped bytes: truth 1077977088, census 0'],
    [{ distinctFrames: 1 }, 'vm 0 distinct frames: truth 263170, census 1'],
    [{ framesMappedMoreThanOnce: 4 }, 'vm 0 frames mapped more than once: truth 3, census 4'],
    [{ extraMappings: 8 }, 'vm 0 extra mappings: truth 7, census 8'],
    [{ reservedBitEntries: 63 }, 'vm 0 reserved-bit entries: truth 64, census 63'],
    [{ tablePages: 7 }, 'vm 0 table pages: truth 6, census 7'],
    [{ leafPermissions: { rwx: 13 } }, 'vm 0 permissions: truth r-x 2, rwx 11, census rwx 13'],
    [{ framesSharedWithOtherSpaces: 0 }, 'vm 0 frames shared: truth 5, census 0'],
  ]
  for (const [change, line] of changes) assert.equal(compareCensus(TRUTH, withFirst(change)), [line])
})

test('a space that is missing, without numbers, or claims threads that were elsewhere', () => {
  const census = censusOf(TRUTH)
  assert.equal(compareCensus(TRUTH, { ...census, spaces: census.spaces.slice(1) }), ['vm 0: no space with root 0x1115860000'])
  const { root, vmcbs, threads } = SPACE
  const uncounted = { ...UNCOUNTED, root, vmcbs, threads, levels: 4 as const }
  const lines = compareCensus(TRUTH, { ...census, spaces: [uncounted, ...census.spaces.slice(1)] })
  assert.is(lines.length, 11)
  for (const line of lines) assert.match(line, /^vm 0 .*: truth .*, census none$/)
  assert.equal(compareCensus(TRUTH, { ...census, spaces: [...census.spaces, { ...UNCOUNTED, root: '0x5000', threads: [2] }] }), [
    'space 0x5000 claims threads 2, none was inside it',
  ])
  assert.equal(compareCensus(TRUTH, { ...census, schema: 'other/1' as typeof CENSUS_SCHEMA }), ['schema is other/1'])
})

test('what cannot be compared is not', () => {
  const [first, second] = TRUTH.vms
  const unshared = withFirst({ framesSharedWithOtherSpaces: 0 })
  assert.equal(compareCensus({ ...TRUTH, decoys: { vmcb_like_not_live: [0x7000] } }, unshared), [])
  const twoRoots: Truth = { ...TRUTH, vms: [{ ...first!, roots: [...first!.roots, 0x4_0000] }, second!] }
  const both: Census = {
    ...unshared,
    spaces: [...withFirst({ distinctFrames: 1 }).spaces, { ...UNCOUNTED, root: '0x40000', levels: 4 }],
  }
  assert.equal(compareCensus(twoRoots, both), [], 'counts of a machine with two roots are not in the truth by root')
  assert.equal(compareCensus(twoRoots, unshared), ['vm 0: no space with root 0x40000'])
})

test('a machine without nested paging must not be walked', () => {
  const truth: Truth = { ...TRUTH, vms: [{ ...TRUTH.vms[0]!, npt: false }, TRUTH.vms[1]!] }
  const census = censusOf(truth)
  const { root } = SPACE
  assert.equal(compareCensus(truth, census), [])
  assert.equal(compareCensus(truth, { ...census, spaces: [...census.spaces, { ...SHADOW, root, threads: [] }] }), [])
  assert.equal(compareCensus(truth, { ...census, spaces: [...census.spaces, { ...UNCOUNTED, root }] }), [
    'vm 0: nested paging is off, yet root 0x1115860000 was walked as a nested table',
  ])
})

test('each public truth file can be met', () => {
  const names = readdirSync(DUMPS).filter((name) => name.endsWith('.truth.json'))
  assert.is(names.length, 24)
  for (const name of names) {
    const truth = readTruth(`${DUMPS}${name}`)
    assert.equal(compareCensus(truth, censusOf(truth)), [], name)
  }
})

test.run()
