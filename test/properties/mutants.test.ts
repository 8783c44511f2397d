// Every seeded fault of the handler is caught: some condition of the named claim has a counter-model.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Procedure, Statement } from '../../src/model/procedure.ts'
import { bool, boolVar, bv, type Bv, bvVar, type Term } from '../../src/model/term.ts'
import { conditionsOfPart, handlerOf } from '../../src/properties/handler.ts'
import { prepare, scriptOf } from '../../src/prover/decide.ts'
import { openSolver } from '../../src/prover/solver/open.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { assigns, type Edit, guards, mutate, sets } from './mutate.ts'

const parts = new Map(handlerOf(ALL_ON).map((p) => [p.procedure.name, p]))
const local = (name: string): Bv => bvVar(name, 64)
const flag = (name: string) => boolVar(name)
const reassign =
  (name: string, value: Term): Edit =>
  (s) =>
    assigns(s, name) ? [{ ...s, value }] : undefined
const never =
  (test: (s: Statement) => boolean): Edit =>
  (s) =>
    guards(s, test) ? [{ ...s, condition: bool(false) }] : undefined
const drop =
  (test: (s: Statement) => boolean): Edit =>
  (s) =>
    test(s) ? [] : undefined
const tallies = (counter: string) => (s: Statement) => s.kind === 'tally' && s.tally.counter.name === `count.${counter}`
const calls = (callee: string) => (s: Statement) => s.kind === 'call' && s.callee.name === callee
const storesTo = (cell: string) => (s: Statement) => s.kind === 'store' && s.cell.name === `census.${cell}`
const countsReserved = (s: Statement): boolean => s.kind === 'if' && s.yes.some(tallies('reserved'))
const truncates = (s: Statement): boolean => sets(s, 'census.status', 1n)
const below =
  (bound: (old: Bv) => Bv): Edit =>
  (s) =>
    s.kind === 'for' ? [{ ...s, below: bound(s.below as Bv) }] : undefined
const from =
  (start: number): Edit =>
  (s) =>
    s.kind === 'for' ? [{ ...s, from: bv(s.from.width, start) }] : undefined

interface Mutant {
  readonly name: string
  readonly of: string
  readonly edit: Edit
  /** The conditions among which one must fall: kind, claim, topic. */
  readonly where: RegExp
}

const WIT = /preserved\/W2\/page wit@/
const COUNTS = /preserved\/W3\/page g@/
const SEEN = /preserved\/W1@/
const BITMAPS = /preserved\/support\/bitmaps@/
const swapCertain: Edit = (s) =>
  s.kind === 'call' && s.callee.name === 'markFrames'
    ? [{ ...s, args: new Map([...s.args].map(([c, v]) => [c, c.name.endsWith('.certain') ? bool(true) : v])) }]
    : undefined
const skipsAbsent = (s: Statement): boolean => s.kind === 'if' && s.yes[0]?.kind === 'exit' && s.yes[0].to === 'next'
const firstTestOnly: Edit = (s) =>
  s.kind === 'if' ? [{ ...s, condition: s.condition.args[0] as typeof s.condition }] : undefined

