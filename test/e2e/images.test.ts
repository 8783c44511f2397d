// Every snapshot of test/data/kvm-dumps against its truth, with the usual window and with bitmaps of 4096 bytes; what the VMCB
// finder finds in them; some of them through the command, as a user runs it.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import { openImage } from '../../src/executor/image/open.ts'
import { readMachine } from '../../src/executor/machine.ts'
import { type MeasureOptions, measureImage } from '../../src/measure/measure-image.ts'
import { type Census, censusRecord } from '../../src/report/census.ts'
import { Workspace } from './command.ts'
import { compareCensus, readTruth } from './compare-census.ts'

const DATA = new URL('../data/kvm-dumps/', import.meta.url).pathname
const names = readdirSync(DATA)
  .filter((name) => name.endsWith('.elf.gz'))
  .map((name) => name.slice(0, -'.elf.gz'.length))
  .sort()

async function censusOf(name: string, options: MeasureOptions = {}): Promise<Census> {
  const image = await openImage(`${DATA}${name}.elf.gz`)
  const machine = readMachine(`${DATA}${name}.input.json`)
  if (!image.ok || !machine.ok) throw new Error(`${name} cannot be read`)
  const result = measureImage(image.memory, machine.machine, options)
  image.memory.close()
  if (!result.ok) throw new Error(`${name}: ${result.fault.kind}`)
  return censusRecord.parse(result.census)
}

const address = z.object({ pa: z.number() })
const structures = z.object({
  vmcbs: z.array(address.extend({ state: z.string() })),
  decoys: z.object({ vmcb_like_not_live: z.array(address).default([]), hsave_pages: z.array(z.number()).default([]) }),
})

const snapshots = suite('snapshots of real hosts')
assert.is(names.length, 24)
for (const name of names)
  snapshots(
    `${name}: the census is the truth, whatever the window; the finder finds the VMCBs and no host save area`,
    async () => {
      const truth = readTruth(`${DATA}${name}.truth.json`)
      const census = await censusOf(name)
      assert.equal(compareCensus(truth, census), [])
      assert.is(census.status, name === 'shadow' ? 'shadow-paging' : 'complete')
      assert.equal(await censusOf(name, { bitmapBytes: 4096 }), census)

      const { vmcbs, decoys } = structures.parse(JSON.parse(readFileSync(`${DATA}${name}.truth.json`, 'utf8')))
      const like = new Set([...vmcbs, ...decoys.vmcb_like_not_live].map(({ pa }) => pa))
      assert.equal(
        census.candidates.map(({ vmcb }) => Number(vmcb)),
        [...like].sort((a, b) => a - b),
      )
      for (const page of decoys.hsave_pages) assert.not(like.has(page))
    },
  )

/** What the truth files say of candidates that no CPU runs; all others are running or idle. */
const STATES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nested: { '0x2e8c000': 'idle', '0xbbb2000': 'guest-owned' },
  'destroyed-p1': { '0x2c69000': 'leftover', '0x2dba000': 'leftover', '0x2e96000': 'leftover' },
  idle: { '0x2c26000': 'never-run', '0x2dbf000': 'idle', '0x2eff000': 'idle' },
  shadow: {},
  la57: {},
}
for (const [name, states] of Object.entries(STATES))
  snapshots(`${name}: candidates that do not run are called what they are`, async () => {
    const { candidates, spaces, scan, distinctFrames, distinctFramesRunning } = await censusOf(name)
    const others = candidates.filter(({ state }) => state !== 'running')
    assert.equal(Object.fromEntries(others.map(({ vmcb, state }) => [vmcb, state])), states)
    for (const { vmcb, threads, evidence } of spaces.flatMap((s) => s.vmcbs.map((vmcb) => ({ ...s, vmcb })))) {
      if (states[vmcb] === undefined || evidence === 'save-state') continue
      assert.equal(threads, [], 'a candidate runs nowhere')
    }
    assert.is(scan!.listFull, false)
    assert.ok(scan!.startable <= scan!.startableIfCached && scan!.startable <= scan!.shaped)
    if (name === 'idle') assert.ok(distinctFramesRunning! < distinctFrames!)
    if (name === 'nested')
      assert.equal(
        spaces.map(({ root, innerGuestOf }) => [root, innerGuestOf]),
        [
          ['0x2c31000', '0x2dad000'],
          ['0x2dad000', null],
          ['0xc000', null],
        ],
      )
    else assert.ok(spaces.every(({ innerGuestOf }) => innerGuestOf === null))
    assert.is(candidates.find(({ state }) => state === 'never-run')?.refusedFor.join(), name === 'idle' ? 'ASID 0' : undefined)
  })
