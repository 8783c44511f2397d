// Covers: the result record of a census, `smmcheck.census/2`: its type, its check at run time, the source of schemas/census-2.schema.json.
// Leaves out: how it is shown (census-table.ts) and how it comes about.
// The record is strict: a new field is a new version, so that a reader who knows version 2 never misses one.
import { z } from 'zod'

export const CENSUS_SCHEMA = 'smmcheck.census/2'

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
  'root-mismatch',
  'vmcb-outside-dram',
  'too-many-spaces',
] as const
export const CENSUS_STATUSES = ['complete', ...INCOMPLETE_STATUSES] as const
export const CANDIDATE_STATES = ['running', 'idle', 'never-run', 'nested-paging-off', 'leftover', 'guest-owned'] as const
export const ROOT_STATES = ['table', 'empty', 'faulty', 'outside-ram', 'absent', 'none'] as const

const count = z.int().nonnegative()
const address = z
  .string()
  .regex(/^0x(0|[1-9a-f][0-9a-f]*)$/)
  .meta({ description: 'a physical address in lower-case hexadecimal' })

const identity = {
  root: address.meta({ description: 'host-physical address of the root table (nested CR3)' }),
  vmcbs: z.array(address).meta({ description: 'VMCBs that name this root' }),
  evidence: z.enum(['save-state', 'candidate']).meta({
    description: 'save-state: a thread was inside a guest of this space; candidate: only a VMCB in memory names it',
  }),
  innerGuestOf: address.nullable().meta({
    description:
      'root of the space whose guest seems to run this space as its own guest (a heuristic: the descriptor tables of a VMCB in its memory)',
  }),
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
    mappedTables: count.meta({ description: 'distinct frames of this space that hold nested tables, of whatever space' }),
    smramLeaves: count.meta({ description: 'leaves that have a frame of SMRAM' }),
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
    mappedTables: z.null(),
    smramLeaves: z.null(),
    leafPermissions: z.null(),
  })
  .meta({ title: 'a space without numbers; its status says why' })

const candidate = z.strictObject({
  vmcb: address,
  root: address.meta({ description: 'the nested CR3 it names; not to be followed when nested paging is off' }),
  asid: count,
  nestedPaging: z.boolean(),
  state: z.enum(CANDIDATE_STATES),
  startable: z.boolean().meta({ description: 'VMRUN would start a guest from the page as it lies in memory' }),
  refusedFor: z.array(z.string()).meta({ description: 'checks of VMRUN that the page fails as it lies in memory' }),
  rootState: z.enum(ROOT_STATES).meta({
    description:
      'what its nested CR3 leads to: a table, one without entries, one whose entries all fault, no RAM, a page that the image lacks',
  }),
  inside: address.nullable().meta({ description: 'root of a space whose guest can reach the page of this VMCB' }),
})

const scan = z.strictObject({
  frames: count.meta({ description: 'frames of RAM that were searched' }),
  absentFrames: count.meta({ description: 'frames of RAM that the image does not hold: a VMCB there is not found' }),
  startable: count,
  startableIfCached: count.meta({
    description:
      'frames from which VMRUN may start a guest if the processor has a copy from before; the startable ones among them',
  }),
  shaped: count.meta({ description: 'frames shaped like a VMCB, by a heuristic' }),
  listFull: z.boolean().meta({ description: 'there are candidates beyond those listed' }),
})

export const censusRecord = z
  .strictObject({
    schema: z.literal(CENSUS_SCHEMA),
    status: z.enum(CENSUS_STATUSES),
    spaces: z.array(z.union([countedSpace, uncountedSpace])),
    distinctFrames: count
      .nullable()
      .meta({ description: 'frames of RAM that any space reaches; null when no number can be vouched for' }),
    distinctFramesRunning: count.nullable().meta({
      description:
        'the same for the spaces that save states name, leaving candidates aside; null when no number can be vouched for',
    }),
    scan: scan.nullable().meta({ description: 'the search of memory for VMCBs; null when the operator named them' }),
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
export type RootState = (typeof ROOT_STATES)[number]
export type CandidateState = (typeof CANDIDATE_STATES)[number]
