// What the define-funs of a model mean: terms of literals, ite, equalities, stores and calls of one another, turned into
// values. A function's table is found by evaluating its body at every literal that the body compares with, and at a point
// "other" that equals none of them; a function for which that does not do (it calculates, or depends on one argument alone)
// is evaluated at all points if they are few. So a table is exact, or there is an error.
// Leaves out: functions of arrays.

import { match, P } from 'ts-pattern'
import { applyOperator } from './operators.ts'
import { excerpt, isList, printSexpr, type Sexpr } from './sexpr.ts'
import { readSort, type Sort } from './sort.ts'
import { lookUp, type ModelValue, sameValue, table, type TableEntry } from './value.ts'

export class ModelError extends Error {}

/** A point of one parameter's axis that equals no literal compared with; `axis` tells parameters apart. */
interface Other {
  readonly kind: 'other'
  readonly axis: number
}
type Value = ModelValue | Other
type Bits = ModelValue & { readonly kind: 'bv' }
/** The first point is the one for "otherwise". */
type Axis = readonly [Value, ...Value[]]
type Scope = ReadonlyMap<string, Value>

export interface Definition {
  readonly parameters: readonly { readonly name: string; readonly sort: Sort }[]
  readonly body: Sexpr
}

const maxPoints = 65_536
/** Bits of all arguments of a function that is evaluated at all points. */
const maxDomainBits = 12
const empty: Scope = new Map()

export class Definitions {
  private readonly definitions = new Map<string, Definition>()
  private readonly values = new Map<string, ModelValue>()
  private readonly literals = new Map<Sexpr, ModelValue | undefined>()
  private nextAxis = 0

  /** Takes `(define-fun NAME ((P S)*) S BODY)`; anything else defines nothing. */
  add(form: Sexpr): void {
    if (!isList(form) || form[0] !== 'define-fun' || typeof form[1] !== 'string' || !isList(form[2])) return
    this.definitions.set(form[1], { parameters: parametersOf(form[2]), body: form[4]! })
  }

  has(name: string): boolean {
    return this.definitions.has(name)
  }

  /** The value of a defined name; calls of itself are an error. */
  value(name: string): ModelValue {
    const known = this.values.get(name)
    if (known !== undefined) return known
    const definition = this.definitions.get(name)
    if (definition === undefined) throw new ModelError(`${name} has no definition`)
    const { parameters, body } = definition
    const value = parameters.length === 0 ? this.plain(body, empty) : this.tabulate(definition, empty)
    this.values.set(name, value)
    return value
  }

  private evaluate(start: Sexpr, outer: Scope): Value {
    let e = start
    let scope = outer
    // Long chains (let, the else of an ite) loop; only short nesting recurses.
    for (;;) {
      if (!isList(e)) return this.atom(e, scope)
      const [head, ...args] = e
      if (head === 'let') {
        const inner = new Map(scope)
        for (const [name, bound] of args[0] as readonly (readonly [string, Sexpr])[]) inner.set(name, this.evaluate(bound, scope))
        scope = inner
        e = args[1]!
      } else if (head === 'ite') e = this.holds(args[0]!, scope) ? args[1]! : args[2]!
      else if (head === '!') e = args[0]!
      else return this.application(e, scope)
    }
  }

  private atom(e: string, scope: Scope): Value {
    return scope.get(e) ?? this.literal(e) ?? this.value(e)
  }

  private application(e: readonly Sexpr[], scope: Scope): Value {
    const [head, ...args] = e
    if (isList(head)) {
      const [kind, name, ...indices] = head
      if (kind === 'as' && name === 'const') return table([], this.plain(args[0]!, scope))
      return kind === '_' && typeof name === 'string' ? this.operator(name, indices.map(Number), args, scope) : unsupported(e)
    }
    return match(head)
      .returnType<Value>()
      .with('_', () => this.indexed(e))
      .with('=', () => truth(this.pairs(args, scope).every(([a, b]) => sameElement(a, b))))
      .with('distinct', () => truth(!this.pairs(args, scope).some(([a, b]) => sameElement(a, b))))
      .with('and', () => truth(args.every((a) => this.holds(a, scope))))
      .with('or', () => truth(args.some((a) => this.holds(a, scope))))
      .with('=>', () => truth(!this.holds(args[0]!, scope) || this.holds(args[1]!, scope)))
      .with('xor', () => truth(this.holds(args[0]!, scope) !== this.holds(args[1]!, scope)))
      .with('not', () => truth(!this.holds(args[0]!, scope)))
      .with('store', () => this.stores(e, scope))
      .with('select', () => {
        const [array, ...indices] = args.map((a) => this.plain(a, scope))
        return lookUp(asTable(array!), indices.map(index))
      })
      .with('lambda', () => this.tabulate({ parameters: parametersOf(args[0]!), body: args[1]! }, scope))
      .with(P.string, (name) => this.call(name, args, scope))
      .with(undefined, () => unsupported(e))
      .exhaustive()
  }

