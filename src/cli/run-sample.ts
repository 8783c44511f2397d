// What `smmcheck run` does with a sample state: the whole handler on it, its steps if asked, its census, and what a proxy makes of the report.

import { randomBytes } from 'node:crypto'
import { loadSample } from '../loader/sample.ts'
import { Store } from '../loader/store.ts'
import { describeMeasureFault } from '../measure/fault.ts'
import { machineOf, measureSample } from '../measure/measure-sample.ts'
import type { Sample } from '../measure/sample.ts'
import { defaultCacheDirectory } from '../prover/solver/cache.ts'
import { admit } from '../proxy/challenge.ts'
import { reportOf } from '../proxy/census-report.ts'
import { ask, decide, type Outcome, type ProxyState } from '../proxy/decision.ts'
import { describeAlarm, describeDiscard } from '../proxy/describe.ts'
import { KEY_BYTES, sealed } from '../proxy/mac.ts'
import { encodeReport } from '../proxy/wire.ts'
import type { Census } from '../report/census.ts'
import { specErrorText } from '../report/prove-claim.ts'
import { type Style, styleFor, wantsColour } from '../report/style.ts'
import { samplesOf } from './answer.ts'
import { showCensus } from './show-census.ts'
import { stepLines } from './steps.ts'
import { USAGE_EXIT, UsageError } from './usage.ts'

export interface SampleFlags {
  readonly steps?: boolean
  readonly json?: string
}

const NOT_COMPLETE = 3
const LOAD_TIMEOUT_MS = 10_000

export async function runSample(path: string, { steps, json }: SampleFlags): Promise<number> {
  const loaded = await loadSample(path, {
    typecheck: true,
    loadTimeoutMs: LOAD_TIMEOUT_MS,
    store: new Store(defaultCacheDirectory()),
  })
  if (!loaded.ok) {
    process.stderr.write(`${specErrorText(loaded.error, process.cwd())}\n`)
    return USAGE_EXIT
  }
  const sample = loaded.sample as Sample
  const result = measureSample(sample)
  if (!result.ok) throw new UsageError(`${path}: ${describeMeasureFault(result.fault)}`)
  const stream = json === '-' ? process.stderr : process.stdout
  const style = styleFor(wantsColour(stream.isTTY === true, process.env))
  stream.write(`${style.strong(sample.name)}: ${sample.about}\n\n`)
  if (steps === true) stream.write(`${stepLines(result.steps, result.census, style).join('\n')}\n\n`)
  showCensus(result.census, json === undefined ? {} : { json })
  stream.write(`\n${verdictLine(proxyVerdict(sample, result.census), style)}\n`)
  return result.census.status === 'complete' ? 0 : NOT_COMPLETE
}

/** One challenge, one report: what the proxy decides in time. The keys are made up for the occasion. */
export function proxyVerdict(sample: Sample, census: Census): Outcome {
  const key = randomBytes(KEY_BYTES)
  const platform = '0'.repeat(31).concat('1')
  const state: ProxyState = {
    proxy: 1n,
    platform,
    deadline: 1000,
    counter: 0n,
    seen: { sequence: 0n, counter: 0n },
    open: null,
    series: null,
  }
  const asked = ask(state, key, BigInt(`0x${randomBytes(16).toString('hex')}`), 0)
  if (!asked.ok) throw new Error('a proxy that never asked may ask')
  const admitted = admit({ platform, proxy: 1n, counter: 0n, sequence: 0n }, key, asked.challenge)
  if (!admitted.ok) throw new Error('a first challenge is answered')
  const machine = machineOf(sample)
  const report = reportOf(census, {
    nonce: admitted.nonce,
    platform,
    sequence: admitted.state.sequence,
    threads: { expected: sample.threads.length, arrived: sample.threads.filter(({ arrives }) => arrives).length },
    samples: samplesOf(machine).filter(({ thread }) => sample.threads[thread]!.arrives),
  })
  return decide(asked.state, key, sealed(key, 'report', encodeReport(report)), 1).outcome
}

function verdictLine(outcome: Outcome, style: Style): string {
  const proxy = style.strong('Proxy')
  if (outcome.kind === 'accepted') return `${proxy}: ${style.good('accepted')}`
  if (outcome.kind === 'alarm') return `${proxy}: ${style.bad('alarm')}: ${describeAlarm(outcome.alarm)}`
  return `${proxy}: ${style.bad('discarded')}: ${describeDiscard(outcome.discard)}`
}