snapshots.run()

const command = suite('smmcheck run')
command('a table for people, a record for programs', async () => {
  const place = new Workspace({})
  try {
    const { exit, out, err } = await place.smmcheck(
      'run',
      `${DATA}idle.elf.gz`,
      ...['--machine', `${DATA}idle.input.json`, '--json', 'census.json'],
    )
    assert.is(err, '')
    assert.is(exit, 0)
    assert.match(out, 'Census complete')
    const census = censusRecord.parse(JSON.parse(place.read('census.json')))
    assert.equal(census, await censusOf('idle'))
    assert.equal(census.candidates.map(({ state }) => state).sort(), ['idle', 'idle', 'never-run', 'running'])
  } finally {
    place.remove()
  }
})

command('--json - leaves standard output to the record; a census that is not complete exits 3', async () => {
  const place = new Workspace({})
  try {
    const given = ['run', `${DATA}shadow.elf.gz`, '--machine', `${DATA}shadow.input.json`]
    const { exit, out, err } = await place.smmcheck(...given, '--json', '-', '--bitmap-bytes', '4096')
    assert.is(exit, 3)
    assert.equal(JSON.parse(out), await censusOf('shadow'))
    assert.match(err, 'Census not complete, shadow-paging')
  } finally {
    place.remove()
  }
})

command('--vmcb takes the place of the scan', async () => {
  const place = new Workspace({})
  try {
    const given = ['run', `${DATA}idle.elf.gz`, '--machine', `${DATA}idle.input.json`, '--json', '-']
    const { exit, out } = await place.smmcheck(...given, '--vmcb', '0x2eff000', '--vmcb', '0x2c26000')
    assert.is(exit, 0)
    const census = censusRecord.parse(JSON.parse(out))
    assert.equal(
      census.candidates.map(({ vmcb }) => vmcb),
      ['0x2c26000', '0x2db4000', '0x2eff000'],
    )
  } finally {
    place.remove()
  }
})

command('a sample state: its steps, its census, and the verdict of a proxy', async () => {
  const sampleText = (name: string): string => readFileSync(new URL(`../../samples/${name}.ts`, import.meta.url), 'utf8')
  const place = new Workspace({
    'two-vms.ts': sampleText('two-vms'),
    'late-thread.ts': sampleText('late-thread'),
    'claim.ts': "import { claim } from 'smmcheck'\nexport default claim({ id: 'x', statement: 'y', obligations: () => [] })\n",
    'throws.ts': "throw new Error('no sample today')\n",
  })
  try {
    const good = await place.smmcheck('run', 'two-vms.ts', '--steps', '--json', 'census.json')
    assert.is(good.exit, 0, good.err)
    for (const words of ['discover', 'search of memory', '2 spaces, complete', 'Proxy: accepted', '12 distinct frames'])
      assert.match(good.out, words)
    assert.is(censusRecord.parse(JSON.parse(place.read('census.json'))).distinctFrames, 12)
    const late = await place.smmcheck('run', 'late-thread.ts')
    assert.is(late.exit, 3)
    assert.match(late.out, 'Proxy: alarm')
    assert.not.match(late.out, 'awaitDepartures')
    for (const [args, message] of [
      [['claim.ts'], /no sample state/],
      [['throws.ts'], /threw no sample today/],
      [['none.ts'], /no such file/],
      [['two-vms.ts', '--machine', 'm.json'], /--machine is for images/],
      [['two-vms.ts', '--bitmap-bytes', '32'], /--bitmap-bytes is for images/],
    ] as const) {
      const { exit, err } = await place.smmcheck('run', ...args)
      assert.is(exit, 2, err)
      assert.match(err, message)
    }
  } finally {
    place.remove()
  }
})

