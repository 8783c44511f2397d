// Routing: where a processor's access to a physical address goes, DRAM or MMIO.
//
// Covers: TOP_MEM and TOM2, IORRs, fixed-range MTRRs (RdMem, WrMem), TSeg and ASeg with their close bits, the MMIO configuration
//   window, the APIC window, the fabric's windows; priority among them.
// Leaves out: memory types, devices' accesses (they do not consult these registers, 15.24.3), the C-bit (masked before, 7.10.5),
//   x2APIC (no window), what answers in MMIO space (reads of nothing give ones, writes are dropped).
// Manual: APM volume 2, 7.9.1-7.9.4 (RdMem and WrMem, IORRs, TOP_MEM, TOM2, SYSCFG), 10.2.5 (SMMADDR, SMMMASK); processor
//   documents for the close bits, the order of priorities and the MMIO configuration base.
// Liberties: SYSCFG.MtrrVarDramEn enables TOP_MEM and the IORRs alike. What the documents leave open is a parameter.

import { and, type Bool, bool, bv, type Bv, ite, or } from '../model/term.ts'
import { bits, flag, layout } from '../model/layout.ts'
import type { HostAddress } from './address.ts'

export const smmMask = layout('SMMMASK', 64, {
  AVALID: flag(0, 'APM 10.2.5'),
  TVALID: flag(1, 'APM 10.2.5'),
  ACLOSE: flag(2, 'SMMMASK'),
  TCLOSE: flag(3, 'SMMMASK'),
  AMTYPE_IO_WC: flag(4, 'SMMMASK'),
  TMTYPE_IO_WC: flag(5, 'SMMMASK'),
  AMTYPE_DRAM: bits(10, 8, 'SMMMASK'),
  TMTYPE_DRAM: bits(14, 12, 'SMMMASK'),
  MASK: bits(51, 17, 'APM 10.2.5'),
})
export const sysCfg = layout('SYSCFG', 64, {
  MTRR_FIX_DRAM_EN: flag(18, 'APM 7.9.1'),
  MTRR_FIX_DRAM_MOD_EN: flag(19, 'APM 7.9.1'),
  MTRR_VAR_DRAM_EN: flag(20, 'APM 7.9.4'),
  MTRR_TOM2_EN: flag(21, 'APM 7.9.4'),
  MEM_ENCRYPTION_MOD_EN: flag(23, 'APM 7.10.2'),
  SECURE_NESTED_PAGING_EN: flag(24, 'APM 15.36'),
})

export interface RoutedAccess {
  readonly address: HostAddress
  readonly kind: 'fetch' | 'data'
  readonly write: boolean
  /** The thread is in SMM. */
  readonly smm: Bool
}

export interface ReadWrite {
  /** Reads (fetches too) go to DRAM. */
  readonly rd: Bool
  readonly wr: Bool
}

/** 64 bits each. */
export interface SmramRegisters {
  readonly SMMADDR: Bv
  readonly SMMMASK: Bv
}
export interface RoutingRegisters extends SmramRegisters {
  readonly TOP_MEM: Bv
  readonly TOM2: Bv
  readonly SYSCFG: Bv
  readonly IORR: readonly { readonly base: Bv; readonly mask: Bv }[]
  /** RdMem and WrMem of the fixed range that holds an address below 1 MiB. */
  readonly fixedMtrr: (address: HostAddress) => ReadWrite
  readonly APIC_BASE: Bv
  readonly MMIO_CFG_BASE: Bv
  /** A window of the data fabric decodes this address as MMIO. */
  readonly fabricMmio: Bool
}

export interface RoutingParameters {
  /** P_TOM_WINS: what TOP_MEM and TOM2 leave to MMIO stays MMIO although TSeg or ASeg is there. */
  readonly tomWins: Bool
  /** 52 bits: the address bits that SMMADDR is compared in; bits 16:0 never are. */
  readonly tsegBits: Bv
  /** The later of two IORRs that overlap decides; else the earlier (7.9.2: depends on the implementation). */
  readonly laterIorrWins: Bool
  /** The configuration, APIC and fabric windows take instruction fetches, too. */
  readonly windowsTakeFetches: Bool
}

export interface SmramDecode {
  /** The address lies in TSeg, TValid being set. */
  readonly tseg: Bool
  /** In ASeg (A0000h-BFFFFh), AValid being set, and not in TSeg. */
  readonly aseg: Bool
  /** In either of them, and this access reaches the DRAM there. */
  readonly open: Bool
  /** In either, and sent to MMIO space instead: not in SMM, or data while the range is closed. */
  readonly closed: Bool
}