  private indexed(e: readonly Sexpr[]): Value {
    const [, name, parameter] = e
    if (name === 'as-array' && typeof parameter === 'string') return this.value(parameter)
    return this.literal(e) ?? unsupported(e)
  }

  /** Remembered: a table is found by comparing each literal with all the others. */
  private literal(e: Sexpr): ModelValue | undefined {
    let value = this.literals.get(e)
    if (value === undefined) {
      value = readLiteral(e)
      if (value !== undefined) this.literals.set(e, value)
    }
    return value
  }

  private call(name: string, args: readonly Sexpr[], scope: Scope): Value {
    const definition = this.definitions.get(name)
    if (definition === undefined) return this.operator(name, [], args, scope)
    return this.evaluate(definition.body, new Map(definition.parameters.map((p, i) => [p.name, this.evaluate(args[i]!, scope)])))
  }

  private operator(name: string, indices: readonly number[], args: readonly Sexpr[], scope: Scope): ModelValue {
    const operands = args.map((a) => this.plain(a, scope))
    return applyOperator(name, indices, operands) ?? unsupported([name, ...args])
  }

  /** A chain of stores, outermost first: the first entry for an index is the one that counts. */
  private stores(chain: Sexpr, scope: Scope): ModelValue {
    const entries: TableEntry[] = []
    let e = chain
    while (isList(e) && e[0] === 'store') {
      const indices = e.slice(2, -1).map((i) => index(this.plain(i, scope)))
      entries.push({ args: indices, value: this.plain(e.at(-1)!, scope) })
      e = e[1]!
    }
    const base = asTable(this.plain(e, scope))
    return table([...entries, ...base.entries], base.otherwise)
  }

  private tabulate(definition: Definition, scope: Scope): ModelValue {
    const sorts = definition.parameters.map((p) => p.sort)
    const compared = this.literalsCompared(definition.body)
    try {
      return this.tableOver(
        sorts.map((sort) => this.pointsCompared(sort, compared)),
        definition,
        scope,
      )
    } catch (e) {
      const domainBits = sorts.reduce((n, sort) => n + bitsOf(sort), 0)
      if (!(e instanceof ModelError) || domainBits > maxDomainBits) throw e
      return this.tableOver(sorts.map(allPoints), definition, scope)
    }
  }

  private pointsCompared(sort: Sort, compared: readonly Bits[]): Axis {
    if (sort.kind !== 'bv') return allPoints(sort)
    return [{ kind: 'other', axis: this.nextAxis++ }, ...compared.filter((v) => v.width === sort.width)]
  }

  private tableOver(axes: readonly Axis[], { parameters, body }: Definition, scope: Scope): ModelValue {
    if (axes.reduce((n, axis) => n * axis.length, 1) > maxPoints) throw new ModelError('a function with too many points')
    const at = (point: readonly Value[]) =>
      this.plain(body, new Map([...scope, ...parameters.map((p, i) => [p.name, point[i]!] as const)]))
    const otherwise = at(axes.map((axis) => axis[0]))
    const entries: TableEntry[] = []
    for (const point of product(axes)) {
      const value = at(point)
      const known = point.flatMap((v) => (v.kind === 'other' ? [] : [index(v)]))
      if (known.length === point.length) entries.push({ args: known, value })
      else if (!sameValue(value, otherwise)) throw new ModelError('a function that depends on some of its arguments only')
    }
    return table(entries, otherwise)
  }

