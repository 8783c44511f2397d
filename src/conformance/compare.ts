// A vector's expectations against what the model shows, by kind of vector.

import { match } from 'ts-pattern'
import { compareAccess } from './compare-access.ts'
import { compareSmm } from './compare-smm.ts'
import { compareTlb } from './compare-tlb.ts'
import { compareVmrun } from './compare-vmrun.ts'
import type { Comparison } from './comparison.ts'
import type { Vector } from './vector.ts'

export const compare = (vector: Vector): Comparison =>
  match(vector)
    .with({ kind: 'walk' }, { kind: 'straddle' }, { kind: 'pae-guest' }, compareAccess)
    .with({ kind: 'tlb' }, ({ vector }) => compareTlb(vector))
    .with({ kind: 'vmrun' }, ({ vector }) => compareVmrun(vector))
    .with({ kind: 'smm' }, ({ vector }) => compareSmm(vector))
    .exhaustive()
