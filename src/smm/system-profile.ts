// What the composed system takes for granted of firmware and hardware, beyond the platform's own profile: each a rigid truth with
// a name, that a proof may use or not.
//
// Covers: what boot code told the handler of its platform; wait-for-SIPI; coherence of uncached reads.
// Leaves out: the platform's switches (src/x86/profile.ts), the handler's defences (switches.ts).

import { forAll, rigid } from '../model/system.ts'
import { type Setting, switchboard } from '../model/switchboard.ts'
import { and, bool, type Bool } from '../model/term.ts'
import { on } from '../x86/profile.ts'
import { addressOf, frame, frameOf, word } from '../x86/physical.ts'
import { ff38IsNestedCr3, hostModeInternal, recordsNested } from '../x86/save-parameters.ts'
import { type RoutingRegisters, type Route, route } from '../x86/routing.ts'
import { fixedRangeOf, routingParameters } from '../x86/thread-route.ts'
import { isThread, thread, threadCount } from '../x86/topology.ts'
import { isTsegWord } from '../x86/tseg.ts'
import { memory, plainFrame, rangeHolds } from './boot-map.ts'
import { range } from './system-cells.ts'
import { RANGE } from './cells.ts'
import { bootCopy, FIXED_MTRRS, platformConfig } from './thread-cells.ts'
import type { Bv } from '../model/term.ts'

const about = {
  H_COUNTED: 'the handler counts every thread that the platform can ever have',
  H_BOOTMAP: 'every word of the boot map is DRAM outside TSeg, where addresses go as they went at boot',
  H_KNOWN: 'the handler was built for this platform: what it believes of parameters is so',
  P_FF38: 'FF38h of the save area is the nested CR3 in use',
  P_FF38_WHEN: 'state 6 and the host fields are recorded for every guest with nested paging',
  P_HOSTMODE_SRC: 'the host fields of the save area come from the processor, not from memory',
  P_PARK_VISIBLE: 'wait-for-SIPI can be told from GIF=0',
  P_UC_COHERENT: "uncached reads see other caches' modified lines",
} as const satisfies Readonly<Record<string, string>>
export type MeetingSwitch = keyof typeof about
export const {
  names: meetingSwitchNames,
  meaning: meetingSwitchMeaning,
  on: holds,
  variables: meetingSwitches,
  assumptionsOf: meetingAssumptions,
} = switchboard(about, { P_FF38: ff38IsNestedCr3, P_FF38_WHEN: recordsNested, P_HOSTMODE_SRC: hostModeInternal })

/** Frames that boot code put into the boot map; no window of the fabric lies over them at hand-off. */
export const bootDram = rigid.per(frame).flag('boot DRAM')
/** The range of the boot map that holds the frame, if one does. */
export const rangeOf = rigid.per(frame).bits('range of a frame', RANGE)
/** The handler's boot map has the frame. */
export const inBootMap = (f: Bv<string>): Bool => rangeHolds(rangeOf.at(f), f, f)

export type MeetingProfile = Setting<MeetingSwitch>
/** Firmware that knows its platform; parameters as they favour the adversary, but for what save areas record. */
export const built: MeetingProfile = {
  name: 'built',
  values: {
    H_COUNTED: true,
    H_BOOTMAP: true,
    H_KNOWN: true,
    P_FF38: true,
    P_FF38_WHEN: true,
    P_HOSTMODE_SRC: true,
    P_PARK_VISIBLE: false,
    P_UC_COHERENT: false,
  },
}

/** Where a thread's data read goes with the registers that firmware left. @param smm as SMM sees memory */
export function bootRoute(t: Bv<string>, address: Bv<string>, smm: boolean, fabricMmio: Bool): Route {
  const register = (name: string): Bv => bootCopy[name]!.now.at(t)
  const registers: RoutingRegisters = {
    SMMADDR: register('SMMADDR'),
    SMMMASK: register('SMMMASK'),
    TOP_MEM: register('TOP_MEM'),
    TOM2: register('TOM2'),
    SYSCFG: register('SYSCFG'),
    IORR: [
      { base: register('IORRBase0'), mask: register('IORRMask0') },
      { base: register('IORRBase1'), mask: register('IORRMask1') },
    ],
    fixedMtrr: (at) => fixedOf((name) => register(name), fixedRangeOf(at)),
    APIC_BASE: register('APIC_BASE'),
    MMIO_CFG_BASE: register('MMIO_CFG_BASE'),
    fabricMmio,
  }
  return route(
    { address: address.as<'host address'>(), kind: 'data', write: false, smm: bool(smm) },
    registers,
    routingParameters,
  )
}

/** RdMem and WrMem of a fixed range, 7 bits: bits 4 and 3 of byte `range` mod 8 of register `range` / 8 (APM 7.7.2, 7.9.1). */
export function fixedOf(register: (name: string) => Bv, at: Bv): { rd: Bool; wr: Bool } {
  const value = FIXED_MTRRS.reduceRight<Bv>(
    (otherwise, name, n) => at.bits(6, 3).eq(n).ite(register(name), otherwise),
    register(FIXED_MTRRS[0]!),
  )
  const byte = value.lshr(at.bits(2, 0).zext(64).shl(3))
  return { rd: byte.bit(4), wr: byte.bit(3) }
}

/** The handler may read the word, by range `r` of its boot map, with no encryption bit in the address. */
export const mayRead = (a: Bv<string>, r: Bv<string>): Bool =>
  and(plainFrame(frameOf(a)).eq(frameOf(a)), ...memory.readable(a.as<'bits'>(), r.as<'bits'>()).map((c) => c.term))

export const meetingFacts = [
  forAll('H_COUNTED: the handler counts every thread', [], () =>
    holds('H_COUNTED').implies(platformConfig.threads.now.eq(threadCount)),
  ),
  forAll('H_KNOWN: what the handler believes of its platform is so', [], () =>
    holds('H_KNOWN').implies(
      and(
        platformConfig.stopsDma.now.implies(on('H_IOMMU_BLOCK')),
        platformConfig.parkVisible.now.implies(holds('P_PARK_VISIBLE')),
        platformConfig.rootRecorded.now.implies(holds('P_FF38')),
        platformConfig.nestedRecorded.now.implies(holds('P_FF38_WHEN')),
        platformConfig.hostRecorded.now.implies(holds('P_HOSTMODE_SRC')),
      ),
    ),
  ),
  forAll('H_BOOTMAP: the boot map is DRAM outside TSeg', [thread, word, range], (t, a, r) =>
    and(holds('H_BOOTMAP'), isThread(t), mayRead(a, r)).implies(
      and(
        bootDram.at(frameOf(a)),
        isTsegWord(a).not(),
        ...[true, false].map((smm) => bootRoute(t, addressOf(a), smm, bool(false)).dram),
      ),
    ),
  ),
  forAll('a range that holds a frame is the one named, or that one holds it too', [frame, range], (f, r) =>
    rangeHolds(r, f, f).implies(inBootMap(f)),
  ),
] as const
