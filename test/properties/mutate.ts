// Seeded faults: edits of a procedure's syntax tree.

import type { Procedure, Statement } from '../../src/model/procedure.ts'
import { bool, type Bv } from '../../src/model/term.ts'

/** Undefined keeps the statement. Nested statements are visited first. */
export type Edit = (s: Statement) => readonly Statement[] | undefined

/** The procedure with every statement put through `edit`. @throws Error when nothing changed: a mutant must be one. */
export function mutate(procedure: Procedure, edit: Edit): Procedure {
  let edits = 0
  const block = (body: readonly Statement[]): readonly Statement[] => body.flatMap(one)
  const one = (s: Statement): readonly Statement[] => {
    const inner = nested(s, block)
    const out = edit(inner)
    if (out === undefined) return [inner]
    edits++
    return out
  }
  const body = block(procedure.body)
  if (edits === 0) throw new Error(`nothing in ${procedure.name} to change`)
  return { ...procedure, body }
}

function nested(s: Statement, block: (body: readonly Statement[]) => readonly Statement[]): Statement {
  if (s.kind === 'if') return { ...s, yes: block(s.yes), no: block(s.no) }
  if (s.kind === 'for') return { ...s, body: block(s.body) }
  return s
}

/** The statement is an assignment to the local of that name. */
export const assigns = (s: Statement, name: string): s is Extract<Statement, { kind: 'assign' }> =>
  s.kind === 'assign' && s.cell.name === name
/** An `if` whose taken branch contains a statement of this kind. */
export const guards = (s: Statement, test: (inner: Statement) => boolean): s is Extract<Statement, { kind: 'if' }> =>
  s.kind === 'if' && s.yes.some(test)
export const sets = (s: Statement, cell: string, value: bigint): boolean => assigns(s, cell) && s.value.attribute === value

/** The branch is never taken. */
export const never =
  (test: (s: Statement) => boolean): Edit =>
  (s) =>
    guards(s, test) ? [{ ...s, condition: bool(false) }] : undefined
/** The statement is gone. */
export const drop =
  (test: (s: Statement) => boolean): Edit =>
  (s) =>
    test(s) ? [] : undefined
export const calls = (callee: string) => (s: Statement) => s.kind === 'call' && s.callee.name === callee
/** The loop ends elsewhere. */
export const below =
  (bound: (old: Bv) => Bv): Edit =>
  (s) =>
    s.kind === 'for' ? [{ ...s, below: bound(s.below as Bv) }] : undefined
