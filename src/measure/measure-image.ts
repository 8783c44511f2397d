// From a memory image and its machine file to a census: the handler's own procedures, run on both: the search of memory, the meeting of threads
// with its discovery, the census.
// Each space is measured alone first, so that one that cannot be counted (a leftover of a machine that is gone, say) has its own
// status and does not spoil the others; those that can be counted are then measured together.

import { compile } from '../executor/compile.ts'
import type { PhysicalMemory } from '../executor/image/memory.ts'
import { loadImage } from '../executor/load-image.ts'
import type { Machine } from '../executor/machine.ts'
import type { CandidateState, Census, CensusCandidate, CensusSpace, CensusStatus, IncompleteStatus } from '../report/census.ts'
import { measure } from '../smm/census.ts'
import { MODE, SLOT, SPACE } from '../smm/cells.ts'
import { ALL_ON } from '../smm/switches.ts'
import { bootState, budgetFor, type FrameRange, jointBudget, windowWords } from './boot-state.ts'
import { namedVmcbs, type Vmcb, vmcbsAt, withCurrent } from './candidates.ts'
import { type CandidateFacts, candidateFacts } from './candidate-facts.ts'
import { isFault, type MeasureFault } from './fault.ts'
import { type Counts, type Run, runHandler, type Setting } from './handler-run.ts'
import { hostPaging } from './host-paging.ts'
import { type GivenHost, type ImageMeeting, imageMeeting } from './image-meeting.ts'
import { innerGuests } from './inner-guests.ts'
import type { MeetingStep } from './meeting.ts'
import { once } from './once.ts'
import { type ImageScan, scanImage } from './scan-image.ts'
import { findSpaces, type Space } from './spaces.ts'

export interface MeasureOptions {
  /** Take these for the VMCBs instead of scanning memory; those that save states name are taken in any case. */
  readonly vmcbs?: readonly number[]
  /** A sample state: its threads as the SMI finds them, what boot code recorded, where SMRAM lies. */
  readonly host?: GivenHost & { readonly smram: FrameRange }
  /** Size of the four bitmaps together. */
  readonly bitmapBytes?: number
}

export type MeasureResult =
  | { readonly ok: true; readonly census: Census; readonly steps: readonly MeetingStep[] }
  | { readonly ok: false; readonly fault: MeasureFault }

const handler = once(() => compile(measure(ALL_ON)))

const MOST_SPACES = 2 ** SPACE - 1
const MOST_VMCBS = 2 ** SLOT - 1

/** A VMCB, and the root of a space in whose memory its page lies. */
type PlacedVmcb = Vmcb & { readonly inside: number | undefined }

export function measureImage(memory: PhysicalMemory, machine: Machine, options: MeasureOptions = {}): MeasureResult {
  const boot = bootState(machine, options.host?.smram)
  if (isFault(boot)) return { ok: false, fault: boot }
  const [usual, words] = [windowWords(boot, undefined), windowWords(boot, options.bitmapBytes)]
  if (typeof usual !== 'number') return { ok: false, fault: usual }
  if (typeof words !== 'number') return { ok: false, fault: words }
  const hosts = hostPaging(machine, memory)
  if (isFault(hosts)) return { ok: false, fault: hosts }
  const meeting = imageMeeting(machine, memory, boot, hosts, options.host)
  if (!meeting.measures) return { ok: true, census: unmeasured(meeting), steps: meeting.steps }
  const scan = options.vmcbs === undefined ? scanImage(memory, boot) : undefined
  const listed = scan === undefined ? namedVmcbs(memory, boot, options.vmcbs ?? []) : vmcbsAt(memory, scan.candidates)
  if (isFault(listed)) return { ok: false, fault: listed }
  const vmcbs = withCurrent(listed, machine, memory)
  const { spaces, shortcomings } = findSpaces(machine, vmcbs, hosts, meeting)
  if (spaces.length > MOST_SPACES)
    return { ok: false, fault: { kind: 'too-many-spaces', count: spaces.length, most: MOST_SPACES } }

  const setting = {
    program: handler(),
    load: loadImage(memory),
    boot,
    // What no guest uses cannot matter to any; a guest that does has it in its VMCB.
    gmetCapable: vmcbs.some(({ gmet }) => gmet),
  }
  const alone = { ...setting, words: usual, budget: budgetFor(boot, usual) }
  const statuses = new Map<Space, CensusStatus>()
  for (const space of spaces) statuses.set(space, space.unwalked ?? runHandler(alone, [space]).status)
  const countable = spaces.filter((space) => statuses.get(space) === 'complete')
  const asked = vmcbs.slice(0, MOST_VMCBS).map(({ address }) => address)
  const together = measured({ ...setting, words, budget: jointBudget(boot, words, countable.length), vmcbs: asked }, countable)
  const counted = new Map(countable.map((space, i) => [space, together.spaces[i]!]))
  const running = countable.filter(({ threads }) => threads.length > 0)
  const ofRunning =
    running.length === countable.length
      ? together
      : measured({ ...setting, words, budget: jointBudget(boot, words, running.length) }, running)

  const status = worst([
    ...shortcomings,
    ...spaces.filter(({ threads }) => threads.length > 0).map((space) => statuses.get(space)!),
  ])
  const placed = vmcbs.map((vmcb, i): PlacedVmcb => {
    const space = together.inside[i]
    return { ...vmcb, inside: space === undefined ? undefined : countable[space]!.root }
  })
  const factsOf = candidateFacts(memory, boot, hosts.common.nxe)
  const facts = new Map(placed.map((vmcb) => [vmcb, factsOf(vmcb)]))
  const inner = innerGuests(
    memory,
    placed.map((vmcb) => ({ ...vmcb, leads: facts.get(vmcb)!.rootState === 'table' })),
  )
  return {
    ok: true,
    steps: meeting.steps,
    census: {
      schema: 'smmcheck.census/2',
      status,
      spaces: spaces.map((space) => spaceRecord(space, statuses.get(space)!, counted.get(space), inner.owner.get(space.root))),
      distinctFrames: status === 'complete' ? together.distinctFrames : null,
      distinctFramesRunning: status === 'complete' ? ofRunning.distinctFrames : null,
      scan: scan === undefined ? null : scanRecord(scan),
      candidates: placed.map((vmcb) => candidateRecord(vmcb, facts.get(vmcb)!, inner.guestOwned.has(vmcb.address), machine)),
    },
  }
}