  /** Bit-vector literals on one side of an equality, in a term and in all definitions that it may call. */
  private literalsCompared(body: Sexpr): readonly Bits[] {
    const found = new Map<string, Bits>()
    const visited = new Set<string>()
    const todo: Sexpr[] = [body]
    for (let e = todo.pop(); e !== undefined; e = todo.pop()) {
      if (!isList(e)) {
        const called = this.definitions.get(e)
        if (called !== undefined && !visited.has(e)) todo.push(called.body)
        visited.add(e)
        continue
      }
      if (e[0] === '=' || e[0] === 'distinct')
        for (const side of e) {
          const value = this.literal(side)
          if (value?.kind === 'bv') found.set(`${value.width}:${value.value}`, value)
        }
      for (const part of e) todo.push(part)
    }
    return [...found.values()]
  }

  private plain(e: Sexpr, scope: Scope): ModelValue {
    const value = this.evaluate(e, scope)
    if (value.kind === 'other') throw new ModelError('a function that is not a finite table')
    return value
  }

  private holds(e: Sexpr, scope: Scope): boolean {
    const value = this.evaluate(e, scope)
    if (value.kind !== 'bool') throw new ModelError(`not a Boolean: ${excerpt(printSexpr(e))}`)
    return value.value
  }

  private pairs(args: readonly Sexpr[], scope: Scope): [Value, Value][] {
    const values = args.map((a) => this.evaluate(a, scope))
    if (values.length === 2) return [values as [Value, Value]]
    return values.flatMap((a, i) => values.slice(i + 1).map((b): [Value, Value] => [a, b]))
  }
}

function parametersOf(list: Sexpr): Definition['parameters'] {
  return (list as readonly (readonly [string, Sexpr])[]).map(([name, sort]) => {
    const known = readSort(sort)
    if (known === undefined) throw new ModelError(`a parameter of sort ${printSexpr(sort)}`)
    return { name, sort: known }
  })
}

function* product(axes: readonly Axis[]): Generator<readonly Value[]> {
  const [first, ...rest] = axes
  if (first === undefined) return yield []
  for (const v of first) for (const tail of product(rest)) yield [v, ...tail]
}

const bitsOf = (sort: Sort): number =>
  match(sort)
    .with({ kind: 'bool' }, () => 1)
    .with({ kind: 'bv' }, ({ width }) => width)
    .with({ kind: 'table' }, () => Number.POSITIVE_INFINITY)
    .exhaustive()

const allPoints = (sort: Sort): Axis =>
  match(sort)
    .returnType<Axis>()
    .with({ kind: 'bool' }, () => [truth(false), truth(true)])
    .with({ kind: 'bv' }, ({ width }) => [
      bits(width, 0n),
      ...Array.from({ length: 2 ** width - 1 }, (_, i) => bits(width, BigInt(i + 1))),
    ])
    .with({ kind: 'table' }, () => {
      throw new ModelError('a function of arrays has no finite table')
    })
    .exhaustive()

const truth = (value: boolean): ModelValue => ({ kind: 'bool', value })
const bits = (width: number, value: bigint): Bits => ({ kind: 'bv', width, value })

function readLiteral(e: Sexpr): ModelValue | undefined {
  if (isList(e))
    return e[0] === '_' && typeof e[1] === 'string' && /^bv\d+$/.test(e[1])
      ? bits(Number(e[2]), BigInt(e[1].slice(2)))
      : undefined
  if (e === 'true' || e === 'false') return truth(e === 'true')
  if (e.startsWith('#b')) return bits(e.length - 2, BigInt(`0b${e.slice(2)}`))
  if (e.startsWith('#x')) return bits(4 * (e.length - 2), BigInt(`0x${e.slice(2)}`))
  return undefined
}

function sameElement(a: Value, b: Value): boolean {
  if (a.kind === 'other' && b.kind === 'other' && a.axis !== b.axis)
    throw new ModelError('a function that compares its arguments')
  if (a.kind === 'other' || b.kind === 'other') return a === b
  return sameValue(a, b)
}

const asTable = (value: ModelValue): ModelValue & { kind: 'table' } => {
  if (value.kind !== 'table') throw new ModelError('an element of something that is not an array')
  return value
}

const index = (value: ModelValue): bigint =>
  match(value)
    .with({ kind: 'bool' }, (v) => (v.value ? 1n : 0n))
    .with({ kind: 'bv' }, (v) => v.value)
    .with({ kind: 'table' }, () => {
      throw new ModelError('an array as an index')
    })
    .exhaustive()

function unsupported(e: Sexpr): never {
  throw new ModelError(`a term this reader does not know: ${excerpt(printSexpr(e))}`)
}
