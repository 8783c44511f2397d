// One concrete run of the handler around its census: threads enter and join, the leader leads, each procedure compiled and run as
// it is proved. The order between threads is the simplest one: each thread as soon as it can.
// Leaves out: the census (handler-run.ts), the search of memory, the report; what needs hardware (WBINVD, stopping devices) is
// taken to have happened.

import { compile, type Program } from '../executor/compile.ts'
import { Execution, type Load } from '../executor/execution.ts'
import type { Cell } from '../model/cell.ts'
import { ArrayValue, type Value } from '../model/evaluate.ts'
import type { Procedure } from '../model/procedure.ts'
import { handlerProcedures } from '../smm/handler.ts'
import { ALL_ON, type Switches, oncePerSwitches } from '../smm/switches.ts'
import {
  bootCopy,
  found,
  handler,
  HANDLER_STATUS,
  observed,
  OBSERVATION,
  PHASE,
  platformConfig,
  registerNames,
  type SavedWord,
  savedWords,
} from '../smm/thread-cells.ts'

/** A hardware thread as an SMI finds it. */
export interface HostThread {
  /** It takes the SMI: GIF is 1, it is not parked, it is there. */
  readonly arrives: boolean
  /** In wait-for-SIPI. */
  readonly parked?: boolean
  readonly smmMask?: bigint
  /** By name (REGISTERS); those that are not given are as at boot. */
  readonly registers?: Readonly<Record<string, bigint>>
  /** FED8h, FEE0h, FF28h, FF30h, FF38h, FF40h; zero where not given. */
  readonly saved?: Partial<Readonly<Record<SavedWord, bigint>>>
}
export interface MeetingHost {
  readonly threads: readonly HostThread[]
  /** What firmware left in the registers of every thread, by name; zero where not given. */
  readonly boot?: Readonly<Record<string, bigint>>
  /** What boot code told the handler: all but `parkVisible` is true unless said otherwise. */
  readonly knows?: Partial<Record<'stopsDma' | 'parkVisible' | 'rootRecorded' | 'nestedRecorded' | 'hostRecorded', boolean>>
  /** Boot map, address widths, host's NXE. */
  readonly cells: ReadonlyMap<Cell, Value>
  readonly load: Load
}

export type MeetingStatus = keyof typeof HANDLER_STATUS | 'incompleteImage'
export type ObservationName = keyof typeof OBSERVATION
export interface ThreadObservation {
  readonly kind: ObservationName
  /** Of a thread that is measured: which of the spaces, its root's frame, the host's paging mode. */
  readonly space?: number
  readonly root?: number
  readonly mode?: number
  /** Frame of the control block, where one is known. */
  readonly vmcb?: number
}
export interface FoundSpace {
  readonly rootFrame: number
  readonly mode: number
  readonly threads: readonly number[]
}
export interface MeetingStep {
  readonly procedure: string
  readonly thread: number
  /** The phase after it. */
  readonly phase: keyof typeof PHASE
}
export interface Meeting {
  readonly status: MeetingStatus
  readonly steps: readonly MeetingStep[]
  readonly observations: readonly ThreadObservation[]
  readonly spaces: readonly FoundSpace[]
}

const PATIENCE = 16n
const nameOf = <T extends string>(table: Readonly<Record<T, number>>, value: bigint): T =>
  (Object.keys(table) as T[]).find((k) => BigInt(table[k]) === value)!

const programs = new WeakMap<Procedure, Program>()
const programOf = (p: Procedure): Program => {
  const known = programs.get(p) ?? compile(p)
  programs.set(p, known)
  return known
}
const proceduresOf = oncePerSwitches(handlerProcedures)

/** The SMRAM of a meeting, and the turns taken on it. */
class Turns {
  readonly steps: MeetingStep[] = []
  absent = false
  private readonly state: Map<Cell, Value>
  private readonly load: Load

  constructor(host: MeetingHost) {
    this.state = initial(host)
    this.load = host.load
  }
  get(cell: Cell): Value {
    return this.state.get(cell) ?? (cell.sort.kind === 'array' ? new ArrayValue(0n) : cell.sort.kind === 'bool' ? false : 0n)
  }
  number(cell: Cell): number {
    return Number(this.get(cell))
  }
  at(cell: Cell, index: number): bigint | boolean {
    const value = this.get(cell)
    return value instanceof ArrayValue ? value.get(BigInt(index)) : 0n
  }
  phase(): keyof typeof PHASE {
    return nameOf(PHASE, this.get(handler.phase) as bigint)
  }
  /** @returns what the procedure's results are, by name */
  take(procedure: Procedure, thread: number, args: Readonly<Record<string, Value>> = {}): Readonly<Record<string, Value>> {
    const execution = new Execution(programOf(procedure), this.load, this.state)
    const given = new Map(procedure.params.map((c) => [c, args[c.name.split('.').at(-1)!]!]))
    if (execution.run(given).kind === 'absent') this.absent = true
    for (const cell of procedure.modifies) if (cell.kind === 'smram') this.state.set(cell, execution.get(cell))
    this.steps.push({ procedure: procedure.name, thread, phase: this.phase() })
    return Object.fromEntries(procedure.results.map((c) => [c.name.split('.').at(-1)!, execution.get(c)]))
  }
}

