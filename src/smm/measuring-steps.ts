// The steps of the leader that go through lists, as what their procedures promise: the list of spaces (`listAll`), the census of it
// (`measure`). Nothing they read changes meanwhile: SMRAM is the leader's while it leads, and memory holds still (claim I8).
// Leaves out: which of the words in between the census reads (the generic read of handler-steps.ts), how much work it spends.
// Liberties: what a census that ends before its time has counted is arbitrary.

import type { Cell } from '../model/cell.ts'
import { contractStep } from '../model/contract-step.ts'
import { arraySort, bvSort } from '../model/sort.ts'
import { action, type Action, type Domain, forAll, type Table } from '../model/system.ts'
import { and, type Arr, type Bool, bv, type Bv, type Term } from '../model/term.ts'
import { isThread, thread } from '../x86/topology.ts'
import { census, STATUS } from './cells.ts'
import { kindIs } from './discover.ts'
import { listAll } from './enlist.ts'
import { leads } from './meeting-state.ts'
import { measuredBy, results, saidOf, STAGE, stage, stageIs } from './measuring-state.ts'
import { handlerScalars, space } from './system-cells.ts'
import { phaseIs, watchedSpace, watchedThread } from './thread-cells.ts'

const cite = 'facts 12.5'

const listing = contractStep(
  listAll,
  new Map<Cell, Domain>([
    [watchedThread, thread],
    [watchedSpace, space],
  ]),
)
/** Every thread having been observed. */
const bare = action('the leader lists spaces', { actor: 'SMM', cite, parameters: { t: thread } }, ({ t }) => ({
  guard: and(leads(t), phaseIs('measuring'), stageIs('observing')),
  everywhere: [
    forAll('every thread was observed', [thread], (u) => isThread(u).implies(kindIs(u, 'absent').not())),
    ...listing.everywhere,
  ],
  cases: { listed: [...listing.effects, stage.set(bv(2, STAGE.listed))] },
}))
export const lists: Action = { ...bare, parameters: [...bare.parameters, ...listing.parameters] }

const status = handlerScalars.find((v) => v.name === census.status.name)!
const sortOf = ({ domain, sort }: Table<Bool | Bv>) => arraySort(domain.width, sort)

export const takesCensus = action(
  'the leader takes the census',
  {
    actor: 'SMM',
    cite,
    parameters: { t: thread, ended: bvSort(8), ...Object.fromEntries(results.map((table) => [table.name, sortOf(table)])) },
  },
  (p) => {
    const chosen = p as unknown as Readonly<Record<string, Term>>
    const of = <T extends Bool | Bv>(table: Table<T>, index: Bv): T => {
      const values = chosen[table.name] as Arr
      return (table.sort.kind === 'bool' ? values.has(index) : values.at(index)) as T
    }
    const ended = p.ended as Bv
    return {
      guard: and(leads(p.t), phaseIs('measuring'), stageIs('listed')),
      everywhere: saidOf(measuredBy(of), ended.eq(STATUS.running)),
      cases: {
        ended: [
          status.set(ended),
          ...results.map((table) => table.sweep((index) => of(table, index.as()))),
          stage.set(bv(2, STAGE.counted)),
        ],
      },
    }
  },
)
