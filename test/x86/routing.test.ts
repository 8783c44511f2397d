import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bool, bv } from '../../src/model/term.ts'
import {
  type Route,
  route,
  type RoutedAccess,
  type RoutingParameters,
  type RoutingRegisters,
  smmMask,
} from '../../src/x86/routing.ts'
import { smramRows } from './smram-rows.ts'

const BASE = 0x7f00_0000n
interface Setting {
  readonly smm?: boolean
  readonly kind?: RoutedAccess['kind']
  readonly write?: boolean
  readonly registers?: Partial<Record<Exclude<keyof RoutingRegisters, 'IORR' | 'fixedMtrr' | 'fabricMmio'>, bigint>>
  readonly iorr?: readonly (readonly [base: bigint, mask: bigint])[]
  readonly fixed?: { readonly rd: boolean; readonly wr: boolean }
  readonly fabric?: boolean
  readonly parameters?: Partial<Record<Exclude<keyof RoutingParameters, 'tsegBits'>, boolean>>
  readonly tsegBits?: bigint
}
const TSEG_BITS = 0x0000_ffff_fffe_0000n
/** A machine with 4 GiB less 1 GiB of memory below the hole and 4 GiB above it. */
function routed(address: bigint, setting: Setting = {}): Route {
  const given = setting.registers ?? {}
  const registers: RoutingRegisters = {
    SMMADDR: bv(64, given.SMMADDR ?? BASE),
    SMMMASK: bv(64, given.SMMMASK ?? 0n),
    TOP_MEM: bv(64, given.TOP_MEM ?? 0xc000_0000n),
    TOM2: bv(64, given.TOM2 ?? 0x2_0000_0000n),
    SYSCFG: bv(64, given.SYSCFG ?? 0x34_0000n),
    APIC_BASE: bv(64, given.APIC_BASE ?? 0xfee0_0900n),
    MMIO_CFG_BASE: bv(64, given.MMIO_CFG_BASE ?? 0n),
    IORR: (setting.iorr ?? []).map(([base, mask]) => ({ base: bv(64, base), mask: bv(64, mask) })),
    fixedMtrr: () => ({ rd: bool(setting.fixed?.rd ?? true), wr: bool(setting.fixed?.wr ?? true) }),
    fabricMmio: bool(setting.fabric ?? false),
  }
  const parameters: RoutingParameters = {
    tomWins: bool(setting.parameters?.tomWins ?? false),
    laterIorrWins: bool(setting.parameters?.laterIorrWins ?? false),
    windowsTakeFetches: bool(setting.parameters?.windowsTakeFetches ?? false),
    tsegBits: bv(52, setting.tsegBits ?? TSEG_BITS),
  }
  const access: RoutedAccess = {
    address: bv(52, address).as<'host address'>(),
    kind: setting.kind ?? 'data',
    write: setting.write ?? false,
    smm: bool(setting.smm ?? false),
  }
  return route(access, registers, parameters)
}
/** Both answers, which exclude each other. */
function target(address: bigint, setting?: Setting): 'DRAM' | 'MMIO' {
  const { dram, mmio } = routed(address, setting)
  assert.is(mmio.value, dram.value === false)
  return dram.value === true ? 'DRAM' : 'MMIO'
}

const smram = suite('SMRAM decode')
for (const [id, address, SMMMASK, smm, kind, expected] of smramRows)
  smram(id, () => {
    const shown = routed(address, { smm, kind, registers: { SMMMASK } })
    const ranged = shown.tseg.value === true || shown.aseg.value === true
    if (expected === 'normal routing') {
      assert.is(ranged, false)
      // Wherever the registers below say.
      for (const TOP_MEM of [0n, 0xc000_0000n])
        for (const write of [false, true])
          assert.is(
            target(address, { smm, kind, write, registers: { SMMMASK, TOP_MEM, SYSCFG: 0x30_0000n } }),
            address < TOP_MEM ? 'DRAM' : 'MMIO',
          )
      return
    }
    assert.is(ranged, true)
    for (const write of [false, true]) assert.is(target(address, { smm, kind, write, registers: { SMMMASK } }), expected)
  })
