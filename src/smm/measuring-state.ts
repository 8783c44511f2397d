// What there is of a measurement in the composed system: the list of spaces, what the census counted, how far the leader has got;
// and ghosts that say what the hardware was doing at the sample instant, when memory began to hold still.
// Leaves out: what changes them (measuring-steps.ts), memory at the sample instant (meeting-state.ts).
// Liberties: a count is the sum of its charges, one for each space and frame (or space and guest page), and the charges are what
//   the state keeps: whether the thing is counted.

import { domain, type Effect, forAll, type Quantified, rigid, type Scalar, state, type Table } from '../model/system.ts'
import { type Bool, bool, bv, type Bv, type Term } from '../model/term.ts'
import { variables } from '../model/traverse.ts'
import { eferLayout, guest } from '../x86/modes.ts'
import { frame } from '../x86/physical.ts'
import * as svm from '../x86/svm-state.ts'
import { thread } from '../x86/topology.ts'
import { FRAME, MODE, PAGE, SPACE } from './cells.ts'
import { modeOf } from './discover.ts'
import { type AddressSpace, gmet, gmetData, host, type Measured, type Statements, statementsOf } from './hardware-words.ts'
import { picturedWord, snap } from './meeting-state.ts'
import { inBootMap } from './system-profile.ts'
import { space } from './system-cells.ts'
import { found, observed } from './thread-cells.ts'

export const page = domain('guest page', PAGE)
export const spaceFrame = domain('frame of a space', SPACE + FRAME)
export const spacePage = domain('page of a space', SPACE + PAGE)

export const measuringDomains = [picturedWord, page, spaceFrame, spacePage] as const

// ---- how far the leader has got since memory began to hold still ----

export const STAGE = { observing: 0, listed: 1, counted: 2 } as const
export const stage = state.bits('stage of the measurement', 2)
export const stageIs = (s: keyof typeof STAGE): Bool => stage.now.eq(STAGE[s])

// ---- what was counted ----

const ofFrame = (name: string) => state.per(spaceFrame).flag(`counted ${name}`)
export const charged = {
  distinct: ofFrame('distinct'),
  multiple: ofFrame('multiple'),
  shared: ofFrame('shared'),
  certain: ofFrame('certain'),
  foreign: state.per(spacePage).flag('counted foreign'),
  total: state.per(frame).flag('counted total'),
} as const
/** For proofs only: pages by which a frame is counted, and counted as certain. */
const reachingPage = state.per(spaceFrame).bits('page that reaches', PAGE)
const certainPage = state.per(spaceFrame).bits('page that surely reaches', PAGE)
export const results: readonly Table<Bool | Bv>[] = [...Object.values(charged), reachingPage, certainPage]

const read: AddressSpace['read'] = (f, index) => snap.at(f.concat(index))
/** The census of the system's own state. @param of a table's element; the state's, or what a step is about to put there */
export const measuredBy = (of: <T extends Bool | Bv>(table: Table<T>, index: Bv) => T): Measured => ({
  count: found.count.now,
  space: (s) => ({ root: found.root.now.at(s), five: found.mode.now.at(s).eq(MODE.long5), host, read }),
  inMap: inBootMap,
  counted: {
    distinct: (s, f) => of(charged.distinct, s.concat(f)),
    multiple: (s, f) => of(charged.multiple, s.concat(f)),
    shared: (s, f) => of(charged.shared, s.concat(f)),
    certain: (s, f) => of(charged.certain, s.concat(f)),
    foreign: (s, g) => of(charged.foreign, s.concat(g)),
    total: (f) => of(charged.total, f),
  },
  page: (s, f) => of(reachingPage, s.concat(f)),
  certainPage: (s, f) => of(certainPage, s.concat(f)),
})
export const measured = measuredBy((table, index) => table.at(index))
/** W1 and W2 of a complete census, for all spaces, pages and frames, where `when` holds. */
export const saidOf = (m: Measured, when: Bool): readonly Quantified[] =>
  Object.values(statementsOf(m)).flatMap((group: Statements) =>
    Object.entries(group).map(([name, statement]) =>
      needed(
        forAll(name, [space, space, page, page, frame], (s, s2, g, g2, f) =>
          when.implies(statement({ s: s.as(), s2: s2.as(), g: g.as(), g2: g2.as(), f: f.as() })),
        ),
      ),
    ),
  )
