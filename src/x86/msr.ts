// WRMSR to the registers that protect SMRAM, route addresses and enable SVM: what is locked, what faults, what changes.
//
// Covers: HWCR, SMM_BASE, SMMADDR, SMMMASK, SMM_KEY, SMM_CTL, TOP_MEM, TOM2, SYSCFG, IORRs, fixed MTRRs, APIC_BASE,
//   MMIO_CFG_BASE, EFER, VM_CR, SVM_KEY, VM_HSAVE_PA, the I/O-trap MSRs.
// Leaves out: registers of performance and debugging, memory types.
// Manual: APM volume 2, 3.1.7 (EFER), 7.9, 10.2.5, 10.3.9, 15.30, 15.31, 15.32; PPR HWCR, SMMMASK.
// Liberties: the writer is host software, or a guest whose access the hypervisor does not intercept: both are the adversary. What
//   the manual does not define in SMM_CTL does what its bits say.

import { action, type Action, type Behaviour, given, type Table, when } from '../model/system.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { and, type Bool, bool, type Bv, bv, ite, or } from '../model/term.ts'
import { vmrunCpu } from './cpu.ts'
import { flush } from './guest-tlb.ts'
import { cr0, cr0Layout, cr4, cr4Layout, efer, eferLayout, runs } from './modes.ts'
import { on } from './profile.ts'
import * as r from './registers.ts'
import { pending } from './smi-state.ts'
import { coreOf, thread } from './topology.ts'
import { bootSmmAddr, bootSmmMask, comparedBits } from './tseg.ts'
import { vmcbAddressIllegal } from './vmrun.ts'

/** A thread (of a core) writes a value. */
interface Write {
  readonly t: Bv<string>
  readonly c: Bv<string>
  readonly value: Bv
}

const wrmsr = (name: string, cite: string, behaviour: (write: Write) => Behaviour['cases']): Action =>
  action(`WRMSR ${name}`, { actor: 'hypervisor', cite, parameters: { t: thread, value: bvSort(64) } }, ({ t, value }) => ({
    guard: runs(t),
    cases: behaviour({ t, c: coreOf(t), value }),
  }))

export const locked = (c: Bv<string>): Bool => r.hwcrLayout.of(r.hwcr.at(c)).SmmLock

/** Bits where the mask has ones from one value, elsewhere from the other. */
const merged = (mask: bigint, yes: Bv, no: Bv): Bv => yes.bitand(mask).bitor(no.bitand(bv(64, mask).bitnot()))

const SMM_LOCK = 1n
const INVDWBINVD = 1n << 4n
const SMM_BASE_LOCK = 1n << 31n
const SVM_LOCK = 1n << 3n
const CLOSE_BITS = 0b1100n

const hwcr = wrmsr('HWCR', 'APM 15.32.1, 10.3.9', ({ c, value }) => {
  const old = r.hwcr.at(c)
  const keep = (bit: bigint, condition: Bool, v: Bv): Bv => ite(condition, merged(bit, old, v), v)
  const stays = or(on('H_SMBASELOCK'), and(locked(c), on('P_BASELOCK_FREE').not()))
  const next = keep(INVDWBINVD, on('H_INVD_SAFE'), keep(SMM_BASE_LOCK, stays, value.bitor(old.bitand(SMM_LOCK))))
  return { '#GP': given(r.hwcrLayout.of(value).SmmPgCfgLock), written: [r.hwcr.set(c, next)] }
})

