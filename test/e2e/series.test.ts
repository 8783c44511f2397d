// A series of reports as a user plays it: begin, challenges at times that were drawn, what is verified goes into the journal, and the verdict.

import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { entryText, headerText } from '../../src/proxy/journal.ts'
import { seriesRecord } from '../../src/report/series.ts'
import { honest } from '../../src/sampling/scheduler.ts'
import { KEY } from '../proxy/samples.ts'
import { hold, PLAN, VMCB } from '../proxy/series-lab.ts'
import { Workspace } from './command.ts'

const DATA = new URL('../data/kvm-dumps/', import.meta.url).pathname
const work = new Workspace({})
const test = suite('a series, from its beginning to its verdict')
test.after(() => work.remove())

const sla = (vmcb: string, threads: number, more: object = {}): string =>
  JSON.stringify({
    schema: 'smmcheck.sla/1',
    vms: [{ name: 'a', vmcbs: [vmcb], cpu: { threads, confidence: 0.99 }, ...more }],
  })
const LAB = ['--proxy', 'lab/proxy.json', '--key', 'lab/key'] as const

test('a challenge that is answered, and one that is still open', async () => {
  const machine = JSON.parse(readFileSync(`${DATA}multi4.input.json`, 'utf8'))
  for (const cpu of machine.cpus) cpu.smi_delay_ns = 300
  work.write('machine.json', JSON.stringify(machine))
  assert.is((await work.smmcheck('enrol', 'lab')).exit, 0)
  const began = await work.smmcheck(
    'series',
    'lab/a.jsonl',
    '--proxy',
    'lab/proxy.json',
    '--gap',
    '0.2',
    '--least-cycle',
    '100000',
  )
  assert.is(began.exit, 0, began.err)
  assert.match(
    began.out,
    /^lab\/a\.jsonl: challenges of lab\/proxy\.json belong to this series from now on, one in 0\.2 s on average\n$/,
  )
  const nothing = await work.smmcheck('verify', '--series', 'lab/a.jsonl', ...LAB)
  assert.is(nothing.exit, 0)
  assert.match(nothing.out, /0 challenges, 0 accepted\n$/)

  assert.is((await work.smmcheck('challenge', 'ask.bin', ...LAB)).exit, 0)
  assert.match(
    (await work.smmcheck('series', 'b.jsonl', '--proxy', 'lab/proxy.json', '--gap', '1')).err,
    /is open; smmcheck verify ends it/,
  )
  const run = await work.smmcheck(
    ...['run', `${DATA}multi4.elf.gz`, '--machine', 'machine.json', '--challenge', 'ask.bin'],
    ...['--key', 'lab/key', '--platform', 'lab/platform.json', '--report', 'report.bin'],
  )
  assert.is(run.exit, 0, run.err)
  assert.is((await work.smmcheck('verify', 'report.bin', ...LAB)).exit, 0)
  // Replayed, it is no news, and nothing for the journal.
  assert.is((await work.smmcheck('verify', 'report.bin', ...LAB)).exit, 3)
  assert.is((await work.smmcheck('challenge', 'ask.bin', ...LAB)).exit, 0)

  work.write('sla.json', sla('0x2bac000', 0.5, { memory: { bytes: 7 * 2 ** 21, sharing: 'forbidden' } }))
  const few = await work.smmcheck('verify', '--series', 'lab/a.jsonl', ...LAB, '--sla', 'sla.json', '--json', 'series.json')
  assert.is(few.exit, 3, few.err)
  assert.match(few.out, /2 challenges, 1 accepted\n/)
  assert.match(few.out, /the last challenge is open, and left out/)
  assert.match(few.out, /a {3}memory +14680064 bytes +kept in 1 of 1 reports +kept\n/)
  assert.match(few.out, /cpu +0\.5 threads, at confidence 0\.99 +0\.000 to 1\.000 threads +not measurable \(too-few-samples\)\n/)
  const record = seriesRecord.parse(JSON.parse(work.read('series.json')))
  assert.is(record.pending, true)
  assert.is(record.machines.length, 1)
})

