// Teeth: the handler with one defence off. Each claim here is expected to be refuted, by a run of the handler's own procedure
// on a small machine, with table entries that the solver found: the entries that fool it are shown with their fields.

import { type Claim, claim } from '../prover/claim.ts'
import { claimOf } from '../prover/conditions.ts'
import { boundedRun } from '../prover/unroll.ts'
import { ALL_ON, type Switches } from '../smm/switches.ts'
import { explainRead, replay } from './replay.ts'
import { type Choice, scenario } from './scenario.ts'

export interface Tooth {
  /** Rows of the attack catalogue. */
  readonly rows: readonly string[]
  readonly off: keyof Switches
  readonly machine: Choice
  /** The conditions that are to fall, by name. */
  readonly breaks: RegExp
  readonly what: string
}

const oneEntry: Choice = { level: 1, entries: [1] }

export const teeth: readonly Tooth[] = [
  {
    rows: ['C23'],
    off: 'S_RSVD',
    machine: oneEntry,
    breaks: /^W3 mapped pages/,
    what: 'a present entry with a reserved address bit (the mark that hypervisors leave for emulated MMIO) is counted as memory',
  },
  {
    rows: ['C30'],
    off: 'S_RSVD',
    machine: { level: 2, entries: [1] },
    breaks: /^W2 no-inflate/,
    what: 'a 2-MiB leaf with address bits below 2 MiB never translates, and is counted',
  },
  {
    rows: ['C31'],
    off: 'S_RSVD',
    machine: { level: 3, entries: [1] },
    breaks: /^W2 no-inflate/,
    what: 'a 1-GiB leaf on a CPU without 1-GiB pages, or a misaligned one, is counted',
  },
  {
    rows: ['C25'],
    off: 'S_PERM',
    machine: oneEntry,
    breaks: /^W2 no-inflate/,
    what: 'a leaf with U/S=0 is no memory of the guest, and is counted',
  },
  {
    rows: ['C26'],
    off: 'S_PERM',
    machine: { level: 2, entries: [1, 1] },
    breaks: /^W3 leaves by permission/,
    what: 'R/W=0 or NX=1 in an upper entry is forgotten, and the leaf is counted under the wrong permissions',
  },
  {
    rows: ['C01'],
    off: 'S_UNIQ',
    machine: { level: 1, entries: [2] },
    breaks: /^E4 count.distinct counts no object twice/,
    what: 'two leaves that name one frame count it twice',
  },
  {
    rows: ['C33', 'C34', 'C35'],
    off: 'S_DRAM',
    machine: oneEntry,
    breaks: /^W2 no-inflate/,
    what: 'a leaf that names a frame outside the boot map is counted as memory',
  },
  {
    rows: ['C12', 'C13'],
    off: 'S_DRAM',
    machine: { level: 2, entries: [1] },
    breaks: /^table (in boot DRAM|outside SMRAM)/,
    what: 'a table outside the boot map (device memory, SMRAM) is read',
  },
  {
    rows: ['C43'],
    off: 'S_BOUND',
    machine: { level: 2, entries: [1], frames: 1n },
    breaks: /^W4 work within budget/,
    what: 'work goes on when the budget is spent: a tree that refers to itself is walked for as long as it likes',
  },
  {
    rows: ['C10', 'C11'],
    off: 'S_FETCH1',
    machine: { level: 2, entries: [1], racing: true },
    breaks: /^table (in boot DRAM|outside SMRAM)/,
    what: 'an entry changes between the check and the use: the table that is walked is not the one that was checked',
  },
  {
    rows: ['C58'],
    off: 'S_WIDTH',
    machine: oneEntry,
    breaks: /^W2 no-inflate/,
    what: 'a leaf at a guest address that no guest can form is counted',
  },
]

/** The claim that a handler with the tooth's defence off would make, and that falls. */
export const tooth = (t: Tooth): Claim =>
  claim({
    ...on(t, { ...ALL_ON, [t.off]: false }),
    id: `${t.rows.join('+')}/${t.off}`,
    statement: `${quantifier(t)}, with ${t.off} off: walkTable${t.machine.level} keeps its contract (it does not: ${t.what}).`,
    assumptions: [`${t.off} is off; every other defence is on`],
    expect: 'refuted',
    refutes: { claim: broken(t.breaks), without: [t.off] },
  })
/** The claim of the census that the conditions belong to, whose names begin with it. */
const broken = (breaks: RegExp): string => {
  const id = claimOf(breaks.source.replace(/^\^/, ''))
  if (id === 'support') return 'W0'
  return id.startsWith('E') ? 'W3' : id
}

/** The same with all defences on: it stands, so what falls above falls for the want of one. */
export const defended = (t: Tooth): Claim =>
  claim({
    ...on(t, ALL_ON),
    id: `${t.rows.join('+')}/defended`,
    statement: `${quantifier(t)}: walkTable${t.machine.level} keeps the part of its contract that falls with ${t.off} off.`,
  })

const on = ({ machine, breaks }: Tooth, switches: Switches) => ({
  obligations: () => [boundedRun(scenario(machine, switches), breaks)],
  replay,
  explain: explainRead,
})

function quantifier({ machine: { level, entries, given, another } }: Tooth): string {
  const count = entries.reduce((sum, n) => sum + n, 0)
  const before = another === true ? ', after a walk of another space that maps all frames' : ''
  const host = given === undefined ? '' : `, given that ${given.that}`
  return `For every value of ${count === 1 ? 'one table entry' : `${count} table entries`} at ${entries.length === 1 ? `level ${level}` : `levels ${level} and below`} of an otherwise empty small machine${before}${host}`
}