const mutants: readonly Mutant[] = [
  {
    name: 'U/S of the entry is not tested',
    of: 'walkTable1',
    edit: reassign('walkTable1.us~1', flag('walkTable1.us')),
    where: WIT,
  },
  {
    name: 'U/S of the path is forgotten',
    of: 'walkTable2',
    edit: reassign('walkTable2.us~1', local('walkTable2.entry').bit(2)),
    where: WIT,
  },
  {
    name: 'R/W of the entry is forgotten',
    of: 'walkTable1',
    edit: reassign('walkTable1.rw~1', flag('walkTable1.rw')),
    where: COUNTS,
  },
  {
    name: 'NX of the path is forgotten',
    of: 'walkTable3',
    edit: reassign('walkTable3.nx~1', local('walkTable3.entry').bit(63)),
    where: COUNTS,
  },
  ...([1, 2, 3, 4, 5] as const).map(
    (level): Mutant => ({
      name: `reserved bits are not tested at level ${level}`,
      of: `walkTable${level}`,
      edit: never(countsReserved),
      where: COUNTS,
    }),
  ),
  { name: 'not-present entries are followed', of: 'walkTable1', edit: drop(skipsAbsent), where: WIT },
  { name: 'the last entry is left out', of: 'walkTable1', edit: below(() => bv(10, 511)), where: /ensures\/W1\/page g@/ },
  { name: 'the first entry is left out', of: 'walkTable2', edit: from(1), where: /entry\/W1\/page g@/ },
  { name: 'the work budget is not tested', of: 'walkTable1', edit: never(truncates), where: /W4@/ },
  { name: 'the work budget is not tested when marking', of: 'markWords', edit: never(truncates), where: /W4@/ },
  {
    name: 'a table outside the boot map is walked',
    of: 'walkTable2',
    edit: never((s) => sets(s, 'census.status', 2n)),
    where: /precondition\/support@/,
  },
  { name: 'leaves are not marked', of: 'walkTable1', edit: drop(calls('markFrames')), where: SEEN },
  { name: 'tables are not marked', of: 'walkTable3', edit: drop(calls('markTable')), where: /precondition\/W1@|preserved\/W1@/ },
  { name: 'every leaf is certain', of: 'walkTable1', edit: swapCertain, where: /preserved\/W2\/page certainWit@/ },
  { name: '2-MiB leaves are not counted', of: 'walkTable2', edit: drop(tallies('leaf2M')), where: COUNTS },
  { name: 'foreign leaves are not counted', of: 'walkTable1', edit: drop(tallies('foreign')), where: /preserved\/W1\/page g@/ },
  {
    name: 'the bitmap is not asked',
    of: 'markWords',
    edit: reassign('markWords.fresh', local('markWords.mask')),
    where: /counted once/,
  },
  { name: 'the bitmap is not written', of: 'markWords', edit: drop(storesTo('once')), where: BITMAPS },
  { name: 'frames of two spaces are not marked', of: 'markWords', edit: drop(storesTo('two')), where: BITMAPS },
  { name: 'the last word is left out', of: 'markWords', edit: below((old) => old.minus(1)), where: /ensures\/support@/ },
  { name: 'a range of the boot map is left out', of: 'markFrames', edit: from(1), where: /entry\/support@/ },
  { name: 'the end of a range is not tested', of: 'findRange', edit: firstTestOnly, where: /I11/ },
  {
    name: 'bitmaps are not cleared between spaces',
    of: 'walkSpace',
    edit: drop(calls('clearSpace')),
    where: /support\/bitmaps@/,
  },
  {
    name: 'other paging modes are walked as four levels',
    of: 'walkSpace',
    edit: never((s) => sets(s, 'census.status', 3n)),
    where: /ensures\/U1@/,
  },
  { name: 'the first space is left out', of: 'round1', edit: from(1), where: /entry\/W[123]@|entry\/U1@/ },
  {
    name: 'leaves are counted in every window',
    of: 'measure',
    edit: drop((s) => assigns(s, 'census.counting') && s.value.attribute === 0n),
    where: /precondition\/support@/,
  },
]

/** Answers without looking. */
const lazy = (p: Procedure): Procedure => {
  const status = [...p.modifies].find((c) => c.name === 'census.status')!
  return { ...p, body: [{ kind: 'assign', cell: status, value: bv(8, 1), at: p.at }] }
}

const test = suite('seeded faults')
const solver = await openSolver('wasm', { jobs: 2 })
if (!('solve' in solver)) throw new Error('no embedded solver')

/** The condition that has a counter-model, if one of those asked about has. */
async function fallen(name: string, mutant: Procedure, where: RegExp): Promise<string | undefined> {
  const { axioms } = parts.get(name)!
  const open = conditionsOfPart({ procedure: mutant, axioms })
    .filter((o) => o.discharged === undefined && where.test(o.id))
    .map((o) => prepare(o, []))
    .filter((p) => !p.simplified)
    .sort((a, b) => a.weight - b.weight)
  let next = 0
  let found: string | undefined
  const work = async (): Promise<void> => {
    while (found === undefined && next < open.length) {
      const { obligation } = open[next++]!
      const answer = await solver_().solve({
        id: obligation.id,
        smt2: scriptOf(obligation).text,
        timeoutMs: 30_000,
        want: 'verdict',
      })
      if (answer.kind === 'sat') found ??= obligation.id
    }
  }
  await Promise.all([work(), work()])
  return found
}
const solver_ = () => solver as Extract<typeof solver, { solve: unknown }>

for (const { name, of, edit, where } of mutants)
  test(name, async () => {
    const condition = await fallen(of, mutate(parts.get(of)!.procedure, edit), where)
    assert.ok(condition !== undefined, `${of}: no condition like ${where} fell`)
  })
test('the census gives up at once', async () => {
  const condition = await fallen('measure', lazy(parts.get('measure')!.procedure), /ensures\/U1@/)
  assert.ok(condition !== undefined)
})
test.after(() => solver_().close())
test.run()
