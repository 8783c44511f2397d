// Covers: events of a proof run as the lines of smmcheck.prove/1.
// Leaves out: progress, which is for eyes.
import { match, P } from 'ts-pattern'
import type {
  ClaimRecord,
  Counterexample,
  CoverageRecord,
  ObligationRecord,
  Place,
  RunEvent,
  RunSummary,
} from '../prover/record.ts'
import { shownPath } from './paths.ts'
import type { ProveLine } from './prove-record.ts'

const schema = 'smmcheck.prove/1'

/** The record for an event, if there is one. */
export function lineOf(event: RunEvent, cwd: string): ProveLine | undefined {
  const spec = shownPath(event.spec, cwd)
  return match(event)
    .returnType<ProveLine | undefined>()
    .with({ kind: 'prove', event: { kind: 'obligation', record: P.select() } }, (record) => ({
      schema,
      record: 'obligation',
      spec,
      ...withShownPaths(record, cwd),
    }))
    .with({ kind: 'prove', event: { kind: 'claim-done', record: P.select() } }, (record) => ({
      schema,
      record: 'claim',
      spec,
      ...plainly(record),
    }))
    .with({ kind: 'prove', event: { kind: 'coverage', record: P.select() } }, (record) => ({
      schema,
      record: 'coverage',
      spec,
      ...coverageOf(record, cwd),
    }))
    .with({ kind: 'spec-failed' }, ({ error }) => ({
      schema,
      record: 'error',
      spec,
      ...error,
      file: shownPath(error.file, cwd),
    }))
    .otherwise(() => undefined)
}

export const summaryOf = (summary: RunSummary): ProveLine => ({ schema, record: 'summary', ...summary })

type CoverageLine = Omit<Extract<ProveLine, { record: 'coverage' }>, 'schema' | 'record' | 'spec'>

function coverageOf({ actions, ...record }: CoverageRecord, cwd: string): CoverageLine {
  const shown = actions.map((a) => ({ ...a, at: { ...a.at, file: shownPath(a.at.file, cwd) } }))
  // The record's lists are read-only, the schema's are not; nothing writes to either.
  return { ...record, actions: shown } as unknown as CoverageLine
}

type ObligationLine = Omit<Extract<ProveLine, { record: 'obligation' }>, 'schema' | 'record' | 'spec'>

function withShownPaths(record: ObligationRecord, cwd: string): ObligationLine {
  const at = (place: Place) => ({ ...place, file: shownPath(place.file, cwd) })
  const { origin, counterexample } = record
  const changed = {
    ...record,
    origin: 'at' in origin && origin.at !== undefined ? { ...origin, at: at(origin.at) } : origin,
    ...(counterexample === undefined ? {} : { counterexample: placed(counterexample, at) }),
  }
  // The record's lists are read-only, the schema's are not; nothing writes to either.
  return changed as unknown as ObligationLine
}

/** Without the whole run, which `--traces` writes. */
type Told =
  | Exclude<Counterexample, { kind: 'trace' | 'run' }>
  | Omit<Extract<Counterexample, { kind: 'trace' }>, 'recorded'>
  | Omit<Extract<Counterexample, { kind: 'run' }>, 'recorded'>

function placed(counterexample: Counterexample, at: (place: Place) => Place): Told {
  return match(counterexample)
    .returnType<Told>()
    .with({ kind: 'values' }, (values) => values)
    .with({ kind: 'run' }, ({ recorded: _, ...run }) => ({ ...run, violated: { ...run.violated, at: at(run.violated.at) } }))
    .with({ kind: 'trace' }, ({ recorded: _, ...trace }) => ({
      ...trace,
      steps: trace.steps.map((s) => ({ ...s, at: at(s.at) })),
    }))
    .with({ kind: 'step' }, (one) => ({ ...one, step: { ...one.step, at: at(one.step.at) } }))
    .exhaustive()
}

type ClaimFields = Omit<Extract<ProveLine, { record: 'claim' }>, 'schema' | 'record' | 'spec'>
// The record's lists are read-only, the schema's are not; nothing writes to either.
const plainly = (record: ClaimRecord): ClaimFields => record as unknown as ClaimFields
