import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bv } from '../../src/model/term.ts'
import { byteCount, byteOffset } from '../../src/x86/area.ts'
import { saveState, saveStateOffset, tookGuest, tookNestedGuest } from '../../src/x86/savestate.ts'
import { vmcbClean, vmcbControl, vmcbNestedControl, vmcbSave } from '../../src/x86/vmcb.ts'

const vmcb = suite('VMCB')
vmcb('control area: offsets of table B-1', () => {
  const expected = {
    INTERCEPT_EXCEPTIONS: 0x008,
    IOPM_BASE_PA: 0x040,
    MSRPM_BASE_PA: 0x048,
    TSC_OFFSET: 0x050,
    ASID: 0x058,
    TLB_CONTROL: 0x05c,
    EXITCODE: 0x070,
    EXITINFO1: 0x078,
    EXITINFO2: 0x080,
    EXITINTINFO: 0x088,
    EVENTINJ: 0x0a8,
    N_CR3: 0x0b0,
    CLEAN: 0x0c0,
    NRIP: 0x0c8,
    HOST_SOFTWARE: 0x3e0,
  } as const
  for (const [name, offset] of Object.entries(expected))
    assert.is(byteOffset(vmcbControl.fields[name as keyof typeof expected]), offset, name)
  assert.is(byteCount(vmcbControl.fields.N_CR3), 8)
  const bitOf = (offset: number, f: { low: number }) => f.low - offset * 8
  assert.is(bitOf(0x00c, vmcbControl.fields.INTERCEPT_SMI), 2)
  assert.is(bitOf(0x00c, vmcbControl.fields.INTERCEPT_RSM), 19)
  assert.is(bitOf(0x00c, vmcbControl.fields.INTERCEPT_IOIO_PROT), 27)
  assert.is(bitOf(0x00c, vmcbControl.fields.INTERCEPT_SHUTDOWN), 31)
  assert.is(bitOf(0x010, vmcbControl.fields.INTERCEPT_VMRUN), 0)
  assert.is(bitOf(0x010, vmcbControl.fields.INTERCEPT_EFER_WRITE_TRAP), 15)
  assert.is(bitOf(0x014, vmcbControl.fields.INTERCEPT_IDLE_HLT), 6)
  assert.is(bitOf(0x060, vmcbControl.fields.VGIF_ENABLE), 25)
})
vmcb('090h read alone', () => {
  assert.is(vmcbNestedControl.show(0x9n), 'NP_ENABLE=1 GMET_ENABLE=1')
  assert.is(vmcbNestedControl.of(bv(64, 1)).NP_ENABLE.value, true)
  assert.is(vmcbNestedControl.of(bv(64, 0x40)).READ_ONLY_GUEST_TABLES.value, true)
})
vmcb('state-save area: offsets of table B-2, counted from the VMCB', () => {
  const expected = {
    ES_SELECTOR: 0x400,
    CS_BASE: 0x418,
    TR_LIMIT: 0x494,
    CPL: 0x4cb,
    EFER: 0x4d0,
    CR4: 0x548,
    CR3: 0x550,
    CR0: 0x558,
  }
  const more = { RFLAGS: 0x570, RIP: 0x578, RSP: 0x5d8, RAX: 0x5f8, STAR: 0x600, CR2: 0x640, G_PAT: 0x668, SPEC_CTRL: 0x6e0 }
  for (const [name, offset] of Object.entries({ ...expected, ...more }))
    assert.is(byteOffset(vmcbSave.fields[name as 'CPL']), offset, name)
})
vmcb('a whole page prints by name', () => {
  const page = (0x1n << BigInt(0x90 * 8)) | (0x1234000n << BigInt(0xb0 * 8)) | (5n << BigInt(0x58 * 8))
  assert.is(vmcbControl.show(page), 'ASID=0x5 NP_ENABLE=1 N_CR3=0x1234000')
  assert.is(vmcbClean.show(0x1fn), 'I=1 IOPM=1 ASID=1 TPR=1 NP=1')
})
vmcb.run()

const save = suite('SMM save state')
save('offsets of table 10-1', () => {
  const expected = { ES_SELECTOR: 0xfe00, CS_BASE: 0xfe18, GDTR_LIMIT: 0xfe64, TR_BASE: 0xfe98, IO_RESTART_DWORD: 0xfec0 }
  const svm = { SVM_STATE: 0xfed8, SVM_GUEST_VMCB_PA: 0xfee0, SVM_GUEST_PAT: 0xff20, SVM_HOST_EFER: 0xff28, SVM_HOST_CR4: 0xff30 }
  const more = {
    SVM_FF38: 0xff38,
    SVM_HOST_CR0: 0xff40,
    CR4: 0xff48,
    CR3: 0xff50,
    CR0: 0xff58,
    RIP: 0xff78,
    R15: 0xff80,
    RAX: 0xfff8,
  }
  const others = { EFER: 0xfed0, REVISION: 0xfefc, SMBASE: 0xff00, SSP: 0xff18, AUTO_HALT_RESTART: 0xfec9 }
  for (const [name, offset] of Object.entries({ ...expected, ...svm, ...more, ...others }))
    assert.is(saveStateOffset(name as 'RAX'), offset, name)
  assert.is(byteCount(saveState.fields.SMBASE), 4)
})
save('in a guest: bits 2:0, never the whole word', () => {
  const cases = [0n, 1n, 2n, 6n, 8n, 0xen].map((v) => [tookGuest(bv(64, v)).value, tookNestedGuest(bv(64, v)).value])
  assert.equal(cases, [
    [false, false],
    [true, false],
    [true, false],
    [true, true],
    [false, false],
    [true, true],
  ])
})
save.run()
