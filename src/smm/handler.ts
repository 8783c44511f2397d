// The whole handler: its procedures, in the order in which they take their turns. Threads enter, check and join; the first leads
// them through the phases; the census runs while memory holds still; all leave.
// What waits for other threads is a turn taken again, so no procedure has a loop without a bound. The search of memory, the
// sample of what runs and the report belong between `discover` and `release`.
// Leaves out: who takes which turn when (src/measure/meeting.ts for a concrete run, handler-steps.ts for all runs).

import type { Cell } from '../model/cell.ts'
import { measure } from './census.ts'
import { spaces } from './cells.ts'
import { checkConfiguration, noteFlushed } from './configuration.ts'
import { discover } from './enlist.ts'
import { arrive, checkEntry, leave } from './enter.ts'
import { awaitDepartures, collectFlushes, collectVerdicts, gather, quiesce, release } from './rendezvous.ts'
import type { Switches } from './switches.ts'
import { found } from './thread-cells.ts'

export const handlerProcedures = (switches: Switches) =>
  ({
    checkEntry: checkEntry(switches),
    arrive,
    gather: gather(switches),
    checkConfiguration,
    collectVerdicts: collectVerdicts(switches),
    quiesce: quiesce(switches),
    noteFlushed,
    collectFlushes: collectFlushes(switches),
    discover: discover(switches),
    census: measure(switches),
    release,
    leave,
    awaitDepartures,
  }) as const
export type HandlerProcedures = ReturnType<typeof handlerProcedures>

/** The census measures what discovery has found: its constants take the values of these cells when it begins. */
export const censusOf: readonly (readonly [Cell, Cell])[] = [
  [spaces.count, found.count],
  [spaces.root, found.root],
  [spaces.mode, found.mode],
]
