// Physical memory as software reaches it: DRAM behind the routing of each thread, and who wrote what.
//
// Covers: loads and stores of a thread through its routing, aligned 64-bit words; aliases of DRAM; which words were last written
//   by anything but SMM since hand-off; which words lie in a cache that INVD may drop; where the boot-time TSeg is.
// Leaves out: memory types and coherence of mixed types, byte enables (a narrow store is a store of some word), encryption (a
//   word is what lies in DRAM).
// Manual: APM volume 2, 7.9 (routing), 10.2.5 (TSeg), 10.3.4 (SMRAM and caches), 7.6.2 (INVD).
// Liberties: where a load does not go to DRAM, what is read is a device's answer: the adversary's, or all ones where nothing depends
//   on it.

import { type Effect, forAll, rigid, state, type Table, when } from '../model/system.ts'
import { and, bool, type Bool, type Bv, bv, ite } from '../model/term.ts'
import { HOST_FRAME_BITS } from './address.ts'
import { addressOf, ALL_ONES, frame, frameOf, type Word, WORD_BITS, word } from './physical.ts'
import { on } from './profile.ts'
import { routeOf } from './thread-route.ts'

export const dram = state.per(word).bits('DRAM', 64)
/** Ghost: last written, since hand-off, by something else than SMM. */
export const foreign = state.per(word).flag('foreign')
/** Ghost: written by SMM, and still only in a cache. */
export const dirty = state.per(word).flag('dirty')
/** Ghost: somebody who is not SMM has read it since hand-off. */
export const exposed = state.per(word).flag('exposed')
/** Ghost: what the last SMI entry that stored to the word stored there. */
export const saveImage = state.per(word).bits('save image', 64)
/** What a frame's address differs in from that of the DRAM it names: nothing, where nothing aliases (BadRAM, remapping). */
export const alias = rigid.per(frame).bits('alias', HOST_FRAME_BITS)

export const memoryVariables = [dram, foreign, dirty, exposed, saveImage, alias] as const
export const memoryFacts = [
  // Who may program the fabric's map of DRAM makes aliases after the check (facts 7).
  forAll('H_ALIAS_CHECK, H_DF_LOCK: no aliases', [frame], (f) =>
    and(on('H_ALIAS_CHECK'), on('H_DF_LOCK')).implies(alias.at(f).isZero()),
  ),
] as const

/** The cell of DRAM that a word's address names. */
export const cellOf = (a: Bv<string>): Word =>
  frameOf(a)
    .bitxor(alias.at(frameOf(a)))
    .concat(a.bits(8, 0))
    .as<'word'>()

/** Who asks: a thread outside SMM, or in it (or with SMM's view by SMM_CTL). */
export interface Requester {
  readonly thread: Bv<string>
  readonly smm: Bool
}

/** What a data load returns. @param answer of a device, where it does not go to DRAM */
export function load({ thread, smm }: Requester, a: Bv<string>, answer: Bv = ALL_ONES): Bv {
  return ite(routeOf(thread, addressOf(a), 'data', false, smm).dram, dram.at(cellOf(a)), answer)
}

/** Data stores of a word. `smm`: the handler's own, or the processor's on its behalf. */
export function store({ thread, smm }: Requester, a: Bv<string>, value: Bv): Effect[] {
  const { dram: reaches } = routeOf(thread, addressOf(a), 'data', true, smm)
  return when(reaches, ...write(cellOf(a), value, smm))
}

/** DRAM changes; nobody's routing is asked. */
export const write = (cell: Bv<string>, value: Bv, smm: Bool): Effect[] => [
  dram.set(cell, value),
  foreign.set(cell, smm.not()),
  dirty.set(cell, smm),
]

const PAGE_BITS = 9
const low = (x: Bv<string>): Bv => x.bits(PAGE_BITS - 1, 0)

/** Stores of words first, first+1, .. of a frame, each routed by itself. @param value the word by its number in the block, 9 bits */
export function storePage(by: Requester, page: Bv<string>, first: number, count: number, value: (n: Bv) => Bv): Effect[] {
  return part(by, page, bv(PAGE_BITS, first), bv(PAGE_BITS + 1, count), value)
}

/** The save area of an SMI, from any word on: what does not fit into its page goes on in the next. */
export function storeImage(by: Requester, first: Bv<string>, count: number, value: (n: Bv) => Bv): Effect[] {
  const page = frameOf(first)
  const room = bv(PAGE_BITS + 1, 512).minus(low(first).zext(PAGE_BITS + 1))
  const all = bv(PAGE_BITS + 1, count)
  const crosses = room.ult(all)
  return [
    ...part(by, page, low(first), ite(crosses, room, all), value, saveImage),
    ...when(crosses, ...part(by, page.plus(1), bv(PAGE_BITS, 0), all.minus(room), (n) => value(n.plus(low(room))), saveImage)),
  ]
}

/** Words of one page: `first` has 9 bits, `count` 10. */
function part(by: Requester, page: Bv<string>, first: Bv, count: Bv, value: (n: Bv) => Bv, also?: Table<Bv, 'word'>): Effect[] {
  const start = cellOf(page.concat(first)).as<'bits'>()
  const length = count.zext(WORD_BITS)
  const each = <T extends Bool | Bv>(table: Table<T>, to: (n: Bv) => T): Effect =>
    table.block(
      start,
      length,
      (n) => {
        const cell = start.plus(n)
        const { dram: reaches } = routeOf(by.thread, addressOf(page.concat(low(cell))), 'data', true, by.smm)
        return ite(reaches, to(low(cell).minus(first)), table.at(cell))
      },
      PAGE_BITS,
    )
  const copies = also === undefined ? [] : [each(also, value)]
  return [each(dram, value), each(foreign, () => by.smm.not()), each(dirty, () => by.smm), ...copies]
}

/** A load by a thread outside SMM. */
export const exposes = (t: Bv<string>, a: Bv<string>): Effect[] =>
  when(routeOf(t, addressOf(a), 'data', false, bool(false)).dram, exposed.set(cellOf(a), bool(true)))

/** Loads by a thread outside SMM of any words of a page. */
export function exposesPage(t: Bv<string>, page: Bv<string>): Effect {
  const first = cellOf(page.concat(bv(PAGE_BITS, 0))).as<'bits'>()
  return exposed.block(
    first,
    bv(WORD_BITS, 512),
    (n) => {
      const cell = first.plus(n)
      const { dram: reaches } = routeOf(t, addressOf(page.concat(low(cell))), 'data', false, bool(false))
      return exposed.at(cell).or(reaches)
    },
    PAGE_BITS,
  )
}
