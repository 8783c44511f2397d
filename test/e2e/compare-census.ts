// Holds a census against a truth file of test/data/kvm-dumps: what must agree, exactly, and what cannot be compared.
// Compared per virtual machine with nested paging: a space for each root, its levels, its VMCBs, the threads inside it; and, when it
// has one root only, every count. Frames shared with other spaces only where no VMCB of a destroyed machine lingers and every
// machine has one root, since else the census rightly has spaces that the truth does not count as machines.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Census, CensusSpace } from '../../src/report/census.ts'

const count = z.number()
const truthFile = z.object({
  name: z.string(),
  cpus: z.array(z.object({ cpu: count, in_guest: z.boolean(), active_nested_cr3: count.nullish() })),
  vmcbs: z.array(z.object({ pa: count, n_cr3: count })),
  decoys: z.object({ vmcb_like_not_live: z.array(z.unknown()).default([]) }).default({ vmcb_like_not_live: [] }),
  vms: z.array(
    z.object({
      vm: count,
      npt: z.boolean().default(true),
      roots: z.array(count),
      levels: count.nullish(),
      totals: z.object({
        leaf_entries_4k: count,
        leaf_entries_2m: count,
        leaf_entries_1g: count,
        gpa_bytes_mapped: count,
        distinct_4k_frames: count,
        frames_mapped_more_than_once: count,
        extra_mappings_of_those: count,
        reserved_bit_entries: count,
        table_pages: count,
        leaf_perms: z.record(z.string(), count),
        frames_shared_with_other_vms: count,
      }),
    }),
  ),
})

export type Truth = z.infer<typeof truthFile>
type TruthVm = Truth['vms'][number]

export const readTruth = (path: string): Truth => truthFile.parse(JSON.parse(readFileSync(path, 'utf8')))

/** One line per difference; none means that the census is right. */
export function compareCensus(truth: Truth, census: Census): readonly string[] {
  const differences: string[] = []
  if (!census.schema.startsWith('smmcheck.census/')) differences.push(`schema is ${census.schema}`)
  const spaces = new Map(census.spaces.map((space) => [frameAddress(Number(space.root)), space]))
  const inside = threadsByRoot(truth)
  const sharedComparable = truth.decoys.vmcb_like_not_live.length === 0 && truth.vms.every(({ roots }) => roots.length <= 1)
  for (const vm of truth.vms) {
    for (const root of vm.roots.map(frameAddress)) {
      const space = spaces.get(root)
      const say = (text: string): unknown => differences.push(`vm ${vm.vm}${text}`)
      if (!vm.npt) {
        if (space?.nestedPaging) say(`: nested paging is off, yet root ${hex(root)} was walked as a nested table`)
      } else if (space === undefined) {
        if (root !== 0) say(`: no space with root ${hex(root)}`)
      } else {
        compareIdentity(truth, vm, space, inside.get(root) ?? []).forEach(say)
        if (vm.roots.length === 1) compareCounts(vm, space, sharedComparable).forEach(say)
      }
    }
  }
  for (const [root, { threads }] of spaces) {
    if (threads.length > 0 && !inside.has(root))
      differences.push(`space ${hex(root)} claims threads ${threads.join(' ')}, none was inside it`)
  }
  return differences
}

function threadsByRoot({ cpus }: Truth): ReadonlyMap<number, readonly number[]> {
  const threads = new Map<number, number[]>()
  for (const { cpu, in_guest, active_nested_cr3 } of cpus) {
    if (!in_guest || !active_nested_cr3) continue
    const root = frameAddress(active_nested_cr3)
    threads.set(root, [...(threads.get(root) ?? []), cpu])
  }
  return threads
}

function compareIdentity(truth: Truth, vm: TruthVm, space: CensusSpace, inside: readonly number[]): readonly string[] {
  const listed = new Set(space.vmcbs.map(Number))
  const own = truth.vmcbs.filter(({ n_cr3 }) => frameAddress(n_cr3) === frameAddress(Number(space.root)))
  return [
    ...differ('levels', vm.levels ?? null, space.levels),
    ...own.filter(({ pa }) => !listed.has(pa)).map(({ pa }) => `: VMCB ${hex(pa)} is missing from the space ${space.root}`),
    ...inside
      .filter((cpu) => !space.threads.includes(cpu))
      .map((cpu) => `: thread ${cpu} was inside it, the census lists ${JSON.stringify(space.threads)}`),
  ]
}

function compareCounts({ totals }: TruthVm, space: CensusSpace, sharedComparable: boolean): readonly string[] {
  return [
    ...differ('4K leaves', totals.leaf_entries_4k, space.leafEntries?.['4K']),
    ...differ('2M leaves', totals.leaf_entries_2m, space.leafEntries?.['2M']),
    ...differ('1G leaves', totals.leaf_entries_1g, space.leafEntries?.['1G']),
    ...differ('mapped bytes', totals.gpa_bytes_mapped, space.mappedBytes),
    ...differ('distinct frames', totals.distinct_4k_frames, space.distinctFrames),
    ...differ('frames mapped more than once', totals.frames_mapped_more_than_once, space.framesMappedMoreThanOnce),
    ...differ('extra mappings', totals.extra_mappings_of_those, space.extraMappings),
    ...differ('reserved-bit entries', totals.reserved_bit_entries, space.reservedBitEntries),
    ...differ('table pages', totals.table_pages, space.tablePages),
    ...differ('permissions', nonZero(totals.leaf_perms), space.leafPermissions === null ? null : nonZero(space.leafPermissions)),
    ...(sharedComparable ? differ('frames shared', totals.frames_shared_with_other_vms, space.framesSharedWithOtherSpaces) : []),
  ]
}

const differ = (what: string, want: number | string | null, got: number | string | null | undefined): readonly string[] =>
  want === (got ?? null) ? [] : [` ${what}: truth ${want}, census ${got ?? 'none'}`]

const nonZero = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, n]) => n !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, n]) => `${name} ${n}`)
    .join(', ')

/** The low 12 bits of a nested CR3 are no part of the root's address. */
const frameAddress = (n: number): number => n - (n % 4096)

const hex = (n: number): string => `0x${n.toString(16)}`
