// Procedures as steps of a transition system: the paths through a procedure without loops, each with its condition and what it
// leaves in the cells. So the code that is proved and run is what interleaves with everything else; nothing is written twice.
// A cell and the system's variable of the same name are the same term.
// Leaves out: procedures with loops (a loop that others may interrupt has its index in a cell, and each turn is a step), tallies;
// ghost code and assertions (they change nothing). What a callee without effects returns is arbitrary.

import { match } from 'ts-pattern'
import { type Cell, cellOf } from './cell.ts'
import type { Procedure, Statement } from './procedure.ts'
import { type Effect, given, type Conditional, variableOf } from './system.ts'
import { and, type Arr, bool, type Bool, type Bv, type Term, varOf } from './term.ts'
import { Substitution } from './traverse.ts'

export interface Path {
  readonly condition: Bool
  /** Cells that the path has changed, locals left out. */
  readonly state: ReadonlyMap<Cell, Term>
  readonly results: ReadonlyMap<string, Term>
}
export interface MemoryRead {
  /** What was read: arbitrary, by this name. */
  readonly value: Bv
  readonly word: Bv<string>
  readonly evidence: Bv<string>
  /** Where the read happens. */
  readonly when: Bool
}
export interface Steps {
  readonly paths: readonly Path[]
  readonly reads: readonly MemoryRead[]
  /** What reads and calls return: parameters of the step. */
  readonly fresh: readonly Term[]
}

interface Walk {
  readonly condition: Bool
  readonly state: ReadonlyMap<Cell, Term>
}

/** @param args by parameter name. @throws Error when the procedure has a loop, a tally, or a callee with effects. */
export function stepsOf(procedure: Procedure, args: Readonly<Record<string, Term>>): Steps {
  const reads: MemoryRead[] = []
  const fresh: Term[] = []
  const ended: Walk[] = []
  const start = new Map<Cell, Term>()
  for (const cell of procedure.params) {
    const name = cell.name.slice(procedure.name.length + 1)
    const arg = args[name]
    if (arg === undefined) throw new Error(`${procedure.name} as a step: ${name} is missing`)
    start.set(cell, arg)
  }
  const arbitrary = (cell: Cell): Term => {
    const value = varOf(`${cell.name}?`, cell.sort)
    fresh.push(value)
    return value
  }
  const at = (w: Walk) =>
    new Substitution((v) => {
      const cell = cellOf(v)
      return cell === undefined ? undefined : w.state.get(cell)
    })
  const set = (w: Walk, cell: Cell, value: Term): Walk => ({ ...w, state: new Map(w.state).set(cell, value) })

  const run = (body: readonly Statement[], walks: readonly Walk[]): Walk[] =>
    body.reduce<Walk[]>((now, s) => now.flatMap((w) => step(s, w)), [...walks])
  const step = (s: Statement, w: Walk): Walk[] => {
    const now = at(w)
    return match(s)
      .with({ kind: 'assign' }, ({ cell, value }) => [set(w, cell, now.apply(value))])
      .with({ kind: 'store' }, ({ cell, index, value }) => [
        set(w, cell, now.apply(cell.now as Arr).store(now.apply(index), now.apply(value) as Bv)),
      ])
      .with({ kind: 'read' }, ({ cell, word, evidence }) => {
        const value = arbitrary(cell) as Bv
        reads.push({ value, word: now.apply(word), evidence: now.apply(evidence), when: w.condition })
        return [set(w, cell, value)]
      })
      .with({ kind: 'if' }, ({ condition, yes, no }) => {
        const c = now.apply(condition)
        const [taken, passed] = [and(w.condition, c), and(w.condition, c.not())]
        return [
          ...(taken.value === false ? [] : run(yes, [{ ...w, condition: taken }])),
          ...(passed.value === false ? [] : run(no, [{ ...w, condition: passed }])),
        ]
      })
      .with({ kind: 'call' }, ({ callee, results }) => {
        if (callee.modifies.length > 0) throw new Error(`${procedure.name} as a step: ${callee.name} has effects`)
        return [[...results.values()].reduce((walk, cell) => set(walk, cell, arbitrary(cell)), w)]
      })
      .with({ kind: 'exit' }, () => {
        ended.push(w)
        return []
      })
      .with({ kind: 'ghost' }, { kind: 'assert' }, () => [w])
      .with({ kind: 'for' }, { kind: 'tally' }, ({ kind }) => {
        throw new Error(`${procedure.name} as a step: it has a ${kind}`)
      })
      .exhaustive()
  }
  const through = run(procedure.body, [{ condition: bool(true), state: start }])
  const resultNames = new Map(procedure.results.map((c) => [c, c.name.split('.').at(-1)!]))
  const paths = [...ended, ...through].map(
    (w): Path => ({
      condition: w.condition,
      state: new Map([...w.state].filter(([cell]) => cell.kind !== 'local')),
      results: new Map([...resultNames].map(([cell, name]) => [name, w.state.get(cell) ?? cell.now])),
    }),
  )
  return { paths, reads, fresh }
}

/** What a path changes, in the variables of a system. @throws Error when a cell is no variable of one. */
export function effectsOfPath({ state }: Path): Effect[] {
  return [...state].flatMap(([cell, value]): Effect[] => {
    const variable = variableOf(cell.now)
    if (variable === undefined) throw new Error(`${cell.name} is no variable of the system`)
    if (variable.kind === 'scalar') return [variable.set(value as Bv)]
    const stores: Effect[] = []
    for (let t: Term = value; t.op === 'store'; t = t.args[0]!) stores.unshift(variable.set(t.args[1] as Bv, t.args[2] as Bv))
    return stores
  })
}

/** The paths as cases of an action, in order, under these names. @param also further effects of a path */
export function casesOf(
  { paths }: Steps,
  names: readonly string[],
  also: (path: Path) => readonly Effect[] = () => [],
): Readonly<Record<string, readonly Effect[] | Conditional>> {
  if (names.length !== paths.length) throw new Error(`${paths.length} paths, ${names.length} names: ${names.join(', ')}`)
  return Object.fromEntries(
    paths.map((path, n) => {
      const effects = [...effectsOfPath(path), ...also(path)]
      return [names[n]!, n === paths.length - 1 ? effects : given(path.condition, effects)]
    }),
  )
}
