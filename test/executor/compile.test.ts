// Compiled procedures against the interpreter: random terms over cells of all widths, random procedures with every statement.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../src/executor/compile.ts'
import { Execution } from '../../src/executor/execution.ts'
import { type Declared, procedure, type ProcedureBuilder, type Shape } from '../../src/model/builder.ts'
import { type Cell, cellOf, ghost, smram, type Tally, watch, type Writable } from '../../src/model/cell.ts'
import { ArrayValue, type Value } from '../../src/model/evaluate.ts'
import { boolSort, type BvSort, bvSort, type Sort, sortKey } from '../../src/model/sort.ts'
import { type Arr, arrayVar, type Bool, bool, bv, type Bv, constArray, type Term } from '../../src/model/term.ts'
import { variables, visit } from '../../src/model/traverse.ts'
import { Choices } from '../support/choices.ts'
import { forAll } from '../support/property.ts'
import { termOf } from '../support/tree.ts'
import { TreeMaker } from '../support/trees.ts'
import { type Case, compareRuns } from './compare-runs.ts'

const memory = {
  snapshot: arrayVar('snap', { kind: 'array', index: 49, element: bvSort(64) }),
  readable: () => [],
}

/** SMRAM cells with the names of the variables that trees use. */
const cell = (name: string, sort: Sort): Writable => {
  const full = `${name}:${sortKey(sort)}`
  if (sort.kind === 'bool') return smram.flag(full) as Writable
  if (sort.kind === 'bv') return smram.bits(full, sort.width) as Writable
  return smram.array(full, sort.index, sort.element) as Writable
}

/** Declares the variables of a term as cells, unless it needs what compiled code leaves out. */
function usable(term: Term): boolean {
  let fits = true
  visit([term], (t) => {
    if (t.sort.kind === 'array' && (t.op !== 'var' || t.sort.index > 12)) fits = false
    if (t.op === 'eq' && t.args[0]!.sort.kind === 'array') fits = false
    if (t.op === 'select' && t.args[0]!.op !== 'var') fits = false
  })
  if (fits) for (const v of variables([term])) cell(String(v.attribute).split(':')[0]!, v.sort)
  return fits
}

function stateFor(cells: Iterable<Cell>, c: Choices): Map<Cell, Value> {
  const one = (sort: Sort): bigint | boolean => (sort.kind === 'bv' ? c.bitVector(sort.width) : c.chance(50))
  const out = new Map<Cell, Value>()
  for (const of of cells) {
    const { sort } = of
    if (sort.kind !== 'array') out.set(of, one(sort))
    else {
      const entries = Array.from({ length: 4 }, () => [c.bits(sort.index), one(sort.element)] as const)
      out.set(of, new ArrayValue(one(sort.element), new Map(entries)))
    }
  }
  return out
}

const terms = suite('compiled terms')
terms('each operator at each width, against the interpreter', () => {
  let compared = 0
  forAll(
    1500,
    (c) => {
      const seed = c.below(2 ** 31)
      const maker = new TreeMaker(c)
      return { seed, term: termOf(c.chance(70) ? maker.number(c.width(), 5) : maker.truth(5)) }
    },
    ({ term }) => sortKey(term.sort),
    ({ term, seed }) => {
      if (!usable(term)) return
      const out = cell('out', term.sort)
      const made = procedure(`set-${term.id}`, {
        params: {},
        memory,
        modifies: [out],
        requires: () => [],
        ensures: () => [],
        body: (b) => b.set(out, term),
      })
      const state = stateFor(
        variables([term]).map((v) => cellOf(v)!),
        Choices.seeded(seed),
      )
      assert.equal(compareRuns({ procedure: made, memory: { get: () => 0n }, state }).differences, [])
      compared++
    },
  )
  assert.ok(compared > 700, `${compared} terms compared`)
})
terms.run()

// ---- procedures ----

