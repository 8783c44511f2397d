// The handler's SMRAM as state of the composed system: each variable is the term of the cell of its name, so procedures and
// system speak of the same thing. That SMRAM is the handler's own is what the platform's claims I3 and I6 are for.

import type { Cell } from '../model/cell.ts'
import { domain, rigid, type Scalar, state, type Table } from '../model/system.ts'
import type { Bool, Bv } from '../model/term.ts'
import { thread } from '../x86/topology.ts'
import { bootMap, census, config, RANGE, SPACE } from './cells.ts'
import { bootCopy, found, handler, handlerGhosts, observed, perThread, platformConfig, saved } from './thread-cells.ts'

/** A range of the boot map. */
export const range = domain('range', RANGE, () => bootMap.ranges.now)
/** A space of the list that the census measures. */
export const space = domain('space', SPACE)

type Declarations = typeof state
const scalarOf = (of: Declarations, cell: Cell): Scalar =>
  cell.sort.kind === 'bv' ? of.bits(cell.name, cell.sort.width) : (of.flag(cell.name) as Scalar)
const tableOf = (of: Declarations, over: typeof thread | typeof range | typeof space, cell: Cell): Table<Bool | Bv> => {
  const element = cell.sort.kind === 'array' ? cell.sort.element : cell.sort
  const per = of.per(over as typeof thread)
  return (element.kind === 'bv' ? per.bits(cell.name, element.width) : per.flag(cell.name)) as Table<Bool | Bv>
}

/** What one thread's tables hold. */
export const threadTables: readonly Table<Bool | Bv>[] = [
  ...Object.values(perThread),
  ...Object.values(saved),
  ...Object.values(observed),
].map((cell) => tableOf(state, thread, cell))
const { count, ...foundTables } = found
export const spaceTables: readonly Table<Bool | Bv>[] = Object.values(foundTables).map((cell) => tableOf(state, space, cell))
export const handlerScalars: readonly Scalar[] = [...Object.values(handler), count, census.status, handlerGhosts.cause].map(
  (cell) => scalarOf(state, cell),
)

const constants: readonly Scalar[] = [...Object.values(platformConfig), ...Object.values(config), ...[bootMap.ranges]].map(
  (cell) => scalarOf(rigid, cell),
)
const copies = Object.values(bootCopy).map((cell) => tableOf(rigid, thread, cell!))
const ranges = [bootMap.first, bootMap.last].map((cell) => tableOf(rigid, range, cell))

export const handlerVariables = [...threadTables, ...spaceTables, ...handlerScalars, ...constants, ...copies, ...ranges] as const
