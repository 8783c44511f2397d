// Runs of the platform in the manual's words: registers by their fields, addresses by what lies there, and what it means that a
// statement about SMRAM is false.

import type { Layout } from '../model/layout.ts'
import type { RunState } from '../model/run.ts'
import { type Action, type Domain, type Quantified, type Variable, variableOf } from '../model/system.ts'
import { bv } from '../model/term.ts'
import type { Wording } from '../prover/wording.ts'
import { dirty, dram, exposed, foreign } from '../x86/dram.ts'
import { cr0, cr0Layout, cr4, cr4Layout, efer, eferLayout } from '../x86/modes.ts'
import { frame, word } from '../x86/physical.ts'
import { switchNames } from '../x86/profile.ts'
import { hostCr4, hostEfer, keptFields, tableInUse, vmcbPa } from '../x86/svm-state.ts'
import { thread } from '../x86/topology.ts'
import { vmcbWordOf } from '../x86/vmcb-fields.ts'
import { fixedRange, hwcr, hwcrLayout, smmMask, sysCfg, vmCr, vmCrLayout } from '../x86/registers.ts'
import { smmMask as smmMaskLayout, sysCfg as sysCfgLayout } from '../x86/routing.ts'
import { bootSmBase, bootSmmMask, inTseg } from '../x86/tseg.ts'
import { SAVE_AREA } from '../x86/savestate.ts'

type Plain = bigint | boolean

const layouts = new Map<Variable, Layout>([
  [hwcr, hwcrLayout],
  [smmMask, smmMaskLayout],
  [bootSmmMask, smmMaskLayout],
  [sysCfg, sysCfgLayout],
  [vmCr, vmCrLayout],
  [cr0, cr0Layout],
  [cr4, cr4Layout],
  [efer, eferLayout],
])
const switches: ReadonlySet<string> = new Set(switchNames)

const hex = (value: bigint): string => (value < 10n ? `${value}` : `${value.toString(16).toUpperCase()}h`)
const text = (value: Plain): string => (typeof value === 'boolean' ? (value ? '1' : '0') : hex(value))

/** `TSeg+8000h`, with what firmware put there; an address outside TSeg as it is. */
export function addressText(address: bigint, at: RunState): string {
  const end = address & 0xf_ffff_ffff_ffffn
  if (at.value(inTseg(bv(52, end))) !== true) return guestPlace(end, at) ?? hex(end)
  const compared = (at.of(bootSmmMask) as bigint) & 0xffff_fffe_0000n
  const place = `TSeg+${hex(end & ~compared & 0xffff_ffff_ffffn)}`
  const owner = [0n, 1n].find((t) => within(end, at.element(bootSmBase, t) as bigint, SAVE_AREA))
  return owner === undefined ? place : `${place} (save area of thread ${owner})`
}
/** `VMCB(thread 0).N_CR3`, `NPT(thread 0).PML4[3]`: words of the control block that a thread last ran, and of the root that it runs on. */
function guestPlace(address: bigint, at: RunState): string | undefined {
  const [frameOf, offset] = [address >> 12n, address & 0xfffn]
  for (const t of at.elements(thread)) {
    const last = at.element(vmcbPa, t) as bigint
    if (last !== 0n && last >> 12n === frameOf) return `VMCB(thread ${t})${fieldText(Number(offset))}`
    const [root, hasNpt] = [at.element(tableInUse('N_CR3'), t) as bigint, at.element(tableInUse('NP_ENABLE'), t) === 1n]
    if (last !== 0n && hasNpt && (root >> 12n) % (1n << 40n) === frameOf)
      return `NPT(thread ${t}).${rootText(t, at)}[${offset >> 3n}]`
  }
  return undefined
}
const fieldText = (offset: number): string => {
  const [field, ...more] = keptFields.filter((f) => vmcbWordOf(f) === (offset & ~7))
  return field === undefined || more.length > 0 || offset % 8 !== 0 ? `+${hex(BigInt(offset))}` : `.${field}`
}
/** What the highest table is called in the mode that the host had at VMRUN. */
const rootText = (t: bigint, at: RunState): string => {
  const [c4, ef] = [
    cr4Layout.of(bv(64, at.element(hostCr4, t) as bigint)),
    eferLayout.of(bv(64, at.element(hostEfer, t) as bigint)),
  ]
  if (c4.PAE.value !== true) return 'PD'
  if (ef.LMA.value !== true) return 'PDP'
  return c4.LA57.value === true ? 'PML5' : 'PML4'
}
const within = (address: bigint, base: bigint, offset: number): boolean =>
  address >= base + BigInt(offset) && address < base + BigInt(offset) + 0x200n

const indexText = (of: Domain, index: bigint, at: RunState): string => {
  if (Object.is(of, word)) return addressText(index << 3n, at)
  if (Object.is(of, frame)) return `the page at ${addressText(index << 12n, at)}`
  if (Object.is(of, fixedRange)) return `fixed range ${hex(index & 0x7fn)} of core ${index >> 7n}`
  if (of.name === 'translation') return `thread ${index >> 77n}`
  return `${of.name} ${index}`
}

function element(variable: Variable, index: bigint | undefined, at: RunState): string {
  if (index === undefined) return variable.name
  if (variable.kind === 'table' && Object.is(variable.domain, word))
    return Object.is(variable, dram) ? `DRAM at ${indexText(word, index, at)}` : `${indexText(word, index, at)}: ${variable.name}`
  return variable.kind === 'table' ? `${indexText(variable.domain, index, at)}: ${variable.name}` : variable.name
}

