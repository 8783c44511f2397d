import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CANDIDATE_STATES, CENSUS_STATUSES, INCOMPLETE_STATUSES } from '../../src/report/census.ts'
import { describeState, describeStatus } from '../../src/report/census-status.ts'
import { renderCensus } from '../../src/report/census-table.ts'
import { COMPLETE, INCOMPLETE, NOTHING, UNCOUNTED } from './samples.ts'

const ESCAPE = '\u001b'
const unpainted = (text: string): string => text.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '')

const test = suite('census table')

test('a complete census', () => {
  const text = renderCensus(COMPLETE, { colour: false })
  const expected = `Address spaces (leaf entries by size; distinct and certain count 4-KiB frames of RAM)
  root         status    levels  VMCBs        known by    threads      4K  2M  1G    mapped  distinct  certain
  0x111586000  complete       4  0x10fd65000  save state  0 3      16,134  12   0  87.0 MiB    22,270   22,264
                                 0x10fcaf000
  0x2dd2000    complete       5  -            candidate   -             0   0   3     3 GiB   786,432  786,432

Their entries and frames
  root         aliased  extra  shared  MMIO marks  foreign  beyond width  own tables  tables  permissions
  0x111586000        5      8   1,000          64        2             0           1      36  rwx 16,096  r-x 50
  0x2dd2000          0      0       0           0        0             0           0       4  rwx 3
  aliased: frames mapped more than once; extra: mappings beyond the first; shared: frames that other spaces reach too;
  own tables: frames among these that hold nested tables, so that the guest can change what it has;
  MMIO marks: present entries with a reserved bit; foreign: leaves outside RAM; beyond width: at addresses no guest can form

VMCB candidates (by shape or startable; what runs is told by the save state alone)
  VMCB         root         ASID  nested paging  state              VMRUN
  0x10fcaf000  0x111586000     2  on             running            would start it
  0x2dbf000    0x2dd2000       1  on             idle               would start it
  0x2c26000    0x0             0  on             never run          refuses: ASID 0
  0x17f47000   0x0             2  off            nested paging off  would start it

Search of memory for VMCBs
  98,304 frames searched; 12 frames of RAM not in the image: 2 startable, 7 startable if cached, 4 by shape

Census complete: 2 address spaces, 808,702 distinct frames (3.0 GiB), 2 threads inside guests, 4 VMCB candidates.
`
  assert.fixture(text, expected)
})

test('a space without numbers shows none, and why', () => {
  const text = renderCensus(INCOMPLETE, { colour: false })
  assert.match(text, /0x2c31000 {4}foreign-table {7}5 {2}0x2c2c000 {4}candidate +-( +-){6}\n/)
  assert.match(
    text,
    /Not counted\n {2}0x2c31000 {2}foreign-table: a table lies outside the RAM of the boot-time map\n {2}0x0 {8}shadow-paging: /,
  )
  assert.match(
    text,
    /Census not complete, foreign-table: .*; 1 of 3 address spaces counted, no total of frames, 3 threads inside guests/,
  )
  assert.not.match(renderCensus({ ...INCOMPLETE, spaces: [UNCOUNTED] }, { colour: false }), /Their entries/)
})

test('a host without virtual machines', () => {
  const text = renderCensus(NOTHING, { colour: false })
  assert.is(text, 'Census complete: 0 address spaces, 0 distinct frames (0 B), 0 threads inside guests, 0 VMCB candidates.\n')
})

test('colour changes nothing but colour, and there is none unless asked for', () => {
  for (const census of [COMPLETE, INCOMPLETE, NOTHING]) {
    const plain = renderCensus(census, { colour: false })
    const painted = renderCensus(census, { colour: true })
    assert.not.ok(plain.includes(ESCAPE))
    assert.ok(painted.includes(ESCAPE))
    assert.is(unpainted(painted), plain)
    assert.not.match(plain, / \n/)
  }
})

test('every status and state has words', () => {
  for (const status of INCOMPLETE_STATUSES) {
    const text = renderCensus({ ...INCOMPLETE, status, spaces: [{ ...UNCOUNTED, status }] }, { colour: false })
    assert.ok(text.includes(`${status}: ${describeStatus(status)}`))
  }
  assert.is(new Set(CENSUS_STATUSES.map(describeStatus)).size, CENSUS_STATUSES.length)
  assert.is(new Set(CANDIDATE_STATES.map(describeState)).size, CANDIDATE_STATES.length)
})

test.run()
