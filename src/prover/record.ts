// Result records: what the prover says about obligations and claims, as plain data that can be printed, stored in a cache and
// sent between processes. src/report/prove-record.ts gives them their JSON Schema.

import type { ViolationKind } from '../model/interpreter.ts'
import type { GalleryRow, Refuted, Residual, Verdict } from './claim.ts'
import type { ConditionKind } from './obligation.ts'
import type { Expectation } from './verdict.ts'

/** A concrete value: a truth, a number as `0x...`, or an array as its entries over a default. */
export type PlainValue = boolean | string | PlainArray
export interface PlainArray {
  readonly otherwise: boolean | string
  readonly entries: Readonly<Record<string, boolean | string>>
}
export interface NamedValue {
  readonly name: string
  readonly value: PlainValue
  /** What the value means, in the spec's own words (fields of a table entry, for instance). */
  readonly explained?: string
  /** Name and value as the system's wording has them. */
  readonly shown?: string
}

export interface Place {
  readonly file: string
  readonly line: number
}

export type OriginRecord =
  | { readonly kind: 'validity' }
  | {
      readonly kind: 'procedure'
      readonly procedure: string
      readonly mode: 'havoc' | 'snapshot'
      readonly of: ConditionKind
      readonly at: Place
    }
  | { readonly kind: 'initial'; readonly conjunct: string; readonly at?: Place }
  | { readonly kind: 'action'; readonly action: string; readonly conjunct: string; readonly at: Place }
  | { readonly kind: 'property'; readonly property: string }
  /** All runs of a scenario. */
  | { readonly kind: 'scenario'; readonly breaks: string }

export interface ReadRecord {
  readonly procedure: string
  readonly local: string
  /** Physical address. */
  readonly address: string
  readonly value: string
  readonly explained?: string
}

export type Counterexample =
  /** Values of the variables under which the hypotheses hold and the goal does not. */
  | { readonly kind: 'values'; readonly values: readonly NamedValue[] }
  /** A run of the procedure from an entry state that satisfies its precondition. */
  | {
      readonly kind: 'run'
      readonly procedure: string
      readonly violated: { readonly of: ViolationKind; readonly procedure: string; readonly name: string; readonly at: Place }
      readonly entry: readonly NamedValue[]
      readonly reads: readonly ReadRecord[]
      /** The memory changed between reads (only where a contract holds for arbitrary reads). */
      readonly racing: boolean
      /** Words of memory that are not zero and that the run does not read: what it passes over may be the point. */
      readonly unread: readonly Pick<ReadRecord, 'address' | 'value'>[]
      /** Number of the run that showed it: 0 is the solver's own memory, later ones were made around it from the seed. */
      readonly attempt: number
      /** All of the run, to be executed again. */
      readonly recorded: RecordedRun
    }
  /** A run of the system from an initial state; the statement is false at its end. Values are those that decide it. */
  | {
      readonly kind: 'trace'
      readonly constants: readonly NamedValue[]
      readonly start: readonly NamedValue[]
      readonly steps: readonly StepRecord[]
      /** The elements for which the statement is false. */
      readonly watched: readonly NamedValue[]
      /** What that means. */
      readonly why?: string
      /** All of the run, to be executed again. */
      readonly recorded: RecordedRun
    }
  /** A step of the system, from a state that may be unreachable, after which the statement is false. */
  | {
      readonly kind: 'step'
      readonly constants: readonly NamedValue[]
      readonly before: readonly NamedValue[]
      readonly step: StepRecord
      readonly watched: readonly NamedValue[]
    }

export interface StepRecord {
  readonly number: number
  readonly actor: string
  readonly action: string
  /** Absent where there is only one. */
  readonly case?: string
  readonly cite: string
  readonly at: Place
  /** Elements, and values that what happens depends on. */
  readonly parameters: readonly NamedValue[]
  readonly otherParameters: readonly NamedValue[]
  /** Changes that what follows depends on. */
  readonly changes: readonly ChangeRecord[]
  readonly otherChanges: number
}
export interface ChangeRecord {
  readonly name: string
  readonly from: boolean | string
  readonly to: boolean | string
  /** The change as the system's wording has it. */
  readonly shown?: string
}

/** A run with nothing left out. */
export interface RecordedRun {
  readonly system: string
  readonly violated: string
  readonly watched: readonly { readonly domain: string; readonly value: string }[]
  readonly sizes: readonly { readonly domain: string; readonly size: number }[]
  readonly steps: readonly {
    readonly action: string
    readonly actor: string
    readonly case: string
    readonly parameters: readonly NamedValue[]
  }[]
  /** One more than steps; every variable. */
  readonly states: readonly (readonly RecordedValue[])[]
}
export interface RecordedValue extends NamedValue {
  readonly isConstant: boolean
  /** Number of elements, for tables over counted domains. */
  readonly size?: number
}

export interface CrossCheck {
  readonly solver: string
  readonly answer: 'agrees' | 'differs' | 'unknown'
  readonly reason?: string
  readonly cached: boolean
  readonly ms: number
}

