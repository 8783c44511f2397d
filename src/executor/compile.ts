// Procedures as JavaScript: one function per procedure, ghost code and assertions left out, SMRAM cells as variables and typed
// arrays, reads of untrusted memory through one function. The meaning is that of src/model/interpreter.ts with `erase`; tests
// hold the two against each other.
// Leaves out: checks of contracts (the interpreter makes them), a limit on steps (procedures end by themselves), and what the
// interpreter gives to locals that are read before they are set. Indices are checked: one out of bounds throws.

import { match } from 'ts-pattern'
import type { Cell } from '../model/cell.ts'
import { type Counted, isGhostly, type Procedure, type Statement, statementsOf } from '../model/procedure.ts'
import { blockAmount } from '../model/tally.ts'
import type { Bv } from '../model/term.ts'
import { elementLimbs, type Lines, type Names, TermWriter } from './compile-terms.ts'
import { asBig, asNumber, constantLimbs, limbCount, type Limbs } from './limbs.ts'

export interface Program {
  /** The body of a function of one parameter, `host` (execution.ts). */
  readonly source: string
  readonly root: Procedure
  /** Scalar cells in the order of `host.scalars`, array cells in the order of `host.arrays`. */
  readonly scalars: readonly Cell[]
  readonly arrays: readonly Cell[]
}

/** @throws TypeError when the procedure uses what compiled code cannot do: arrays as values, words of memory beyond 2^53. */
export function compile(root: Procedure): Program {
  return new Compiler(root).program()
}

class Code implements Lines {
  readonly lines: string[] = []
  private readonly next: () => string
  constructor(next: () => string) {
    this.next = next
  }
  push(line: string): void {
    this.lines.push(line)
  }
  fresh(): string {
    return this.next()
  }
}

const widthOf = (cell: Cell): number => (cell.sort.kind === 'bv' ? cell.sort.width : 0)
/** Variables of a cell: one for a Boolean, one per limb for a bit-vector. */
const slots = (cell: Cell): number => (cell.sort.kind === 'bool' ? 1 : limbCount(widthOf(cell)))
const initial = (cell: Cell): string => (cell.sort.kind === 'bool' ? 'false' : '0')

class Compiler implements Names {
  private readonly root: Procedure
  private readonly variablesOf = new Map<Cell, Limbs>()
  private readonly scalars: Cell[] = []
  private readonly arrays: Cell[] = []
  private readonly functionOf = new Map<Procedure, string>()
  /** The same procedure made twice is compiled once. */
  private readonly functionOfText = new Map<string, string>()
  private readonly functions: string[] = []
  private readonly rigid = new Code(() => `k${this.names++}`)
  private readonly terms = new TermWriter(this, this.rigid)
  private names = 0
  /** Within one function; equal procedures get equal texts. */
  private temporaries = 0

  constructor(root: Procedure) {
    this.root = root
  }

  program(): Program {
    const main = this.function(this.root)
    let at = 0
    const args = this.root.params.flatMap((cell) =>
      Array.from({ length: slots(cell) }, () => (cell.sort.kind === 'bool' ? `args[${at++}] !== 0` : `args[${at++}]`)),
    )
    const load: string[] = []
    const save: string[] = []
    let slot = 0
    for (const cell of this.scalars)
      for (const name of this.variablesOf.get(cell)!) {
        const isBool = cell.sort.kind === 'bool'
        load.push(`${cell.kind === 'constant' ? 'const' : 'let'} ${name} = host.scalars[${slot}]${isBool ? ' !== 0' : ''}`)
        if (cell.kind !== 'constant') save.push(`host.scalars[${slot}] = ${isBool ? `${name} ? 1 : 0` : name}`)
        slot++
      }
    const arrays = this.arrays.flatMap((_, i) => [
      `const A${i} = host.arrays[${i}].elements`,
      `const N${i} = host.arrays[${i}].length`,
    ])
    const source = [
      "'use strict'",
      'const { load, word, absent, outOfBounds } = host',
      ...load,
      ...arrays,
      ...this.rigid.lines,
      POPCOUNT,
      ...this.functions,
      `return { run(args) { ${main}(${args.join(', ')}) }, save() { ${save.join('; ')} } }`,
    ].join('\n')
    return { source, root: this.root, scalars: this.scalars, arrays: this.arrays }
  }