/** Nothing is read when memory does not hold still, or is not what boot code saw. */
const unmeasured = ({ shortcoming }: ImageMeeting): Census => ({
  schema: 'smmcheck.census/2',
  status: shortcoming ?? 'partial',
  spaces: [],
  distinctFrames: null,
  distinctFramesRunning: null,
  scan: null,
  candidates: [],
})

function measured(setting: Setting, spaces: readonly Space[]): Extract<Run, { status: 'complete' }> {
  const run = runHandler(setting, spaces)
  if (run.status !== 'complete') throw new Error(`spaces that can be counted alone are ${run.status} together`)
  return run
}

/** What says most about how little is known comes first: with threads missing the handler looks at nothing. */
const GRAVITY: readonly CensusStatus[] = [
  'partial',
  'unrecorded-root',
  'root-mismatch',
  'vmcb-outside-dram',
  'too-many-spaces',
  'foreign-table',
  'incomplete-image',
  'truncated',
  'unsupported-mode',
  'shadow-paging',
]
const worst = (statuses: readonly CensusStatus[]): CensusStatus => GRAVITY.find((s) => statuses.includes(s)) ?? 'complete'

const hex = (n: number): string => `0x${n.toString(16)}`

function spaceRecord(
  space: Space,
  status: CensusStatus,
  counts: Counts | undefined,
  innerGuestOf: number | undefined,
): CensusSpace {
  const identity = {
    root: hex(space.root),
    vmcbs: space.vmcbs.map(hex),
    threads: [...space.threads],
    evidence: space.threads.length > 0 ? ('save-state' as const) : ('candidate' as const),
    innerGuestOf: innerGuestOf === undefined ? null : hex(innerGuestOf),
  }
  const { mode } = space.paging
  if (counts !== undefined && (mode === MODE.long4 || mode === MODE.long5))
    return { ...identity, status: 'complete', levels: mode === MODE.long5 ? 5 : 4, nestedPaging: true, ...counts }
  return {
    ...identity,
    status: status as IncompleteStatus,
    levels: space.unwalked === 'shadow-paging' ? null : LEVELS[mode],
    nestedPaging: space.unwalked !== 'shadow-paging',
    leafEntries: null,
    mappedBytes: null,
    distinctFrames: null,
    distinctFramesCertain: null,
    framesMappedMoreThanOnce: null,
    extraMappings: null,
    reservedBitEntries: null,
    foreignLeaves: null,
    beyondGuestWidth: null,
    tablePages: null,
    framesSharedWithOtherSpaces: null,
    mappedTables: null,
    smramLeaves: null,
    leafPermissions: null,
  }
}
const LEVELS = { [MODE.legacy]: 2, [MODE.pae]: 3, [MODE.long4]: 4, [MODE.long5]: 5 } as const

const scanRecord = ({ frames, absentFrames, counts, full }: ImageScan): NonNullable<Census['scan']> => ({
  frames,
  absentFrames,
  startable: counts.startable,
  startableIfCached: counts.ifCached,
  shaped: counts.shaped,
  listFull: full,
})

function candidateRecord(vmcb: PlacedVmcb, facts: CandidateFacts, guestOwned: boolean, machine: Machine): CensusCandidate {
  const { address, root, asid, nestedPaging, inside } = vmcb
  return {
    vmcb: hex(address),
    root: hex(root),
    asid,
    nestedPaging,
    state: stateOf(vmcb, facts, guestOwned, machine),
    startable: facts.refusedFor?.length === 0,
    refusedFor: [...(facts.refusedFor ?? [])],
    rootState: facts.rootState,
    inside: inside === undefined ? null : hex(inside),
  }
}

/** Save states say what runs; of the others, what tells most about why not. */
function stateOf(vmcb: PlacedVmcb, { rootState }: CandidateFacts, guestOwned: boolean, machine: Machine): CandidateState {
  if (machine.saveStates.some(({ vmcb: current }) => current === vmcb.address)) return 'running'
  if (guestOwned) return 'guest-owned'
  if (!vmcb.nestedPaging) return 'nested-paging-off'
  if (vmcb.asid === 0) return 'never-run'
  return rootState === 'table' || rootState === 'absent' ? 'idle' : 'leftover'
}
