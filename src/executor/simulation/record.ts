// What a simulation has to tell, as plain data that can be printed and sent between processes.

import type { Actor } from '../../model/system.ts'

export type PlainElement = boolean | bigint
/** A table: entries over what all other elements are. */
export interface PlainTable {
  readonly otherwise: PlainElement
  readonly entries: ReadonlyMap<bigint, PlainElement>
}
export type PlainValue = PlainElement | PlainTable

export interface NamedPlain {
  readonly name: string
  readonly value: PlainValue
  readonly isConstant: boolean
  /** Number of elements, for tables over counted domains. */
  readonly size?: number
}
export interface ChangeRecord {
  readonly name: string
  /** Of an element of a table. */
  readonly index?: bigint
  readonly before: PlainElement
  readonly after: PlainElement
}
export interface StepRecord {
  readonly action: string
  readonly actor: Actor
  readonly case: string
  readonly parameters: readonly { readonly name: string; readonly value: PlainValue }[]
  readonly changes: readonly ChangeRecord[]
}
/** A run that breaks a statement: the state it began in, its steps, and the state after each. */
export interface TraceRecord {
  readonly system: string
  readonly violated: string
  /** Where, as `domain identifier`. */
  readonly identifiers: readonly { readonly domain: string; readonly value: bigint }[]
  readonly sizes: readonly { readonly domain: string; readonly size: number }[]
  readonly steps: readonly StepRecord[]
  /** One more than steps. */
  readonly states: readonly (readonly NamedPlain[])[]
}

export interface ActionCoverage {
  readonly action: string
  readonly cases: readonly { readonly name: string; readonly taken: number }[]
}

/** Something that the guide of a run counts, in words. */
export interface NotableCount {
  readonly what: string
  readonly times: number
}

export type Outcome =
  | { readonly kind: 'survived' }
  /** `found` is the number of the step at which it fell, `length` how many steps the run had before it was made small. */
  | { readonly kind: 'violated'; readonly trace: TraceRecord; readonly found: number; readonly length: number }
  | { readonly kind: 'no start'; readonly broken: string }
  | { readonly kind: 'dead end' }
  /** Generated code and exact evaluation differ: a defect of the simulator. */
  | { readonly kind: 'disagreement'; readonly message: string }

/** One search: the claims that are looked at, the number of the run (from 0) and the seed that gives the same run again. */
export interface RunName {
  readonly claims: readonly string[]
  readonly run: number
  readonly seed: number
}
export interface RunRecord extends RunName {
  readonly steps: number
  /** Without the time to compile the system. */
  readonly ms: number
  readonly outcome: Outcome
  /** Of the claims, those that the violated statement belongs to. */
  readonly violates: readonly string[]
  readonly coverage: readonly ActionCoverage[]
  readonly notable: readonly NotableCount[]
}
export type SimulationEvent =
  | (RunName & {
      readonly kind: 'progress'
      readonly steps: number
      readonly ms: number
      readonly coverage: readonly ActionCoverage[]
    })
  | { readonly kind: 'run'; readonly record: RunRecord }
