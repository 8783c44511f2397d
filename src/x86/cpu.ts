// What CPUID says of the processors of a platform: rigid, and the same on all threads.
//
// Covers: physical and guest-physical width, the C-bit, 1-GiB pages, which control-register bits exist, SVM features.
// Leaves out: processors of different kinds in one platform.
// Manual: APM volume 3, appendix E (CPUID); volume 2, 7.10.1 (C-bit), 15.25.3.
// Liberties: what the manual leaves open of VMRUN (VmrunParameters, CleanParameters) is arbitrary, one truth each.

import type { Value } from '../model/evaluate.ts'
import type { Chance } from '../model/sampler.ts'
import { forAll, type Quantified, rigid, type Variable } from '../model/system.ts'
import { and, bool, type Bool, type Bv } from '../model/term.ts'
import { GUEST_PAGE_BITS } from './address.ts'
import { on } from './profile.ts'
import { eferLayout } from './modes.ts'
import type { CleanParameters } from './clean-bits.ts'
import type { NestedHost } from './paging.ts'
import type { VmrunCpu, VmrunParameters } from './vmrun.ts'

const physMask = rigid.bits('MAXPHYADDR mask', 52)
const cBit = rigid.bits('C-bit', 52)
const guestPages = rigid.bits('guest page mask', GUEST_PAGE_BITS)
const page1g = rigid.flag('1-GiB pages')
const cr4Mbz = rigid.bits('CR4 MBZ', 64)
const eferMbz = rigid.bits('EFER MBZ', 64)
const asids = rigid.bits('ASIDs', 32)
const exceptions = rigid.bits('exception vectors', 32)
const nestedPaging = rigid.flag('nested paging')
const virtualNmi = rigid.flag('virtual NMI')
const sssCheck = rigid.flag('SSS check')
const cet = rigid.flag('shadow stacks')
const sCetMbz = rigid.bits('S_CET MBZ', 64)
const uCet = rigid.bits('U_CET', 64)
const operandFirst = rigid.flag('VMRUN checks rAX before the intercept')
const largeAsid = rigid.flag('VMRUN refuses large ASIDs')
const unusedMaps = rigid.flag('VMRUN checks unused maps')
const mapsEnd = rigid.flag('permission maps may end at the top')
const legacyCr3 = rigid.bits('CR3 MBZ outside long mode', 64)
const impossible = rigid.bits('exceptions impossible in long mode', 32)
const npCoversFlags = rigid.flag('clean bit NP covers 090h')
const skinit = rigid.flag('SKINIT')

export const cpuVariables = [
  ...[physMask, cBit, guestPages, page1g, cr4Mbz, eferMbz, asids, exceptions, nestedPaging, virtualNmi, sssCheck, cet],
  ...[sCetMbz, uCet, operandFirst, largeAsid, unusedMaps, mapsEnd, legacyCr3, impossible, npCoversFlags, skinit],
] as const

export const vmrunCpu: VmrunCpu = {
  physMask: physMask.now,
  cBit: cBit.now,
  longMode: bool(true),
  nestedPaging: nestedPaging.now,
  cr4Mbz: cr4Mbz.now,
  eferMbz: eferMbz.now,
  exceptionVectors: exceptions.now,
  asids: asids.now,
  cet: cet.now,
  sCetMbz: sCetMbz.now,
  virtualNmi: virtualNmi.now,
  sssCheck: sssCheck.now,
}
export const vmrunParameters: VmrunParameters = {
  operandBeforeIntercept: operandFirst.now,
  largeAsidRefused: largeAsid.now,
  unusedMapsChecked: unusedMaps.now,
  mapsMayEndAtTop: mapsEnd.now,
  legacyCr3Mbz: legacyCr3.now,
  impossibleInLongMode: impossible.now,
}
export const cleanParameters: CleanParameters = { npCoversFlags: npCoversFlags.now }
export const userCet: Bv = uCet.now
/** CPUID Fn8000_0001_ECX[SKINIT]: SKINIT and STGI work without EFER.SVME, too (15.4). */
export const hasSkinit: Bool = skinit.now

/** The rules of a nested walk under a host with these registers, for a guest with this GMET flag. */
export function nestedHost(host: { cr4: Bv; efer: Bv }, gmet: Bool): NestedHost {
  return {
    physMask: physMask.now,
    cBit: cBit.now,
    nxe: eferLayout.of(host.efer).NXE,
    page1g: page1g.now,
    pse: host.cr4.bit(4),
    gmet,
    gmetData: on('P_GMET_DATA'),
    guestPageMask: guestPages.now.as<'guest page'>(),
    gpaTrunc: on('P_GPA_TRUNC'),
  }
}

/** A processor of 48 physical bits, with and without a C-bit. */
export function cpuSample(random: Chance): [Variable, Value][] {
  return [
    [physMask, 0xffff_ffff_ffffn],
    [cBit, random.pick([0n, 1n << 51n])],
    [guestPages, 0xf_ffff_ffffn],
    [page1g, true],
    [cr4Mbz, 0xffff_ffff_ff00_0000n],
    [eferMbz, 0xffff_ffff_ffc0_02fen],
    [asids, 0x8000n],
    [exceptions, 0x3007_7ffbn],
    [nestedPaging, true],
    [sCetMbz, 0n],
    [legacyCr3, 0n],
  ]
}

/** One such processor, without a C-bit, shadow stacks and SKINIT, where the manual leaves something open: one way. */
export const cpuExample: readonly Quantified[] = [
  forAll('48 physical bits, no C-bit, 1-GiB pages', [], () =>
    and(physMask.now.eq(0xffff_ffff_ffffn), cBit.now.isZero(), guestPages.now.eq(0xf_ffff_ffffn), page1g.now, nestedPaging.now),
  ),
  forAll('the usual control registers', [], () =>
    and(
      ...[cr4Mbz.now.eq(0xffff_ffff_ff00_0000n), eferMbz.now.eq(0xffff_ffff_ffc0_02fen), asids.now.eq(0x8000)],
      ...[
        exceptions.now.eq(0x3007_7ffbn),
        sCetMbz.now.isZero(),
        uCet.now.isZero(),
        legacyCr3.now.isZero(),
        impossible.now.isZero(),
      ],
    ),
  ),
  forAll('no virtual NMI, SSS check, shadow stacks, SKINIT', [], () =>
    and(
      ...[virtualNmi, sssCheck, cet, skinit, operandFirst, largeAsid, unusedMaps, mapsEnd, npCoversFlags].map((f) => f.now.not()),
    ),
  ),
]

const isLowMask = (m: Bv): Bool => m.bitand(m.plus(1)).isZero()
export const cpuFacts = [
  forAll('MAXPHYADDR is 36 to 52', [], () => and(isLowMask(physMask.now), physMask.now.bit(35))),
  forAll('the C-bit is one bit above MAXPHYADDR, or none', [], () =>
    and(cBit.now.bitand(cBit.now.minus(1)).isZero(), cBit.now.bitand(physMask.now).isZero()),
  ),
  forAll('the guest-physical width is 32 to 52', [], () =>
    and(isLowMask(guestPages.now), guestPages.now.bit(19), guestPages.now.bits(GUEST_PAGE_BITS - 1, 40).isZero()),
  ),
] as const