const smmBase = wrmsr('SMM_BASE', 'PPR SMM_BASE', ({ t, c, value }) => ({
  '#GP': given(or(locked(c), value.bits(63, 32).ne(0), value.bits(3, 0).ne(0))),
  written: [r.smBase.set(t, value.bits(31, 0))],
}))
const smmAddr = wrmsr('SMMADDR', 'APM 10.2.5', ({ c, value }) => ({
  '#GP': given(locked(c)),
  written: [r.smmAddr.set(c, value)],
}))
const smmMask = wrmsr('SMMMASK', 'APM 10.2.5, PPR SMMMASK', ({ c, value }) => ({
  '#GP': given(and(locked(c), on('H_TCLOSE_LOCKED'))),
  'close bits only': given(locked(c), r.smmMask.set(c, merged(CLOSE_BITS, value, r.smmMask.at(c)))),
  written: [r.smmMask.set(c, value)],
}))
const smmKey = wrmsr('SMM_KEY', 'APM 15.32.2', ({ c, value }) => {
  const key = r.smmKey.at(c)
  return {
    'sets the key': given(locked(c).not(), r.smmKey.set(c, value)),
    unlocks: given(and(key.ne(0), key.eq(value)), r.hwcr.set(c, r.hwcr.at(c).bitand(bv(64, SMM_LOCK).bitnot()))),
    ignored: [],
  }
})
const smmCtl = wrmsr('SMM_CTL', 'APM 15.30.3', ({ t, c, value }) => {
  const { DISMISS, ENTER, EXIT } = r.smmCtlLayout.of(value)
  const dismisses = when(DISMISS, pending.set(t, bool(false)))
  return {
    '#GP': given(locked(c)),
    enters: given(ENTER, r.smmMapped.set(t, bool(true)), dismisses),
    exits: given(EXIT, r.smmMapped.set(t, bool(false)), dismisses),
    'dismisses only': dismisses,
  }
})

const routing = (name: string, cite: string, register: Table<Bv, 'core'>): Action =>
  wrmsr(name, cite, ({ t, c, value }) => ({ written: [register.set(c, value), flush(t, { kind: 'address-msr' })] }))

/** SYSCFG bit 19 (MtrrFixDramModEn) shows the RdMem and WrMem bits (APM 7.9.1). */
const sysCfgModifies = (t: Bv<string>): Bool => r.sysCfg.at(coreOf(t)).bit(19)

const fixedMtrr = action(
  'WRMSR fixed-range MTRR',
  { actor: 'hypervisor', cite: 'APM 7.9.1', parameters: { t: thread, range: bvSort(7), read: boolSort, write: boolSort } },
  ({ t, range, read, write }) => {
    const at = r.rangeOf(coreOf(t), range)
    return {
      guard: runs(t),
      cases: {
        'not modifiable': given(sysCfgModifies(t).not()),
        written: [r.readDram.set(at, read), r.writeDram.set(at, write), flush(t, { kind: 'address-msr' })],
      },
    }
  },
)

/** Whether a window of (52-bit) addresses, those that agree with `base` in the bits of `mask`, meets TSeg. */
export function meetsTseg(base: Bv, mask: Bv): Bool {
  const compared = bootSmmMask.now.bits(51, 0).bitand(comparedBits.now)
  return base.bitxor(bootSmmAddr.now.bits(51, 0)).bitand(mask).bitand(compared).isZero()
}

/** The window of MMIO_CFG_BASE: 1 MiB for each of 2^n buses, below 2^40 (facts 7). */
export function configWindowMeets(register: Bv): Bool {
  const compared = bv(20, 0xfffff).shl(register.bits(5, 2).zext(20))
  return meetsTseg(bv(12, 0).concat(register.bits(39, 20), bv(20, 0)), bv(12, 0xfff).concat(compared, bv(20, 0)))
}
/** The APIC's page, below 2^40 (APM 16.3.1). */
export const apicPageMeets = (register: Bv): Bool =>
  meetsTseg(bv(12, 0).concat(register.bits(39, 12), bv(12, 0)), bv(52, 0xf_ffff_ffff_f000n))

