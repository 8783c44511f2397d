// Runs of platform and handler together in words: the handler's SMRAM by what it is for, the platform's state as in
// platform-wording.ts.

import type { RunState } from '../model/run.ts'
import type { Quantified, Variable } from '../model/system.ts'
import { bv } from '../model/term.ts'
import type { Wording } from '../prover/wording.ts'
import { modeOf } from '../smm/discover.ts'
import { misread, snap } from '../smm/meeting-state.ts'
import { handlerScalars, threadTables } from '../smm/system-cells.ts'
import {
  handler,
  HANDLER_STATUS,
  observed,
  OBSERVATION,
  perThread,
  PHASE,
  saved,
  type SavedWord,
  VERDICT,
} from '../smm/thread-cells.ts'
import { hostCr4, hostEfer, inUse, isSet, keptFields } from '../x86/svm-state.ts'
import { vmcbWordOf } from '../x86/vmcb-fields.ts'
import { addressText, platformWording } from './platform-wording.ts'

type Plain = bigint | boolean

const words = (of: Readonly<Record<string, number>>): ((value: Plain) => string) => {
  const byNumber = new Map(Object.entries(of).map(([name, n]) => [BigInt(n), name]))
  const spaced = (name: string): string => name.replaceAll(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`)
  return (value) => spaced(byNumber.get(value as bigint) ?? `${value}`)
}
const MODES = { legacy: 0, PAE: 1, '4 levels': 2, '5 levels': 3 } as const
const mode = (value: Plain): string => Object.entries(MODES).find(([, n]) => BigInt(n) === value)?.[0] ?? `${value}`
const yes = (value: Plain): string => (value === true ? 'up' : 'down')
const bit = (value: Plain): string => (value === true ? 'yes' : 'no')
const number = (value: Plain): string => `${value}`
const hex = (value: Plain): string => ((value as bigint) < 10n ? `${value}` : `${value.toString(16).toUpperCase()}h`)
const frameText = (value: Plain): string => hex((value as bigint) << 12n)

interface Named {
  readonly name: string
  readonly value: (value: Plain) => string
}
/** Cells of the handler by their names. */
const cells: Readonly<Record<string, Named>> = {
  [handler.phase.name]: { name: 'the phase', value: words(PHASE) },
  [handler.leader.name]: { name: 'the leader', value: (t) => `thread ${t}` },
  [handler.epoch.name]: { name: 'meetings so far', value: number },
  [handler.next.name]: { name: 'the next thread to look at', value: number },
  [handler.polls.name]: { name: 'looks in vain', value: number },
  [handler.status.name]: { name: 'the status', value: words(HANDLER_STATUS) },
  [perThread.arrived.name]: { name: 'its flag', value: yes },
  [perThread.verdict.name]: { name: 'the verdict on its registers', value: words(VERDICT) },
  [perThread.flushed.name]: { name: 'caches written back', value: bit },
  [saved.state.name]: { name: 'copy of save area FED8h (SVM state)', value: hex },
  [saved.vmcb.name]: { name: 'copy of FEE0h (VMCB)', value: hex },
  [saved.hostEfer.name]: { name: 'copy of FF28h (host EFER)', value: hex },
  [saved.hostCr4.name]: { name: 'copy of FF30h (host CR4)', value: hex },
  [saved.ff38.name]: { name: 'copy of FF38h', value: hex },
  [saved.hostCr0.name]: { name: 'copy of FF40h (host CR0)', value: hex },
  [observed.kind.name]: { name: 'what it was found in', value: words(OBSERVATION) },
  [observed.root.name]: { name: 'the root that is walked for it', value: frameText },
  [observed.mode.name]: { name: 'the mode that is walked for it', value: mode },
  [observed.vmcb.name]: { name: 'its control block', value: frameText },
}
const own = new Map<Variable, Named>(
  [...handlerScalars, ...threadTables].flatMap((v): [Variable, Named][] => {
    const found = cells[v.name]
    return found === undefined ? [] : [[v, found]]
  }),
)
const place = (variable: Variable, index: bigint | undefined): string => {
  const { name } = own.get(variable)!
  return index === undefined ? name : `thread ${index}: ${name}`
}

const change: Wording['change'] = (variable, index, from, to, at) => {
  const known = own.get(variable)
  if (known !== undefined) return `${place(variable, index)} ${known.value(from)}->${known.value(to)}`
  if (Object.is(variable, misread)) return 'the handler has read something else than memory held when the measurement began'
  if (Object.is(variable, snap) && index !== undefined) return `measured: DRAM at ${addressText(index << 3n, at)} is ${hex(to)}`
  return platformWording.change(variable, index, from, to, at)
}
const element: Wording['element'] = (variable, index, at) =>
  own.has(variable) ? place(variable, index) : platformWording.element(variable, index, at)
const value: Wording['value'] = (variable, given, at) =>
  own.get(variable)?.value(given) ?? platformWording.value(variable, given, at)

const table = (name: string): Variable => threadTables.find((v) => v.name === name)!
const of = (variable: Variable, t: bigint, at: RunState): bigint =>
  at.element(variable as Extract<Variable, { kind: 'table' }>, t) as bigint

/** What the guest of a thread runs on, and what is walked for it. */
function walkedInstead(t: bigint, at: RunState): string {
  const thread = bv(32, t)
  const [used, np] = [at.value(inUse(thread, 'N_CR3')) as bigint, at.value(isSet(thread, 'NP_ENABLE')) === true]
  const hardware = at.value(modeOf(hostCr4.at(thread), hostEfer.at(thread))) as bigint
  const walked = `${frameText(of(table(observed.root.name), t, at))}, ${mode(of(table(observed.mode.name), t, at))}`
  const real = np
    ? `on the tables at ${hex(used & 0xf_ffff_ffff_f000n)}, ${mode(hardware)}`
    : 'on shadow tables, without nested paging'
  return `The guest of thread ${t} runs ${real}; what the handler is going to walk for it is ${walked}. It will count frames of a tree that the guest does not have, and miss those that it has.`
}

/** What the statement is for, by its name. */
const meanings: Readonly<Record<string, (ids: readonly bigint[], at: RunState) => string>> = {
  'I7 from the gathering to the release every thread is in SMM': ([t]) =>
    `Thread ${t} is not in SMM while the handler goes on as if it were: it runs software that nobody trusts, and may change tables, memory and registers while they are measured.`,
  'I7 from the gathering to the release no guest runs': ([t]) =>
    `Thread ${t} runs its guest while the handler goes on as if it were in SMM: the guest uses, and writes, the memory that is measured.`,
  'I8 while memory is measured it is as it was': ([a], at) =>
    `The word at ${addressText(a! << 3n, at)} has changed while memory is measured: what was read before and what is read after belong to two different pictures of memory, and frames can be moved ahead of the walk.`,
  'I8 the handler reads memory as it was': () =>
    'A read of the handler returned something else than memory held when the measurement began: the census that rests on it is of tables that the processor never used.',
  'I9 no guest on shadow tables is measured': ([t], at) => walkedInstead(t!, at),
  'I9 root and mode of what is measured are those of the hardware': ([t], at) => walkedInstead(t!, at),
  'T1 while memory is measured no thread has a guest translation': ([e]) =>
    `The TLB of thread ${e! >> 77n} holds a translation of its guest while memory is measured: the guest goes on using a frame that its tables, as they are counted, need not name any more.`,
}
const why: Wording['why'] = (statement: Quantified, ids, at) =>
  meanings[statement.name]?.(ids, at) ?? platformWording.why(statement, ids, at)

/** Words that the handler copies when a thread joins, by their place in the save area. */
const copied: Readonly<Record<SavedWord, string>> = {
  state: 'FED8h',
  vmcb: 'FEE0h',
  hostEfer: 'FF28h',
  hostCr4: 'FF30h',
  ff38: 'FF38h',
  hostCr0: 'FF40h',
}
const asRead: Readonly<Record<string, string>> = {
  'recognise.control?': 'VMCB 090h as read',
  'recognise.root?': 'VMCB.N_CR3 as read',
}
/** The field that has a word to itself. */
const fieldAt = (offset: number): string | undefined => {
  const [field, ...more] = keptFields.filter((f) => vmcbWordOf(f) === offset)
  return field === undefined || more.length > 0 ? undefined : field
}

/** Other parameters are checked and passed, or are a proof's. */
const toldOf: Readonly<Record<string, readonly string[]>> = {
  VMRUN: ['t', 'rax', 'VMCB 090h', 'VMCB 0b0h'],
  'the leader reads memory': ['t', 'a'],
}

const parameter: Wording['parameter'] = (action, name, given, at) => {
  if (toldOf[action.name]?.includes(name) === false) return ''
  if (name === 'u' && action.name === 'the leader observes a thread') return `what thread ${given} was in`
  if (name === 'VMCB 090h') return `VMCB.NP_ENABLE ${(given as bigint) & 1n}`
  if (name in asRead) return `${asRead[name]} ${hex(given)}`
  if (name === 'recognise.findRange.found?') return given === true ? 'VMCB in the boot map' : 'VMCB outside the boot map'
  if (name in copied && action.name === 'a thread joins the meeting') return `${copied[name as SavedWord]} ${hex(given)}`
  const offset = /^VMCB ([0-9a-f]+)h$/.exec(name)?.[1]
  const field = offset === undefined ? undefined : fieldAt(Number.parseInt(offset, 16))
  return field === undefined ? platformWording.parameter(action, name, given, at) : `VMCB.${field} ${hex(given)}`
}

/** Steps of a handler without the defence, which have one case only. */
const ways: Readonly<Record<string, string>> = {
  'the leader stops devices/goes on': 'goes on, whether it can or not',
  'the leader asks for a verdict/does not ask': 'does not ask for any',
  'the leader asks who has flushed/does not ask': 'does not ask',
}
const way: Wording['way'] = (action, taken) => (action.cases.length > 1 ? undefined : ways[`${action.name}/${taken.name}`])

export const meetingWording: Wording = { element, value, change, parameter, watched: platformWording.watched, way, why }
