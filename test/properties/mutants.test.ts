// Every seeded fault of the handler is caught: some condition of the named claim has a counter-model.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Procedure, Statement } from '../../src/model/procedure.ts'
import { bool, bv } from '../../src/model/term.ts'
import { assigns, below, calls, drop, type Edit, mutate, never, sets } from './mutate.ts'
import {
  closeSolver,
  fallen,
  flag,
  from,
  local,
  type Mutant,
  parts,
  reassign,
  storesTo,
  tallies,
  truncates,
  countsReserved,
} from './seeded.ts'

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
for (const { name, of, edit, where } of mutants)
  test(name, async () => {
    const condition = await fallen(of, mutate(parts.get(of)!.procedure, edit), where)
    assert.ok(condition !== undefined, `${of}: no condition like ${where} fell`)
  })
test('the census gives up at once', async () => {
  const condition = await fallen('measure', lazy(parts.get('measure')!.procedure), /ensures\/U1@/)
  assert.ok(condition !== undefined)
})
test.after(closeSolver)
test.run()
