// What the claims of the census say in the words of the hardware alone: theorems over src/x86, the counters' charges and the
// watches, each implied by what the census procedure establishes. A reader who believes src/x86, the meaning of charges
// (a counter is the sum of the charges of its objects) and these statements need not read the handler.

import type { Axiom, Hypothesis, Obligation } from '../prover/obligation.ts'
import { watch } from '../model/cell.ts'
import { and, type Arr, type Bool, bool, type Bv, bvVar, ite, or } from '../model/term.ts'
import { formable, type NestedHost } from '../x86/paging.ts'
import { allPermissions, permitted, reachable, translate, type Translation } from '../x86/npt.ts'
import type { GuestPage, HostFrame } from '../x86/address.ts'
import { memory, rangeHolds } from '../smm/boot-map.ts'
import { config, counts, finals, spaces, watched } from '../smm/cells.ts'
import { established } from '../smm/census.ts'
import { definitions } from '../smm/facts.ts'
import { rules, unfoldingHolds, walkTables } from '../smm/reach.ts'
import type { Switches } from '../smm/switches.ts'

/** The running guest's GMET flag and P_GMET_DATA: arbitrary, but GMET needs a CPU that knows it. */
const gmet = watch.flag('hardware.gmet')
const gmetData = watch.flag('hardware.gmetData')
export const host: NestedHost = {
  ...rules,
  gmet: gmet.now,
  gmetData: gmetData.now,
  guestPageMask: config.guestPages.now.as<'guest page'>(),
  gpaTrunc: bool(false),
}

const read = (frame: HostFrame, index: Bv<string>): Bv => (memory.snapshot as Arr).at(frame.concat(index))

/** The hardware's translation of a page of a space: 5 levels, or 4 (where pages above 48 bits do not exist). */
function walks(space: Bv, page: Bv): { five: Bool; long5: Translation; long4: Translation; low: Bool } {
  const root = spaces.root.now.at(space).as<'host frame'>()
  const of = (format: 'long5' | 'long4', level: number) =>
    translate(format, level, host, read, root, allPermissions, page.as() as GuestPage)
  return { five: spaces.mode.now.at(space).eq(3), long5: of('long5', 5), long4: of('long4', 4), low: page.bits(44, 36).isZero() }
}
const ofSpace = (space: Bv, page: Bv, what: (t: Translation) => Bool): Bool => {
  const { five, long5, long4, low } = walks(space, page)
  return ite(five, what(long5), low.and(what(long4)))
}

/** Some guest access to the page gets through, and arrives in the frame. */
const reaches = (space: Bv, page: Bv, frame: Bv): Bool =>
  formable(host, page.as() as GuestPage).and(ofSpace(space, page, (t) => reachable(host, t).and((t.frame.as() as Bv).eq(frame))))
/** A read gets through whatever flags the guest runs with. */
const surelyReads = (space: Bv, page: Bv, frame: Bv): Bool =>
  formable(host, page.as() as GuestPage).and(
    ofSpace(space, page, (t) => and(t.ok, permitted({ ...host, gmet: bool(false) }, t, 'read'), (t.frame.as() as Bv).eq(frame))),
  )

const inMap = (frame: Bv): Bool => rangeHolds(watched.fRange.now, frame, frame)
const exists = (space: Bv): Bool => space.ult(spaces.count.now)
const { s, s2, g, g2, f } = watched
const counted = (t: { charge: { now: Bv } }): Bool => t.charge.now.eq(1)
const { distinct, multiple } = counts.round1
const { shared, certain } = counts.round2