test('silence is written down, and the next series begins where this one ends', async () => {
  assert.is((await work.smmcheck('enrol', 'mute', '--deadline', '0.05')).exit, 0)
  const mute = ['--proxy', 'mute/proxy.json', '--key', 'mute/key'] as const
  const start = (name: string) => work.smmcheck('series', name, '--proxy', 'mute/proxy.json', '--gap', '0.1')
  assert.is((await start('mute/a.jsonl')).exit, 0)
  assert.is((await work.smmcheck('challenge', 'ask.bin', ...mute)).exit, 0)
  // A process takes longer to start than the deadline is long.
  const silent = await work.smmcheck('verify', ...mute)
  assert.is(silent.exit, 3)
  assert.match(silent.out, /^ALARM, silent/)
  assert.is((await start('mute/b.jsonl')).exit, 0)
  for (const name of ['mute/a.jsonl', 'mute/b.jsonl'])
    assert.is((await work.smmcheck('verify', '--series', name, ...mute)).exit, 0)
  assert.match((await work.smmcheck('verify', '--series', 'mute/a.jsonl', ...mute)).out, /1 challenge, 0 accepted, 1 silent\n/)
  assert.match((await start('mute/a.jsonl')).err, /^smmcheck: mute\/a\.jsonl: cannot be written \(EEXIST/)
})

test('kept is 0, broken is 1; every dropped line makes it worse or is refused', async () => {
  const held = hold({ scheduler: honest(0.6), challenges: 1500, plan: { ...PLAN, gap: 100, planned: 2000 } })
  const { state, header, entries } = held
  work.write('far/key', `${KEY.toString('hex')}\n`)
  const { schema: _, ...rest } = { schema: '', ...state }
  const proxy = (counter: bigint): string =>
    JSON.stringify(
      { schema: 'smmcheck.proxy/1', ...rest, counter, series: { ...state.series, journal: 'j' } },
      (_key, v: unknown) => (typeof v === 'bigint' ? v.toString() : v),
    )
  work.write('far/proxy.json', proxy(state.counter))
  work.write('far/j', [headerText(header), ...entries.map(entryText)].join(''))
  work.write('kept.json', sla(VMCB, 0.4))
  work.write('broken.json', sla(VMCB, 0.8))
  const verify = (file: string, promised = 'kept.json') =>
    work.smmcheck('verify', '--series', file, '--proxy', 'far/proxy.json', '--key', 'far/key', '--sla', promised)
  const kept = await verify('far/j')
  assert.is(kept.exit, 0, kept.out + kept.err)
  assert.match(kept.out, /SLA kept: 1 promise, 1 kept/)
  const broken = await verify('far/j', 'broken.json')
  assert.is(broken.exit, 1)
  assert.match(broken.out, / 0\.\d{3} to 0\.\d{3} threads(; 0\.\d{3} if what is missing counted)? +broken\n/)

  // Half of the answers are gone from the journal: 0.4 has not been shown any more.
  work.write('far/j', [headerText(header), ...entries.filter((_e, i) => i % 4 !== 1).map(entryText)].join(''))
  const gaps = await verify('far/j')
  assert.is(gaps.exit, 1, gaps.out)
  assert.match(gaps.out, /1,500 challenges, 750 accepted, 750 not in the journal\n/)
  // The end is gone: the proxy's file knows how many challenges there were.
  work.write('far/j', [headerText(header), ...entries.slice(0, 1500).map(entryText)].join(''))
  assert.match((await verify('far/j')).out, /750 challenges, 750 accepted, 750 not in the journal\n/)

  const lines = [headerText(header), ...entries.slice(0, 6).map(entryText)]
  const refused = async (text: string, pattern: RegExp): Promise<void> => {
    work.write('far/j', text)
    const { exit, out, err } = await verify('far/j')
    assert.is(exit, 2, out)
    assert.match(err, pattern)
    assert.is(err.trimEnd().split('\n').length, 1, err)
  }
  const [first, a, b, c, d] = lines as [string, string, string, string, string]
  await refused(
    [first, c, d, a, b].join(''),
    /^smmcheck: far\/j: line 4: it is \d+ ms before the line before it; give the journal as it was written/,
  )
  await refused([first, a, b, b].join(''), /line 4: challenge 1 ends, and is not open: repeated, or out of order/)
  await refused(
    [first, a, d.replace('"counter":"2"', '"counter":"1"')].join(''),
    /line 3: .*never made; 1 is open; give .* the key/,
  )
  await refused(
    `${lines.join('')}{"ended":`,
    /line 8: cut off, or changed; take the line out, and its challenge counts as not answered/,
  )
  await refused('', /not a journal: it is empty/)
  await refused(
    first.replace(/"proxy":"7"/, '"proxy":"8"'),
    /it is a journal of proxy 8 and platform .*; far\/proxy\.json is another/,
  )
  work.write('far/key', `${'00'.repeat(32)}\n`)
  await refused(lines.join(''), /line 3: challenge 1 is said to end as "accepted", and its MAC is wrong/)
})

test('bad input is one line and exit code 2', async () => {
  work.write('greedy.json', sla('0x2bac000', 1.5))
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['series', 'x.jsonl', '--proxy', 'lab/proxy.json'], /required option '--gap <seconds>' not specified/],
    [['series', 'x.jsonl', '--proxy', 'lab/proxy.json', '--gap', '0'], /--gap takes a number of seconds above 0/],
    [['series', 'x.jsonl', '--proxy', 'lab/proxy.json', '--gap', '0.0001'], /--gap takes at least a millisecond/],
    [['series', 'x.jsonl', '--proxy', 'none.json', '--gap', '1'], /none\.json: there is no such file/],
    [
      ['series', 'x.jsonl', '--proxy', 'lab/proxy.json', '--gap', '1', '--least-cycle', '0'],
      /--least-cycle takes a whole number from 1/,
    ],
    [['verify', '--series', 'none.jsonl', ...LAB], /none\.jsonl: there is no such file; smmcheck series begins a journal/],
    [['verify', '--series', 'lab/key', ...LAB], /lab\/key: not a journal: line 1: /],
    [['verify', 'report.bin', '--series', 'lab/a.jsonl', ...LAB], /give a report or --series, not both/],
    [
      ['verify', '--series', 'lab/a.jsonl', ...LAB, '--sla', 'greedy.json'],
      /vms\[0\]\.cpu\.threads: 1\.5 threads' time for one virtual processor; list all/,
    ],
  ]
  for (const [args, pattern] of cases) {
    const { exit, err } = await work.smmcheck(...args)
    assert.is(exit, 2, args.join(' '))
    assert.match(err, pattern)
    assert.not.match(err, /\bat .*\.[jt]s:\d+/)
  }
})

test.run()
