import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bool, bv } from '../../src/model/term.ts'
import { mayUseCached, cleanGroup, type CleanGroup } from '../../src/x86/clean-bits.ts'
import { vmcbClean } from '../../src/x86/vmcb.ts'
import { type VmcbField, vmcbFields, vmcbReader, vmcbWordOf } from '../../src/x86/vmcb-fields.ts'

// APM 15.15.3, one row per clean bit; the last row is what is never cached.
const rows: Readonly<Partial<Record<CleanGroup, readonly VmcbField[]>>> = {
  I: ['INTERCEPT_CR_READ', 'INTERCEPT_EXCEPTIONS', 'INTERCEPT_SMI', 'INTERCEPT_VMRUN', 'TSC_OFFSET', 'PAUSE_FILTER_COUNT'],
  IOPM: ['IOPM_BASE_PA', 'MSRPM_BASE_PA'],
  ASID: ['ASID'],
  TPR: ['V_TPR', 'V_IRQ', 'V_INTR_MASKING', 'V_INTR_VECTOR', 'VGIF', 'AVIC_ENABLE'],
  NP: ['N_CR3', 'G_PAT'],
  CRX: ['CR0', 'CR3', 'CR4', 'EFER'],
  DRX: ['DR6', 'DR7'],
  DT: ['GDTR_BASE', 'GDTR_LIMIT', 'IDTR_BASE', 'IDTR_LIMIT'],
  SEG: ['CS_SELECTOR', 'DS_BASE', 'SS_ATTRIB', 'ES_LIMIT', 'CPL'],
  CR2: ['CR2'],
  LBR: ['DBGCTL', 'BR_FROM', 'BR_TO', 'LASTEXCPFROM', 'LASTEXCPTO'],
  AVIC: ['AVIC_APIC_BAR', 'AVIC_BACKING_PAGE', 'AVIC_LOGICAL_TABLE', 'AVIC_PHYSICAL_TABLE'],
  CET: ['S_CET', 'SSP', 'ISST_ADDR'],
  'NP flags': ['NP_ENABLE', 'GMET_ENABLE', 'READ_ONLY_GUEST_TABLES'],
  memory: ['TLB_CONTROL', 'INTERRUPT_SHADOW', 'EXITCODE', 'EXITINFO1', 'EXITINFO2', 'EXITINTINFO', 'EVENTINJ', 'RFLAGS', 'RIP'],
}
const never: readonly VmcbField[] = ['RSP', 'RAX', 'CLEAN', 'NRIP', 'FS_BASE', 'TR_BASE', 'LDTR_BASE', 'STAR']
const withFlags = { npCoversFlags: bool(true) }
const without = { npCoversFlags: bool(false) }
const may = (field: VmcbField, clean: number, tag = true, parameters = without) =>
  mayUseCached(field, bv(32, clean), bool(tag), parameters).value

const clean = suite('clean bits')
clean('groups of 15.15.3', () => {
  for (const [group, fields] of Object.entries(rows)) for (const field of fields) assert.is(cleanGroup(field), group, field)
  for (const field of never) assert.is(cleanGroup(field), 'memory', field)
  // Every bit of the layout but software's has a group of fields.
  const used = new Set<string>(vmcbFields.map(cleanGroup))
  assert.equal(
    Object.keys(vmcbClean.fields).filter((name) => name !== 'SOFTWARE' && !used.has(name)),
    [],
  )
})
clean('the cached copy may be used only under its own bit, and only when the tag matches', () => {
  const bitOf = (name: string) => vmcbClean.fields[name as 'I'].low
  for (const [group, fields] of Object.entries(rows)) {
    if (group === 'memory' || group === 'NP flags') continue
    for (const field of fields) {
      assert.is(may(field, 2 ** bitOf(group)), true, field)
      assert.is(may(field, 2 ** bitOf(group), false), false, field)
      assert.is(may(field, 2 ** 32 - 1 - 2 ** bitOf(group)), false, field)
    }
  }
  for (const field of [...rows.memory!, ...never]) assert.is(may(field, 2 ** 32 - 1, true, withFlags), false, field)
})
clean('the flags at 090h are under bit 4 where the parameter says so', () => {
  assert.is(may('NP_ENABLE', 0x10), false)
  assert.is(may('NP_ENABLE', 0x10, true, withFlags), true)
  assert.is(may('NP_ENABLE', 0xffef, true, withFlags), false)
})
clean('fields out of the words of a page', () => {
  const read = vmcbReader((offset) => bv(64, offset === 0x90 ? 0x9 : offset === 0x58 ? 0x03_0000_0007 : 0))
  assert.is(read('NP_ENABLE').value, 1n)
  assert.is(read('GMET_ENABLE').value, 1n)
  assert.is(read('SEV_ENABLE').value, 0n)
  assert.is(read('ASID').value, 7n)
  assert.is(read('TLB_CONTROL').value, 3n)
  assert.is(vmcbWordOf('TLB_CONTROL'), 0x58)
  assert.is(vmcbWordOf('INTERCEPT_SMI'), 0x08)
  assert.throws(() => read('HOST_SOFTWARE'), /does not lie in one 64-bit word/)
})
clean.run()
