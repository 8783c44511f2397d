// What `smmcheck series` and `smmcheck verify --series` do: begin a series of reports, and say what it shows.

import { dirname, relative, resolve } from 'node:path'
import { match } from 'ts-pattern'
import { readKey, readProxy, writeProxy } from '../proxy/files.ts'
import { appendEntry, createJournal, type Header, type JournalFault, readJournal } from '../proxy/journal.ts'
import { Replay, type Replayed } from '../proxy/replay.ts'
import { begin, unforeseeable } from '../proxy/schedule.ts'
import { renderJudgement } from '../report/judgement-table.ts'
import { renderSeries, type SeriesRecord } from '../report/series.ts'
import { wantsColour } from '../report/style.ts'
import { expectedTriggers } from '../sampling/time-share.ts'
import { SeriesJudge } from '../sla/judge-series.ts'
import { describeSlaError, readSla } from '../sla/read-sla.ts'
import { measuredIn, refuseOpen } from './proxy.ts'
import { journalOf } from './schedule.ts'
import { UsageError } from './usage.ts'
import { value } from './value.ts'
import { writeRecord } from './write-record.ts'

const BROKEN = 1
const NOT_MEASURED = 3

export interface SeriesFlags {
  readonly proxy: string
  /** Milliseconds. */
  readonly gap: number
  readonly samples: number
  /** Nanoseconds. */
  readonly mostDelay: number
  readonly leastCycle: number
}

export function seriesCommand(journal: string, { proxy: path, gap, samples, mostDelay, leastCycle }: SeriesFlags): number {
  const state = value(readProxy(path))
  refuseOpen(state, path)
  const started = Date.now()
  const { proxy, platform, deadline, counter, seen } = state
  value(
    createJournal(journal, {
      schema: 'smmcheck.journal/1',
      ...{ proxy, platform, deadline, counter, seen, started, gap, planned: samples, mostDelay, leastCycle },
    }),
  )
  const { series: old } = state
  if (old !== null) value(appendEntry(journalOf(path, old), { closed: counter, at: old.busy.from }))
  const name = relative(dirname(resolve(path)), resolve(journal))
  value(writeProxy(path, { ...state, series: begin(name, gap, started, unforeseeable) }))
  process.stdout.write(`${journal}: challenges of ${path} belong to this series from now on, one in ${gap / 1000} s on average\n`)
  return 0
}

export interface SeriesVerifyFlags {
  readonly series: string
  readonly proxy: string
  readonly key: string
  readonly sla?: string
  readonly json?: string
}

export async function verifySeries({
  series: path,
  proxy: proxyPath,
  key: keyPath,
  sla: slaPath,
  json,
}: SeriesVerifyFlags): Promise<number> {
  const sla = slaPath === undefined ? undefined : readSla(slaPath)
  if (sla !== undefined && !sla.ok) throw new UsageError(describeSlaError(sla.error))
  const [state, key] = [value(readProxy(proxyPath)), value(readKey(keyPath))]
  const judge = sla?.ok === true ? new SeriesJudge(sla.sla) : undefined
  let read: { readonly header: Header; readonly replay: Replay } | undefined
  const fault = await readJournal(
    path,
    (header) => {
      if (header.proxy !== state.proxy || header.platform !== state.platform)
        return {
          kind: 'other-series',
          detail: `it is a journal of proxy ${header.proxy} and platform ${header.platform}; ${proxyPath} is another`,
        }
      read = { header, replay: new Replay(header, key, (report) => judge?.take(measuredIn(report))) }
      return undefined
    },
    (entry, line) => read?.replay.take(entry, line),
  )
  if (fault !== undefined || read === undefined) throw new UsageError(describeJournalFault(path, fault ?? { kind: 'empty' }))
  const isCurrent = state.series !== null && journalOf(proxyPath, state.series) === resolve(path)
  const finished = read.replay.finish(isCurrent ? { counter: state.counter, at: state.series!.busy.from } : undefined, Date.now())
  if (!finished.ok) throw new UsageError(describeJournalFault(path, finished.fault))
  const record = recordOf(read.header, finished.value, judge)
  const stream = json === '-' ? process.stderr : process.stdout
  const options = { colour: wantsColour(stream.isTTY === true, process.env) }
  stream.write(renderSeries(record, options))
  if (record.judgement !== null) stream.write(`\n${renderJudgement(record.judgement, options)}`)
  if (json !== undefined) writeRecord(json, record)
  const verdict = record.judgement?.verdict
  return verdict === 'broken' ? BROKEN : verdict === 'not-measurable' ? NOT_MEASURED : 0
}

function recordOf(
  { platform }: Header,
  { series, challenges, accepted, alarms, lost, pending }: Replayed,
  judge: SeriesJudge | undefined,
): SeriesRecord {
  const { plan, elapsed, heldUp, missed } = series
  const judged = judge?.finish(series)
  return {
    schema: 'smmcheck.series/1',
    platform,
    elapsedMs: elapsed,
    gapMs: plan.gap,
    mostDelayNs: plan.mostDelay,
    leastCycleNs: plan.leastCycle,
    expected: expectedTriggers(series),
    ...{ challenges, accepted, alarms: Object.fromEntries(alarms), lost, heldUp, missed, pending },
    machines: [...(judged?.machines ?? [])],
    judgement: judged?.judgement ?? null,
  }
}

function describeJournalFault(path: string, fault: JournalFault): string {
  return match(fault)
    .with({ kind: 'not-found' }, () => `${path}: there is no such file; smmcheck series begins a journal.`)
    .with({ kind: 'unreadable' }, ({ detail }) => `${path}: cannot be read (${detail}); give a regular file that you may read.`)
    .with({ kind: 'empty' }, () => `${path}: not a journal: it is empty; smmcheck series begins one.`)
    .with({ kind: 'not-json' }, { kind: 'shape' }, ({ line, detail }) =>
      line === 1
        ? `${path}: not a journal: line 1: ${detail}; smmcheck series begins one.`
        : `${path}: line ${line}: ${detail}; take the line out, and its challenge counts as not answered.`,
    )
    .with({ kind: 'order' }, ({ line, detail }) => `${path}: line ${line}: ${detail}; give the journal as it was written.`)
    .with(
      { kind: 'other-decision' },
      ({ line, detail }) =>
        `${path}: line ${line}: ${detail}; give the journal as it was written, and the key that goes with it.`,
    )
    .with({ kind: 'other-series' }, ({ detail }) => `${path}: ${detail}; give the proxy's file that goes with it.`)
    .exhaustive()
}
