// W1 and W2 of the census: what hardware-words.ts says of a complete census, in the census procedure's own cells, each statement
// implied by what the procedure establishes.

import type { Axiom, Hypothesis, Obligation } from '../prover/obligation.ts'
import { type Arr, type Bool, bvVar, or } from '../model/term.ts'
import { memory, rangeHolds } from '../smm/boot-map.ts'
import { established } from '../smm/census.ts'
import { counts, finals, spaces, watched } from '../smm/cells.ts'
import { definitions } from '../smm/facts.ts'
import { unfoldingHolds, walkTables } from '../smm/reach.ts'
import type { Switches } from '../smm/switches.ts'
import {
  gmetData,
  gmetNeedsACpu,
  host,
  type Measured,
  type Statements,
  statementsOf,
  type Watched,
} from '../smm/hardware-words.ts'

const { s, s2, g, g2, f, fRange } = watched
const isOne = (t: { charge: { now: { eq(n: number): Bool } } }): Bool => t.charge.now.eq(1)
/** The census in its own cells: charges and witnesses are those of the watched space, frame and page. */
const census: Measured = {
  count: spaces.count.now,
  space: (at) => ({
    root: spaces.root.now.at(at),
    five: spaces.mode.now.at(at).eq(3),
    host,
    read: (frame, index) => (memory.snapshot as Arr).at(frame.concat(index)),
  }),
  inMap: (frame) => rangeHolds(fRange.now, frame, frame),
  counted: {
    distinct: () => isOne(counts.round1.distinct),
    multiple: () => isOne(counts.round1.multiple),
    shared: () => isOne(counts.round2.shared),
    certain: () => isOne(counts.round2.certain),
    foreign: () => isOne(counts.guest.foreign),
    total: () => isOne(counts.total),
  },
  page: () => finals.wit.now,
  certainPage: () => finals.certainWit.now,
}
const statements: Readonly<Record<string, Statements>> = statementsOf(census)
const watches: Watched = { s: s.now, s2: s2.now, g: g.now, g2: g2.now, f: f.now }

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
  { name: 'GMET needs a CPU that knows it', term: gmetNeedsACpu() },
  { name: 'P_GMET_DATA', term: or(gmetData.now, gmetData.now.not()) },
]

export function theoremObligations(id: string, _switches: Switches): readonly Obligation[] {
  const goals = Object.entries(statements[id] ?? {})
  const axioms: readonly Axiom[] = [...definitions, ...walkTables]
  const theorems = goals.map(([name, statement]): Obligation => {
    const goal = statement(watches)
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