const statements: Readonly<Record<string, Readonly<Record<string, Bool>>>> = {
  W1: {
    'W1 every frame of DRAM that a guest access reaches is counted': and(
      exists(s.now),
      inMap(f.now),
      reaches(s.now, g.now, f.now),
    ).implies(and(counted(distinct), counted(counts.total))),
    'W1 and as mapped more than once, if two pages reach it': and(
      exists(s.now),
      inMap(f.now),
      g.now.ne(g2.now),
      reaches(s.now, g.now, f.now),
      reaches(s.now, g2.now, f.now),
    ).implies(counted(multiple)),
    'W1 and as shared, if two spaces reach it': and(
      exists(s.now),
      exists(s2.now),
      s.now.ne(s2.now),
      inMap(f.now),
      reaches(s.now, g.now, f.now),
      reaches(s2.now, g2.now, f.now),
    ).implies(counted(shared)),
    'W1 and as certain, if a read surely gets through': and(
      exists(s.now),
      inMap(f.now),
      surelyReads(s.now, g.now, f.now),
    ).implies(counted(certain)),
    'W1 a reachable frame outside the map is counted as foreign': and(
      exists(s.now),
      inMap(f.now).not(),
      reaches(s.now, g.now, f.now),
    ).implies(counted(counts.guest.foreign)),
  },
  W2: {
    'W2 a frame counted as certain is DRAM that a guest page surely reaches': and(exists(s.now), counted(certain)).implies(
      and(inMap(f.now), surelyReads(s.now, finals.certainWit.now, f.now)),
    ),
    'W2 a frame counted at all is DRAM that a guest page reaches, or would with GMET': and(
      exists(s.now),
      counted(distinct),
    ).implies(
      and(
        inMap(f.now),
        formable(host, finals.wit.now.as() as GuestPage),
        ofSpace(s.now, finals.wit.now, (t) => and(t.ok, or(t.us, config.gmetCapable.now), (t.frame.as() as Bv).eq(f.now))),
      ),
    ),
  },
}

/** What each theorem draws on, of all that the census establishes. */
const grounds: Readonly<Record<string, readonly string[]>> = {
  'W1 every frame of DRAM that a guest access reaches is counted': ['is counted as distinct', 'is counted in the total'],
  'W1 and as mapped more than once, if two pages reach it': ['is counted as mapped more than once'],
  'W1 and as shared, if two spaces reach it': ['is counted as shared'],
  'W1 and as certain, if a read surely gets through': ['is counted as certain'],
  'W1 a reachable frame outside the map is counted as foreign': ['is counted as foreign'],
  'W2 a frame counted as certain is DRAM that a guest page surely reaches': [
    'counted as certain is',
    'outside the boot map is not counted',
  ],
  'W2 a frame counted at all is DRAM that a guest page reaches, or would with GMET': [
    'counted as distinct is',
    'outside the boot map is not counted',
  ],
}

/** Hypotheses: what the theorem draws on of the census's ensures, and that GMET needs a CPU that knows it. */
const known = (theorem: string): Hypothesis[] => [
  ...established()
    .filter((c) => grounds[theorem]?.some((words) => c.name.includes(words)))
    .map((c) => ({ name: c.name, term: c.term })),
  { name: 'GMET needs a CPU that knows it', term: gmet.now.implies(config.gmetCapable.now) },
  { name: 'P_GMET_DATA', term: or(gmetData.now, gmetData.now.not()) },
]

export function theoremObligations(id: string, _switches: Switches): readonly Obligation[] {
  const goals = Object.entries(statements[id] ?? {})
  const axioms: readonly Axiom[] = [...definitions, ...walkTables]
  const theorems = goals.map(([name, goal]): Obligation => {
    return {
      id: `theorem/${name}`,
      conjunct: name,
      parts: [{ name, term: goal }],
      origin: { kind: 'validity' },
      hypotheses: known(name),
      goal,
      axioms,
    }
  })
  return id === 'W3' ? [...theorems, ...unfoldingObligations()] : theorems
}

/** E1: reading the rigid tables as the hardware's walk makes each step of them true. */
function unfoldingObligations(): readonly Obligation[] {
  const table = bvVar('table', 40)
  const page = bvVar('page', 45)
  const flag = (name: string) => bvVar(name, 1).eq(1)
  const path = { us: flag('us'), rw: flag('rw'), nx: flag('nx') }
  return [1, 2, 3, 4, 5].map((level): Obligation => {
    const goal = unfoldingHolds(level, table, path, page)
    const name = `E1 the walk of level ${level} is one step of the hardware and the walk below`
    return {
      id: `unfolding/level${level}`,
      conjunct: name,
      parts: [{ name, term: goal }],
      origin: { kind: 'validity' },
      hypotheses: [],
      goal,
    }
  })
}
