// The handler's procedures, each with what its proof may assume, and the claims that are made of all of them together: a
// claim's obligations are those verification conditions whose conjuncts bear its name. Every conjunct is known wherever
// another is proved, so the claims of the census stand together or not at all.

import type { Procedure } from '../model/procedure.ts'
import { claimOf, conditionsOf } from '../prover/conditions.ts'
import type { Axiom, Obligation } from '../prover/obligation.ts'
import { assumptions } from '../smm/assumptions.ts'
import { findRange } from '../smm/boot-map.ts'
import { measure } from '../smm/census.ts'
import { nextFrame } from '../smm/next-frame.ts'
import { measureRound } from '../smm/round.ts'
import { definitions } from '../smm/facts.ts'
import { countMappedTables } from '../smm/mapped-tables.ts'
import { noteVmcbs } from '../smm/mapped-vmcbs.ts'
import { markFrames, markTable, markWords } from '../smm/mark.ts'
import { unfolding } from '../smm/reach.ts'
import { clearBitmaps, walkSpace } from '../smm/space.ts'
import { oncePerSwitches, type Switches } from '../smm/switches.ts'
import { walkTable } from '../smm/walk.ts'
import type { Level } from '../smm/walk-facts.ts'

export interface Part {
  readonly procedure: Procedure
  readonly axioms: readonly Axiom[]
}

const LEVELS: readonly Level[] = [1, 2, 3, 4, 5]

/** Every procedure of the census, with the axioms of its own proof. */
export function handlerOf(switches: Switches): readonly Part[] {
  const plain = (procedure: Procedure): Part => ({ procedure, axioms: assumptions })
  return [
    plain(findRange),
    plain(nextFrame),
    plain(markWords(switches)),
    plain(markFrames(switches)),
    plain(markTable(switches)),
    ...LEVELS.map((level) => ({ procedure: walkTable(level, switches), axioms: [...assumptions, ...unfolding(level)] })),
    plain(clearBitmaps(true, switches)),
    plain(clearBitmaps(false, switches)),
    { procedure: walkSpace(switches), axioms: [...assumptions, ...definitions] },
    plain(countMappedTables(switches)),
    plain(noteVmcbs(switches)),
    plain(measureRound(1, switches)),
    plain(measureRound(2, switches)),
    plain(measure(switches)),
  ]
}

/** The conditions of all parts, in both modes, made once. */
export const conditionsOfHandler = oncePerSwitches((switches): readonly Obligation[] =>
  handlerOf(switches).flatMap(conditionsOfPart),
)

export const conditionsOfPart = ({ procedure, axioms }: Part): readonly Obligation[] =>
  (['havoc', 'snapshot'] as const).flatMap((mode) => conditionsOf(procedure, mode).map((o) => ({ ...o, axioms })))

const SAFETY: ReadonlySet<string> = new Set(['bounds', 'overflow', 'readable'])

/** The claim that an obligation belongs to: by the name of its conjuncts, or W4 for the safety of single statements. */
export function claimOfObligation(o: Obligation): string {
  if (o.origin.kind === 'procedure' && SAFETY.has(o.origin.of)) return 'W4'
  const name = claimOf(o.parts[0]!.name)
  return name.startsWith('E') ? 'W3' : name
}