/** Without the elements that the statement is not about. */
function needed(q: Quantified): Quantified {
  const occurring = new Set<Term>(variables([q.term]))
  return { ...q, over: q.over.filter(({ bound }) => occurring.has(bound)) }
}

// ---- ghosts: the hardware at the sample instant ----

/** The thread's SMI found it in a guest. */
const inGuest = state.per(thread).flag('sampled guest')
const nested = state.per(thread).flag('sampled NP_ENABLE')
const root = state.per(thread).bits('sampled N_CR3', FRAME)
/** The host's paging mode, as the nested walk takes it over (15.25.3). */
const mode = state.per(thread).bits('sampled mode', 2)
const nxe = state.per(thread).flag('sampled host NXE')
export const sampled = { inGuest, nested, root, mode, nxe } as const

type Sampled<T> = { readonly [K in keyof typeof sampled]: T }
const hardware: Sampled<(t: Bv<string>) => Bool | Bv> = {
  inGuest: (t) => guest.at(t),
  nested: (t) => svm.isSet(t, 'NP_ENABLE'),
  root: (t) => svm.inUse(t, 'N_CR3').bits(51, 12),
  mode: (t) => modeOf(svm.hostCr4.at(t).as(), svm.hostEfer.at(t).as()),
  nxe: (t) => eferLayout.of(svm.hostEfer.at(t)).NXE,
}
const names = Object.keys(sampled) as readonly (keyof typeof sampled)[]
/** Tables of what the hardware does with threads, at some instant. */
export type HardwareKept = typeof sampled
const same = (t: Bv<string>, kept: HardwareKept, is: (name: keyof HardwareKept) => Bool | Bv): Bool =>
  bool(true).and(
    ...names.map((name) => {
      const [was, now] = [kept[name].at(t), is(name)]
      return was.sort.kind === 'bool' ? (was as Bool).iff(now as Bool) : (was as Bv).eq(now as Bv)
    }),
  )
/** What the hardware does with the thread now is what was kept of it. */
export const isAsKept = (t: Bv<string>, kept: HardwareKept): Bool => same(t, kept, (name) => hardware[name](t))
export const asSampled = (t: Bv<string>): Bool => isAsKept(t, sampled)
export const isSampledAs = (t: Bv<string>, kept: HardwareKept): Bool => same(t, kept, (name) => sampled[name].at(t))
export const keepHardware = (kept: HardwareKept): readonly Effect[] =>
  names.map((name) => (kept[name] as Table<Bool | Bv>).sweep((t) => hardware[name](t)))
/** The sample instant. */
export const sample = (): readonly Effect[] => [stage.set(bv(2, STAGE.observing)), ...keepHardware(sampled)]
/** What guests and processors may do with GMET is arbitrary. */
const gmetScalar = rigid.flag(gmet.name)
const gmetDataScalar = rigid.flag(gmetData.name)

/** What memory holds at some instant. */
export type Picture = Pick<Table<Bv, typeof picturedWord.name>, 'at'>
/** The address space that the hardware gives the thread's guest at the instant of which these are kept. */
export const spaceKept = (t: Bv<string>, kept: HardwareKept, picture: Picture): AddressSpace => ({
  root: kept.root.at(t),
  five: kept.mode.at(t).eq(MODE.long5),
  host: { ...host, nxe: kept.nxe.at(t) },
  read: (f, index) => picture.at(f.concat(index)),
})
/** ... at the sample instant. */
export const spaceOf = (t: Bv<string>): AddressSpace => spaceKept(t, sampled, snap)
/** The space that the handler noted for the thread. */
export const spaceNoted = (t: Bv<string>): Bv => observed.space.now.at(t)
export const inhabitantOf = (s: Bv): Bv => found.thread.now.at(s)

export const measuringVariables: readonly (Scalar | Table)[] = [
  ...[gmetScalar, gmetDataScalar, stage],
  ...results,
  ...Object.values(sampled),
]
