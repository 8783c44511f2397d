import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bool, bv, type Bv } from '../../src/model/term.ts'
import { vmcbField, type VmcbField } from '../../src/x86/vmcb-fields.ts'
import { type InvalidReason, invalidReasons, type VmrunInput, vmrunOutcome } from '../../src/x86/vmrun.ts'

const M = 48
const low = (width: number, n: number): Bv => bv(width, (1n << BigInt(n)) - 1n)
const base: Partial<Record<VmcbField, bigint>> = {
  EFER: 0x1d00n,
  CR0: 0x8001_0031n,
  CR3: 0x1000n,
  CR4: 0x20n,
  CS_ATTRIB: 0x29bn,
  DR6: 0xffff_0ff0n,
  DR7: 0x400n,
  INTERCEPT_VMRUN: 1n,
  INTERCEPT_IOIO_PROT: 1n,
  INTERCEPT_MSR_PROT: 1n,
  IOPM_BASE_PA: 0x2000n,
  MSRPM_BASE_PA: 0x5000n,
  ASID: 1n,
  NP_ENABLE: 1n,
  N_CR3: 0x40_0000n,
  G_PAT: 0x0007_0406_0007_0406n,
}
type Changes = Partial<Record<VmcbField, bigint>>
interface Setting {
  readonly host?: Partial<VmrunInput['host']>
  readonly cpu?: Partial<VmrunInput['cpu']>
  readonly parameters?: Partial<VmrunInput['parameters']>
  readonly pdpes?: readonly Bv[]
}
const input = (changes: Changes, { host = {}, cpu = {}, parameters = {}, pdpes }: Setting = {}): VmrunInput => {
  const values: Changes = { ...base, ...changes }
  return {
    vmcb: (name) => bv(vmcbField(name).high - vmcbField(name).low + 1, values[name] ?? 0n),
    host: {
      svme: bool(true),
      protectedMode: bool(true),
      cpl: bv(2, 0),
      intercepted: bool(false),
      pg: bool(true),
      uCet: bv(64, 0),
      rax: bv(64, 0x21_0000n),
      ...host,
    },
    cpu: {
      physMask: low(52, M),
      cBit: bv(52, 0),
      longMode: bool(true),
      nestedPaging: bool(true),
      // Reserved, VMXE, SMXE, reserved, reserved from 24 up.
      cr4Mbz: bv(64, 0xffff_ffff_ff08_e000n),
      eferMbz: bv(64, 0xffff_ffff_ffff_02fen),
      exceptionVectors: bv(32, 0x700f_7dfbn),
      asids: bv(32, 0x8000),
      cet: bool(true),
      sCetMbz: bv(64, 0xffff_ffff_ffff_fffcn),
      virtualNmi: bool(true),
      sssCheck: bool(true),
      ...cpu,
    },
    parameters: {
      operandBeforeIntercept: bool(false),
      largeAsidRefused: bool(false),
      unusedMapsChecked: bool(false),
      mapsMayEndAtTop: bool(false),
      legacyCr3Mbz: bv(64, 0),
      impossibleInLongMode: bv(32, 0),
      ...parameters,
    },
    ...(pdpes === undefined ? {} : { pdpes }),
  }
}
const KINDS = ['ud', 'gp', 'intercepted', 'invalid', 'runs'] as const
type Shown = (typeof KINDS)[number] | readonly InvalidReason[]
/** The one outcome; for `invalid`, the reasons. */
function outcome(changes: Changes, setting?: Setting): Shown {
  const shown = vmrunOutcome(input(changes, setting))
  const holding = KINDS.filter((kind) => shown[kind].value === true)
  assert.is(holding.length, 1, 'the outcomes exclude one another')
  return holding[0] === 'invalid' ? invalidReasons.filter((name) => shown.reasons[name].value === true) : holding[0]!
}
const bit = (n: number): bigint => 1n << BigInt(n)

