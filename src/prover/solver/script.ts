// What the runners need to know of a script: its logic, what it declares, which assertions have names.
// Leaves out: everything else; a script is passed on to the solver as it is.

import { isList, readSexprs, type Sexpr } from './sexpr.ts'
import { type Sort, tableSort } from './sort.ts'

/** The logic of a script, read without parsing all of it. */
export const logicOf = (smt2: string): string | undefined => /\(\s*set-logic\s+([^\s()]+)\s*\)/.exec(smt2)?.[1]

/** Sort by declared name; undefined for a sort that has no values here. */
export type Declarations = ReadonlyMap<string, Sort | undefined>

export function declarationsOf(smt2: string): Declarations {
  const declared = new Map<string, Sort | undefined>()
  for (const form of readSexprs(smt2)) {
    if (!isList(form) || typeof form[1] !== 'string') continue
    if (form[0] === 'declare-const') declared.set(form[1], tableSort([], form[2]!))
    else if (form[0] === 'declare-fun') declared.set(form[1], tableSort(form[2] as readonly Sexpr[], form[3]!))
  }
  return declared
}

export function namedAssertionsOf(smt2: string): string[] {
  const names: string[] = []
  for (const form of readSexprs(smt2)) {
    const body = isList(form) && form[0] === 'assert' ? form[1] : undefined
    if (!isList(body) || body[0] !== '!') continue
    const name = body[body.indexOf(':named') + 1]
    if (typeof name === 'string' && body.includes(':named')) names.push(name)
  }
  return names
}