smram('ASeg is A0000h-BFFFFh, and only with AValid', () => {
  const at = (address: bigint, SMMMASK: bigint) => routed(address, { registers: { SMMMASK } }).aseg.value
  assert.equal(
    [0x9_ffffn, 0xa_0000n, 0xb_ffffn, 0xc_0000n].map((address) => at(address, 1n)),
    [false, true, true, false],
  )
  assert.is(at(0xa_0000n, 0n), false)
})
smram('closed, a range still gives code from DRAM in SMM; TClose and AClose close their own', () => {
  for (const [address, close] of [
    [BASE, 8n],
    [0xa_0000n, 4n],
  ] as const) {
    const registers = { SMMMASK: 0xffff_ff00_6003n | close }
    assert.is(target(address, { smm: true, kind: 'fetch', registers }), 'DRAM')
    assert.is(target(address, { smm: true, registers }), 'MMIO')
    assert.is(target(address, { smm: true, write: true, registers }), 'MMIO')
    const other = { SMMMASK: 0xffff_ff00_6003n | (close ^ 12n) }
    assert.is(target(address, { smm: true, registers: other }), 'DRAM')
    // Outside SMM neither code nor data.
    assert.is(target(address, { kind: 'fetch', registers }), 'MMIO')
  }
})
smram('where TSeg covers ASeg, TSeg decides', () => {
  const registers = { SMMADDR: 0xa_0000n, SMMMASK: 0xffff_fffe_6007n }
  const { tseg, aseg } = routed(0xa_0000n, { smm: true, registers })
  assert.equal([tseg.value, aseg.value], [true, false])
  // AClose is set, TClose is not.
  assert.is(target(0xa_0000n, { smm: true, registers }), 'DRAM')
})
smram('only the bits that the processor has are compared', () => {
  const registers = { SMMMASK: 0xf_ffff_ff00_6003n }
  assert.is(routed(BASE | (1n << 50n), { registers }).tseg.value, true)
  assert.is(routed(BASE | (1n << 50n), { registers, tsegBits: 0xf_ffff_fffe_0000n }).tseg.value, false)
  assert.is(routed(BASE | 0x1_ffffn, { registers, tsegBits: 0xf_ffff_ffff_ffffn }).tseg.value, true)
})
smram('fields of SMMMASK', () =>
  assert.is(smmMask.show(0xffff_ff00_600bn), 'AVALID=1 TVALID=1 TCLOSE=1 TMTYPE_DRAM=0x6 MASK=0x7fffff80'),
)
smram.run()

