// Benchmarks: what a user waits for, and the two ratios that decide where time goes. Prints a table, judges nothing.
//
//   npm run bench -- [--repeat N] [--filter TEXT]

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { globSync } from 'tinyglobby'
import { bvVar } from '../src/model/term.ts'
import { printScript } from '../src/prover/smtlib.ts'
import { isMissing, openSolver } from '../src/prover/solver/open.ts'
import { memoryScan, plainRead, SCANNED_BYTES, writeScanImage } from './memory-scan.ts'
import { lockSteps, platformSteps, STEPS } from './simulate.ts'
import { compiled, interpreted, SIZE } from './small-census.ts'
import { medianOf, smmcheck, type Timing, timed } from './timing.ts'

const { values } = parseArgs({ options: { repeat: { type: 'string', default: '3' }, filter: { type: 'string', default: '' } } })
const repeat = Number(values.repeat)
if (!(Number.isInteger(repeat) && repeat > 0)) {
  console.error(`bench: --repeat takes a number of runs, not ${values.repeat}`)
  process.exit(2)
}

const table = new Table({ head: ['what', 'median', 'fastest', 'slowest', 'runs', 'ratio'], style: { head: [], border: [] } })
const ms = (t: number): string => (t < 1000 ? `${t.toPrecision(3)} ms` : `${(t / 1000).toPrecision(3)} s`)
const wanted = (what: string): boolean => what.includes(values.filter)

/** One row; the ratio is to the row that it is compared with. */
function row(what: string, timing: Timing, compared?: { readonly to: Timing; readonly as: string }): void {
  const { runs } = timing
  const ratio = compared === undefined ? '' : `${(medianOf(timing) / medianOf(compared.to)).toPrecision(2)} x ${compared.as}`
  table.push([what, ms(medianOf(timing)), ms(runs[0]!), ms(runs.at(-1)!), String(runs.length), ratio])
  process.stderr.write(`${what}: ${ms(medianOf(timing))}\n`)
}

const scratch = mkdtempSync(join(tmpdir(), 'smmcheck-bench-'))
const cache = (n: number): string => join(scratch, `cache${n}`)

function prove(): void {
  let n = 0
  const args = ['prove', 'specs/*.ts', '--solver', 'wasm']
  const cold = timed(repeat, () => smmcheck(args, cache(n++)))
  row('prove specs/*.ts, cold, wasm', cold)
  row(
    'prove specs/*.ts, warm',
    timed(repeat, () => smmcheck(args, cache(0))),
    { to: cold, as: 'cold' },
  )
}

/** The first snapshot of each class of images. */
function images(): string[] {
  const folder = fileURLToPath(new URL('../test/data/kvm-dumps', import.meta.url))
  const all = globSync('*.elf.gz', { cwd: folder, absolute: true }).sort()
  const classOf = (path: string): string => basename(path, '.elf.gz').replace(/-p\d+$/, '')
  return all.filter((path, i) => i === 0 || classOf(path) !== classOf(all[i - 1]!))
}

function run(): void {
  for (const path of images()) {
    const name = basename(path, '.elf.gz')
    if (!wanted(`run ${name}`)) continue
    const args = ['run', path, '--machine', path.replace('.elf.gz', '.input.json')]
    const usual = timed(repeat, () => smmcheck(args, cache(0)))
    row(`run ${name}`, usual)
    row(
      `run ${name}, 4096 bytes of bitmaps`,
      timed(repeat, () => smmcheck([...args, '--bitmap-bytes', '4096'], cache(0))),
      { to: usual, as: 'default' },
    )
  }
}

function census(): void {
  for (let i = 0; i < 20; i++) compiled()
  const fast = timed(10 * repeat, compiled)
  row(`census compiled (${SIZE})`, fast)
  row('census interpreted (the same)', timed(repeat, interpreted), { to: fast, as: 'compiled' })
}

function simulate(): void {
  for (const [name, prepare] of [
    ['the platform', platformSteps],
    ['a small lock', lockSteps],
  ] as const) {
    const timing = timed(3 * repeat, prepare())
    row(`simulate ${STEPS} steps of ${name} (${Math.round((1000 * STEPS) / medianOf(timing))} a second)`, timing)
  }
}

async function memory(): Promise<void> {
  const path = join(scratch, 'image.raw')
  writeScanImage(path)
  const scan = await memoryScan(path)
  scan()
  plainRead(path)
  const speed = (t: Timing): string => `${(SCANNED_BYTES / 1e6 / medianOf(t)).toPrecision(2)} GB/s`
  const plain = timed(repeat, () => plainRead(path))
  row(`memory of 1 GiB, a plain read (${speed(plain)})`, plain)
  const searched = timed(repeat, scan)
  row(`memory of 1 GiB, searched for VMCBs (${speed(searched)})`, searched, { to: plain, as: 'plain' })
}

const QUESTIONS = 200
async function roundTrips(): Promise<void> {
  const solver = await openSolver('wasm', { jobs: 1 })
  if (isMissing(solver)) throw new Error(solver.message)
  const ask = async (i: number): Promise<void> => {
    const { text } = printScript([{ term: bvVar('x', 64).eq(i) }])
    const answer = await solver.solve({ id: `q${i}`, smt2: text, timeoutMs: 10_000, want: 'verdict' })
    if (answer.kind !== 'sat') throw new Error(`a question for a number was answered ${answer.kind}`)
  }
  await ask(0)
  const runs: number[] = []
  for (let n = 0; n < repeat; n++) {
    const start = performance.now()
    for (let i = 0; i < QUESTIONS; i++) await ask(i)
    runs.push((performance.now() - start) / QUESTIONS)
  }
  await solver.close()
  const timing = { runs: runs.sort((a, b) => a - b) }
  row(`solver round trip, wasm (${Math.round(1000 / medianOf(timing))} a second)`, timing)
}

try {
  if (wanted('census')) census()
  if (wanted('simulate')) simulate()
  if (wanted('memory')) await memory()
  if (wanted('solver round trip')) await roundTrips()
  run()
  if (wanted('prove')) prove()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
console.log(table.toString())
