// Teeth of single steps, most of them around the census: with one defence off, a procedure breaks its contract, by a run from its entry that the
// interpreter repeats. What an adversary makes of it is shown on the composed system.

import { named } from '../model/builder.ts'
import type { Bool, Bv } from '../model/term.ts'
import { type Claim, claim } from '../prover/claim.ts'
import { claimOf } from '../prover/conditions.ts'
import type { Obligation } from '../prover/obligation.ts'
import { ALL_ON, type Switches } from '../smm/switches.ts'
import { conditionsOfPart, type Part } from './handler.ts'
import { procedureOf } from './procedures.ts'
import { replay } from './replay.ts'

export interface ControlTooth {
  /** Rows of the attack catalogue. */
  readonly rows: readonly string[]
  readonly off: keyof Switches
  /** The procedure, and the condition of it that falls, by name. */
  readonly procedure: string
  readonly breaks: RegExp
  readonly what: string
  /** What the honest rest of the machine does, over the procedure's parameters: the step may begin in any state under which it holds. */
  readonly given?: { readonly that: string; readonly holds: (params: ReadonlyMap<string, Bv>) => Bool }
}

export const controlTeeth: readonly ControlTooth[] = [
  {
    rows: ['A05', 'A25'],
    off: 'S_TCLOSE_CHECK',
    procedure: 'checkEntry',
    breaks: /^I6 refused/,
    what: 'the handler goes on while its own data accesses are sent to MMIO',
  },
  {
    rows: ['B02', 'B04', 'B17', 'B19', 'C10'],
    off: 'S_RDV',
    procedure: 'gather',
    breaks: /^I7 gathering: a thread is passed/,
    what: 'when its patience ends, the leader goes on without the threads that are missing',
  },
  {
    rows: ['A06', 'A07', 'C36'],
    off: 'S_ROUTE_CHECK',
    procedure: 'collectVerdicts',
    breaks: /^I7 checking: the next phase/,
    what: 'memory is measured although nobody has looked where addresses go',
  },
  {
    rows: ['C11'],
    off: 'S_QUIESCE',
    procedure: 'quiesce',
    breaks: /^I8 the caches are flushed/,
    what: 'memory is measured while devices write it',
  },
  {
    rows: ['C40', 'C41', 'C42'],
    off: 'S_FLUSH_READ',
    procedure: 'collectFlushes',
    breaks: /^I7 flushing: the next phase/,
    what: 'memory is read while lines of tables are only in the caches of other threads',
  },
  {
    rows: ['C22'],
    off: 'S_NP_CHECK',
    procedure: 'recognise',
    breaks: /^U1 a root is unrecorded/,
    what: 'a guest on shadow tables is taken for one whose nested root is unknown',
  },
  {
    rows: ['C16', 'C71', 'C14'],
    off: 'S_ROOT_HW',
    procedure: 'recognise',
    breaks: /^I9 what is walked/,
    what: 'the root is the one that the control block names, a decoy',
  },
  {
    rows: ['C28', 'C29'],
    off: 'S_MODE_HW',
    procedure: 'recognise',
    breaks: /^I9 what is walked/,
    what: 'four levels are walked whatever the host had at VMRUN',
  },
]

function conditions(t: ControlTooth, switches: Switches): readonly Obligation[] {
  const part = procedureOf(t.procedure, switches)
  if (part === undefined) throw new Error(`the handler has no procedure called "${t.procedure}"`)
  return conditionsOfPart(calledBy(part, t)).filter((o) => o.parts.some((p) => t.breaks.test(p.name)))
}
/** The procedure on an honest machine. */
function calledBy({ procedure, axioms }: Part, { given }: ControlTooth): Part {
  if (given === undefined) return { procedure, axioms }
  const params = new Map(procedure.params.map((c) => [c.name.split('.').at(-1)!, c.now as Bv]))
  const requires = [...procedure.requires, ...named({ [`given that ${given.that}`]: given.holds(params) })]
  return { procedure: { ...procedure, requires }, axioms }
}
const quantifier = ({ procedure, given }: ControlTooth): string =>
  `For every state that ${procedure} may begin in${given === undefined ? '' : `, given that ${given.that}`}`

/** What a handler with the tooth's defence off would claim, and does not keep. */
export const controlTooth = (t: ControlTooth): Claim =>
  claim({
    id: `${t.rows.join('+')}/${t.off}`,
    statement: `${quantifier(t)}, with ${t.off} off: it keeps its contract (it does not: ${t.what}).`,
    assumptions: [`${t.off} is off; every other defence is on`],
    expect: 'refuted',
    refutes: { claim: `handler/${claimOf(t.breaks.source.replace(/^\^/, ''))}`, without: [t.off] },
    obligations: () => conditions(t, { ...ALL_ON, [t.off]: false }),
    replay,
  })

/** The same with all defences on: it stands. */
export const controlDefended = (t: ControlTooth): Claim =>
  claim({
    id: `${t.rows.join('+')}/defended`,
    statement: `${quantifier(t)}: it keeps the part of its contract that falls with ${t.off} off.`,
    obligations: () => conditions(t, ALL_ON),
    replay,
  })