const elements = smram.array('test.elements', 34, bvSort(64), bv(34, 5))
const flags = smram.array('test.flags', 2, boolSort, bv(2, 3))
const tally: Tally = {
  counter: smram.array('test.counter', 16, bvSort(64), bv(16, 3)),
  charge: ghost.bits('test.charge', 64),
  element: bv(16, 1),
  object: watch.bits('test.object', 40).now,
  charges: 'often',
}
const seen = ghost.bits('test.seen', 64)

let procedures = 0
class Maker {
  private readonly c: Choices
  private readonly modifies: Cell[] = [elements, flags, tally.counter, tally.charge, seen]
  private readonly callees: Declared<Shape, Shape>[] = []
  private readonly cells = new Set<Cell>()
  private budget = 25

  constructor(c: Choices) {
    this.c = c
  }

  make(): { procedure: Declared<Shape, Shape>; cells: ReadonlySet<Cell> } {
    const callees = this.c.below(3)
    for (let i = 0; i < callees; i++) this.callees.push(this.one())
    return { procedure: this.one(), cells: this.cells }
  }

  private one(): Declared<Shape, Shape> {
    this.budget = 25
    const width = this.c.pick([8, 33, 64])
    return procedure(`random${procedures++}`, {
      params: { n: bvSort(width), p: boolSort },
      results: { r: bvSort(width) },
      memory,
      modifies: this.modifies,
      requires: () => [],
      ensures: () => [],
      body: (b, { n, p }, { r }) => {
        b.set(r, n as Bv)
        this.block(b, 3, false, [n as Term, p as Term])
        b.when(p as Bool, () => b.set(r, (n as Bv).plus(1)))
      },
    }) as unknown as Declared<Shape, Shape>
  }

  private expression(sort: Sort, scope: readonly Term[]): Term {
    const term = termOf(new TreeMaker(this.c).ofSort(sort, 2))
    const known = scope.filter((t) => sortKey(t.sort) === sortKey(sort))
    if (known.length > 0 && this.c.chance(50)) return this.c.pick(known)
    if (!usable(term)) return sort.kind === 'bool' ? bool(true) : bv((sort as BvSort).width, 1)
    for (const v of variables([term])) this.cells.add(cellOf(v)!)
    return term
  }
  private number = (width: number, scope: readonly Term[]): Bv => this.expression(bvSort(width), scope) as Bv

  private block(b: ProcedureBuilder, depth: number, looping: boolean, outer: readonly Term[]): void {
    const { c } = this
    const scope = [...outer]
    const count = c.within(2, 7)
    for (let i = 0; i < count && this.budget-- > 0; i++) {
      const width = c.width()
      const index = () => this.number(2, scope).bitand(1)
      switch (c.below(depth > 0 ? 12 : 8)) {
        case 0:
          scope.push(b.let('l', this.number(width, scope)))
          break
        case 1: {
          const to = cell(c.pick(['x', 'y', 'z']), bvSort(width))
          this.modifies.push(to)
          this.cells.add(to)
          b.set(to, this.number(width, scope))
          break
        }
        case 2:
          b.store(elements, index().zext(34).plus(3), this.number(64, scope))
          break
        case 3:
          b.store(flags, index(), this.expression(boolSort, scope) as Bool)
          scope.push(flags.now.has(index()), elements.now.at(index().zext(34)))
          break
        case 4:
          scope.push(b.read('word', bv(44, 5).concat(this.number(5, scope)), bv(1, 0)))
          break
        case 5:
          b.tally(tally, index().zext(16), { kind: 'bits', first: this.number(40, scope), bits: this.number(64, scope) })
          b.tally(tally, bv(16, 2), { kind: 'block', first: bv(40, 512), shift: c.below(40), as: c.pick(['one', 'each']) })
          break
        case 6: {
          const ghostly = this.number(64, scope)
          b.ghost((g) => g.set(seen, ghostly.bitxor(seen.now)))
          b.assert({ name: 'never checked here', term: bool(false), mode: 'any' })
          break
        }
        case 7:
          if (c.chance(30))
            b.when(this.expression(boolSort, scope) as Bool, () => (looping ? c.pick([b.next, b.break, b.return])() : b.return()))
          break
        case 8:
        case 9:
          b.when(
            this.expression(boolSort, scope) as Bool,
            () => this.block(b, depth - 1, looping, scope),
            () => this.block(b, depth - 1, looping, scope),
          )
          break
        case 10: {
          const [from, below] = [this.number(2, scope), this.number(3, scope)]
          const size = c.pick([8, 31, 32, 34, 41, 64])
          b.for('i', { from: from.zext(size), below: below.zext(size), invariant: () => [] }, (i) =>
            this.block(b, depth - 1, true, [...scope, i]),
          )
          break
        }
        default:
          if (this.callees.length > 0) {
            const callee = c.pick(this.callees)
            const { width: n } = callee.shape.params.n as BvSort
            const results = b.call(callee, { n: this.number(n, scope), p: this.expression(boolSort, scope) } as never)
            const { r } = results as unknown as { r: Term }
            scope.push(r)
          }
      }
    }
  }
}

