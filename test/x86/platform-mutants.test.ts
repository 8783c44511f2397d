// Every seeded fault of the platform is caught: the cell of the faulty action and the named conjunct is no longer proved, a row of
// the table of SMI acceptance is not, or a row of SMRAM decode goes elsewhere. Without the fault each of them holds.
//
// Faults of actions that no conjunct notices:
//   RSM does not flush: SMI entry has left no guest translation, and a thread in SMM makes none.
//   VMRUN, MOV CR and WRMSR do not flush: T1 needs SMI entry alone. That they flush what they must is tlb.ts, which has its own
//     table and vectors.
//   An SMI is taken although GIF is 0 or the thread waits for SIPI: no claim is hurt by an SMI that comes too early. The rule is
//     S3's, the action's use of it that of platform-runs.test.ts.
//   VMRUN runs what it must refuse; WRMSR to EFER, VM_CR, SVM_KEY and fixed-range MTRRs takes all: routing closes TSeg to whoever
//     runs, in whatever mode. The checks of VMRUN have their own table and vectors.
//   INIT is taken in SMM or with GIF=0, RSM resumes from an image that it must refuse, SMI entry keeps CR0 or EFER, #VMEXIT keeps
//     GIF, STGI does nothing, CLGI ignores VGIF: none writes to SMRAM or to what protects it, and none loses an SMI.
//   SMM does not stop DMA, the chipset raises an SMI on one thread only or is told to raise none, the entry stub passes whatever
//     SMMMASK says: no claim of this invariant says who arrives, what devices do in the meantime, or rests on the stub.
//   A guest writes by a translation that is not writable: routing decides about TSeg, the tables about the rest.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Action, System } from '../../src/model/system.ts'
import { bool, bv } from '../../src/model/term.ts'
import { invariant } from '../../src/properties/platform.ts'
import { smiTableOf } from '../../src/properties/smi-table.ts'
import { decide, prepare } from '../../src/prover/decide.ts'
import type { Obligation } from '../../src/prover/obligation.ts'
import { systemClaim } from '../../src/prover/system-claim.ts'
import { platform } from '../../src/x86/platform.ts'
import { assumptionsOf, hardened, type Profile } from '../../src/x86/profile.ts'
import { type RoutedAccess, smramDecode, type SmramRegisters } from '../../src/x86/routing.ts'
import { smiFate, type SmiFate, type SmiTarget } from '../../src/x86/smi.ts'
import { embedded } from '../prover/embedded.ts'
import { readsAnything } from './mutate-action.ts'
import { type Fault, faults } from './platform-faults.ts'
import { SMMADDR, smramRows } from './smram-rows.ts'

const { oracle, close } = await embedded()

async function fails(obligation: Obligation): Promise<boolean> {
  const prepared = prepare(obligation, [])
  if (prepared.simplified) return false
  const { answer } = await decide(prepared, obligation.id, oracle, 60_000, {}, 'verdict')
  if (answer.kind === 'unknown') throw new Error(`no answer: ${answer.reason}`)
  return answer.kind === 'sat'
}

const actions = suite('faults of actions')
const actionCalled = (name: string): Action => platform.actions.find((a) => a.name === name)!
function cell(system: System, action: Action, conjunct: string, profile: Profile): Obligation {
  const { obligations } = systemClaim({
    id: 'fault',
    statement: 'For every state.',
    system: { ...system, actions: [action] },
    invariant,
    of: [conjunct],
    profile: assumptionsOf(profile),
  })
  return obligations().find(({ origin }) => origin.kind === 'action' && origin.conjunct === conjunct)!
}
const subject = ({ of, anything = false }: Fault): Action => (anything ? readsAnything(actionCalled(of)) : actionCalled(of))
function faulty(fault: Fault): Obligation {
  const { edit, breaks, profile = hardened, facts } = fault
  const kept = platform.facts.filter((f) => facts === undefined || !f.name.startsWith(facts))
  if (facts !== undefined) assert.ok(kept.length < platform.facts.length)
  return cell({ ...platform, facts: kept }, edit(subject(fault)), breaks, profile)
}
for (const fault of faults) actions(fault.name, async () => assert.ok(await fails(faulty(fault))))
actions('without a fault, all these cells are proved', async () => {
  const cells = new Map<string, Obligation>()
  for (const fault of faults) {
    const { of, breaks, profile = hardened } = fault
    const name = `${of} x ${breaks} on ${profile.name}`
    if (!cells.has(name)) cells.set(name, cell(platform, subject(fault), breaks, profile))
  }
  const failing = await Promise.all([...cells].map(async ([name, o]) => ((await fails(o)) ? name : '')))
  assert.equal(
    failing.filter((name) => name !== ''),
    [],
  )
})
actions.run()

