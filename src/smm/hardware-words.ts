// What a complete census says of memory in the words of the hardware alone, for any list of spaces and any picture of memory. A
// reader who believes src/x86, the meaning of charges (a counter is the sum of the charges of its objects) and these statements
// need not read the handler. Said of the census's own cells in theorem.ts, of the composed system's state in end-to-end.ts.

import { watch } from '../model/cell.ts'
import { and, type Bool, bool, type Bv, ite, or } from '../model/term.ts'
import type { GuestPage, HostFrame } from '../x86/address.ts'
import { allPermissions, permitted, reachable, translate, type Translation } from '../x86/npt.ts'
import { formable, type NestedHost } from '../x86/paging.ts'
import { config } from './cells.ts'
import { rules } from './reach.ts'

/** The running guest's GMET flag and P_GMET_DATA: arbitrary, but GMET needs a CPU that knows it. */
export const gmet = watch.flag('hardware.gmet')
export const gmetData = watch.flag('hardware.gmetData')
export const host: NestedHost = {
  ...rules,
  gmet: gmet.now,
  gmetData: gmetData.now,
  guestPageMask: config.guestPages.now.as<'guest page'>(),
  gpaTrunc: bool(false),
}
export const gmetNeedsACpu = (): Bool => gmet.now.implies(config.gmetCapable.now)

/** An address space: where its nested tables begin, and how the processor walks them. */
export interface AddressSpace {
  readonly root: Bv
  /** Five levels; else four (where pages above 48 bits do not exist). */
  readonly five: Bool
  readonly host: NestedHost
  readonly read: (frame: HostFrame, index: Bv<string>) => Bv
}

/** Something of the hardware's translation of a page. */
function ofPage({ root, five, host: of, read }: AddressSpace, page: Bv, what: (t: Translation) => Bool): Bool {
  const walk = (format: 'long5' | 'long4', level: number) =>
    translate(format, level, of, read, root.as<'host frame'>(), allPermissions, page.as() as GuestPage)
  return ite(
    five,
    what(walk('long5', 5)),
    page
      .bits(44, 36)
      .isZero()
      .and(what(walk('long4', 4))),
  )
}
const isAt = (t: Translation, frame: Bv): Bool => (t.frame.as() as Bv).eq(frame)
const canForm = (space: AddressSpace, page: Bv): Bool => formable(space.host, page.as() as GuestPage)

/** Some guest access to the page gets through, and arrives in the frame. */
export const reaches = (space: AddressSpace, page: Bv, frame: Bv): Bool =>
  canForm(space, page).and(ofPage(space, page, (t) => reachable(space.host, t).and(isAt(t, frame))))
/** A read gets through whatever flags the guest runs with. */
export const surelyReads = (space: AddressSpace, page: Bv, frame: Bv): Bool =>
  canForm(space, page).and(
    ofPage(space, page, (t) => and(t.ok, permitted({ ...space.host, gmet: bool(false) }, t, 'read'), isAt(t, frame))),
  )
/** ... or would, if it ran with GMET on a CPU that knows it. */
const mayReach = (space: AddressSpace, page: Bv, frame: Bv): Bool =>
  canForm(space, page).and(ofPage(space, page, (t) => and(t.ok, or(t.us, config.gmetCapable.now), isAt(t, frame))))

/** A census that has ended complete: the spaces that it was given, and what it counted. */
export interface Measured {
  readonly count: Bv
  space(s: Bv): AddressSpace
  inMap(frame: Bv): Bool
  readonly counted: {
    distinct(s: Bv, frame: Bv): Bool
    multiple(s: Bv, frame: Bv): Bool
    shared(s: Bv, frame: Bv): Bool
    certain(s: Bv, frame: Bv): Bool
    foreign(s: Bv, page: Bv): Bool
    total(frame: Bv): Bool
  }
  /** A page by which the frame is counted. */
  page(s: Bv, frame: Bv): Bv
  /** ... as certain. */
  certainPage(s: Bv, frame: Bv): Bv
}
/** Any spaces, pages and frame. */
export interface Watched {
  readonly s: Bv
  readonly s2: Bv
  readonly g: Bv
  readonly g2: Bv
  readonly f: Bv
}

export type Statements = Readonly<Record<string, (watched: Watched) => Bool>>

/** W1 and W2, by name. */
export function statementsOf(m: Measured): { readonly W1: Statements; readonly W2: Statements } {
  const exists = (space: Bv): Bool => space.ult(m.count)
  const { counted } = m
  const reached = (space: Bv, page: Bv, f: Bv): Bool => and(exists(space), reaches(m.space(space), page, f))
  return {
    W1: {
      'W1 every frame of DRAM that a guest access reaches is counted': ({ s, g, f }) =>
        and(m.inMap(f), reached(s, g, f)).implies(and(counted.distinct(s, f), counted.total(f))),
      'W1 and as mapped more than once, if two pages reach it': ({ s, g, g2, f }) =>
        and(m.inMap(f), g.ne(g2), reached(s, g, f), reached(s, g2, f)).implies(counted.multiple(s, f)),
      'W1 and as shared, if two spaces reach it': ({ s, s2, g, g2, f }) =>
        and(m.inMap(f), s.ne(s2), reached(s, g, f), reached(s2, g2, f)).implies(counted.shared(s, f)),
      'W1 and as certain, if a read surely gets through': ({ s, g, f }) =>
        and(exists(s), m.inMap(f), surelyReads(m.space(s), g, f)).implies(counted.certain(s, f)),
      'W1 a reachable frame outside the map is counted as foreign': ({ s, g, f }) =>
        and(m.inMap(f).not(), reached(s, g, f)).implies(counted.foreign(s, g)),
    },
    W2: {
      'W2 a frame counted as certain is DRAM that a guest page surely reaches': ({ s, f }) =>
        and(exists(s), counted.certain(s, f)).implies(and(m.inMap(f), surelyReads(m.space(s), m.certainPage(s, f), f))),
      'W2 a frame counted at all is DRAM that a guest page reaches, or would with GMET': ({ s, f }) =>
        and(exists(s), counted.distinct(s, f)).implies(and(m.inMap(f), mayReach(m.space(s), m.page(s, f), f))),
    },
  }
}