const programs = suite('compiled procedures')
programs('random procedures leave the same SMRAM behind as interpreted ones, with ghost code and without', () => {
  const endings = new Map<string, number>()
  forAll(
    250,
    (c): Case => {
      const words = Choices.seeded(c.below(2 ** 31))
      const { procedure: made, cells } = new Maker(Choices.seeded(c.below(2 ** 31))).make()
      const holes = words.chance(50)
      const contents = Array.from({ length: 32 }, () => (holes && words.chance(20) ? undefined : words.bitVector(64)))
      const get = (word: bigint) => contents[Number(word % 32n)]
      const [n, p] = made.params as readonly [Cell, Cell]
      return {
        procedure: made,
        memory: { get },
        state: stateFor(cells, words),
        args: new Map<Cell, Value>([
          [n, words.bitVector((n.sort as BvSort).width)],
          [p, words.chance(50)],
        ]),
      }
    },
    ({ procedure: made }) => compile(made).source,
    (made) => {
      const { ending, differences } = compareRuns(made)
      assert.equal(differences, [])
      const kind = ending.split(' ')[0]!
      endings.set(kind, (endings.get(kind) ?? 0) + 1)
    },
  )
  assert.ok((endings.get('absent') ?? 0) > 5 && (endings.get('completed') ?? 0) > 100, JSON.stringify([...endings]))
})

const single = (write: (b: ProcedureBuilder) => void, modifies: readonly Cell[] = []) =>
  procedure(`single${procedures++}`, {
    params: {},
    memory,
    modifies,
    requires: () => [],
    ensures: () => [],
    body: (b) => write(b),
  })

programs('an index out of bounds stops the run with the name of the cell', () => {
  const program = compile(single((b) => b.store(elements, bv(34, 5), bv(64, 1)), [elements]))
  assert.throws(() => new Execution(program, () => true, new Map()).run(), 'an index of test.elements is out of bounds')
  const high = compile(single((b) => b.store(elements, bv(34, 2n ** 33n), bv(64, 1)), [elements]))
  assert.throws(() => new Execution(high, () => true, new Map()).run(), 'out of bounds')
})

programs('arrays as values are refused when compiled', () => {
  const whole = smram.array('test.whole', 4, bvSort(8))
  assert.throws(
    () => compile(single((b) => b.set(whole as Writable<Arr>, constArray(4, bv(8, 1))), [whole])),
    'no arrays as values',
  )
})

programs('a second run goes on from the state that the first left', () => {
  const n = smram.bits('test.n', 64)
  const execution = new Execution(
    compile(single((b) => b.set(n, n.now.plus(1)), [n])),
    () => true,
    new Map([[n, 2n ** 32n - 1n]]),
  )
  execution.run()
  assert.is(execution.get(n), 2n ** 32n)
  execution.run()
  assert.is(execution.get(n), 2n ** 32n + 1n)
})
programs.run()