const apicBase = wrmsr('APIC_BASE', 'APM 16.3.1', ({ t, value }) => {
  const enabled = value.bit(11)
  return {
    '#GP': given(or(value.bits(63, 52).ne(0), value.bits(7, 0).ne(0))),
    'refused over TSeg': given(and(on('H_APIC_CHECK'), enabled, apicPageMeets(value))),
    written: [r.apicBase.set(t, value), flush(t, { kind: 'address-msr' })],
  }
})
const mmioCfgBase = wrmsr('MMIO_CFG_BASE', 'PPR MMIO_CFG_BASE', ({ t, c, value }) => ({
  'refused over TSeg': given(and(on('H_ROUTE_OK'), value.bit(0), configWindowMeets(value))),
  written: [r.mmioCfgBase.set(c, value), flush(t, { kind: 'address-msr' })],
}))

const eferWrite = wrmsr('EFER', 'APM 3.1.7, 15.4', ({ t, c, value }) => {
  const [old, next] = [eferLayout.of(efer.at(t)), eferLayout.of(value)]
  const paging = cr0Layout.of(cr0.at(t)).PG
  const svmOff = r.vmCrLayout.of(r.vmCr.at(c)).SVMDIS
  const bad = or(value.bitand(vmrunCpu.eferMbz).ne(0), and(next.SVME, svmOff), and(paging, next.LME.xor(old.LME)))
  // LMA is the processor's own (APM 3.1.7).
  const lma = and(next.LME, paging, cr4Layout.of(cr4.at(t)).PAE)
  return { '#GP': given(bad), written: [efer.set(t, merged(1n << 10n, ite(lma, bv(64, 1n << 10n), bv(64, 0)), value))] }
})
const vmCr = wrmsr('VM_CR', 'APM 15.30.1', ({ t, c, value }) => {
  const [old, next] = [r.vmCrLayout.of(r.vmCr.at(c)), r.vmCrLayout.of(value)]
  const frozen = merged(0b11000n, r.vmCr.at(c), value)
  return {
    '#GP': given(or(value.bits(63, 5).ne(0), and(old.LOCK.not(), next.SVMDIS, eferLayout.of(efer.at(t)).SVME))),
    locked: given(old.LOCK, r.vmCr.set(c, frozen)),
    written: [r.vmCr.set(c, value)],
  }
})
const svmKey = wrmsr('SVM_KEY', 'APM 15.31.1', ({ c, value }) => {
  const [key, register] = [r.svmKey.at(c), r.vmCr.at(c)]
  const { LOCK } = r.vmCrLayout.of(register)
  return {
    'sets the key': given(LOCK.not(), r.svmKey.set(c, value)),
    unlocks: given(and(key.ne(0), key.eq(value)), r.vmCr.set(c, register.bitand(bv(64, SVM_LOCK).bitnot()))),
    ignored: [],
  }
})
const hsave = wrmsr('VM_HSAVE_PA', 'APM 15.30.4', ({ t, value }) => ({
  '#GP': given(vmcbAddressIllegal(value, vmrunCpu)),
  written: [r.hsavePa.set(t, value)],
}))
const ioTrap = wrmsr('SMI_ON_IO_TRAP', 'BKDG C001_0054; facts 3.1', ({ t, value }) => ({
  written: [r.ioTrap.set(t, and(value.bit(15), or(value.bit(1), value.bit(3), value.bit(5), value.bit(7))))],
}))

export const wrmsrActions: readonly Action[] = [
  hwcr,
  smmBase,
  smmAddr,
  smmMask,
  smmKey,
  smmCtl,
  routing('TOP_MEM', 'APM 7.9.4', r.topMem),
  routing('TOM2', 'APM 7.9.4', r.tom2),
  routing('SYSCFG', 'APM 7.9.4', r.sysCfg),
  routing('IORRBase0', 'APM 7.9.2', r.iorrBase0),
  routing('IORRMask0', 'APM 7.9.2', r.iorrMask0),
  routing('IORRBase1', 'APM 7.9.2', r.iorrBase1),
  routing('IORRMask1', 'APM 7.9.2', r.iorrMask1),
  fixedMtrr,
  apicBase,
  mmioCfgBase,
  eferWrite,
  vmCr,
  svmKey,
  hsave,
  ioTrap,
]
