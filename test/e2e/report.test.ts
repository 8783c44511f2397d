// A proxy and a platform as a user plays them: enrol, challenge, run, verify; every refusal is one line.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { verdictRecord } from '../../src/report/verdict.ts'
import { Workspace } from './command.ts'

const DATA = new URL('../data/kvm-dumps/', import.meta.url).pathname
const work = new Workspace({})
const test = suite('a report, from challenge to verdict')
test.after(() => work.remove())

const proxy = ['--proxy', 'lab/proxy.json', '--key', 'lab/key'] as const
const challenge = (out = 'ask.bin') => work.smmcheck('challenge', out, ...proxy)
const run = (name: string, ...more: readonly string[]) =>
  work.smmcheck('run', `${DATA}${name}.elf.gz`, '--machine', `${DATA}${name}.input.json`, ...more)
const answer = (name: string, ask = 'ask.bin', report = 'report.bin') =>
  run(name, '--challenge', ask, '--key', 'lab/key', '--platform', 'lab/platform.json', '--report', report)
const verify = (...args: readonly string[]) => work.smmcheck('verify', ...args, ...proxy)
const bytes = (name: string): Buffer => readFileSync(join(work.folder, name))

test('one challenge, from its making to its end', async () => {
  assert.is((await work.smmcheck('enrol', 'lab')).exit, 0)
  assert.is((await challenge()).exit, 0)
  assert.is((await answer('multi4')).exit, 0)

  // Nothing that is not the report ends the challenge.
  const report = bytes('report.bin')
  writeFileSync(join(work.folder, 'short.bin'), report.subarray(0, 200))
  writeFileSync(join(work.folder, 'changed.bin'), Buffer.concat([report.subarray(0, -1), Buffer.of(report.at(-1)! ^ 1)]))
  const short = await verify('short.bin')
  assert.is(short.exit, 3)
  assert.match(
    short.out,
    /^Not accepted, malformed: it is no report: it is cut off, at least \d+ bytes are missing; get it again, whole\n$/,
  )
  const changed = await verify('changed.bin')
  assert.is(changed.exit, 3)
  assert.match(changed.out, /^Not accepted, wrong-mac: its MAC is wrong/)

  const promised = { memory: { bytes: 7 * 2 ** 21, sharing: 'forbidden' } }
  work.write('sla.json', JSON.stringify({ schema: 'smmcheck.sla/1', vms: [{ name: 'a', vmcbs: ['0x2bac000'], ...promised }] }))
  const accepted = await verify('report.bin', '--sla', 'sla.json', '--json', 'verdict.json')
  assert.is(accepted.exit, 0, accepted.out)
  assert.match(accepted.out, /^Accepted: report 1 of platform [0-9a-f]{32}, 3 threads, census complete/)
  assert.match(accepted.out, /SLA kept: 2 promises/)
  assert.is(verdictRecord.parse(JSON.parse(work.read('verdict.json'))).judgement?.verdict, 'kept')

  const again = await verify('report.bin')
  assert.is(again.exit, 3)
  assert.match(again.out, /^Not accepted, nothing-asked/)
})

test('an old report does not answer a new challenge, an old challenge gets no new report', async () => {
  assert.is((await challenge('next.bin')).exit, 0)
  const old = await verify('report.bin')
  assert.is(old.exit, 3)
  assert.match(old.out, /^Not accepted, replayed: it is replayed: it answers challenge 1, and 2 is open/)
  const twice = await answer('multi4', 'ask.bin', 'second.bin')
  assert.is(twice.exit, 2)
  assert.match(twice.err, /^smmcheck: ask\.bin: not answered: challenge 1 comes too late: 1 has been answered; make a new one\n$/)
  assert.match((await challenge('third.bin')).err, /challenge \w+\.2\.\w+ is open; smmcheck verify ends it/)

  // An image with fewer save states than threads: authentic, and an alarm.
  const partial = await answer('shadow', 'next.bin')
  assert.is(partial.exit, 3)
  const alarm = await verify('report.bin')
  assert.is(alarm.exit, 3)
  assert.match(alarm.out, /^ALARM, incomplete-census: the census is not complete: shadow-paging/)
})

test('a promise that is broken is exit code 1, silence is an alarm', async () => {
  await challenge()
  await answer('multi4')
  const promised = { memory: { bytes: 2 ** 30, sharing: 'allowed' } }
  work.write('sla.json', JSON.stringify({ schema: 'smmcheck.sla/1', vms: [{ name: 'a', vmcbs: ['0x2bac000'], ...promised }] }))
  assert.is((await verify('report.bin', '--sla', 'sla.json')).exit, 1)

  await challenge()
  const waiting = await verify()
  assert.is(waiting.exit, 2)
  assert.match(waiting.err, /has \d+ ms left; give a report, or come back/)
  const state = JSON.parse(work.read('lab/proxy.json'))
  state.open.since -= 3_600_000
  work.write('lab/proxy.json', JSON.stringify(state))
  const silent = await verify()
  assert.is(silent.exit, 3)
  assert.match(silent.out, /^ALARM, silent: no report within 60000 ms/)
})

test('bad input is one line and exit code 2', async () => {
  work.write('text', 'not hexadecimal')
  work.write('proxy.json', '{"schema": "smmcheck.proxy/1"}')
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['enrol', 'lab'], /lab\/key exists; enrol in another folder/],
    [['enrol', 'new', '--deadline', '-1'], /--deadline takes a number of seconds above 0/],
    [['verify', 'none.bin', ...proxy], /none\.bin: there is no such file/],
    [
      ['verify', 'report.bin', '--proxy', 'lab/proxy.json', '--key', 'text'],
      /text: not a key file: expected 64 hexadecimal digits/,
    ],
    [['verify', 'report.bin', '--proxy', 'proxy.json', '--key', 'lab/key'], /proxy\.json: not a proxy file: proxy: /],
    [['verify', 'report.bin', '--proxy', 'text', '--key', 'lab/key'], /text: not a JSON file/],
    [['verify', 'report.bin', '--key', 'lab/key'], /required option '--proxy <file>' not specified/],
    [
      ['run', `${DATA}multi4.elf.gz`, '--machine', `${DATA}multi4.input.json`, '--report', 'x'],
      /a report needs all of --challenge/,
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
