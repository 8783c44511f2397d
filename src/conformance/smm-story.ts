// What an SMM vector's steps should show: the model's functions of SMI acceptance, SMM entry and RSM, run along the steps.
//
// Covers: whether the handler runs, its first registers, the fields of the save area, SMBASE after RSM, the exit of an intercepted
//   SMI; by the manual and, where an emulator is known to differ, by the emulator.
// Leaves out: rIP and the general registers but rAX, the chipset, what the handler itself reads.
// Liberties: the port's SMI is external (the chipset raises it); SmmLock is 0, the emulators have none. A second installed
//   handler is where the first one moves SMBASE to. The CR0, CR4 and EFER of host and guest are the test program's.

import { match } from 'ts-pattern'
import { bool, bv, type Bv } from '../model/term.ts'
import { rsmOutcome, type SaveStateReader } from '../x86/rsm.ts'
import { saveState, type SaveStateField } from '../x86/savestate.ts'
import { smiExitInfo1, smiFate } from '../x86/smi.ts'
import { handlerAddress, HANDLER_OFFSET, smmEntry } from '../x86/smm-entry.ts'
import { exitCodes } from '../x86/vmcb.ts'
import type { SmmDifference } from './differences.ts'
import { actionOf, guestOf, type Incomparable, type SmmGuest } from './smm-steps.ts'
import type { SmmVector } from './smm-vector.ts'

/** One thing that a step shows. */
export interface SmmFact {
  readonly step: number
  readonly what: string
  readonly expected: bigint
  /** The manual's value, where a rule of the emulator makes another one of it. */
  readonly because?: SmmDifference
}
/** Where the observed value is found: a name in the step's record, or a position in an `X` line, or a field of the save area. */
export type SmmStory = {
  readonly facts: readonly SmmFact[]
  readonly incomparable: Readonly<Partial<Record<Incomparable, number>>>
}

const HOST = { cr0: 0x8001_0011n, cr4: 0x20n, efer: 0x1d00n }
const GUEST = { cr0: 0x8001_0031n, cr4: 0x20n, efer: 0x1d00n, cr3: 0x80_0000_0000n }
const SVME = 0x1000n
const REVISION = { level: 0x64n, relocation: 17 }

interface Entered {
  readonly guest: boolean
  readonly smbase: bigint
  readonly cr0: bigint
  /** rAX was loaded with it right before; unknown when the SMI was held. */
  readonly rax: bigint | undefined
}

class Thread {
  gif = true
  pending = false
  /** An emulator that left SMM by a nested fault: SMIs stay masked. */
  stuck = false
  smbase: bigint
  count = 0n
  last: Entered | undefined
  readonly handlers: readonly bigint[]

  constructor(handlers: readonly bigint[]) {
    this.handlers = handlers
    this.smbase = (handlers[0] ?? 0xa8000n) - BigInt(HANDLER_OFFSET)
  }

  private base(): Bv {
    return bv(32, this.smbase)
  }
  handler(): bigint {
    return handlerAddress(this.base()).value!
  }
  /** An external SMI arrives. */
  arrives(guest: boolean, intercept: boolean) {
    return smiFate({
      smmLock: bool(false),
      gif: bool(this.gif),
      guest: bool(guest),
      intercept: bool(intercept),
      inSmm: bool(this.stuck),
      parked: bool(false),
      external: bool(true),
    })
  }
  /** SMM, the handler, RSM. */
  serve(guest: boolean, rax: bigint | undefined): void {
    this.pending = false
    if (!this.handlers.includes(this.handler())) return
    this.count++
    this.last = { guest, smbase: this.smbase, cr0: guest ? GUEST.cr0 : HOST.cr0, rax }
    this.smbase = this.resume(this.smbase === this.handlers[0]! - BigInt(HANDLER_OFFSET) ? this.handlers[1] : undefined)
  }
  /** SMBASE after RSM, the handler having written the slot. */
  private resume(next: bigint | undefined): bigint {
    const slot = next === undefined ? this.smbase : next - BigInt(HANDLER_OFFSET)
    const image: SaveStateReader = (field) =>
      bv(widthOf(field), field === 'SMBASE' ? slot : field === 'REVISION' ? 0x2_0064n : 0n)
    const free = bv(64, 0)
    const { state } = rsmOutcome({
      image,
      inSmm: bool(true),
      intercepted: bool(false),
      toGuest: bool(false),
      smmBaseLock: bool(false),
      smbase: this.base(),
      cpu: { cr3Mbz: free, cr4Mbz: free, eferMbz: free, revision: bv(32, 0x2_0064) },
      parameters: { pagedRealModeRefused: bool(false) },
    })
    return state.smbase.value!
  }
  /** Now and then, in the host: what was held is taken when nothing holds it any more. */
  open(): void {
    this.gif = true
    if (this.pending && this.arrives(false, false).takenInHost.value === true) this.serve(false, undefined)
  }
}
const widthOf = (field: SaveStateField): number => saveState.fields[field].high - saveState.fields[field].low + 1

const because = (rule: SmmDifference, rules: ReadonlySet<SmmDifference>) => (rules.has(rule) ? { because: rule } : {})

