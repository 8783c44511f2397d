// Claims: what a spec exports. A claim names its statement (with the quantifier), what it assumes, the verdict its author
// expects, and yields obligations. It is proved when all of them are.

import type { Cell } from '../model/cell.ts'
import type { Value } from '../model/evaluate.ts'
import type { MemoryImage, Outcome, ReadEvent } from '../model/interpreter.ts'
import type { InvariantConjunct, Profile } from '../model/invariant.ts'
import type { Procedure } from '../model/procedure.ts'
import type { Guide, Sampler } from '../model/sampler.ts'
import type { Action, Quantified, System } from '../model/system.ts'
import type { Axiom, Obligation } from './obligation.ts'
import type { Scenario } from './scenario.ts'
import type { Wording } from './wording.ts'

export type Verdict = 'proved' | 'refuted' | 'not-inductive' | 'unknown' | 'vacuous' | 'disagreement'

export interface Claim {
  readonly kind: 'claim'
  /** Short, unique, e.g. `W1` or `I10/long4/level3`. */
  readonly id: string
  /** One sentence, starting with its quantifier: "For every ...". */
  readonly statement: string
  /** Assumptions in words, each naming its parameter or switch. */
  readonly assumptions: readonly string[]
  readonly expect: 'proved' | 'refuted' | 'not-inductive'
  /** Built on demand: loading a spec must be cheap. */
  readonly obligations: () => readonly Obligation[]
  readonly axioms: readonly Axiom[]
  /** Turns a counter-model of a procedure's condition into a run of that procedure from its entry. */
  readonly replay?: Replay
  /** Ready-made text that explains a value, e.g. the fields of a table entry that a local holds. */
  readonly explain?: (read: ReadEvent) => string | undefined
  /** What the obligations are about, where that is a transition system. */
  readonly about?: SystemTheorem
  /** The row of an attack gallery that it is one half of. */
  readonly row?: GalleryRow
  /** What it shows about another claim, where it is refuted. */
  readonly refutes?: Refuted
  /** Attacks that claims are known to fall to, this one or those that it rests on. */
  readonly attacks?: readonly KnownAttack[]
  /** Claims that it takes for granted: what they rest on, it rests on. */
  readonly restsOn?: readonly Claim[]
  /** Defences that are part of the procedures it is about. */
  readonly builtIn?: BuiltIn
  /** What is assumed and not modelled, printed whenever the claim is: it is a theorem about real machines with these. */
  readonly residual?: readonly Residual[]
  /** Claims that prove what is given, and where they are: `I7 (specs/meeting.ts)`. What they need is needed here, too. */
  readonly lemmas?: readonly string[]
  /** What a reader should know of it, printed whenever it is: numbers that its parameters have on real machines, for instance. */
  readonly notes?: readonly string[]
}

/** That a claim does not hold where some of its assumptions do not. */
export interface Refuted {
  readonly claim: string
  /** By the names that they have among that claim's assumptions. All others hold. */
  readonly without: readonly string[]
}

/** A claim that is refuted, by its id, in a spec. */
export interface KnownAttack extends Refuted {
  readonly id: string
  readonly spec: string
}

/** Something that nothing in the model says, and that a reader has to believe, or know not to be claimed. */
export interface Residual {
  /** Of the catalogue of attacks, or a name. */
  readonly id: string
  /** What is assumed, or not claimed. */
  readonly sentence: string
  readonly reference: string
}

export interface BuiltIn {
  readonly names: readonly string[]
  /** The claim's obligations where procedures are built without these. */
  readonly without: (missing: readonly string[]) => readonly Obligation[]
}

/** A known attack: a claim without the defence, which is refuted, and one with it, which is proved. */
export interface GalleryRow {
  /** In the catalogue, e.g. `A05`. */
  readonly id: string
  readonly name: string
  readonly reference: string
  /** Of the reference. */
  readonly year: number
  /** What is missing in the one half. */
  readonly defence: string
  readonly half: 'attack' | 'defence'
}

/** Conjuncts (with all that they rest on) are an invariant of the system under the profile, and imply the properties. */
export interface SystemTheorem {
  readonly system: System
  readonly profile: Profile
  readonly conjuncts: readonly InvariantConjunct[]
  readonly implies: readonly Quantified[]
  /** What is proved elsewhere and used here. */
  readonly given?: readonly InvariantConjunct[]
  /** Of what is given: that these actions keep it, which the other claim does not know of. */
  readonly carried?: readonly { readonly conjunct: InvariantConjunct; readonly actions: readonly Action[] }[]
  /** Actions that extend one of a part which something given is proved of: that they do what that does. */
  readonly extended?: readonly { readonly action: Action; readonly part: System }[]
  /** The claim is of the runs of this scenario only, and there are no other obligations. */
  readonly scenario?: Scenario
  /** What its states, steps and statements are called in the manual's terms. */
  readonly wording?: Wording
  /** Profiles under which actions count as possible, besides this claim's own. */
  readonly profiles: readonly Profile[]
  /** Actions (`name`) and cases (`name/case`) that happen in no profile, and why that is right. */
  readonly never: Readonly<Record<string, string>>
  /** Where concrete runs begin, and how they choose their steps. */
  readonly sampler?: Sampler
  readonly guide?: Guide
  /** What concrete runs are of, where the proof is of single steps from states that no run begins in. */
  readonly runs?: Pick<SystemTheorem, 'system' | 'conjuncts'>
}

export interface Replay {
  /** Completes an entry state taken from a model so that the procedure can run on it (sizes of arrays, absent constants). */
  readonly complete?: (procedure: Procedure, state: Map<Cell, Value>) => void
  /** Further memories to try around the model's, when the model's own does not show the failure. */
  readonly variants?: (procedure: Procedure, memory: MemoryImage, seed: number) => Iterable<MemoryImage>
}

/** A run of a procedure, from an entry state that satisfies its precondition, that breaks its contract. */
export interface Refutation {
  readonly procedure: string
  readonly outcome: Extract<Outcome, { kind: 'violation' }>
  readonly entry: ReadonlyMap<Cell, Value>
  readonly reads: readonly ReadEvent[]
}

/** Declares a claim; the object is what a spec exports, alone or in a list. */
export function claim(
  declaration: Omit<Claim, 'kind' | 'axioms' | 'assumptions' | 'expect'> &
    Partial<Pick<Claim, 'axioms' | 'assumptions' | 'expect'>>,
): Claim {
  return { kind: 'claim', axioms: [], assumptions: [], expect: 'proved', ...declaration }
}
