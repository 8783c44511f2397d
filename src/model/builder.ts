// The builder that procedures are written with. Executable statements cannot mention ghost state or watches (checked here,
// at construction), and ghost statements can only assign ghost cells (checked by type), so erasing ghost code is safe.

import { type Cell, cellOf, type Ghost, local, type Tally, type Writable } from './cell.ts'
import { type Conjunct, type Counted, isGhostly, type Memory, modifiedBy, type Procedure, type Statement } from './procedure.ts'
import { here } from './position.ts'
import type { Sort } from './sort.ts'
import type { Arr, Bool, Bv, Term } from './term.ts'
import { variables } from './traverse.ts'

export type Shape = Readonly<Record<string, Sort>>
export type TermOf<S extends Sort> = S extends { kind: 'bool' } ? Bool : S extends { kind: 'bv' } ? Bv : Arr
export type TermsOf<S extends Shape> = { readonly [K in keyof S]: TermOf<S[K]> }

/** Named conjuncts that hold for arbitrary memory reads. */
export function named(conjuncts: Readonly<Record<string, Bool>>, extra: Pick<Conjunct, 'topic' | 'also'> = {}): Conjunct[] {
  return Object.entries(conjuncts).map(([name, term]) => ({ name, term, mode: 'any', ...extra }))
}
/** Named conjuncts that relate state to the frozen memory. */
export function snapshot(conjuncts: Readonly<Record<string, Bool>>, extra: Pick<Conjunct, 'topic' | 'also'> = {}): Conjunct[] {
  return Object.entries(conjuncts).map(([name, term]) => ({ name, term, mode: 'snapshot', ...extra }))
}

export interface GhostBuilder {
  set<T extends Term>(cell: Ghost<T>, value: NoInfer<T>): void
  /** An assignment whose value speaks of the frozen memory. */
  setFromSnapshot<T extends Term>(cell: Ghost<T>, value: NoInfer<T>): void
}

export interface LoopOptions {
  readonly from: Bv
  readonly below: Bv
  readonly invariant: (index: Bv) => readonly Conjunct[]
}

export interface ProcedureBuilder {
  /** A fresh single-assignment local. */
  let<T extends Term>(name: string, value: T): T
  /** A local that statements may assign. */
  var<T extends Term>(name: string, initial: T): Writable<T>
  set<T extends Term>(cell: Writable<T>, value: NoInfer<T>): void
  store(cell: Cell<Arr, 'smram'>, index: Bv<string>, value: Bv<string> | Bool): void
  /** Reads the 64-bit word at physical address `word * 8` of untrusted memory, once. */
  read(name: string, word: Bv<string>, evidence: Bv<string>): Bv
  when(condition: Bool, yes: () => void, no?: () => void): void
  for(name: string, options: LoopOptions, body: (index: Bv) => void): void
  call<P extends Shape, R extends Shape>(callee: Declared<P, R>, args: TermsOf<P>): TermsOf<R>
  return(): void
  /** Ends this iteration of the innermost loop. */
  next(): void
  /** Leaves the innermost loop. */
  break(): void
  assert(...conjuncts: readonly Conjunct[]): void
  /** Adds what `counted` names to element `index` of the tally's counter. */
  tally(tally: Tally, index: Bv<string>, counted: Counted): void
  ghost(body: (g: GhostBuilder) => void): void
}

/** A procedure together with the types of its parameters and results. */
export interface Declared<P extends Shape = Shape, R extends Shape = Shape> extends Procedure {
  readonly shape: { readonly params: P; readonly results: R }
}

export interface Declaration<P extends Shape, R extends Shape> {
  readonly params: P
  readonly results?: R
  readonly memory: Memory
  readonly modifies: readonly Cell[]
  readonly requires: (params: TermsOf<P>) => readonly Conjunct[]
  readonly ensures: (params: TermsOf<P>, results: TermsOf<R>) => readonly Conjunct[]
  readonly body: (b: ProcedureBuilder, params: TermsOf<P>, results: { readonly [K in keyof R]: Writable<TermOf<R[K]>> }) => void
}

/** @throws Error when the body breaks a rule of the language; the message names the procedure and the rule. */
export function procedure<const P extends Shape, const R extends Shape = Record<never, never>>(
  name: string,
  declaration: Declaration<P, R>,
): Declared<P, R> {
  const at = here()
  const paramCells = cellsOf(name, declaration.params)
  const resultCells = cellsOf(`${name}:result`, declaration.results ?? ({} as R))
  const params = termsOf(paramCells) as TermsOf<P>
  const results = termsOf(resultCells) as TermsOf<R>
  const body = buildBody(name, Object.keys(declaration.params), (b) => declaration.body(b, params, resultCells as never))
  const modifies = new Set(declaration.modifies)
  for (const cell of modifiedBy(body))
    if (cell.kind !== 'local' && !modifies.has(cell))
      throw new Error(`${name} changes ${cell.name}, which its modifies clause leaves out`)
  return {
    name,
    params: Object.values(paramCells),
    results: Object.values(resultCells),
    modifies: [...modifies],
    requires: declaration.requires(params),
    ensures: declaration.ensures(params, results),
    body,
    memory: declaration.memory,
    at,
    shape: { params: declaration.params, results: declaration.results ?? ({} as R) },
  }
}

