// Random small scripts, and what they mean under a model.

import fc from 'fast-check'
import { match, P } from 'ts-pattern'
import { isList, readSexprs, type Sexpr } from '../../../src/prover/solver/sexpr.ts'
import { lookUp, type Model, type ModelValue } from '../../../src/prover/solver/value.ts'

export type Logic = 'QF_BV' | 'QF_UFBV' | 'QF_ABV'

const bv4 = '(_ BitVec 4)'
const array = `(Array ${bv4} ${bv4})`
const declarations: Readonly<Record<Logic, readonly string[]>> = {
  QF_BV: [],
  QF_UFBV: [`(declare-fun f (${bv4}) ${bv4})`, `(declare-fun g (${bv4} Bool) ${bv4})`, `(declare-fun h (${bv4} ${bv4}) Bool)`],
  QF_ABV: [`(declare-const a ${array})`, `(declare-const b ${array})`],
}
const scalars = [
  `(declare-const x ${bv4})`,
  `(declare-const y ${bv4})`,
  `(declare-const |odd name| ${bv4})`,
  '(declare-const p Bool)',
]

/** Terms over four bits: small enough that satisfiable and contradictory scripts are about as frequent. */
function terms(logic: Logic) {
  return fc.letrec<{ bv: string; bool: string; array: string }>((tie) => {
    const [bv, bool, arr] = [tie('bv'), tie('bool'), tie('array')]
    const literal = fc.integer({ min: 0, max: 15 }).map((n) => `#x${n.toString(16)}`)
    const app = (op: string, ...args: fc.Arbitrary<string>[]) => fc.tuple(...args).map((a) => `(${op} ${a.join(' ')})`)
    const leaf = fc.oneof(literal, fc.constantFrom('x', 'y', '|odd name|'))
    const uses: Record<Logic, fc.Arbitrary<string>[]> = {
      QF_BV: [app('bvmul', bv, bv)],
      QF_UFBV: [app('f', bv), app('f', bv), app('g', bv, bool)],
      QF_ABV: [app('select', arr, bv), app('select', arr, bv)],
    }
    const atoms: Record<Logic, fc.Arbitrary<string>[]> = {
      QF_BV: [app('bvslt', bv, bv)],
      QF_UFBV: [app('h', bv, bv), app('h', bv, bv)],
      QF_ABV: [app('=', arr, arr)],
    }
    return {
      bv: fc.oneof(
        { maxDepth: 3 },
        leaf,
        ...uses[logic],
        app('bvadd', bv, bv),
        app('bvand', bv, bv),
        app('bvnot', bv),
        app('ite', bool, bv, bv),
      ),
      bool: fc.oneof(
        { maxDepth: 3 },
        fc.constant('p'),
        app('=', bv, bv),
        app('bvult', bv, bv),
        ...atoms[logic],
        app('not', bool),
        app('and', bool, bool),
      ),
      array: fc.oneof({ maxDepth: 2 }, fc.constant('a'), fc.constant('b'), app('store', arr, bv, bv), app('ite', bool, arr, arr)),
    }
  })
}

export const randomScript = (logic: Logic): fc.Arbitrary<string> =>
  fc
    .array(terms(logic).bool, { minLength: 3, maxLength: 9 })
    .map((asserted) =>
      [
        `(set-logic ${logic})`,
        ...declarations[logic],
        ...scalars,
        ...asserted.map((t, i) => `(assert (! ${t} :named h${i}))`),
      ].join('\n'),
    )

/** Whether a model makes all assertions of a script true, by an evaluator of its own (bit-vectors of four bits). */
export function satisfies(model: Model, smt2: string): boolean {
  return readSexprs(smt2).every((form) => !isList(form) || form[0] !== 'assert' || evaluate(form[1]!, model) === true)
}

/** Arrays by their sixteen elements. */
type Value = boolean | number | readonly number[]

function evaluate(e: Sexpr, model: Model): Value {
  const value = (arg: Sexpr) => evaluate(arg, model)
  const number = (arg: Sexpr) => value(arg) as number
  const array = (arg: Sexpr) => value(arg) as readonly number[]
  const signed = (arg: Sexpr) => (number(arg) ^ 8) - 8
  if (!isList(e)) return e.startsWith('#x') ? Number.parseInt(e.slice(2), 16) : constant(model.get(e)!)
  const [op, ...args] = e as [string, ...Sexpr[]]
  return match([op, ...args])
    .returnType<Value>()
    .with(['!', P._, ...P.array()], ([, a]) => value(a))
    .with(['bvadd', P._, P._], ([, a, b]) => (number(a) + number(b)) & 15)
    .with(['bvmul', P._, P._], ([, a, b]) => (number(a) * number(b)) & 15)
    .with(['bvand', P._, P._], ([, a, b]) => number(a) & number(b))
    .with(['bvnot', P._], ([, a]) => ~number(a) & 15)
    .with(['bvult', P._, P._], ([, a, b]) => number(a) < number(b))
    .with(['bvslt', P._, P._], ([, a, b]) => signed(a) < signed(b))
    .with(['=', P._, P._], ([, a, b]) => String(value(a)) === String(value(b)))
    .with(['not', P._], ([, a]) => !value(a))
    .with(['and', P._, P._], ([, a, b]) => value(a) === true && value(b) === true)
    .with(['ite', P._, P._, P._], ([, c, a, b]) => value(value(c) ? a : b))
    .with(['select', P._, P._], ([, a, i]) => array(a)[number(i)]!)
    .with(['store', P._, P._, P._], ([, a, i, v]) => array(a).with(number(i), number(v)))
    .otherwise(() => {
      const table = model.get(op)
      if (table?.kind !== 'table') throw new Error(`no function ${op}`)
      return constant(
        lookUp(
          table,
          args.map((a) => BigInt(value(a) as number | boolean)),
        ),
      )
    })
}

const constant = (value: ModelValue): Value =>
  match(value)
    .returnType<Value>()
    .with({ kind: 'bool' }, (v) => v.value)
    .with({ kind: 'bv' }, (v) => Number(v.value))
    .with({ kind: 'table' }, (v) => Array.from({ length: 16 }, (_, i) => constant(lookUp(v, [BigInt(i)])) as number))
    .exhaustive()
