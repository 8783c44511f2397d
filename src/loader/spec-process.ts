// Entry of the child process that runs one spec: imports it, builds the obligations of its claims, and asks the command for
// the solver's answers. A process of its own per spec, so that a spec that loops, throws or runs out of memory harms no other,
// and so that no spec sees another's declarations.

import { setMaxListeners } from 'node:events'
import { register } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { match } from 'ts-pattern'
import type { Claim } from '../prover/claim.ts'
import type { Oracle, Reply } from '../prover/oracle.ts'
import type { SpecError } from '../prover/record.ts'
import { prove, summaryOf } from '../prover/prove.ts'
import type { HookData } from './hooks.ts'
import { INDEX_URL, moduleUrl } from './install.ts'
import { casesMet } from './simulate-claims.ts'
import type { FromSpec, OracleName, OracleRole, ProveJob, SpecJob, ToSpec } from './protocol.ts'

const send = (message: FromSpec) => process.send?.(message)
const waiting = new Map<number, (reply: Reply) => void>()

process.on('disconnect', () => process.exit(1))
process.on('message', (message: ToSpec) =>
  match(message)
    .with({ kind: 'job' }, ({ job }) => void run(job).then((last) => process.send?.(last, () => process.exit(0))))
    .with({ kind: 'reply' }, ({ number, reply }) => {
      waiting.get(number)?.(reply)
      waiting.delete(number)
    })
    .exhaustive(),
)

async function run(job: SpecJob): Promise<FromSpec> {
  Error.stackTraceLimit = 50
  process.setSourceMapsEnabled(true)
  const pulse = new Int32Array(new SharedArrayBuffer(8))
  // Through hooks, each of its modules would cost questions to another thread.
  await import(INDEX_URL)
  const data: HookData = { index: INDEX_URL, files: job.files, pulse, timeoutMs: job.loadTimeoutMs }
  register(moduleUrl('loader/hooks').href, { data })
  setInterval(() => Atomics.add(pulse, 0, 1), Math.min(500, job.loadTimeoutMs / 8))
  try {
    Atomics.store(pulse, 1, 1)
    const exported = ((await import(pathToFileURL(job.spec).href)) as { default?: unknown }).default
    Atomics.store(pulse, 1, 0)
    if (job.sample === true) {
      if (!isSample(exported)) return { kind: 'failed', error: { kind: 'no-claims', file: job.spec, message: NO_SAMPLE } }
      send({ kind: 'sample', sample: exported })
      return { kind: 'done' }
    }
    const all = claimsOf(exported, job.spec)
    if (!Array.isArray(all)) return { kind: 'failed', error: all as SpecError }
    const claims = (all as Claim[]).filter((c) => job.filter === undefined || matches(c, job.filter))
    send({ kind: 'loaded', claims: claims.map(summaryOf) })
    if (job.prove !== undefined) await proveAll(claims, job.prove)
    if (job.simulate !== undefined) {
      const { simulateAll } = await import('./simulate-claims.ts')
      await simulateAll(claims, job.simulate, (event) => send({ kind: 'simulated', event }))
    }
    return { kind: 'done' }
  } catch (e) {
    return { kind: 'failed', error: thrown(e, job) }
  }
}

const NO_SAMPLE = 'the default export is no sample state (use sample(name, about, (platform) => { ... }))'
const isSample = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'sample'

const matches = ({ id }: Claim, filter: string): boolean => id.toLowerCase().includes(filter.toLowerCase())

function claimsOf(exported: unknown, file: string): readonly Claim[] | SpecError {
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported]
  const wrong = (message: string): SpecError => ({ kind: 'no-claims', file, message })
  if (exported === undefined) return wrong('no default export; a spec exports a claim or a list of claims')
  if (!list.every(isClaim)) return wrong('the default export is not a claim or a list of claims (use claim({ ... }))')
  if (list.length === 0) return wrong('the default export is an empty list of claims')
  const ids = list.map((c) => c.id)
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  return twice === undefined ? list : wrong(`two claims have the id ${twice}`)
}
const isClaim = (value: unknown): value is Claim =>
  typeof value === 'object' && value !== null && (value as Partial<Claim>).kind === 'claim'

async function proveAll(claims: readonly Claim[], job: ProveJob): Promise<void> {
  const { timeoutMs, seed, inFlight, coverage, assumptions } = job
  const second = job.second === undefined ? {} : { second: oracle('second', job.second) }
  await prove(claims, {
    oracle: oracle('first', job.solver),
    ...second,
    timeoutMs,
    inFlight,
    coverage,
    assumptions,
    randomRuns: casesMet,
    seed,
    emit: (event) => send({ kind: 'event', event }),
  })
}

let asked = 0
function oracle(role: OracleRole, { name, version }: OracleName): Oracle {
  return {
    name,
    version,
    ask: (request, { weight = request.smt2.length, signal } = {}) =>
      new Promise((resolve) => {
        const number = asked++
        waiting.set(number, resolve)
        send({ kind: 'ask', number, role, request, weight })
        if (signal !== undefined) setMaxListeners(0, signal)
        signal?.addEventListener('abort', () => waiting.has(number) && send({ kind: 'forget', number }))
      }),
  }
}

/** The error with the innermost place in the spec's own files. */
function thrown(e: unknown, job: SpecJob): SpecError {
  const error = e instanceof Error ? e : new Error(String(e))
  const what = `${error.name === 'Error' ? '' : `${error.name}: `}${error.message.split('\n')[0]}`
  for (const line of (error.stack ?? '').split('\n')) {
    const found = /((?:file:\/\/)?\/[^():]+):(\d+)(?::(\d+))?\)?$/.exec(line.trim())
    if (found === null) continue
    const url = found[1]!.startsWith('file:') ? found[1]! : pathToFileURL(found[1]!).href
    if (job.files.has(url)) return { kind: 'threw', file: fileURLToPath(url), line: Number(found[2]), message: `threw ${what}` }
  }
  return { kind: 'threw', file: job.spec, message: `threw ${what}` }
}