export function smmStory(vector: SmmVector, rules: ReadonlySet<SmmDifference>): SmmStory {
  const actions = vector.steps.map(actionOf)
  const thread = new Thread(actions.flatMap((a) => (a.kind === 'install' ? [a.address] : [])))
  const guest = guestOf(vector.note)
  const incomparable: Partial<Record<Incomparable, number>> = {}
  const facts: SmmFact[] = []
  for (const [step, action] of actions.entries()) {
    const add = (found: readonly Omit<SmmFact, 'step'>[]) => facts.push(...found.map((f) => ({ step, ...f })))
    match(action)
      .with({ kind: 'incomparable' }, ({ reason }) => {
        incomparable[reason] = (incomparable[reason] ?? 0) + 1
      })
      .with({ kind: 'install' }, () => {})
      .with({ kind: 'clgi' }, () => {
        thread.gif = false
      })
      .with({ kind: 'stgi' }, () => thread.open())
      .with({ kind: 'smi' }, ({ value }) => {
        const fate = thread.arrives(false, false)
        if (fate.takenInHost.value === true) thread.serve(false, value)
        if (fate.pending.value === true) thread.pending = true
      })
      .with({ kind: 'guest-smi' }, () => add(guestRuns(thread, guest, rules)))
      .with({ kind: 'evidence' }, () => add(evidence(thread, rules)))
      .with({ kind: 'save-area' }, () => add(saved(thread, rules)))
      .exhaustive()
  }
  return { facts, incomparable }
}

/** The guest's value for the port, in rAX all along. */
const OUT_VALUE = 0x77n

function guestRuns(thread: Thread, guest: SmmGuest, rules: ReadonlySet<SmmDifference>): Omit<SmmFact, 'step'>[] {
  // VMRUN sets GIF, #VMEXIT clears it (15.5.1, 15.6).
  thread.gif = true
  const fate = thread.arrives(true, guest.intercept)
  thread.gif = false
  const rax = { what: 'rax', expected: OUT_VALUE }
  if (fate.vmexitStillPending.value === true) {
    thread.pending = true
    const external = smiExitInfo1.encode({ SMISRC: true })
    const zero = rules.has('smi-exitinfo-zero')
    const info = { what: 'info1', expected: zero ? 0n : external, ...because('smi-exitinfo-zero', rules) }
    return [{ what: 'exitcode', expected: exitCodes.SMI }, info, rax]
  }
  if (!guest.identity && rules.has('smm-fetch-through-nested-tables')) {
    const rule = because('smm-fetch-through-nested-tables', rules)
    thread.stuck = true
    // The handler's first fetch is not present in the nested tables.
    return [
      { what: 'exitcode', expected: exitCodes.NPF, ...rule },
      { what: 'info1 without ID', expected: 0x1_0000_0004n, ...rule },
      { what: 'info2', expected: thread.handler(), ...rule },
    ]
  }
  if (fate.takenInGuest.value === true) thread.serve(true, OUT_VALUE)
  return [{ what: 'exitcode', expected: exitCodes.VMMCALL }, rax]
}

function evidence(thread: Thread, rules: ReadonlySet<SmmDifference>): Omit<SmmFact, 'step'>[] {
  const stuck = thread.stuck ? because('smm-fetch-through-nested-tables', rules) : {}
  const count = { what: 'count', expected: thread.count, ...stuck }
  if (thread.last === undefined) return [count]
  const entry = smmEntry(bv(32, thread.last.smbase), bv(64, thread.last.cr0))
  const keeps = rules.has('smm-keeps-svme')
  return [
    count,
    { what: 'cs', expected: entry.csSelector.value! },
    { what: 'cr0', expected: entry.cr0.value! },
    { what: 'cr4', expected: entry.cr4.value! },
    { what: 'efer', expected: keeps ? SVME : entry.efer.value!, ...because('smm-keeps-svme', rules) },
  ]
}

/** Fields of the save area by the model's layout; nothing when the handler never ran. */
function saved(thread: Thread, rules: ReadonlySet<SmmDifference>): Omit<SmmFact, 'step'>[] {
  if (thread.last === undefined) return [{ what: 'written', expected: 0n, ...because('smm-fetch-through-nested-tables', rules) }]
  const { guest, smbase, rax } = thread.last
  const at = guest ? GUEST : HOST
  const inGuest = guest ? because('smm-svm-fields-not-written', rules) : {}
  const recorded = guest && !rules.has('smm-svm-fields-not-written') ? 1n : 0n
  return [
    { what: 'SMBASE', expected: smbase },
    { what: 'REVISION level', expected: REVISION.level },
    { what: 'REVISION relocation', expected: 1n },
    { what: 'CR0', expected: at.cr0 },
    { what: 'CR4', expected: at.cr4 },
    { what: 'EFER', expected: at.efer },
    ...(guest ? [{ what: 'CR3', expected: GUEST.cr3 }] : []),
    { what: 'DR6', expected: 0xffff_0ff0n },
    { what: 'DR7', expected: 0x400n },
    { what: 'CS L', expected: 1n },
    ...(rax === undefined ? [] : [{ what: 'RAX', expected: rax }]),
    { what: 'SVM state recorded', expected: recorded, ...inGuest },
    { what: 'SVM VMCB recorded', expected: recorded, ...inGuest },
  ]
}