const vmrun = suite('VMRUN')
vmrun('a sound VMCB runs', () => assert.is(outcome({}), 'runs'))
vmrun('exceptions of the instruction, in their order', () => {
  const bad = { rax: bv(64, 0x21_0001n) }
  assert.is(outcome({}, { host: { svme: bool(false), cpl: bv(2, 3), ...bad } }), 'ud')
  assert.is(outcome({}, { host: { protectedMode: bool(false) } }), 'ud')
  assert.is(outcome({}, { host: { cpl: bv(2, 3), intercepted: bool(true) } }), 'gp')
  assert.is(outcome({}, { host: bad }), 'gp')
  assert.is(outcome({}, { host: { rax: bv(64, bit(M)) } }), 'gp')
  assert.is(outcome({}, { host: { rax: bv(64, bit(M) - 0x1000n) } }), 'runs')
  assert.is(outcome({ ASID: 0n }, { host: bad }), 'gp')
  assert.is(outcome({}, { host: { ...bad, intercepted: bool(true) } }), 'intercepted')
  const first = { parameters: { operandBeforeIntercept: bool(true) } }
  assert.is(outcome({}, { host: { ...bad, intercepted: bool(true) }, ...first }), 'gp')
})
vmrun('the C-bit is no address bit of the operand or of nCR3', () => {
  const cpu = { cBit: bv(52, bit(51)) }
  assert.is(outcome({ N_CR3: bit(51) | 0x40_0000n }, { cpu, host: { rax: bv(64, bit(51) | 0x21_0000n) } }), 'runs')
  assert.is(outcome({}, { cpu, host: { rax: bv(64, bit(50)) } }), 'gp')
})
const pae = { CR0: 0x8001_0011n, EFER: 0x1000n, CS_ATTRIB: 0xc9bn, NP_ENABLE: 0n } as const
const one: readonly (readonly [InvalidReason, Changes, Setting?])[] = [
  ['SVME is clear', { EFER: 0xd00n }],
  ['NW without CD', { CR0: 0xa001_0031n }],
  ['CR0[63:32]', { CR0: 0x8001_0031n | bit(32) }],
  ['CR3 MBZ', { CR3: bit(M) }],
  ['CR3 MBZ', { CR3: bit(63) }],
  ['CR3 MBZ', { ...pae, CR3: bit(33) }, { parameters: { legacyCr3Mbz: bv(64, 0xffff_ffff_0000_0000n) } }],
  ['CR4 MBZ', { CR4: 0x20n | bit(13) }],
  ['CR4 MBZ', { CR4: 0x20n | bit(63) }],
  ['DR6[63:32]', { DR6: bit(32) }],
  ['DR7[63:32]', { DR7: bit(63) }],
  ['EFER MBZ', { EFER: 0x1d02n }],
  ['long mode without the feature', { EFER: 0x1400n, CR0: 0x10n }, { cpu: { longMode: bool(false) } }],
  ['long mode without PAE', { CR4: 0n }],
  ['long mode without PE', { CR0: 0x8001_0030n }],
  ['CS.L with CS.D', { CS_ATTRIB: 0x69bn }],
  ['VMRUN is not intercepted', { INTERCEPT_VMRUN: 0n }],
  ['a permission map above physical memory', { IOPM_BASE_PA: bit(M) - 0x2000n }],
  ['a permission map above physical memory', { IOPM_BASE_PA: bit(M) - 0x3000n }],
  ['a permission map above physical memory', { MSRPM_BASE_PA: bit(M) - 0x1000n }],
  ['a permission map above physical memory', { MSRPM_BASE_PA: 0xffff_ffff_ffff_f000n }],
  [
    'a permission map above physical memory',
    { MSRPM_BASE_PA: bit(63), INTERCEPT_MSR_PROT: 0n },
    { parameters: { unusedMapsChecked: bool(true) } },
  ],
  ['illegal event injection', { EVENTINJ: 0x8000_0100n }],
  ['illegal event injection', { EVENTINJ: 0x8000_0700n }],
  ['illegal event injection', { EVENTINJ: 0x8000_0302n }],
  ['illegal event injection', { EVENTINJ: 0x8000_0320n }],
  ['illegal event injection', { EVENTINJ: 0x8000_030fn }],
  ['illegal event injection', { EVENTINJ: 0x8000_0304n }, { parameters: { impossibleInLongMode: bv(32, bit(4)) } }],
  ['ASID 0', { ASID: 0n }],
  ['ASID 0', { ASID: 0x8000n }, { parameters: { largeAsidRefused: bool(true) } }],
  ['S_CET reserved', { S_CET: 4n }],
  ['CET without WP', { CR0: 0x8000_0031n, CR4: 0x20n | bit(23) }],
  ['user shadow stack in virtual-8086 mode', { CR4: 0x20n | bit(23), RFLAGS: bit(17) }, { host: { uCet: bv(64, 1) } }],
  ['nested paging under a host without paging', {}, { host: { pg: bool(false) } }],
  ['nCR3 MBZ', { N_CR3: bit(M) }],
  ['nCR3 MBZ', { N_CR3: bit(52) }],
  ['illegal G_PAT', { G_PAT: 2n }],
  ['illegal G_PAT', { G_PAT: 3n << 56n }],
  ['illegal G_PAT', { G_PAT: 8n << 24n }],
  ['PAE pointer entries reserved', pae, { pdpes: [bv(64, 1), bv(64, 3)] }],
  ['PAE pointer entries reserved', pae, { pdpes: [bv(64, 1n | bit(M))] }],
  ['virtual NMI without the NMI intercept', { V_NMI_ENABLE: 1n }],
  ['SSS check without nested paging', { NP_ENABLE: 0n, SSS_CHECK_ENABLE: 1n }],
]
vmrun('each check alone, and every check is tried', () => {
  for (const [reason, changes, setting] of one) assert.equal(outcome(changes, setting), [reason], reason)
  assert.equal([...new Set(one.map(([reason]) => reason))].sort(), [...invalidReasons].sort())
})
vmrun('what is no reason', () => {
  const fine: readonly (readonly [string, Changes, Setting?])[] = [
    ['CD and NW', { CR0: 0xe001_0031n }],
    ['CR3 bits 11:0', { CR3: 0x1fffn }],
    ['paged real mode', { EFER: 0x1000n, CR0: 0x8000_0030n }],
    ['RIP not canonical', { RIP: bit(63) }],
    ['low bits of the maps', { IOPM_BASE_PA: 0x2fffn }],
    ['maps that nothing consults', { MSRPM_BASE_PA: bit(63), INTERCEPT_MSR_PROT: 0n }],
    ['a map that ends at the top', { IOPM_BASE_PA: bit(M) - 0x3000n }, { parameters: { mapsMayEndAtTop: bool(true) } }],
    ['an event without the valid bit', { EVENTINJ: 0x700n }],
    ['NMI by its type, whatever the vector', { EVENTINJ: 0x8000_0200n }],
    ['a software interrupt of any vector', { EVENTINJ: 0x8000_04ffn }],
    ['#BP in 64-bit mode unless the parameter says so', { EVENTINJ: 0x8000_0303n }],
    ['G_PAT without nested paging', { NP_ENABLE: 0n, G_PAT: 2n }],
    ['nCR3 without nested paging', { NP_ENABLE: 0n, N_CR3: bit(63) }],
    ['no host paging, no nested paging', { NP_ENABLE: 0n }, { host: { pg: bool(false) } }],
    ['NP_ENABLE without the feature', { N_CR3: bit(63) }, { cpu: { nestedPaging: bool(false) } }],
    ['pointer entries that are not present', pae, { pdpes: [bv(64, 2)] }],
    ['pointer entries under nested paging', { ...pae, NP_ENABLE: 1n }, { pdpes: [bv(64, 3)] }],
    ['virtual NMI with the intercept', { V_NMI_ENABLE: 1n, INTERCEPT_NMI: 1n }],
    ['a large ASID unless the parameter says so', { ASID: 0xffff_ffffn }],
    ['LMA=0 with LME=1', { EFER: 0x1900n }],
  ]
  for (const [what, changes, setting] of fine) assert.is(outcome(changes, setting), 'runs', what)
})
vmrun('all reasons are given together', () => {
  assert.equal(outcome({ ASID: 0n, DR6: bit(40) }), ['DR6[63:32]', 'ASID 0'])
})
vmrun.run()
