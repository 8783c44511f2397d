// `run --sla` on images of real hosts, as a user runs it: exit codes, what is printed, the record, bad input.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { judgementRecord } from '../../src/report/judgement.ts'
import { Workspace } from './command.ts'

const DATA = new URL('../data/kvm-dumps/', import.meta.url).pathname
const image = (name: string): readonly string[] => ['run', `${DATA}${name}.elf.gz`, '--machine', `${DATA}${name}.input.json`]
const sla = (vmcb: string, promises: object): string =>
  JSON.stringify({ schema: 'smmcheck.sla/1', vms: [{ name: 'a', vmcbs: [vmcb], ...promises }] })
const memory = (bytes: number, sharing: 'allowed' | 'forbidden' = 'allowed', more: object = {}) => ({
  memory: { bytes, sharing, ...more },
})

const work = new Workspace({})
const test = suite('smmcheck run --sla')
test.after(() => work.remove())

// multi4.truth.json: the machine on CPU 0 has VMCB 0x2bac000 and seven leaves of 2 MiB.
test('kept is 0, broken is 1, not measurable is 3', async () => {
  const huge = memory(7 * 2 ** 21, 'forbidden', { pageSize: { atLeast: '2M', share: 1 } })
  work.write('kept.json', sla('0x2bac000', huge))
  const kept = await work.smmcheck(...image('multi4'), '--sla', 'kept.json', '--judgement', 'j.json')
  assert.is(kept.exit, 0, kept.err)
  assert.match(kept.out, /a {3}memory +14680064 bytes +14680064 bytes +kept\n/)
  assert.match(kept.out, /SLA kept: 3 promises, 3 kept, 0 broken, 0 not measurable\.\n$/)
  assert.is(judgementRecord.parse(JSON.parse(work.read('j.json'))).verdict, 'kept')

  work.write('broken.json', sla('0x2bac000', memory(7 * 2 ** 21 + 1)))
  const broken = await work.smmcheck(...image('multi4'), '--sla', 'broken.json')
  assert.is(broken.exit, 1)
  assert.match(broken.out, /SLA broken: 2 promises, 1 kept, 1 broken/)

  // 0x2a1e000 is idle: its memory is a candidate, and proves nothing.
  work.write('idle.json', sla('0x2a1e000', memory(1)))
  assert.is((await work.smmcheck(...image('multi4'), '--sla', 'idle.json')).exit, 3)
  work.write('time.json', sla('0x2bac000', { cpu: { threads: 1, confidence: 0.99 } }))
  assert.is((await work.smmcheck(...image('multi4'), '--sla', 'time.json')).exit, 3)
})

test('records go where they are asked to, text keeps out of their way', async () => {
  work.write('sla.json', sla('0x2bac000', memory(1)))
  const run = await work.smmcheck(...image('multi4'), '--sla', 'sla.json', '--judgement', '-')
  assert.is(run.exit, 0)
  assert.is(judgementRecord.parse(JSON.parse(run.out)).promises.length, 2)
  assert.match(run.err, /SLA kept/)
})

test('bad input is one line and exit code 2', async () => {
  const refused = async (pattern: RegExp, ...args: readonly string[]): Promise<void> => {
    const { exit, out, err } = await work.smmcheck(...args)
    assert.is(exit, 2)
    assert.is(out, '')
    assert.match(err, pattern)
    assert.is(err.trimEnd().split('\n').length, 1, err)
  }
  work.write('negative.json', sla('0x2bac000', memory(-1)))
  await refused(
    /^smmcheck: negative\.json: not an SLA file: vms\[0\]\.memory\.bytes: expected .* found -1; docs\/sla\.md/,
    ...image('multi4'),
    '--sla',
    'negative.json',
  )
  await refused(/^smmcheck: none\.json: there is no such file/, ...image('multi4'), '--sla', 'none.json')
  await refused(/--judgement needs --sla FILE/, ...image('multi4'), '--judgement', 'j.json')
})

test.run()
