// Address kinds. Same-width addresses of different kinds do not mix: the brand is part of the type.
//
// Covers: host-physical frames and addresses, guest-physical pages and addresses, guest-linear addresses, table indices.
// Leaves out: segmentation, canonicality.
// Manual: APM volume 2, 5.1 (address spaces), 7.10 (the C-bit in physical addresses), 15.25.1 (guest-physical addresses).
// Liberties: a frame that a pointer names carries the pointer's C-bit, so that the encrypted and the plain view of one frame
//   are two addresses of one memory function; 57 guest-physical bits, the most a five-level walk consumes.

import { bv, type Bv } from '../model/term.ts'

/** Host-physical address bits 51:12; where a pointer carries it, with the C-bit. 40 bits. */
export type HostFrame = Bv<'host frame'>
/** Host-physical address. 52 bits. */
export type HostAddress = Bv<'host address'>
/** Guest-physical address bits 56:12. 45 bits; four-level walks use the low 36, PAE and legacy walks the low 20. */
export type GuestPage = Bv<'guest page'>
/** Guest-physical address. 57 bits. */
export type GuestAddress = Bv<'guest address'>
/** Guest-linear (virtual) address. 64 bits. */
export type LinearAddress = Bv<'guest linear'>
/** Number of a 64-bit word in a 4-KiB table. 9 bits. */
export type Index9 = Bv<'table index'>

export const HOST_FRAME_BITS = 40
export const HOST_ADDRESS_BITS = 52
export const GUEST_PAGE_BITS = 45
export const GUEST_ADDRESS_BITS = 57
/** A page is 4 KiB in every format. */
export const PAGE_SHIFT = 12

export const hostFrame = (value: bigint | number): HostFrame => bv(HOST_FRAME_BITS, value).as<'host frame'>()
export const guestPage = (value: bigint | number): GuestPage => bv(GUEST_PAGE_BITS, value).as<'guest page'>()
export const guestAddress = (value: bigint | number): GuestAddress => bv(GUEST_ADDRESS_BITS, value).as<'guest address'>()
export const linearAddress = (value: bigint | number): LinearAddress => bv(64, value).as<'guest linear'>()
export const index9 = (value: bigint | number): Index9 => bv(9, value).as<'table index'>()

export const pageOf = (address: GuestAddress): GuestPage => address.bits(GUEST_ADDRESS_BITS - 1, PAGE_SHIFT).as<'guest page'>()
export const offsetOf = (address: Bv<string>): Bv => address.bits(PAGE_SHIFT - 1, 0)
export const guestAddressAt = (page: GuestPage, offset: Bv): GuestAddress => page.concat(offset).as<'guest address'>()
export const hostAddressAt = (frame: HostFrame, offset: Bv): HostAddress => frame.concat(offset).as<'host address'>()
