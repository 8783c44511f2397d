// What firmware told the handler of the example machine (src/x86/example-machine.ts): attacks on platform and handler together
// begin here.
//
// Covers: the handler's constants: threads, patience, what it believes of its platform, the boot map, copies of the registers.
// Leaves out: the handler's state, which is arbitrary until hand-off.
// Liberties: proofs are for every machine; this is one of them, for attacks.

import { forAll, type Quantified } from '../model/system.ts'
import { and, type Bool, bool, type Bv } from '../model/term.ts'
import { exampleMachine, type MachineChoice } from '../x86/example-machine.ts'
import { frame } from '../x86/physical.ts'
import type { Profile } from '../x86/profile.ts'
import { thread } from '../x86/topology.ts'
import { bootMap, config } from './cells.ts'
import { range } from './system-cells.ts'
import { bootDram, type MeetingProfile, type MeetingSwitch, rangeOf } from './system-profile.ts'
import { bootCopy, FIXED_MTRRS, platformConfig, registerNames } from './thread-cells.ts'

/** Frames of the boot map: from 1 MiB up to TSeg. */
const [FIRST, LAST] = [0x100, 0x7_efff]
const TSEG_FRAMES = [0x7_f000, 0x7_ffff] as const
const RD_WR = 0x1818_1818_1818_1818n

/** What hand-off leaves in the registers of `exampleMachine`. */
const left = ({ values }: Profile): Readonly<Record<string, bigint>> => ({
  HWCR: (values.H_SMMLOCK ? 1n : 0n) | (values.H_INVD_SAFE ? 1n << 4n : 0n) | (values.H_SMBASELOCK ? 1n << 31n : 0n),
  SMMADDR: 0x7f00_0000n,
  SMMMASK: 0xffff_ff00_6602n,
  TOP_MEM: 0x8000_0000n,
  TOM2: 0x2_0000_0000n,
  SYSCFG: 0x30_0000n,
  APIC_BASE: 0xfee0_0800n,
  ...Object.fromEntries(FIXED_MTRRS.map((name) => [name, RD_WR])),
})

export interface MeetingMachine extends MachineChoice {
  /** How many threads boot code told the handler of: both, where nothing else is said. */
  readonly counted?: number
  /** What it is wrong about. */
  readonly believes?: Partial<Record<MeetingSwitch, boolean>>
}

/** What boot code told the handler is so, as far as the profile says. */
export function exampleMeeting(
  platform: Profile,
  { values }: MeetingProfile,
  choice: MeetingMachine = {},
): readonly Quantified[] {
  const { counted = 2, believes = {}, ...rest } = choice
  const told = { ...values, ...believes }
  const registers = left(platform)
  const is = (flag: Bool, value: boolean): Bool => flag.iff(bool(value))
  return [
    ...exampleMachine(rest),
    forAll('the handler knows its platform', [], () =>
      and(
        platformConfig.threads.now.eq(counted),
        platformConfig.patience.now.eq(0),
        is(platformConfig.stopsDma.now, platform.values.H_IOMMU_BLOCK),
        is(platformConfig.parkVisible.now, told.P_PARK_VISIBLE),
        is(platformConfig.rootRecorded.now, told.P_FF38),
        is(platformConfig.nestedRecorded.now, told.P_FF38_WHEN),
        is(platformConfig.hostRecorded.now, told.P_HOSTMODE_SRC),
        ...[config.nxe.now, config.cBit.now.isZero()],
        ...[config.smramFirst.now.eq(TSEG_FRAMES[0]), config.smramLast.now.eq(TSEG_FRAMES[1])],
      ),
    ),
    forAll('the boot map has one range', [], () => bootMap.ranges.now.eq(1)),
    forAll('a frame of it is in that range', [frame], (f) => rangeOf.at(f).isZero()),
    forAll('it goes from 1 MiB to TSeg', [range], (r) =>
      and(bootMap.first.now.at(r as unknown as Bv).eq(FIRST), bootMap.last.now.at(r as unknown as Bv).eq(LAST)),
    ),
    forAll('no frame had a window of the fabric at boot', [frame], (f) => bootDram.at(f)),
    forAll('it copied the registers', [thread], (t) =>
      and(...registerNames.map((name) => bootCopy[name]!.now.at(t as unknown as Bv).eq(registers[name] ?? 0n))),
    ),
  ]
}
