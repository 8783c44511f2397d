// TSeg as firmware set it up: the protected range, and what of SMM lies in it.
//
// Covers: the boot-time SMMADDR and SMMMASK (rigid: what they were at hand-off), each thread's boot-time SMBASE and save area, the
//   handler's code and objects; what must be true of them (H_TVALID).
// Leaves out: ASeg (claims speak of TSeg alone), the registers themselves (registers.ts) and their decode (routing.ts).
// Manual: APM volume 2, 10.2.1-10.2.5 (SMRAM, SMBASE, TSeg), 10.5 (one save area per thread).

import { forAll, rigid } from '../model/system.ts'
import { and, type Bool, type Bv, bv } from '../model/term.ts'
import { addressOf, type Word, word } from './physical.ts'
import { on } from './profile.ts'
import { smmMask } from './routing.ts'
import { SAVE_AREA } from './savestate.ts'
import { thread } from './topology.ts'

export const bootSmmAddr = rigid.bits('boot SMMADDR', 64)
export const bootSmmMask = rigid.bits('boot SMMMASK', 64)
export const bootSmBase = rigid.per(thread).bits('boot SMM_BASE', 32)
/** Address bits that the core compares: up to 51, 47 or 39, from 17 on (facts 3.2). */
export const comparedBits = rigid.bits('TSeg address bits', 52)
export const handlerCode = rigid.per(word).flag('handler code')
export const handlerObject = rigid.per(word).flag('handler object')

export const tsegVariables = [bootSmmAddr, bootSmmMask, bootSmBase, comparedBits, handlerCode, handlerObject] as const

/** Whether the (52-bit) address lies in TSeg as it was at hand-off. */
export function inTseg(address: Bv<string>): Bool {
  const compared = bootSmmMask.now.bits(51, 0).bitand(comparedBits.now)
  return address.as<'bits'>().bitxor(bootSmmAddr.now.bits(51, 0)).bitand(compared).isZero()
}
/** TSeg is made of 128-KiB blocks, so a frame lies in it or not. */
export const isTsegFrame = (f: Bv<string>): Bool => inTseg(f.concat(bv(12, 0)))
export const isTsegWord = (a: Bv<string>): Bool => inTseg(addressOf(a))

/** The address `offset` bytes above a thread's SMBASE: 32 bits, which wrap. */
export const aboveSmBase = (base: Bv<string>, offset: number): Bv => base.as<'bits'>().plus(offset).zext(52)
const smmWord = (base: Bv<string>, offset: number): Word => aboveSmBase(base, offset).bits(51, 3).as<'word'>()
/** A word of a thread's boot-time save area. */
export const saveWord = (t: Bv<string>, offset: number): Word => smmWord(bootSmBase.at(t), offset)
const within = (a: Bv<string>, first: Bv<string>, words: number): Bool => a.as<'bits'>().minus(first.as<'bits'>()).ult(words)
/** The word lies in the thread's boot-time save area. */
export const inSaveArea = (t: Bv<string>, a: Bv<string>): Bool => within(a, saveWord(t, SAVE_AREA), 64)
/** The first instructions of a thread's handler: they are fetched before anything can be checked. */
export const isEntryPoint = (t: Bv<string>, a: Bv<string>): Bool => a.eq(saveWord(t, 0x8000).as())

export const tsegFacts = [
  forAll('TSeg is compared from bit 17 on, up to bit 39 at least', [], () =>
    and(comparedBits.now.bits(16, 0).isZero(), comparedBits.now.bits(39, 17).eq(0x7f_ffff)),
  ),
  forAll('H_TVALID: TSeg is valid and open to SMM', [], () => {
    const mask = smmMask.of(bootSmmMask.now)
    return on('H_TVALID').implies(and(mask.TVALID, mask.TCLOSE.not(), mask.ACLOSE.not()))
  }),
  forAll('H_TVALID: SMBASE is aligned, and what lies above it below 4 GiB', [thread], (t) =>
    on('H_TVALID').implies(and(bootSmBase.at(t).bits(3, 0).isZero(), bootSmBase.at(t).ule(0xffff_0000))),
  ),
  forAll('H_TVALID: TSeg holds every save area and entry point', [thread, word], (t, a) =>
    and(on('H_TVALID'), inSaveArea(t, a).or(isEntryPoint(t, a))).implies(isTsegWord(a)),
  ),
  forAll('H_TVALID: TSeg holds the code and objects of the handler, apart from save areas', [thread, word], (t, a) =>
    and(
      on('H_TVALID').implies(handlerCode.at(a).or(handlerObject.at(a)).implies(isTsegWord(a))),
      inSaveArea(t, a).implies(and(handlerObject.at(a).not(), handlerCode.at(a).not())),
      isEntryPoint(t, a).implies(handlerCode.at(a)),
      and(handlerCode.at(a), handlerObject.at(a)).not(),
    ),
  ),
  forAll('save areas of two threads do not overlap', [thread, thread], (t, u) => {
    const [x, y] = [bootSmBase.at(t), bootSmBase.at(u)]
    return t.ne(u).implies(and(x.minus(y).uge(0x200), y.minus(x).uge(0x200)))
  }),
] as const
