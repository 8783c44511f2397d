// What `smmcheck enrol`, `challenge` and `verify` do: a proxy and a platform that share a key, in files.

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { match } from 'ts-pattern'
import { ask, decide, expire, type Decided, type ProxyState } from '../proxy/decision.ts'
import { describeAlarm, describeDiscard } from '../proxy/describe.ts'
import { readFile, readKey, readProxy, writeBytes, writeKey, writePlatform, writeProxy } from '../proxy/files.ts'
import { KEY_BYTES } from '../proxy/mac.ts'
import { type Nonce, nonceText, RANDOM_BYTES } from '../proxy/nonce.ts'
import type { Report } from '../proxy/report.ts'
import { renderJudgement } from '../report/judgement-table.ts'
import { wantsColour } from '../report/style.ts'
import { renderVerdict, type VerdictRecord } from '../report/verdict.ts'
import type { MeasuredCensus } from '../sla/evidence.ts'
import { judge } from '../sla/judge.ts'
import { describeSlaError, readSla } from '../sla/read-sla.ts'
import { atItsTime, noteAsked, scheduled, writeEnd } from './schedule.ts'
import { UsageError } from './usage.ts'
import { value } from './value.ts'
import { writeRecord } from './write-record.ts'

const BROKEN = 1
const NOT_ACCEPTED = 3

export function enrolCommand(folder: string, { deadline }: { readonly deadline: number }): number {
  const paths = { key: join(folder, 'key'), proxy: join(folder, 'proxy.json'), platform: join(folder, 'platform.json') }
  const there = Object.values(paths).find((path) => existsSync(path))
  if (there !== undefined) throw new UsageError(`${there} exists; enrol in another folder, or remove it first`)
  const words = randomBytes(8 + 16)
  const proxy = BigInt(`0x${words.subarray(0, 8).toString('hex')}`)
  const platform = words.subarray(8).toString('hex')
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new UsageError(`${folder}: cannot be made (${(error as Error).message})`)
  }
  value(writeKey(paths.key, randomBytes(KEY_BYTES)))
  value(
    writeProxy(paths.proxy, {
      proxy,
      platform,
      deadline,
      counter: 0n,
      seen: { sequence: 0n, counter: 0n },
      open: null,
      series: null,
    }),
  )
  value(writePlatform(paths.platform, { platform, proxy, counter: 0n, sequence: 0n }))
  process.stdout.write(`platform ${platform} enrolled with proxy ${proxy}: ${Object.values(paths).join(', ')}\n`)
  return 0
}

export interface ProxyFlags {
  readonly proxy: string
  readonly key: string
}

export async function challengeCommand(out: string, { proxy: path, key: keyPath }: ProxyFlags): Promise<number> {
  const [before, key] = [value(readProxy(path)), value(readKey(keyPath))]
  refuseOpen(before, path)
  const state = before.series === null ? before : await atItsTime(before, before.series, path)
  const now = Date.now()
  const asked = ask(state, key, BigInt(`0x${randomBytes(RANDOM_BYTES).toString('hex')}`), now)
  if (!asked.ok)
    throw new UsageError(
      match(asked.refusal)
        .with({ kind: 'still-open' }, ({ nonce }) => stillOpen(path, nonce))
        .with({ kind: 'counter-spent' }, () => `${path}: this proxy has asked 2^64 - 1 times; enrol again`)
        .exhaustive(),
    )
  // First what the proxy keeps: a challenge that nobody waits for is harmless, one that is asked twice is not.
  const after = scheduled(asked.state, now)
  value(writeProxy(path, after))
  noteAsked(path, state, after)
  value(writeBytes(out, asked.challenge))
  process.stdout.write(`challenge ${nonceText(after.open!.nonce)}: ${out}; ${state.deadline} ms to answer\n`)
  return 0
}