  scalar(cell: Cell): Limbs {
    const known = this.variablesOf.get(cell)
    if (known !== undefined) return known
    if (cell.sort.kind === 'array' || isGhostly(cell)) throw new TypeError(`compiled code has no value for ${cell.name}`)
    this.scalars.push(cell)
    return this.declare(cell, `g${this.names++}`)
  }

  array(cell: Cell): { elements: string; length: string } {
    let i = this.arrays.indexOf(cell)
    if (i < 0) i = this.arrays.push(cell) - 1
    return { elements: `A${i}`, length: `N${i}` }
  }

  private declare(cell: Cell, name: string): Limbs {
    const limbs = Array.from({ length: slots(cell) }, (_, k) => (slots(cell) === 1 ? name : `${name}_${k}`))
    this.variablesOf.set(cell, limbs)
    return limbs
  }

  private function(procedure: Procedure): string {
    const known = this.functionOf.get(procedure)
    if (known !== undefined) return known
    // Callees first: their names are part of this function's text.
    for (const s of statementsOf(procedure.body)) if (s.kind === 'call') this.function(s.callee)
    for (const cell of procedure.results) this.scalar(cell)
    this.temporaries = 0
    let local = 0
    const params = procedure.params.flatMap((cell) => this.declare(cell, `p${local++}`))
    const locals: string[] = []
    for (const cell of localsOf(procedure)) {
      if (cell.sort.kind === 'array') throw new TypeError(`compiled code has no arrays as values (${cell.name})`)
      locals.push(...this.declare(cell, `v${local++}`).map((name) => `let ${name} = ${initial(cell)}`))
    }
    const code = new Code(() => `t${this.temporaries++}`)
    this.block(code, procedure.body)
    for (const cell of [...procedure.params, ...localsOf(procedure)]) this.variablesOf.delete(cell)
    const text = [`(${params.join(', ')}) {`, ...locals, ...code.lines, '}'].join('\n')
    let name = this.functionOfText.get(text)
    if (name === undefined) {
      name = `${procedure.name.replace(/\W/g, '_')}$${this.functions.length}`
      this.functionOfText.set(text, name)
      this.functions.push(`function ${name}${text}`)
    }
    this.functionOf.set(procedure, name)
    return name
  }

  private block(code: Code, body: readonly Statement[]): void {
    for (const s of body) this.statement(code, s)
  }