command('bad input is one clear line and exit code 2', async () => {
  const elf = readFileSync(`${DATA}idle.elf.gz`)
  const place = new Workspace({ 'text.elf': 'this is no image', 'machine.json': '{"machine": 1}', 'broken.json': '{' })
  try {
    writeFileSync(join(place.folder, 'cut.elf.gz'), elf.subarray(0, elf.length / 2))
    const machine = ['--machine', `${DATA}idle.input.json`]
    const image = `${DATA}idle.elf.gz`
    const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
      [['cut.elf.gz', ...machine], /gzip stream is damaged or cut short/],
      [['text.elf', ...machine], /not a memory image/],
      [['none.elf', ...machine], /there is no such file/],
      [[image, '--machine', 'none.json'], /there is no such file/],
      [[image, '--machine', 'machine.json'], /not a machine file/],
      [[image, '--machine', 'broken.json'], /not a JSON file/],
      [[image], /--machine FILE is needed/],
      [[], /missing required argument/],
      [[image, ...machine, '--vmcb', '0x2c26001'], /multiple of 4096/],
      [[image, ...machine, '--vmcb', '0x10000000000'], /beyond 40-bit physical addresses/],
      [[image, ...machine, '--vmcb', '0xffffffffffffffff'], /beyond any physical address/],
      [[image, ...machine, '--vmcb', '0xfffffff000'], /does not hold that page/],
      [[image, ...machine, '--vmcb', 'here'], /takes a physical address/],
      [[image, ...machine, '--bitmap-bytes', '48'], /multiple of 32 bytes/],
      [[image, ...machine, '--bitmap-bytes', '0'], /whole number of at least 1/],
      [[image, ...machine, '--json', 'no/such/folder.json'], /cannot be written/],
    ]
    for (const [args, message] of cases) {
      const { exit, err } = await place.smmcheck('run', ...args)
      assert.is(exit, 2, `${args.join(' ')}: ${err}`)
      assert.match(err, message)
      assert.match(err, /^smmcheck: [^\n]+\n(\(--help shows what there is\)\n)?$/)
    }
  } finally {
    place.remove()
  }
})
command.run()

const conformance = suite('smmcheck conformance')
const VECTORS = new URL('../data/npt-vectors/', import.meta.url).pathname
conformance('ends with a line of totals; exit codes 0, 1 and 2', async () => {
  const place = new Workspace({ 'odd.jsonl': '{"id": 1}\n' })
  try {
    const good = await place.smmcheck('conformance', `${VECTORS}straddle-pae.jsonl`)
    assert.is(good.exit, 0)
    assert.is(good.out.trimEnd().split('\n').at(-1), '85 passed, 0 failed')
    const [line] = readFileSync(`${VECTORS}straddle-pae.jsonl`, 'utf8').split('\n')
    // The second page of the access is no longer mapped.
    place.write('changed.jsonl', `${line!.replace('0x2abc067', '0x2abc066')}\n`)
    const bad = await place.smmcheck('conformance', 'changed.jsonl')
    assert.is(bad.exit, 1)
    assert.is(bad.out.trimEnd().split('\n').at(-1), '0 passed, 1 failed')
    const odd = await place.smmcheck('conformance', 'odd.jsonl')
    assert.is(odd.exit, 2)
    assert.match(odd.err, /^smmcheck: .*odd\.jsonl:1: unknown vector shape[^\n]*\n$/)
    const none = await place.smmcheck('conformance', 'none.jsonl')
    assert.is(none.exit, 2)
    assert.match(none.err, /none\.jsonl: no such file/)
  } finally {
    place.remove()
  }
})
conformance.run()