const order = suite('routing priority')
const off = { SYSCFG: 0n }
order('1: TOP_MEM below 4 GiB, TOM2 above, each with its enable, in units of 8 MiB', () => {
  assert.is(target(0xbfff_ffffn), 'DRAM')
  assert.is(target(0xc000_0000n), 'MMIO')
  assert.is(target(0x1_0000_0000n), 'DRAM')
  assert.is(target(0x1_ffff_ffffn), 'DRAM')
  assert.is(target(0x2_0000_0000n), 'MMIO')
  assert.is(target(0xbfff_ffffn, { registers: { TOP_MEM: 0xc07f_ffffn } }), 'DRAM')
  assert.is(target(0xc000_0000n, { registers: { TOP_MEM: 0xc07f_ffffn } }), 'MMIO')
  assert.is(target(0x20_0000n, { registers: { SYSCFG: 0x20_0000n } }), 'MMIO')
  assert.is(target(0x1_0000_0000n, { registers: { SYSCFG: 0x10_0000n } }), 'MMIO')
  assert.is(target(0n, { registers: off }), 'MMIO')
})
order('2: IORRs win over TOP_MEM, reads and writes apart', () => {
  const iorr = [[0xc000_0010n, 0xf_ffff_f000_0800n]] as const
  assert.is(target(0xc123_0000n, { iorr: [[0xc000_0010n, 0xf_ffff_0000_0800n]] }), 'DRAM')
  assert.is(target(0xc123_0000n, { iorr: [[0xc000_0010n, 0xf_ffff_0000_0800n]], write: true }), 'MMIO')
  assert.is(target(0xc123_0000n, { iorr: [[0xc000_0008n, 0xf_ffff_0000_0800n]], write: true }), 'DRAM')
  assert.is(target(0x20_0000n, { iorr: [[0n, 0xf_ffff_f000_0800n]] }), 'MMIO')
  assert.is(target(0xd000_0000n, { iorr }), 'MMIO')
  assert.is(target(0xc000_0000n, { iorr: [[0xc000_0010n, 0xf_ffff_f000_0000n]] }), 'MMIO')
  const both = [
    [0n, 0xf_ffff_f000_0800n],
    [0x18n, 0xf_ffff_f000_0800n],
  ] as const
  assert.is(target(0x20_0000n, { iorr: both }), 'MMIO')
  assert.is(target(0x20_0000n, { iorr: both, parameters: { laterIorrWins: true } }), 'DRAM')
})
order('3: fixed MTRRs win below 1 MiB', () => {
  const fixed = { rd: true, wr: false }
  const iorr = [[0n, 0xf_ffff_f000_0800n]] as const
  assert.is(target(0xf_ffffn, { fixed, iorr }), 'DRAM')
  assert.is(target(0xf_ffffn, { fixed, write: true }), 'MMIO')
  assert.is(target(0x10_0000n, { fixed, iorr }), 'MMIO')
  assert.is(target(0xf_ffffn, { fixed, write: true, registers: { SYSCFG: 0x30_0000n } }), 'DRAM')
})
order('4: TSeg and ASeg win over all three, unless TOP_MEM wins', () => {
  const registers = { SMMMASK: 0xffff_ff00_6003n, TOP_MEM: 0x1000_0000n }
  const iorr = [[0x7f00_0000n, 0xf_ffff_ff00_0800n]] as const
  assert.is(target(BASE, { smm: true, registers, iorr }), 'DRAM')
  assert.is(target(BASE, { smm: true, registers, parameters: { tomWins: true } }), 'MMIO')
  assert.is(target(0xa_0000n, { smm: true, registers, fixed: { rd: false, wr: false } }), 'DRAM')
  assert.is(target(BASE, { registers: { SMMMASK: 0xffff_ff00_6003n } }), 'MMIO')
})
order('5: the configuration and APIC windows win over TSeg', () => {
  const SMMMASK = 0xffff_ff00_6003n
  const apic = { SMMMASK, APIC_BASE: 0x7f00_1800n }
  assert.is(target(0x7f00_1abcn, { smm: true, registers: apic }), 'MMIO')
  assert.is(target(0x7f00_2000n, { smm: true, registers: apic }), 'DRAM')
  assert.is(target(0x7f00_1abcn, { smm: true, registers: { ...apic, APIC_BASE: 0x7f00_1000n } }), 'DRAM')
  assert.is(target(0x7f00_1abcn, { smm: true, kind: 'fetch', registers: apic }), 'DRAM')
  assert.is(target(0x7f00_1abcn, { smm: true, kind: 'fetch', registers: apic, parameters: { windowsTakeFetches: true } }), 'MMIO')
  // Four buses: 4 MiB.
  const cfg = { SMMMASK, MMIO_CFG_BASE: 0x7f00_0009n }
  assert.is(target(0x7f3f_ffffn, { smm: true, registers: cfg }), 'MMIO')
  assert.is(target(0x7f40_0000n, { smm: true, registers: cfg }), 'DRAM')
  assert.is(target(0x7f3f_ffffn, { smm: true, registers: { ...cfg, MMIO_CFG_BASE: 0x7f00_0008n } }), 'DRAM')
  assert.is(target((1n << 45n) | 0x7f00_1abcn, { registers: { ...apic, TOM2: 1n << 46n } }), 'DRAM')
})
order('6: the fabric wins over everything', () => {
  const registers = { SMMMASK: 0xffff_ff00_6003n }
  assert.is(target(BASE, { smm: true, fabric: true, registers }), 'MMIO')
  assert.is(target(0x1000n, { fabric: true }), 'MMIO')
})
order.run()