/** @throws UsageError when a challenge is open. */
export function refuseOpen({ open }: ProxyState, path: string): void {
  if (open !== null) throw new UsageError(stillOpen(path, open.nonce))
}
const stillOpen = (path: string, nonce: Nonce): string =>
  `${path}: challenge ${nonceText(nonce)} is open; smmcheck verify ends it, by a report or by its deadline`

export interface VerifyFlags extends ProxyFlags {
  readonly sla?: string
  readonly json?: string
}

export function verifyCommand(reportPath: string | undefined, flags: VerifyFlags): number {
  const sla = flags.sla === undefined ? undefined : readSla(flags.sla)
  if (sla !== undefined && !sla.ok) throw new UsageError(describeSlaError(sla.error))
  const [state, key] = [value(readProxy(flags.proxy)), value(readKey(flags.key))]
  const message = reportPath === undefined ? undefined : value(readFile(reportPath))
  const now = Date.now()
  const first = message === undefined ? waited(state, now) : decide(state, key, message, now)
  // What is discarded ends no challenge; its deadline may.
  const decided = (first.outcome.kind === 'discarded' ? expire(state, now) : undefined) ?? first
  const { outcome } = decided
  if (outcome.kind === 'discarded') value(writeProxy(flags.proxy, decided.state))
  else writeEnd(flags.proxy, decided, message, now)
  const judgement =
    outcome.kind === 'accepted' && sla?.ok === true ? judge(sla.sla, { census: measuredIn(outcome.report) }) : null
  const record: VerdictRecord = { ...verdictOf(decided), judgement }
  const stream = flags.json === '-' ? process.stderr : process.stdout
  const options = { colour: wantsColour(stream.isTTY === true, process.env) }
  if (decided !== first) stream.write(renderVerdict({ ...verdictOf(first), judgement: null }, options))
  stream.write(renderVerdict(record, options))
  if (judgement !== null) stream.write(`\n${renderJudgement(judgement, options)}`)
  if (flags.json !== undefined) writeRecord(flags.json, record)
  if (outcome.kind !== 'accepted') return NOT_ACCEPTED
  return judgement?.verdict === 'broken' ? BROKEN : judgement?.verdict === 'not-measurable' ? NOT_ACCEPTED : 0
}

/** Nothing came. */
function waited(state: ProxyState, now: number): Decided {
  const due = expire(state, now)
  if (due !== undefined) return due
  throw new UsageError(
    state.open === null
      ? 'no challenge is open, so there is nothing to wait for; smmcheck challenge makes one'
      : `challenge ${nonceText(state.open.nonce)} has ${state.deadline - (now - state.open.since)} ms left; give a report, or come back`,
  )
}

function verdictOf({ outcome }: Decided): Omit<VerdictRecord, 'judgement'> {
  const schema = 'smmcheck.verdict/1'
  return match(outcome)
    .returnType<Omit<VerdictRecord, 'judgement'>>()
    .with({ kind: 'accepted' }, ({ kind, report }) => ({
      schema,
      outcome: kind,
      reason: null,
      detail: `report ${report.sequence} of platform ${report.platform}, ${report.threads.arrived} threads, census complete`,
      nonce: nonceText(report.nonce),
      sequence: report.sequence.toString(),
    }))
    .with({ kind: 'alarm' }, ({ kind, alarm, nonce, report }) => ({
      schema,
      outcome: kind,
      reason: alarm.kind,
      detail: describeAlarm(alarm),
      nonce: nonceText(nonce),
      sequence: report?.sequence.toString() ?? null,
    }))
    .with({ kind: 'discarded' }, ({ kind, discard }) => ({
      schema,
      outcome: kind,
      reason: discard.kind,
      detail: describeDiscard(discard),
      nonce: null,
      sequence: null,
    }))
    .exhaustive()
}

/** What a report says, as a judge of promises wants it. */
export const measuredIn = ({ status, spaces, samples }: Report): MeasuredCensus => ({
  status,
  spaces,
  running: samples.flatMap((s) => (s.in === 'guest' ? [s.vmcb] : [])),
})