const acceptance = suite('faults of SMI acceptance')
const wrongFates: Readonly<Record<string, (at: SmiTarget) => SmiFate>> = {
  'the intercept is honoured under SmmLock': (at) => smiFate({ ...at, smmLock: bool(false) }),
  'no intercept is honoured': (at) => smiFate({ ...at, intercept: bool(false) }),
  'GIF is not looked at': (at) => smiFate({ ...at, gif: bool(true) }),
  'a thread that waits for SIPI takes it': (at) => smiFate({ ...at, parked: bool(false) }),
  'SMM takes another': (at) => smiFate({ ...at, inSmm: bool(false) }),
  'the host is saved for the guest': (at) => smiFate({ ...at, guest: bool(false) }),
  'an internal SMI is held': (at) => smiFate({ ...at, external: bool(true) }),
  'an external SMI is lost': (at) => smiFate({ ...at, external: bool(false) }),
}
const anyFails = async (rule: (at: SmiTarget) => SmiFate): Promise<boolean> =>
  (await Promise.all(smiTableOf(rule).obligations().map(fails))).includes(true)
for (const [name, rule] of Object.entries(wrongFates)) acceptance(name, async () => assert.ok(await anyFails(rule)))
acceptance('without a fault, the table holds', async () => assert.not(await anyFails(smiFate)))
acceptance.after(close)
acceptance.run()

const decode = suite('faults of SMRAM decode')
type Decode = (
  access: Pick<RoutedAccess, 'address' | 'kind' | 'smm'>,
  registers: SmramRegisters,
) => ReturnType<typeof smramDecode>
const BITS = bv(52, 0xffff_fffe_0000n)
const right: Decode = (access, registers) => smramDecode(access, registers, BITS)
const setting =
  (bits: bigint): Decode =>
  (access, { SMMADDR: base, SMMMASK }) =>
    right(access, { SMMADDR: base, SMMMASK: SMMMASK.bitor(bits) })
const wrongDecodes: Readonly<Record<string, Decode>> = {
  'everybody has the view of SMM': (access, registers) => right({ ...access, smm: bool(true) }, registers),
  'SMM does not have it': (access, registers) => right({ ...access, smm: bool(false) }, registers),
  'the close bits take code': (access, registers) => right({ ...access, kind: 'data' }, registers),
  'the close bits leave data': (access, registers) => right({ ...access, kind: 'fetch' }, registers),
  'TValid is not asked for': setting(0b0010n),
  'TSeg is always closed': setting(0b1000n),
  'TSeg is compared below 4 GiB only from bit 32 on': (access, registers) =>
    smramDecode(access, registers, bv(52, 0xffff_0000_0000n)),
}
/** Rows of the table that go elsewhere. */
const wrongRows = (rule: Decode): string[] =>
  smramRows.flatMap(([id, address, mask, smm, kind, target]) => {
    const access = { address: bv(52, address).as<'host address'>(), kind, smm: bool(smm) }
    const { open, closed } = rule(access, { SMMADDR: bv(64, SMMADDR), SMMMASK: bv(64, mask) })
    const shown = open.value === true ? 'DRAM' : closed.value === true ? 'MMIO' : 'normal routing'
    return shown === target ? [] : [id]
  })
for (const [name, rule] of Object.entries(wrongDecodes)) decode(name, () => assert.ok(wrongRows(rule).length > 0))
decode('without a fault, all rows hold', () => assert.equal(wrongRows(right), []))
decode.run()
