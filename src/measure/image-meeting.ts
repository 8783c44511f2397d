// The handler's own discovery, run on an image: the machine file plays the save areas, and what the handler makes of each thread is what the
// census goes by. Where the machine file leaves threads out, the handler ends as partial before it looks at anything: its steps are those, and it
// would report nothing. In an image memory stands still all the same, so the threads that there are meet once more, among themselves, for a census
// that says partial and that no handler made.

import type { PhysicalMemory } from '../executor/image/memory.ts'
import type { Machine } from '../executor/machine.ts'
import { loadImage } from '../executor/load-image.ts'
import type { IncompleteStatus } from '../report/census.ts'
import { config, MODE } from '../smm/cells.ts'
import type { BootState } from './boot-state.ts'
import type { HostPaging, Hosts } from './host-paging.ts'
import {
  type HostThread,
  type Meeting,
  type MeetingHost,
  type MeetingStatus,
  type MeetingStep,
  runMeeting,
  type ThreadObservation,
} from './meeting.ts'

export interface ImageMeeting {
  readonly steps: readonly MeetingStep[]
  /** Every thread met, the configuration is as at boot, devices are stopped: memory may be measured. */
  readonly measures: boolean
  /** By the CPU numbers of the machine file. */
  readonly of: ReadonlyMap<number, ThreadObservation>
  readonly shortcoming: IncompleteStatus | undefined
}

const SHORTCOMINGS: Readonly<Record<Exclude<MeetingStatus, 'complete'>, IncompleteStatus>> = {
  partial: 'partial',
  tamper: 'tamper',
  dmaNotQuiesced: 'dma-not-quiesced',
  tooManySpaces: 'too-many-spaces',
  vmcbOutside: 'vmcb-outside-dram',
  shadow: 'shadow-paging',
  unrecordedRoot: 'unrecorded-root',
  rootMismatch: 'root-mismatch',
  unsupportedMode: 'unsupported-mode',
  incompleteImage: 'incomplete-image',
}

/** Encodings of FED8h bits 2:0 (x86-facts 2.1): 6 records the host's registers and the root, 2 does not. */
const RECORDED = 6n
const UNRECORDED = 2n

/** What a sample state tells beyond a machine file. */
export type GivenHost = Pick<MeetingHost, 'threads' | 'boot' | 'knows'>

const UNMEASURED: readonly MeetingStatus[] = ['partial', 'tamper', 'dmaNotQuiesced']

export function imageMeeting(
  machine: Machine,
  memory: PhysicalMemory,
  boot: BootState,
  hosts: Hosts,
  given?: GivenHost,
): ImageMeeting {
  const threads = given?.threads ?? threadsOf(machine, hosts)
  const lacking = given === undefined && machine.cpus.length < machine.threads
  if (threads.length === 0) return { of: new Map(), shortcoming: lacking ? 'partial' : undefined, steps: [], measures: true }
  const met = (present: readonly HostThread[]): Meeting =>
    runMeeting({
      knows: { nestedRecorded: false },
      ...given,
      threads: present,
      cells: new Map([...boot.cells, [config.nxe, hosts.common.nxe]]),
      load: loadImage(memory),
    })
  const meeting = met(threads)
  // One that does not come ends the meeting; more of them would end it no other way.
  if (lacking) {
    const { steps } = met([...threads, { arrives: false }])
    return { of: observationsOf(machine, meeting), shortcoming: 'partial', steps, measures: true }
  }
  return {
    of: observationsOf(machine, meeting),
    shortcoming: meeting.status === 'complete' ? undefined : SHORTCOMINGS[meeting.status],
    steps: meeting.steps,
    measures: !UNMEASURED.includes(meeting.status),
  }
}

const observationsOf = ({ cpus }: Machine, { observations }: Meeting): ImageMeeting['of'] =>
  new Map(cpus.map(({ cpu }, t) => [cpu, observations[t]!]))

const threadsOf = (machine: Machine, hosts: Hosts): readonly HostThread[] =>
  machine.cpus.map(({ cpu }): HostThread => {
    const state = machine.saveStates.find((s) => s.cpu === cpu)
    if (state === undefined) return { arrives: true }
    const { vmcb, nestedCr3 } = state
    if (nestedCr3 === undefined || nestedCr3 === 0) return { arrives: true, saved: { state: UNRECORDED, vmcb: BigInt(vmcb) } }
    const host = registersOf(hosts.of.get(cpu) ?? hosts.common)
    return { arrives: true, saved: { state: RECORDED, vmcb: BigInt(vmcb), ff38: BigInt(nestedCr3), ...host } }
  })
/** Host registers with this paging mode. */
function registersOf({ mode, nxe }: HostPaging): { hostCr0: bigint; hostCr4: bigint; hostEfer: bigint } {
  const long = mode === MODE.long4 || mode === MODE.long5
  return {
    hostCr0: 0x8000_0001n,
    hostCr4: (mode === MODE.legacy ? 0n : 0x20n) | (mode === MODE.long5 ? 0x1000n : 0n),
    hostEfer: (long ? 0x500n : 0n) | (nxe ? 0x800n : 0n) | 0x1000n,
  }
}
