// The physical address space: words and frames as domains of tables, and the windows that the fabric gives to devices.
//
// Covers: 52-bit addresses as 64-bit words and 4-KiB frames; fabric MMIO windows.
// Leaves out: where a thread's or a device's access goes (routing.ts, devices.ts).
// Manual: APM volume 2, 5.1; PPR data fabric (D18F0).

import { domain, state } from '../model/system.ts'
import { type Bv, bv } from '../model/term.ts'
import { HOST_FRAME_BITS } from './address.ts'

/** A 64-bit word of physical memory: address bits 51:3. */
export const WORD_BITS = 49
export const word = domain('word', WORD_BITS)
export const frame = domain('frame', HOST_FRAME_BITS)
export type Word = Bv<'word'>

export const wordAt = (address: Bv<string>): Word => address.bits(51, 3).as<'word'>()
export const addressOf = (a: Bv<string>): Bv => a.concat(bv(3, 0))
export const frameOfAddress = (address: Bv<string>): Bv => address.bits(51, 12)
export const frameOf = (a: Bv<string>): Bv => a.bits(48, 9)
/** What a read gives where no device answers. */
export const ALL_ONES = bv(64, 0xffff_ffff_ffff_ffffn)

/** Frames that the data fabric routes to MMIO, whatever the cores think. */
export const fabricMmio = state.per(frame).flag('fabric MMIO')