function initial({ threads, boot = {}, knows = {}, cells }: MeetingHost): Map<Cell, Value> {
  const { stopsDma = true, parkVisible = false, rootRecorded = true, nestedRecorded = true, hostRecorded = true } = knows
  const state = new Map<Cell, Value>([
    ...cells,
    [platformConfig.threads, BigInt(threads.length)],
    [platformConfig.patience, PATIENCE],
    [platformConfig.stopsDma, stopsDma],
    [platformConfig.parkVisible, parkVisible],
    [platformConfig.rootRecorded, rootRecorded],
    [platformConfig.nestedRecorded, nestedRecorded],
    [platformConfig.hostRecorded, hostRecorded],
  ])
  for (const name of registerNames) state.set(bootCopy[name]!, new ArrayValue(boot[name] ?? 0n))
  return state
}

/** Whoever is there meets; `measure` is called while memory holds still, with what was found. */
export function runMeeting(
  host: MeetingHost,
  measure: (meeting: Meeting) => void = () => undefined,
  switches: Switches = ALL_ON,
): Meeting {
  const procedures = proceduresOf(switches)
  const turns = new Turns(host)
  const joined: number[] = []
  for (const [t, thread] of host.threads.entries()) {
    if (!thread.arrives) continue
    if (turns.take(procedures.checkEntry, t, { smmMask: thread.smmMask ?? 0n }).refused === true) continue
    const words = Object.fromEntries(savedWords.map((name) => [name, thread.saved?.[name] ?? 0n]))
    if (turns.take(procedures.arrive, t, { t: BigInt(t), ...words }).joined === true) joined.push(t)
  }
  const result = (): Meeting => ({
    status: turns.absent ? 'incompleteImage' : nameOf(HANDLER_STATUS, turns.get(handler.status) as bigint),
    steps: turns.steps,
    observations: host.threads.map((_, t) => observationOf(turns, t)),
    spaces: spacesOf(turns, host.threads.length),
  })
  if (joined.length === 0) return { ...result(), status: 'partial' }
  const leader = turns.number(handler.leader)
  const others = joined.filter((t) => t !== leader)

  while (turns.phase() === 'gathering')
    turns.take(procedures.gather, leader, { parked: host.threads[turns.number(handler.next)]?.parked === true })
  if (turns.phase() === 'checking')
    for (const t of joined) turns.take(procedures.checkConfiguration, t, { t: BigInt(t), ...registersOf(host, t) })
  while (turns.phase() === 'checking') turns.take(procedures.collectVerdicts, leader)
  if (turns.phase() === 'quiescing') turns.take(procedures.quiesce, leader)
  if (turns.phase() === 'flushing') for (const t of joined) turns.take(procedures.noteFlushed, t, { t: BigInt(t) })
  while (turns.phase() === 'flushing') turns.take(procedures.collectFlushes, leader)
  if (turns.phase() === 'measuring') {
    turns.take(procedures.discover, leader)
    measure(result())
    turns.take(procedures.release, leader)
  }
  for (const t of others) turns.take(procedures.leave, t, { t: BigInt(t) })
  while (turns.phase() !== 'idle') turns.take(procedures.awaitDepartures, leader)
  return result()
}

const registersOf = ({ threads, boot = {} }: MeetingHost, t: number): Record<string, bigint> =>
  Object.fromEntries(registerNames.map((name) => [name, threads[t]!.registers?.[name] ?? boot[name] ?? 0n]))

function observationOf(turns: Turns, t: number): ThreadObservation {
  const kind = nameOf(OBSERVATION, turns.at(observed.kind, t) as bigint)
  if (kind === 'absent' || kind === 'parked' || kind === 'host' || kind === 'vmcbOutside') return { kind }
  const vmcb = Number(turns.at(observed.vmcb, t))
  if (kind !== 'guest' && kind !== 'rootMismatch') return { kind, vmcb }
  const [root, mode, space] = [observed.root, observed.mode, observed.space].map((c) => Number(turns.at(c, t)))
  return { kind, vmcb, root: root!, mode: mode!, space: space! }
}

function spacesOf(turns: Turns, threads: number): readonly FoundSpace[] {
  const all = Array.from({ length: threads }, (_, t) => ({ t, ...observationOf(turns, t) }))
  return Array.from({ length: turns.number(found.count) }, (_, i) => ({
    rootFrame: Number(turns.at(found.root, i)),
    mode: Number(turns.at(found.mode, i)),
    threads: all.filter((o) => o.space === i).map((o) => o.t),
  }))
}
