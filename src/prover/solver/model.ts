// Models and unsat cores, from a solver's answer to get-model or get-unsat-core.
// Covers: z3 (4.8 and 5.2) and cvc5 (1.0), bit-vectors, Booleans, arrays and functions of them.
// Leaves out: names that the script does not declare (z3 4.8 also prints the script's own definitions, with terms as bodies).

import { Definitions } from './definitions.ts'
import type { Declarations } from './script.ts'
import { isList, readSexprs } from './sexpr.ts'
import { defaultOf } from './sort.ts'
import type { Model, ModelValue } from './value.ts'

/**
 * A value for every declared name of a representable sort: a name that the solver leaves out may have any value, and gets
 * the default one. Throws a ModelError or a SexprError for a model that this reader cannot represent.
 */
export function parseModel(text: string, declared: Declarations): Model {
  const [answer] = readSexprs(text)
  const definitions = new Definitions()
  // z3 before 4.8.11 and cvc4 open with the word "model".
  for (const form of isList(answer) ? answer : []) definitions.add(form)
  const model = new Map<string, ModelValue>()
  for (const [name, sort] of declared)
    if (sort !== undefined) model.set(name, definitions.has(name) ? definitions.value(name) : defaultOf(sort))
  return model
}

/** The names in a core, sorted; undefined if the text is not one. */
export function parseCore(text: string): readonly string[] | undefined {
  const [names, ...rest] = readSexprs(text)
  if (!isList(names) || rest.length > 0) return undefined
  return names.every((n) => typeof n === 'string') ? [...names].sort() : undefined
}
