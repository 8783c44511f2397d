// Covers: the result record of a census, `smmcheck.census/1`: its type, its check at run time, the source of schemas/census-1.schema.json.
// Leaves out: how it is shown (census-table.ts) and how it comes about.
// The record is strict: a new field is a new version, so that a reader who knows version 1 never misses one.
import { z } from 'zod'

export const CENSUS_SCHEMA = 'smmcheck.census/1'

/** Why a census, or one space of it, ended without numbers. */
export const INCOMPLETE_STATUSES = [
  'partial',
  'foreign-table',
  'truncated',
  'unsupported-mode',
  'incomplete-image',
  'unrecorded-root',
  'race',
  'tamper',
  'dma-not-quiesced',
  'shadow-paging',
] as const
export const CENSUS_STATUSES = ['complete', ...INCOMPLETE_STATUSES] as const
export const CANDIDATE_STATES = ['running', 'idle', 'never-run', 'nested-paging-off'] as const

const count = z.int().nonnegative()
const address = z
  .string()
  .regex(/^0x(0|[1-9a-f][0-9a-f]*)$/)
  .meta({ description: 'a physical address in lower-case hexadecimal' })

const identity = {
  root: address.meta({ description: 'host-physical address of the root table (nested CR3)' }),
  vmcbs: z.array(address).meta({ description: 'VMCBs that name this root' }),
  threads: z
    .array(count)
    .meta({ description: 'hardware threads inside a guest of this space, by the cpu numbers of the machine file' }),
}

const countedSpace = z
  .strictObject({
    ...identity,
    status: z.literal('complete'),
    levels: z.union([z.literal(4), z.literal(5)]),
    nestedPaging: z.literal(true),
    leafEntries: z
      .strictObject({ '4K': count, '2M': count, '1G': count })
      .meta({ description: 'usable leaf entries by the size they map' }),
    mappedBytes: count.meta({ description: 'guest-physical bytes that these leaves map' }),
    distinctFrames: count.meta({ description: '4-KiB frames of RAM that at least one leaf reaches' }),
    distinctFramesCertain: count.meta({
      description: 'the same, without leaves whose use depends on state that nothing records',
    }),
    framesMappedMoreThanOnce: count,
    extraMappings: count.meta({ description: 'mappings of frames beyond their first' }),
    reservedBitEntries: count.meta({
      description: 'present entries with a reserved bit set, such as the MMIO marks of KVM: no memory',
    }),
    foreignLeaves: count.meta({ description: 'leaves that reach outside RAM' }),
    beyondGuestWidth: count.meta({ description: 'leaves at addresses that no guest can form' }),
    tablePages: count.meta({ description: 'distinct frames that hold tables of this space, the root among them' }),
    framesSharedWithOtherSpaces: count,
    leafPermissions: z
      .record(z.string().regex(/^r[w-][x-]$/), count)
      .meta({ description: 'leaves by what all levels together allow' }),
  })
  .meta({ title: 'a space that was counted' })

const uncountedSpace = z
  .strictObject({
    ...identity,
    status: z.enum(INCOMPLETE_STATUSES),
    levels: z.union([z.literal(2), z.literal(3), z.literal(4), z.literal(5)]).nullable(),
    nestedPaging: z.boolean(),
    leafEntries: z.null(),
    mappedBytes: z.null(),
    distinctFrames: z.null(),
    distinctFramesCertain: z.null(),
    framesMappedMoreThanOnce: z.null(),
    extraMappings: z.null(),
    reservedBitEntries: z.null(),
    foreignLeaves: z.null(),
    beyondGuestWidth: z.null(),
    tablePages: z.null(),
    framesSharedWithOtherSpaces: z.null(),
    leafPermissions: z.null(),
  })
  .meta({ title: 'a space without numbers; its status says why' })

const candidate = z.strictObject({
  vmcb: address,
  root: address.meta({ description: 'the nested CR3 it names; not to be followed when nested paging is off' }),
  asid: count,
  nestedPaging: z.boolean(),
  state: z.enum(CANDIDATE_STATES),
})

export const censusRecord = z
  .strictObject({
    schema: z.literal(CENSUS_SCHEMA),
    status: z.enum(CENSUS_STATUSES),
    spaces: z.array(z.union([countedSpace, uncountedSpace])),
    distinctFrames: count
      .nullable()
      .meta({ description: 'frames of RAM that any space reaches; null when no number can be vouched for' }),
    candidates: z.array(candidate).meta({ description: 'pages with the shape of a VMCB, found by a heuristic' }),
  })
  .meta({ title: CENSUS_SCHEMA, description: 'What each virtual machine on a host has, as smmcheck run counts it' })

export type Census = z.infer<typeof censusRecord>
export type CensusSpace = Census['spaces'][number]
export type CountedSpace = z.infer<typeof countedSpace>
export type UncountedSpace = z.infer<typeof uncountedSpace>
export type CensusCandidate = z.infer<typeof candidate>
export type CensusStatus = (typeof CENSUS_STATUSES)[number]
export type IncompleteStatus = (typeof INCOMPLETE_STATUSES)[number]
export type CandidateState = (typeof CANDIDATE_STATES)[number]
