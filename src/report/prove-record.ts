// Covers: the JSON Lines of `prove`, version smmcheck.prove/1: one record per obligation, per claim, per spec that could not
// be run, and a summary at the end.
import { z } from 'zod'

export const PROVE_SCHEMA = 'smmcheck.prove/1'

const place = z.object({ file: z.string(), line: z.int() })
const verdict = z.enum(['proved', 'refuted', 'not-inductive', 'unknown', 'vacuous', 'disagreement'])
const hexNumber = z.string().regex(/^0x[0-9a-f]+$/)
const scalar = z.union([z.boolean(), hexNumber])
const value = z.union([scalar, z.object({ otherwise: scalar, entries: z.record(hexNumber, scalar) })])
const namedValue = z.object({ name: z.string(), value, explained: z.string().optional(), shown: z.string().optional() })

const origin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('validity') }),
  z.object({
    kind: z.literal('procedure'),
    procedure: z.string(),
    mode: z.enum(['havoc', 'snapshot']),
    of: z.enum([
      'ensures',
      'invariant entry',
      'invariant preserved',
      'callee precondition',
      'assertion',
      'bounds',
      'overflow',
      'readable',
      'counted once',
      'run',
    ]),
    at: place,
  }),
  z.object({ kind: z.literal('initial'), conjunct: z.string(), at: place.optional() }),
  z.object({ kind: z.literal('action'), action: z.string(), conjunct: z.string(), at: place }),
  z.object({ kind: z.literal('property'), property: z.string() }),
  z.object({ kind: z.literal('scenario'), breaks: z.string() }),
])

const step = z.object({
  number: z.int().min(1),
  actor: z.string(),
  action: z.string(),
  case: z.string().optional(),
  cite: z.string(),
  at: place,
  parameters: z.array(namedValue),
  otherParameters: z.array(namedValue),
  changes: z.array(z.object({ name: z.string(), from: scalar, to: scalar, shown: z.string().optional() })),
  otherChanges: z.int().min(0),
})

const counterexample = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('values'), values: z.array(namedValue) }),
  z.object({
    kind: z.literal('run'),
    procedure: z.string(),
    violated: z.object({
      of: z.enum(['requires', 'ensures', 'invariant', 'assertion', 'bounds', 'overflow', 'readable', 'counted once']),
      procedure: z.string(),
      name: z.string(),
      at: place,
    }),
    entry: z.array(namedValue),
    reads: z.array(
      z.object({
        procedure: z.string(),
        local: z.string(),
        address: hexNumber,
        value: hexNumber,
        explained: z.string().optional(),
      }),
    ),
    racing: z.boolean(),
    unread: z.array(z.object({ address: hexNumber, value: hexNumber })),
    attempt: z.int().min(0),
  }),
  z.object({
    kind: z.literal('trace'),
    constants: z.array(namedValue),
    start: z.array(namedValue),
    steps: z.array(step),
    watched: z.array(namedValue),
    why: z.string().optional(),
  }),
  z.object({
    kind: z.literal('step'),
    constants: z.array(namedValue),
    before: z.array(namedValue),
    step,
    watched: z.array(namedValue),
  }),
])

const common = { schema: z.literal(PROVE_SCHEMA), spec: z.string() }
const count = z.int().min(0)

export const obligationLine = z.object({
  ...common,
  record: z.literal('obligation'),
  claim: z.string(),
  id: z.string(),
  conjunct: z.string(),
  origin,
  verdict,
  by: z.enum(['simplification', 'solver']),
  hypotheses: z.enum(['topic', 'all']),
  hypothesisCount: count,
  instances: z.array(z.string()),
  bytes: count,
  cached: z.boolean(),
  ms: z.number().min(0),
  reason: z.string().optional(),
  failing: z.array(z.string()).optional(),
  counterexample: counterexample.optional(),
  needs: z.array(z.string()).optional(),
  contradiction: z.array(z.string()).optional(),
  crossCheck: z
    .object({
      solver: z.string(),
      answer: z.enum(['agrees', 'differs', 'unknown']),
      reason: z.string().optional(),
      cached: z.boolean(),
      ms: z.number().min(0),
    })
    .optional(),
})

const names = z.array(z.string())
const reliance = z.object({
  sets: z.array(names),
  without: z.array(
    z.object({
      names,
      attacks: z.array(z.object({ id: z.string(), spec: z.string(), claim: z.string(), direct: z.boolean() })),
      doubt: z.string().optional(),
    }),
  ),
  unused: names,
  exact: z.boolean(),
  incomplete: z.string().optional(),
})

export const claimLine = z.object({
  ...common,
  record: z.literal('claim'),
  id: z.string(),
  statement: z.string(),
  assumptions: z.array(z.string()),
  expect: z.enum(['proved', 'refuted', 'not-inductive']),
  verdict,
  asExpected: z.boolean(),
  obligations: z.object({ total: count, proved: count, bySimplification: count, fromCache: count, skipped: count }),
  hypothesesChecked: z.object({ queries: count, ms: z.number().min(0) }),
  row: z
    .object({
      id: z.string(),
      name: z.string(),
      reference: z.string(),
      year: z.int(),
      defence: z.string(),
      half: z.enum(['attack', 'defence']),
    })
    .optional(),
  refutes: z.object({ claim: z.string(), without: names }).optional(),
  residual: z.array(z.object({ id: z.string(), sentence: z.string(), reference: z.string() })).optional(),
  lemmas: names.optional(),
  notes: names.optional(),
  emptiness: z.string().optional(),
  needs: names.optional(),
  restsOn: reliance.optional(),
  ms: z.number().min(0),
})

export const coverageLine = z.object({
  ...common,
  record: z.literal('coverage'),
  system: z.string(),
  profiles: count,
  actions: z.array(
    z.object({
      action: z.string(),
      actor: z.string(),
      at: place,
      cases: z.array(
        z.object({
          case: z.string(),
          reached: z
            .object({ steps: count, by: z.array(z.string()), seed: count.optional(), under: z.array(z.string()) })
            .optional(),
          never: z.string().optional(),
        }),
      ),
    }),
  ),
})

export const errorLine = z.object({
  ...common,
  record: z.literal('error'),
  kind: z.enum(['missing', 'type', 'syntax', 'threw', 'endless', 'no-claims', 'crashed']),
  file: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
  message: z.string(),
})

export const summaryLine = z.object({
  schema: z.literal(PROVE_SCHEMA),
  record: z.literal('summary'),
  version: z.string(),
  solver: z.string(),
  crossCheck: z.string().optional(),
  jobs: count,
  timeoutMs: count,
  seed: z.int(),
  specs: count,
  failedSpecs: count,
  claims: count,
  asExpected: count,
  obligations: count,
  bySimplification: count,
  fromCache: count,
  ms: z.number().min(0),
  exit: z.int(),
})

/** One line of the output. */
export const proveRecord = z.discriminatedUnion('record', [obligationLine, claimLine, coverageLine, errorLine, summaryLine])
export type ProveLine = z.infer<typeof proveRecord>
