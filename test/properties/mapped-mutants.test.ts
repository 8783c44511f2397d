// Seeded faults of what the census says of tables, VMCBs and SMRAM among a space's frames: each is caught by a condition of the named claim.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bool, type Bv } from '../../src/model/term.ts'
import { census } from '../../src/smm/cells.ts'
import { calls, drop, guards, mutate } from './mutate.ts'
import { closeSolver, fallen, type Mutant, parts, storesTo, tallies } from './seeded.ts'

const mutants: readonly Mutant[] = [
  {
    name: 'tables are not noted for other spaces',
    of: 'markTable',
    edit: drop(storesTo('tables')),
    where: /ensures\/support\/bitmaps@/,
  },
  {
    name: 'tables of one space are forgotten in the next',
    of: 'clearSpace',
    edit: (s) => (storesTo('once')(s) && s.kind === 'store' ? [s, { ...s, cell: census.tables }] : undefined),
    where: /ensures\/support@|preserved\/support@/,
  },
  {
    name: 'every frame counts as a mapped table',
    of: 'countMappedTables',
    edit: (s) =>
      tallies('mappedTables')(s) && s.kind === 'tally' && s.counted.kind === 'bits'
        ? [{ ...s, counted: { ...s.counted, bits: (s.counted.bits as Bv).args[0] as Bv } }]
        : undefined,
    where: /preserved\/E4@/,
  },
  { name: 'mapped tables are not counted', of: 'round2', edit: drop(calls('countMappedTables')), where: /preserved\/W1@/ },
  { name: 'VMCBs in guest memory are not noted', of: 'round2', edit: drop(calls('noteVmcbs')), where: /preserved\/W1@/ },
  {
    name: 'a VMCB is noted whether or not its frame is marked',
    of: 'noteVmcbs',
    edit: (s) =>
      guards(s, (inner) => inner.kind === 'store' && inner.cell.name === 'vmcbs.space')
        ? [{ ...s, condition: bool(true) }]
        : undefined,
    where: /preserved\/support@/,
  },
  {
    name: 'leaves into SMRAM are not counted',
    of: 'walkTable1',
    edit: drop(tallies('smram')),
    where: /preserved\/W3\/page g and SMRAM@/,
  },
]

const test = suite('seeded faults of the classification')
for (const { name, of, edit, where } of mutants)
  test(name, async () => {
    const condition = await fallen(of, mutate(parts.get(of)!.procedure, edit), where)
    assert.ok(condition !== undefined, `${of}: no condition like ${where} fell`)
  })
test.after(closeSolver)
test.run()