export interface ObligationRecord {
  readonly claim: string
  readonly id: string
  readonly conjunct: string
  readonly origin: OriginRecord
  readonly verdict: Verdict
  readonly by: 'simplification' | 'solver'
  /** The proof used hypotheses of the goal's topic only, or all of them. */
  readonly hypotheses: 'topic' | 'all'
  readonly hypothesisCount: number
  /** Names of the instances of quantified hypotheses. */
  readonly instances: readonly string[]
  /** Length of the longest text given to the solver. */
  readonly bytes: number
  /** All answers came from the cache. */
  readonly cached: boolean
  /** Time in the solver (when the answer was first found). */
  readonly ms: number
  /** Why the verdict is unknown, or how solvers or replay disagree. */
  readonly reason?: string
  /** The named parts of the conjunct that are false in the solver's model. */
  readonly failing?: readonly string[]
  readonly counterexample?: Counterexample
  /** Assumptions of the profile that suffice for this proof. */
  readonly needs?: readonly string[]
  /** Names of hypotheses that contradict each other. */
  readonly contradiction?: readonly string[]
  readonly crossCheck?: CrossCheck
}

export interface ClaimSummary {
  readonly id: string
  readonly statement: string
  readonly assumptions: readonly string[]
  readonly expect: Expectation
  readonly row?: GalleryRow
  readonly refutes?: Refuted
  readonly residual?: readonly Residual[]
  readonly lemmas?: readonly string[]
  readonly notes?: readonly string[]
}

/** The assumptions under which a claim is proved. */
export interface Reliance {
  /** Minimal sets, each of which suffices by itself. */
  readonly sets: readonly (readonly string[])[]
  /** Minimal sets that must not be missing together: the proof needs one of each. */
  readonly without: readonly Removal[]
  /** Assumptions of the profile that are in no set. */
  readonly unused: readonly string[]
  /** All sets are there, and without each of `without` an attack is known: on some machine where all others hold, the claim is false. */
  readonly exact: boolean
  /** Why there may be other sets, or smaller ones. */
  readonly incomplete?: string
}
export interface Removal {
  readonly names: readonly string[]
  readonly attacks: readonly AttackRecord[]
  /** Why the proof may be possible without them: the question had no answer. */
  readonly doubt?: string
}
/** A claim that is refuted where these are missing and everything else holds. */
export interface AttackRecord {
  readonly id: string
  readonly spec: string
  /** What falls: the claim itself, or one that it rests on. */
  readonly claim: string
  readonly direct: boolean
}

export interface ClaimRecord extends ClaimSummary {
  readonly verdict: Verdict
  readonly asExpected: boolean
  readonly obligations: {
    readonly total: number
    readonly proved: number
    readonly bySimplification: number
    readonly fromCache: number
    /** Not tried, because an expected refutation had been found. */
    readonly skipped: number
  }
  /** Questions whether hypotheses can hold together, and the solver's time for them. */
  readonly hypothesesChecked: { readonly queries: number; readonly ms: number }
  /** The assumptions of the profile that the proof needs: without any one of them, some obligation is not proved. */
  readonly needs?: readonly string[]
  /** All such sets, where they were asked for. */
  readonly restsOn?: Reliance
  /** Why it is vacuous, where that is no obligation's fault: no initial state, or actions that happen in no profile. */
  readonly emptiness?: string
  /** Wall-clock time from the first obligation built to the last verdict. */
  readonly ms: number
}

/** Which actions and cases of a system happen in runs from initial states. */
export interface CoverageRecord {
  readonly system: string
  /** How many profiles were tried. */
  readonly profiles: number
  readonly actions: readonly {
    readonly action: string
    readonly actor: string
    readonly at: Place
    readonly cases: readonly CaseCoverage[]
  }[]
}
export interface CaseCoverage {
  readonly case: string
  /**
   * A run of so many steps ends with it: after which actions, or found by a random run of which seed; and which assumptions
   * differ from the first profile's.
   */
  readonly reached?: {
    readonly steps: number
    readonly by: readonly string[]
    readonly seed?: number
    readonly under: readonly string[]
  }
  /** Why it never happens, as the claim says. */
  readonly never?: string
}

export type ProveEvent =
  | { readonly kind: 'claim-started'; readonly claim: string; readonly total: number }
  | { readonly kind: 'progress'; readonly claim: string; readonly done: number; readonly total: number }
  | { readonly kind: 'obligation'; readonly record: ObligationRecord }
  | { readonly kind: 'claim-done'; readonly record: ClaimRecord }
  | { readonly kind: 'coverage'; readonly record: CoverageRecord }

// ---- a run of several specs ----

/** What can be wrong with a spec. */
export interface SpecError {
  readonly kind: 'missing' | 'type' | 'syntax' | 'threw' | 'endless' | 'no-claims' | 'crashed'
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** One line. */
  readonly message: string
}

export type RunEvent = { readonly spec: string } & (
  | { readonly kind: 'spec-loaded'; readonly claims: readonly ClaimSummary[] }
  | { readonly kind: 'prove'; readonly event: ProveEvent }
  | { readonly kind: 'spec-printed'; readonly text: string }
  | { readonly kind: 'spec-failed'; readonly error: SpecError }
  | { readonly kind: 'spec-done' }
)

export interface RunSummary {
  readonly version: string
  readonly solver: string
  readonly crossCheck?: string
  readonly jobs: number
  readonly timeoutMs: number
  readonly seed: number
  readonly specs: number
  readonly failedSpecs: number
  readonly claims: number
  readonly asExpected: number
  readonly obligations: number
  readonly bySimplification: number
  readonly fromCache: number
  readonly ms: number
  readonly exit: number
}