  private statement(code: Code, s: Statement): void {
    match(s)
      .with({ kind: 'assign' }, ({ cell, value }) => {
        if (cell.sort.kind === 'array') throw new TypeError(`compiled code has no arrays as values (${cell.name})`)
        const [limbs] = this.terms.write(code, value)
        this.assign(code, cell, limbs!)
      })
      .with({ kind: 'store' }, ({ cell, index, value }) => {
        const [at, limbs] = this.terms.write(code, index, value) as [Limbs, Limbs]
        const { elements } = this.array(cell)
        const i = this.terms.index(code, cell, at, index.width)
        if (value.sort.kind === 'bool') code.push(`${elements}[${i}] = ${limbs[0]} ? 1 : 0`)
        else elementLimbs(elements, i, (value as Bv).width).forEach((element, k) => void code.push(`${element} = ${limbs[k]}`))
      })
      .with({ kind: 'read' }, ({ cell, word }) => {
        if (word.width > 53) throw new TypeError(`compiled code has no words of memory beyond 2^53 (${cell.name})`)
        const [limbs] = this.terms.write(code, word)
        const at = code.fresh()
        code.push(`const ${at} = ${asNumber(limbs!, word.width)}`)
        code.push(`if (!load(${at}, word)) absent(${at})`)
        this.assign(code, cell, ['word[0]', 'word[1]'])
      })
      .with({ kind: 'if' }, ({ condition, yes, no }) => {
        const [test] = this.terms.write(code, condition)
        code.push(`if (${test![0]}) {`)
        this.block(code, yes)
        if (no.length > 0) code.push('} else {')
        this.block(code, no)
        code.push('}')
      })
      .with({ kind: 'for' }, (loop) => this.loop(code, loop))
      .with({ kind: 'call' }, ({ callee, args, results }) => {
        const given = this.terms.write(code, ...callee.params.map((cell) => args.get(cell)!))
        code.push(`${this.functionOf.get(callee)!}(${given.flat().join(', ')})`)
        for (const [from, to] of results) this.assign(code, to, this.scalar(from))
      })
      .with({ kind: 'exit' }, ({ to }) => code.push(to === 'next' ? 'continue' : to))
      .with({ kind: 'tally' }, ({ tally, index, counted }) => {
        const [at] = this.terms.write(code, index)
        const { elements } = this.array(tally.counter)
        const i = this.terms.index(code, tally.counter, at!, index.width)
        const [low, high] = elementLimbs(elements, i, 64) as [string, string]
        const [addLow, addHigh] = this.amount(code, counted)
        const sum = code.fresh()
        code.push(`const ${sum} = (${low} + ${addLow}) | 0`)
        code.push(`${high} = (${high} + ${addHigh} + ((${sum} >>> 0) < (${low} >>> 0) ? 1 : 0)) | 0`)
        code.push(`${low} = ${sum}`)
      })
      .with({ kind: 'assert' }, { kind: 'ghost' }, () => undefined)
      .exhaustive()
  }

  private assign(code: Code, cell: Cell, limbs: Limbs): void {
    this.scalar(cell).forEach((name, k) => void code.push(`${name} = ${limbs[k]}`))
  }

  /** The index takes the value of the upper bound before the loop ends, as in the interpreter. */
  private loop(code: Code, { index, from, below, body }: Extract<Statement, { kind: 'for' }>): void {
    const [first, end] = this.terms.write(code, from, below) as [Limbs, Limbs]
    const { width } = from
    const [i, n] = [code.fresh(), code.fresh()]
    if (width > 53) {
      code.push(`for (let ${i} = ${asBig(first)}, ${n} = ${asBig(end)}; ; ${i}++) {`)
      this.assign(
        code,
        index,
        constantLimbs(width, 0n).map((_, k) => `Number(BigInt.asIntN(32, ${i} >> ${32 * k}n))`),
      )
    } else {
      code.push(`for (let ${i} = ${asNumber(first, width)}, ${n} = ${asNumber(end, width)}; ; ${i}++) {`)
      this.assign(code, index, limbCount(width) === 1 ? [width < 32 ? i : `${i} | 0`] : [`${i} | 0`, `(${i} / 4294967296) | 0`])
    }
    code.push(`if (${i} >= ${n}) break`)
    this.block(code, body)
    code.push('}')
  }

  private amount(code: Code, counted: Counted): readonly [string, string] {
    if (counted.kind === 'block') return constantLimbs(64, blockAmount(counted)) as [string, string]
    const [limbs] = this.terms.write(code, counted.bits)
    return [limbs!.map((limb) => `popcount(${limb})`).join(' + '), '0']
  }
}

/** Local cells that the body sets, parameters and results aside. */
function localsOf(procedure: Procedure): Set<Cell> {
  const out = new Set<Cell>()
  const add = (cell: Cell) => {
    if (cell.kind === 'local') out.add(cell)
  }
  for (const s of statementsOf(procedure.body)) {
    if (s.kind === 'assign' || s.kind === 'store' || s.kind === 'read') add(s.cell)
    else if (s.kind === 'for') add(s.index)
    else if (s.kind === 'call') for (const cell of s.results.values()) add(cell)
  }
  for (const cell of [...procedure.params, ...procedure.results]) out.delete(cell)
  return out
}

const POPCOUNT = `function popcount(x) {
x -= (x >>> 1) & 0x55555555
x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}`
