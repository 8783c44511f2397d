import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bool, bv } from '../../src/model/term.ts'
import { flushes, mayBeCached, mayHit, needsDirtyAssist, type TlbEntry, type TlbEvent } from '../../src/x86/tlb.ts'

const asid = (n: number) => bv(32, n)
const page = (n: number) => bv(52, n)
interface Shape {
  readonly asid?: number
  readonly page?: number
  readonly global?: boolean
  readonly nested?: boolean
}
const entry = (of: Shape = {}): TlbEntry => ({
  asid: asid(of.asid ?? 1),
  page: page(of.page ?? 7),
  global: bool(of.global ?? false),
  nested: bool(of.nested ?? false),
})
const vmrun = (tlbControl: number, of = 1): TlbEvent => ({ kind: 'vmrun', asid: asid(of), tlbControl: bv(8, tlbControl) })
const gone = (event: TlbEvent, of?: Shape, guestFlushesNested = false) =>
  flushes(event, entry(of), { guestFlushesNested: bool(guestFlushesNested) }).value

const shapes: readonly Shape[] = [0, 1, 2].flatMap((n) =>
  [false, true].flatMap((global) => [false, true].map((nested) => ({ asid: n, global, nested }))),
)
const tlb = suite('guest TLB')
tlb('SMI entry, RSM and address-affecting MSRs flush every entry of every ASID', () => {
  for (const kind of ['smi-entry', 'rsm', 'address-msr'] as const)
    for (const shape of shapes) assert.is(gone({ kind }, shape), true, `${kind} ${JSON.stringify(shape)}`)
})
tlb('#VMEXIT, stores, WBINVD and VMRUN with TLB_CONTROL 0 flush nothing', () => {
  for (const event of [{ kind: 'vmexit' }, { kind: 'other' }, vmrun(0)] as const)
    for (const shape of shapes) assert.is(gone(event, shape, true), false)
})
tlb('TLB_CONTROL: 1 all, 3 this guest, 7 its non-global, reserved values nothing', () => {
  for (const shape of shapes) {
    assert.is(gone(vmrun(1), shape), true)
    assert.is(gone(vmrun(3), shape), shape.asid === 1)
    assert.is(gone(vmrun(7), shape), shape.asid === 1 && shape.global === false)
    for (const reserved of [2, 4, 5, 6, 8, 0x80, 0xff]) assert.is(gone(vmrun(reserved), shape), false)
  }
})
tlb('MOV CR3 and paging control reach the current ASID only; global entries outlive MOV CR3', () => {
  for (const shape of shapes) {
    const own = shape.asid === 1
    const linear = shape.nested === false
    assert.is(gone({ kind: 'mov-cr3', asid: asid(1) }, shape), own && linear && shape.global === false)
    assert.is(gone({ kind: 'paging-control', asid: asid(1) }, shape), own && linear)
    assert.is(gone({ kind: 'mov-cr3', asid: asid(1) }, shape, true), own && shape.global === false)
    assert.is(gone({ kind: 'paging-control', asid: asid(1) }, shape, true), own)
  }
})
tlb('INVLPG and INVLPGA: one linear page of one ASID, global or not, never a guest-physical page', () => {
  for (const kind of ['invlpg', 'invlpga'] as const) {
    const event = { kind, asid: asid(1), page: page(7) }
    assert.is(gone(event), true)
    assert.is(gone(event, { global: true }), true)
    assert.is(gone(event, { page: 8 }), false)
    assert.is(gone(event, { asid: 2 }), false)
    assert.is(gone(event, { nested: true }, true), false)
  }
})
tlb('an entry may be hit only if it was made, kept, and the tags agree', () => {
  const none = { guestFlushesNested: bool(false) }
  const hit = (made: boolean, events: readonly TlbEvent[], looked = { asid: asid(1), page: page(7) }) =>
    mayHit(bool(made), events, entry({ nested: true }), looked, none).value
  assert.is(hit(true, []), true)
  assert.is(hit(true, [{ kind: 'vmexit' }, vmrun(0), vmrun(3, 2)]), true)
  assert.is(hit(true, [{ kind: 'vmexit' }, vmrun(3)]), false)
  assert.is(hit(true, [{ kind: 'smi-entry' }, vmrun(0)]), false)
  assert.is(hit(false, []), false)
  assert.is(hit(true, [], { asid: asid(2), page: page(7) }), false)
  assert.is(hit(true, [], { asid: asid(1), page: page(8) }), false)
})
tlb('a write through an entry that is not dirty walks again; only a completed walk leaves an entry', () => {
  const assist = (rw: boolean, dirty: boolean, access: 'read' | 'write') =>
    needsDirtyAssist({ rw: bool(rw), us: bool(true), nx: bool(false), dirty: bool(dirty) }, access).value
  assert.equal([assist(true, false, 'write'), assist(true, true, 'write')], [true, false])
  assert.equal([assist(true, false, 'read'), assist(false, false, 'write')], [false, false])
  assert.equal([mayBeCached({ ok: bool(true) }).value, mayBeCached({ ok: bool(false) }).value], [true, false])
})
tlb.run()
