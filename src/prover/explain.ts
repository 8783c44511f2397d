// A counter-model in a person's terms: values by name, in a readable order, and words read from memory in the words of the
// claim's own `explain`.

import { statementsOf } from '../model/procedure.ts'
import type { Claim } from './claim.ts'
import type { CounterModel } from './countermodel.ts'
import type { Obligation } from './obligation.ts'
import type { NamedValue } from './record.ts'

export function explainedValues(model: CounterModel, obligation: Obligation, claim: Claim): NamedValue[] {
  const values = model.values(obligation)
  const { origin } = obligation
  if (origin.kind !== 'procedure' || claim.explain === undefined) return values
  const { procedure } = origin
  const locals = new Set([...statementsOf(procedure.body)].flatMap((s) => (s.kind === 'read' ? [s.cell.name] : [])))
  const explained = values.map((v) => {
    const local = v.name.replace(/!\d+$/, '')
    if (!locals.has(local) || typeof v.value !== 'string') return v
    const meaning = claim.explain?.({ procedure: procedure.name, local, word: 0n, value: BigInt(v.value) })
    return meaning === undefined ? v : { ...v, explained: meaning }
  })
  return [...explained.filter((v) => v.explained !== undefined), ...explained.filter((v) => v.explained === undefined)]
}
