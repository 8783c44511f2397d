// Statements about the platform that the SMRAM half of the theory does not rest on: what rows of the attack gallery break.

import { conjunct, type InvariantConjunct } from '../model/invariant.ts'
import { forAll } from '../model/system.ts'
import { chipsetSmi } from '../x86/devices.ts'
import { cellOf } from '../x86/dram.ts'
import { handedOver } from '../x86/modes.ts'
import { word } from '../x86/physical.ts'

/** S2 takes it from there: what is raised is pending until it is taken. */
export const chipsetRaisesSmis: InvariantConjunct = conjunct(
  'S2',
  forAll('S2 the chipset raises SMIs', [], () => handedOver.now.implies(chipsetSmi.now)),
)

/** A census counts addresses; that many addresses are that much memory is this statement. */
export const addressesAreCells: InvariantConjunct = conjunct(
  'W3',
  forAll('W3 two addresses of memory are two cells', [word, word], (a, b) => a.ne(b).implies(cellOf(a).ne(cellOf(b)))),
)

export const furtherStatements = [chipsetRaisesSmis, addressesAreCells] as const