function value(variable: Variable, given: Plain): string {
  const layout = layouts.get(variable)
  if (typeof given === 'boolean') return switches.has(variable.name) ? (given ? 'yes' : 'no') : text(given)
  return layout === undefined || given === 0n ? hex(given) : `${hex(given)} (${layout.show(given)})`
}

const ghosts = new Map<Variable, (place: string) => string>([
  [foreign, (place) => `${place} is now written by somebody else than SMM`],
  [dirty, (place) => `${place} is written, and only in a cache so far`],
  [exposed, (place) => `${place} has been read by somebody outside SMM`],
])

function change(variable: Variable, index: bigint | undefined, from: Plain, to: Plain, at: RunState): string {
  const ghost = ghosts.get(variable)
  if (ghost !== undefined && index !== undefined && to === true) return ghost(indexText(word, index, at))
  const layout = layouts.get(variable)
  if (layout === undefined || typeof from === 'boolean' || typeof to === 'boolean')
    return `${element(variable, index, at)} ${text(from)}->${text(to)}`
  const fields = layout.diff(from, to).replaceAll(`${layout.name}.`, `${variable.name}.`)
  const of = index === undefined || variable.kind !== 'table' ? '' : `${indexText(variable.domain, index, at)}: `
  return `${of}${fields === '' ? `${variable.name} ${hex(from)}->${hex(to)}` : fields}`
}

function parameter(action: Action, name: string, given: Plain, at: RunState): string {
  const { domain, term } = action.parameters.find((p) => p.name === name)!
  if (typeof given === 'boolean') return `${name} ${text(given)}`
  if (domain !== undefined) return indexText(domain, given, at)
  const register = /^WRMSR (\S+)$/.exec(action.name)?.[1]
  const layout = [...layouts].find(([v]) => v.name === register)?.[1]
  if (name === 'rax') return `VMCB at ${hex(given)}`
  if (name === 'page') return `guest page ${hex(given)}`
  if (name === 'frame') return `frame at ${addressText(given << 12n, at)}`
  if (variableOf(term) === undefined && layout !== undefined && given !== 0n)
    return `${name} ${hex(given)}: ${layout.show(given)}`
  return `${name} ${hex(given)}`
}

/** What the statement is for, by its name. */
const meanings: Readonly<Record<string, (ids: readonly bigint[], at: RunState) => string>> = {
  'I1 every core has SmmLock': ([c]) =>
    `Core ${c} runs untrusted software while HWCR.SmmLock is 0: its SMRAM registers can be written.`,
  'I1 SmmBaseLock is as at hand-off': ([c]) =>
    `Core ${c} has another SmmBaseLock than firmware left: RSM may load a save area that this entry did not write.`,
  'I2 SMMMASK is as at hand-off': ([c]) =>
    `SMMMASK of core ${c} differs from what firmware set: SMM and everybody else see another memory in TSeg than was meant.`,
  'I3 every word of TSeg was last written by SMM': ([a], at) =>
    `The word at ${addressText(a! << 3n, at)} was last written by somebody who is not SMM: code, data and save areas of the handler are the attacker's from now on.`,
  'I3 the handler in TSeg is genuine': () =>
    'The handler that firmware put into TSeg is another one: nothing that is proved of the genuine one is true of it.',
  'I4 SMM_BASE is as at hand-off': ([t]) =>
    `Thread ${t} will enter SMM somewhere else at its next SMI: what runs there is not the handler.`,
  'I4 in SMM, the save area holds the SMBASE of its thread': ([t]) =>
    `The save area of thread ${t} names another SMBASE than its own: RSM moves the thread's next entry to SMM there.`,
  'I5 the handler fetches its own code only': ([t]) =>
    `Thread ${t} executes, with all rights of SMM, instructions that SMM did not write.`,
  'I6 the handler reads what SMM wrote': ([t]) =>
    `Thread ${t} read, at an address of its own in SMRAM, something that SMM did not write: a device answered, or DRAM that others write. Tables, pointers and results of the handler can be forged so.`,
  'T1 in SMM, a thread has no guest translation': ([e]) =>
    `Thread ${e! >> 77n} is in SMM and its TLB still holds a translation of a guest: the guest goes on using memory that its tables no longer name.`,
  'T1 no guest translation is older than the last RSM of its thread': ([e]) =>
    `After RSM, thread ${e! >> 77n} has a guest translation from before the SMI: the guest uses memory that the tables which were measured do not name.`,
  'S1 nobody outside SMM has read TSeg': ([a], at) =>
    `The word at ${addressText(a! << 3n, at)} has been read outside SMM: keys kept in SMRAM are known.`,
  'S2 an SMI that is owed is pending': ([t]) =>
    `An SMI was raised for thread ${t}, was not taken, and is not pending any more: it is lost without a trace.`,
  'S2 no SMI ends a guest': ([t]) =>
    `The SMI did not enter SMM: it ended the guest of thread ${t}, and the hypervisor runs first. It may tidy up before it lets the SMI in.`,
  'S2 the chipset raises SMIs': () =>
    'The chipset raises no SMI any more: the handler is not called, whoever asks for it, and other SMIs may go on for show.',
  'W3 two addresses of memory are two cells': ([a, b], at) =>
    `${addressText(a! << 3n, at)} and ${addressText(b! << 3n, at)} are one cell of DRAM: a census of addresses counts it twice, and no bitmap of frames can tell.`,
}
const why = (statement: Quantified, ids: readonly bigint[], at: RunState): string | undefined =>
  meanings[statement.name]?.(ids, at)

const watched: Wording['watched'] = (domain, id, at) => {
  const text = indexText(domain, id, at)
  return Object.is(domain, word) ? `the word at ${text}` : text
}

export const platformWording: Wording = { element, value, change, parameter, watched, way: () => undefined, why }
