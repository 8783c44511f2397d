// Teeth: the handler with one defence off. Each claim here is expected to be refuted, by a run of the handler's own procedure
// from its entry, on tables that the solver found: the entries that fool it are shown with their fields.

import { type Claim, claim } from '../prover/claim.ts'
import { ALL_ON, type Switches } from '../smm/switches.ts'
import { conditionsOfPart, handlerOf } from './handler.ts'
import { explainRead, replay } from './replay.ts'

export interface Tooth {
  /** Rows of the attack catalogue. */
  readonly rows: readonly string[]
  readonly off: keyof Switches
  readonly procedure: string
  /** The conditions to look at, by kind, claim and topic: looking at all of them proves much that is not asked. */
  readonly where: RegExp
  readonly what: string
}

export const teeth: readonly Tooth[] = [
  {
    rows: ['C23'],
    where: /preserved\/W2\/page (wit2?|certainWit)@/,
    off: 'S_RSVD',
    procedure: 'walkTable1',
    what: 'a present entry with a reserved address bit (the mark that hypervisors leave for emulated MMIO) is counted as memory',
  },
  {
    rows: ['C30'],
    where: /preserved\/W2\/page (wit2?|certainWit)@/,
    off: 'S_RSVD',
    procedure: 'walkTable2',
    what: 'a 2-MiB leaf with address bits below 2 MiB never translates, and is counted',
  },
  {
    rows: ['C31'],
    where: /preserved\/W2\/page (wit2?|certainWit)@/,
    off: 'S_RSVD',
    procedure: 'walkTable3',
    what: 'a 1-GiB leaf on a CPU without 1-GiB pages, or a misaligned one, is counted',
  },
  {
    rows: ['C25'],
    where: /preserved\/W2\/page (wit2?|certainWit)@/,
    off: 'S_PERM',
    procedure: 'walkTable1',
    what: 'a leaf with U/S=0 is no memory of the guest, and is counted',
  },
  {
    rows: ['C26'],
    where: /preserved\/W3\/page g@/,
    off: 'S_PERM',
    procedure: 'walkTable1',
    what: 'R/W=0 or NX=1 in an upper entry is forgotten, and the leaf is counted under the wrong permissions',
  },
  {
    rows: ['C01'],
    where: /walkTable1/,
    off: 'S_UNIQ',
    procedure: 'walkTable1',
    what: 'two leaves that name one frame count it twice',
  },
  {
    rows: ['C33', 'C34', 'C35'],
    where: /walkTable1/,
    off: 'S_DRAM',
    procedure: 'walkTable1',
    what: 'a leaf that names a frame outside the boot map is counted as memory',
  },
  {
    rows: ['C12', 'C13'],
    where: /havoc\/callee precondition\/support@/,
    off: 'S_DRAM',
    procedure: 'walkTable2',
    what: 'a table outside the boot map (device memory, SMRAM) is read',
  },
  {
    rows: ['C43'],
    where: /walkTable1\/havoc/,
    off: 'S_BOUND',
    procedure: 'walkTable1',
    what: 'work goes on when the budget is spent: a tree that refers to itself is walked for as long as it likes',
  },
  {
    rows: ['C10', 'C11'],
    where: /walkTable2\/havoc/,
    off: 'S_FETCH1',
    procedure: 'walkTable2',
    what: 'an entry changes between the check and the use: the table that is walked is not the one that was checked',
  },
  {
    rows: ['C58'],
    where: /preserved\/W3\/page g@|preserved\/W2\/page (wit2?|certainWit)@/,
    off: 'S_WIDTH',
    procedure: 'walkTable1',
    what: 'a leaf at a guest address that no guest can form is counted',
  },
]

/** The claim that a handler with the tooth's defence off would make, and that falls. */
export function tooth({ rows, off, procedure, where, what }: Tooth): Claim {
  const switches: Switches = { ...ALL_ON, [off]: false }
  return claim({
    id: `${rows.join('+')}/${off}`,
    statement: `For every memory and machine, with ${off} off: the contract of ${procedure} holds (it does not: ${what}).`,
    assumptions: [`${off} is off; every other defence is on`],
    expect: 'refuted',
    obligations: () => {
      const part = handlerOf(switches).find((p) => p.procedure.name === procedure)
      if (part === undefined) throw new Error(`no procedure ${procedure}`)
      return conditionsOfPart(part).filter((o) => o.discharged === undefined && where.test(o.id))
    },
    replay,
    explain: explainRead,
  })
}