function cellsOf(prefix: string, shape: Shape): Record<string, Cell> {
  return Object.fromEntries(Object.entries(shape).map(([field, sort]) => [field, local(`${prefix}.${field}`, sort)]))
}
const termsOf = (cells: Record<string, Cell>) =>
  Object.fromEntries(Object.entries(cells).map(([field, cell]) => [field, cell.now]))

/** `taken`: names of parameters, which locals must not share. */
function buildBody(name: string, taken: readonly string[], write: (b: ProcedureBuilder) => void): Statement[] {
  let out: Statement[] = []
  const names = new Map<string, number>(taken.map((field) => [field, 1]))
  let loops = 0
  const unique = (wanted: string): string => {
    const n = names.get(wanted) ?? 0
    names.set(wanted, n + 1)
    return n === 0 ? `${name}.${wanted}` : `${name}.${wanted}~${n}`
  }
  const executable = <T extends Term>(term: T): T => {
    for (const v of variables([term])) {
      const cell = cellOf(v)
      if (cell === undefined) throw new Error(`${name}: ${String(v.attribute)} is not a cell`)
      if (isGhostly(cell)) throw new Error(`${name}: executable code mentions ${cell.name}, which is ${cell.kind}`)
      if (v !== cell.now) throw new Error(`${name}: executable code mentions the old value of ${cell.name}`)
    }
    return term
  }
  const block = (write: () => void): Statement[] => {
    const outer = out
    out = []
    write()
    const inner = out
    out = outer
    return inner
  }
  const exit = (to: 'return' | 'next' | 'break') => () => {
    if (to !== 'return' && loops === 0) throw new Error(`${name}: ${to} outside a loop`)
    out.push({ kind: 'exit', to, at: here() })
  }
  const b: ProcedureBuilder = {
    let(wanted, value) {
      if (value.isConst) return value
      const cell = local(unique(wanted), value.sort)
      out.push({ kind: 'assign', cell, value: executable(value), at: here() })
      return cell.now as typeof value
    },
    var(wanted, initial) {
      const cell = local(unique(wanted), initial.sort)
      out.push({ kind: 'assign', cell, value: executable(initial), at: here() })
      return cell as never
    },
    set(cell, value) {
      out.push({ kind: 'assign', cell, value: executable(value), at: here() })
    },
    store(cell, index, value) {
      out.push({ kind: 'store', cell, index: executable(index), value: executable(value as Term), at: here() })
    },
    read(wanted, word, evidence) {
      const cell = local(unique(wanted), { kind: 'bv', width: 64 })
      out.push({ kind: 'read', cell, word: executable(word), evidence: executable(evidence), at: here() })
      return cell.now as Bv
    },
    when(condition, yes, no = () => undefined) {
      executable(condition)
      const at = here()
      out.push({ kind: 'if', condition, yes: block(yes), no: block(no), at })
    },
    for(wanted, { from, below, invariant }, body) {
      const index = local(unique(wanted), from.sort)
      const at = here()
      loops++
      const inner = block(() => body(index.now as Bv))
      loops--
      out.push({
        kind: 'for',
        index,
        from: executable(from),
        below: executable(below),
        invariant: (i) => invariant(i as Bv),
        body: inner,
        at,
      })
    },
    call(callee, args) {
      const at = here()
      const bound = new Map<Cell, Term>()
      for (const [i, field] of Object.keys(callee.shape.params).entries()) {
        const arg = (args as Record<string, Term>)[field]
        if (arg === undefined) throw new Error(`${name}: the call of ${callee.name} lacks ${field}`)
        bound.set(callee.params[i]!, executable(arg))
      }
      const results = new Map<Cell, Cell>()
      for (const cell of callee.results)
        results.set(cell, local(unique(`${callee.name}.${cell.name.split('.').at(-1)}`), cell.sort))
      out.push({ kind: 'call', callee, args: bound, results, at })
      return Object.fromEntries(
        Object.keys(callee.shape.results).map((field, i) => [field, results.get(callee.results[i]!)!.now]),
      ) as never
    },
    return: exit('return'),
    next: exit('next'),
    break: exit('break'),
    assert(...conjuncts) {
      for (const conjunct of conjuncts) out.push({ kind: 'assert', conjunct, at: here() })
    },
    tally(tally, index, counted) {
      executable(index)
      executable(counted.first)
      if (counted.kind === 'bits') executable(counted.bits)
      out.push({ kind: 'tally', tally, index, counted, at: here() })
    },
    ghost(body) {
      const at = here()
      const push = (mode: 'any' | 'snapshot') => (cell: Ghost, value: Term) => {
        out.push({ kind: 'ghost', cell, value, mode, at })
      }
      body({ set: push('any') as GhostBuilder['set'], setFromSnapshot: push('snapshot') as GhostBuilder['setFromSnapshot'] })
    },
  }
  write(b)
  return out
}
