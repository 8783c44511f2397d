import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bool, bv } from '../../src/model/term.ts'
import {
  handlerAddress,
  saveAreaAddress,
  saveFieldAddress,
  smmEntry,
  type SvmAtSmi,
  svmSaveFields,
} from '../../src/x86/smm-entry.ts'
import { tookGuest, tookNestedGuest } from '../../src/x86/savestate.ts'

const entry = suite('SMM entry')
entry('registers of table 10-3', () => {
  const e = smmEntry(bv(32, 0x7f12_3450), bv(64, 0xe005_003fn))
  assert.is(e.rip.value, 0x8000n)
  assert.is(e.rflags.value, 2n)
  // PE, EM, TS and PG go; MP, ET, NE, WP, AM, NW and CD stay.
  assert.is(e.cr0.value, 0x6005_0032n)
  assert.equal([e.cr4.value, e.efer.value, e.dr7.value], [0n, 0n, 0x400n])
  assert.equal([e.csSelector.value, e.csBase.value, e.limit.value], [0x2345n, 0x7f12_3450n, 0xffff_ffffn])
  assert.equal([e.dataSelector.value, e.dataBase.value, e.idtLimit.value], [0n, 0n, 0n])
})
entry('addresses above SMBASE', () => {
  assert.is(handlerAddress(bv(32, 0x3_0000)).value, 0x3_8000n)
  assert.is(saveAreaAddress(bv(32, 0x7f00_0000)).value, 0x7f00_fe00n)
  assert.is(saveFieldAddress(bv(32, 0x7f00_0000), 'SMBASE').value, 0x7f00_ff00n)
  assert.is(saveFieldAddress(bv(32, 0x7f00_0000), 'REVISION').value, 0x7f00_fefcn)
  assert.is(handlerAddress(bv(32, 0xffff_f000)).value, 0x7000n)
})

const at = (facts: Partial<Record<'guest' | 'nestedPaging' | 'snp' | 'hostIf', boolean>>): SvmAtSmi => ({
  guest: bool(facts.guest ?? false),
  nestedPaging: bool(facts.nestedPaging ?? false),
  snp: bool(facts.snp ?? false),
  hostIf: bool(facts.hostIf ?? false),
  vmcb: bv(64, 0x1000),
  virtualInterrupt: bv(64, 2),
  gPat: bv(64, 3),
  hostEfer: bv(64, 4),
  hostCr4: bv(64, 5),
  hostCr3: bv(64, 6),
  hostCr0: bv(64, 7),
  nCR3: bv(64, 8),
})
const saved = (facts: Parameters<typeof at>[0], ff38IsNestedCr3 = false, recordsNested = false) => {
  const fields = svmSaveFields(at(facts), { ff38IsNestedCr3: bool(ff38IsNestedCr3), recordsNested: bool(recordsNested) }, () =>
    bv(64, 99),
  )
  return Object.fromEntries(Object.entries(fields).map(([name, term]) => [name, term.value]))
}
const svm = suite('SVM fields of the save area')
svm('host: state 0, nothing of a guest', () => {
  const fields = saved({ hostIf: true, nestedPaging: true })
  assert.equal([fields.SVM_STATE, fields.SVM_HOST_IF, fields.SVM_GUEST_VMCB_PA, fields.SVM_FF38], [0n, 1n, 99n, 99n])
})
svm('guest: state 2, the VMCB; host fields only where they are recorded', () => {
  const fields = saved({ guest: true, nestedPaging: true })
  assert.equal([fields.SVM_STATE, fields.SVM_HOST_IF, fields.SVM_GUEST_VMCB_PA], [2n, 0n, 0x1000n])
  assert.equal([fields.SVM_HOST_EFER, fields.SVM_HOST_CR4, fields.SVM_FF38, fields.SVM_HOST_CR0], [99n, 99n, 99n, 99n])
})
svm('state 6: SNP guests, or every guest with nested paging', () => {
  for (const fields of [saved({ guest: true, snp: true }), saved({ guest: true, nestedPaging: true }, false, true)]) {
    assert.equal([fields.SVM_STATE, fields.SVM_FF38], [6n, 6n])
    assert.equal([fields.SVM_GUEST_PAT, fields.SVM_HOST_EFER, fields.SVM_HOST_CR4, fields.SVM_HOST_CR0], [3n, 4n, 5n, 7n])
  }
  assert.is(saved({ guest: true, snp: true }, false, true).SVM_STATE, 2n)
  assert.is(saved({ guest: true, snp: true }, true).SVM_FF38, 8n)
  assert.is(saved({ snp: true }).SVM_STATE, 0n)
})
svm('the states read back', () => {
  for (const [state, guest, nested] of [
    [0, false, false],
    [8, false, false],
    [2, true, false],
    [6, true, true],
    [14, true, true],
  ] as const) {
    assert.is(tookGuest(bv(64, state)).value, guest)
    assert.is(tookNestedGuest(bv(64, state)).value, nested)
  }
})
entry.run()
svm.run()
