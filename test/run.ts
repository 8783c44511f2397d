// The runner behind `npm test`: every test/**/*.test.ts in a process of its own, two at a time, slow files first. A file
// passes only if it ran: see support/guard.ts and `judge` below. The last line is `N passed, N failed`.
//
//   tsx test/run.ts [--jobs N] [--timeout SECONDS] [--root FOLDER] [part of a file name]...

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { globSync } from 'tinyglobby'
import { inspect } from './support/guard.ts'

const home = fileURLToPath(new URL('..', import.meta.url))
const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: '2' },
    timeout: { type: 'string', default: '180' },
    root: { type: 'string', default: join(home, 'test') },
  },
})
const root = resolve(options.root)
const timesFile = join(home, '.cache', 'test-times.json')
/** Where a file that was never timed is likely to be slow. */
const slowFolders = ['e2e', 'properties', 'prover', 'smm', 'executor', 'loader', 'conformance']

interface Ended {
  readonly output: string
  readonly code: number | null
  readonly timedOut: boolean
}
interface Result {
  readonly file: string
  readonly passed: number
  readonly failed: number
  /** The missing tool of each test that did not run. */
  readonly notRun: readonly string[]
  readonly ms: number
  /** Why the file fails, beside the failures that its output shows. */
  readonly reasons: readonly string[]
  readonly output: string
}

// ---- one file ----

const running = new Set<number>()

function runChild(file: string, seconds: number): Promise<Ended> {
  return new Promise((done) => {
    const { FORCE_COLOR: _, ...env } = process.env
    const child = spawn(process.execPath, ['--import', 'tsx', file], {
      cwd: home,
      // A group of its own, so that whatever a test started can be ended with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, NO_COLOR: '1' },
    })
    const pid = child.pid
    if (pid !== undefined) running.add(pid)
    let output = ''
    let timedOut = false
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    const timer = setTimeout(() => {
      timedOut = true
      if (pid !== undefined) endGroup(pid)
    }, seconds * 1000)
    const finish = (code: number | null): void => {
      clearTimeout(timer)
      if (pid !== undefined) running.delete(pid)
      done({ output, code, timedOut })
    }
    child.on('error', (error) => {
      output += `${error.message}\n`
      finish(null)
    })
    child.on('close', finish)
  })
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in the meantime.
  }
}

/** What really happened: the counts that uvu printed, and every sign that not all of the file ran. */
function judge(file: string, ended: Ended, suites: number, seconds: number, ms: number): Result {
  const { output, code, timedOut } = ended
  const summary = [...output.matchAll(/Total: +(\d+)\s+Passed: +(\d+)\s+Skipped: +(\d+)/g)].at(-1)
  const [total, passed, skipped] = summary === undefined ? [0, 0, 0] : (summary.slice(1).map(Number) as [number, number, number])
  const suiteLines = [...output.matchAll(/\((\d+) \/ (\d+)\)\n/g)]
  const notRun = [...output.matchAll(/^not run: (\w+) missing$/gm)].map(([, tool]) => tool!)
  const reasons: string[] = []
  if (timedOut) reasons.push(`still running after ${seconds} s`)
  else if (summary === undefined) reasons.push(`ended (code ${code}) before uvu printed a summary`)
  else if (total === 0) reasons.push('no test was executed')
  else if (suiteLines.some(([, , of]) => of === '0')) reasons.push('a suite without tests')
  else if (suiteLines.length < suites) reasons.push(`${suites} suites constructed, ${suiteLines.length} ran`)
  if (skipped > 0) reasons.push(`${skipped} skipped`)
  const failed = total - passed
  if (failed === 0 && reasons.length === 0 && code !== 0) reasons.push(`exit code ${code}`)
  return {
    file,
    passed: passed - notRun.length,
    failed: failed === 0 && reasons.length > 0 ? 1 : failed,
    notRun,
    ms,
    reasons,
    output,
  }
}

async function runFile(file: string): Promise<Result> {
  const { suites, complaints } = inspect(relative(home, file), readFileSync(file, 'utf8'))
  if (complaints.length > 0) return { file, passed: 0, failed: 1, notRun: [], ms: 0, reasons: complaints, output: '' }
  const seconds = Number(options.timeout)
  const start = performance.now()
  const ended = await runChild(file, seconds)
  return judge(file, ended, suites, seconds, performance.now() - start)
}

// ---- all files ----

function report({ file, passed, failed, notRun, ms, reasons, output }: Result, done: number, all: number): void {
  const counts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(notRun.length > 0 ? [`${notRun.length} not run`] : []),
  ]
  const name = relative(home, file)
  console.log(`[${done}/${all}] ${failed > 0 ? 'FAIL' : 'ok  '} ${name}  ${counts.join(', ')}  ${(ms / 1000).toFixed(1)} s`)
  if (failed === 0) return
  for (const reason of reasons) console.log(`      ${reason}`)
  if (output !== '') console.log(`${output.trimEnd()}\n`)
}

function readTimes(): Record<string, number> {
  try {
    return JSON.parse(readFileSync(timesFile, 'utf8')) as Record<string, number>
  } catch {
    return {}
  }
}

function inOrder(files: readonly string[], times: Readonly<Record<string, number>>): string[] {
  const folder = (file: string) => slowFolders.indexOf(relative(root, file).split('/')[0]!)
  const guess = (file: string) => (folder(file) < 0 ? 0 : (slowFolders.length - folder(file)) * 1000)
  const cost = (file: string) => times[relative(home, file)] ?? guess(file)
  return [...files].sort((a, b) => cost(b) - cost(a) || a.localeCompare(b))
}

async function main(): Promise<number> {
  const found = globSync('**/*.test.ts', { cwd: root, absolute: true })
  const chosen = found.filter((file) => filters.length === 0 || filters.some((part) => relative(home, file).includes(part)))
  const times = readTimes()
  const queue = inOrder(chosen, times)
  const results: Result[] = []
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runFile(file)
      results.push(result)
      if (result.ms > 0) times[relative(home, file)] = Math.round(result.ms)
      report(result, results.length, chosen.length)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Number(options.jobs)) }, worker))
  if (root === join(home, 'test')) {
    const kept = Object.entries(times).filter(([name]) => existsSync(join(home, name)))
    mkdirSync(dirname(timesFile), { recursive: true })
    writeFileSync(timesFile, JSON.stringify(Object.fromEntries(kept)))
  }

  if (chosen.length === 0)
    console.log(filters.length === 0 ? `no test files in ${root}` : `no test file is called ${filters.join(' or ')}`)
  for (const tool of new Set(results.flatMap(({ notRun }) => notRun)))
    console.log(`not run: ${tool} missing (${results.flatMap(({ notRun }) => notRun).filter((t) => t === tool).length} tests)`)
  const sum = (pick: (result: Result) => number) => results.reduce((total, result) => total + pick(result), 0)
  const failed = sum(({ failed }) => failed)
  console.log(`${sum(({ passed }) => passed)} passed, ${failed} failed`)
  return failed > 0 || chosen.length === 0 ? 1 : 0
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    for (const pid of running) endGroup(pid)
    process.exit(1)
  })

process.exitCode = await main()