/** APM 10.2.5: the ranges; who reaches their DRAM. */
export function smramDecode(
  access: Pick<RoutedAccess, 'address' | 'kind' | 'smm'>,
  registers: SmramRegisters,
  tsegBits: Bv,
): SmramDecode {
  const mask = smmMask.of(registers.SMMMASK)
  const compared = registers.SMMMASK.bits(51, 17).bitand(tsegBits.bits(51, 17))
  const inTseg = access.address.bits(51, 17).bitxor(registers.SMMADDR.bits(51, 17)).bitand(compared).isZero()
  const tseg = and(mask.TVALID, inTseg)
  const aseg = and(tseg.not(), mask.AVALID, access.address.bits(51, 17).eq(0xa0000 >> 17))
  const shut = access.kind === 'data' ? or(and(tseg, mask.TCLOSE), and(aseg, mask.ACLOSE)) : bool(false)
  const within = or(tseg, aseg)
  const open = access.kind === 'data' ? and(within, access.smm, shut.not()) : and(within, access.smm)
  return { tseg, aseg, open, closed: and(within, open.not()) }
}

const GIB4 = 0x1_0000_0000n
const picked = (of: ReadWrite, write: boolean): Bool => (write ? of.wr : of.rd)

/** TOP_MEM below 4 GiB, TOM2 above; bits 22:0 of both are ignored (7.9.4). */
function systemMemory(address: HostAddress, { TOP_MEM, TOM2, SYSCFG }: RoutingRegisters): Bool {
  const cfg = sysCfg.of(SYSCFG)
  const unit = address.bits(51, 23)
  return ite(
    address.ult(GIB4),
    and(cfg.MTRR_VAR_DRAM_EN, unit.ult(TOP_MEM.bits(51, 23))),
    and(cfg.MTRR_TOM2_EN, unit.ult(TOM2.bits(51, 23))),
  )
}

function iorrs(access: RoutedAccess, registers: RoutingRegisters, below: Bool, laterWins: Bool): Bool {
  const enabled = sysCfg.of(registers.SYSCFG).MTRR_VAR_DRAM_EN
  const page = access.address.bits(51, 12)
  const decide = (result: Bool, { base, mask }: { base: Bv; mask: Bv }): Bool => {
    const hit = and(enabled, mask.bit(11), page.bitxor(base.bits(51, 12)).bitand(mask.bits(51, 12)).isZero())
    return ite(hit, picked({ rd: base.bit(4), wr: base.bit(3) }, access.write), result)
  }
  // What is decided last wins.
  return ite(laterWins, registers.IORR.reduce(decide, below), registers.IORR.reduceRight(decide, below))
}

/** MMIO configuration base (39:20, bus range 5:2: 1 MiB a bus, enable 0) and the APIC's page (39:12, enable 11). */
function window(access: RoutedAccess, registers: RoutingRegisters): Bool {
  const { address } = access
  const { MMIO_CFG_BASE: cfg, APIC_BASE: apic } = registers
  const low = address.bits(51, 40).isZero()
  // Bits 20 + n and up are compared, n being the bus range.
  const covered = bv(20, 0xfffff).shl(cfg.bits(5, 2).zext(20))
  const inCfg = and(cfg.bit(0), low, address.bits(39, 20).bitxor(cfg.bits(39, 20)).bitand(covered).isZero())
  const inApic = and(apic.bit(11), low, address.bits(39, 12).eq(apic.bits(39, 12)))
  return or(inCfg, inApic, registers.fabricMmio)
}

export interface Route {
  readonly dram: Bool
  readonly mmio: Bool
  /** The address lies in TSeg (ASeg) as this core decodes it, wherever the access goes. */
  readonly tseg: Bool
  readonly aseg: Bool
}

/** Priorities from the lowest: TOP_MEM and TOM2, IORRs, fixed MTRRs, TSeg and ASeg, configuration and APIC windows, the fabric. */
export function route(access: RoutedAccess, registers: RoutingRegisters, parameters: RoutingParameters): Route {
  const { address, write } = access
  const memory = systemMemory(address, registers)
  const variable = iorrs(access, registers, memory, parameters.laterIorrWins)
  const fixed = and(sysCfg.of(registers.SYSCFG).MTRR_FIX_DRAM_EN, address.ult(0x10_0000))
  const normal = ite(fixed, picked(registers.fixedMtrr(address), write), variable)
  const smram = smramDecode(access, registers, parameters.tsegBits)
  const ranged = ite(or(smram.tseg, smram.aseg), and(smram.open, or(memory, parameters.tomWins.not())), normal)
  const windowed = and(window(access, registers), access.kind === 'data' ? bool(true) : parameters.windowsTakeFetches)
  const dram = and(ranged, windowed.not())
  return { dram, mmio: dram.not(), tseg: smram.tseg, aseg: smram.aseg }
}
