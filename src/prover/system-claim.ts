// Claims about transition systems: that conjuncts are an invariant under a profile, and what they imply.

import { type Invariant, type InvariantConjunct, type Profile, supportOf } from '../model/invariant.ts'
import type { Guide, Sampler } from '../model/sampler.ts'
import type { Action, Quantified, System } from '../model/system.ts'
import { type Claim, claim, type GalleryRow, type SystemTheorem } from './claim.ts'
import { obligationsOf } from './induction.ts'
import { checkSlots, type Scenario } from './scenario.ts'
import type { Wording } from './wording.ts'

export interface SystemClaim {
  readonly id: string
  /** One sentence, starting with its quantifier. */
  readonly statement: string
  readonly system: System
  readonly invariant: Invariant
  /** A claim of the invariant's conjuncts, or names of conjuncts. What they rest on is proved with them. */
  readonly of: string | readonly string[]
  readonly profile: Profile
  /** Properties that follow from the conjuncts. */
  readonly implies?: readonly Quantified[]
  readonly expect?: Claim['expect']
  /** Assumptions in words, besides the profile's names. */
  readonly assumptions?: readonly string[]
  /** Further profiles for coverage: an action that is possible in one of them is not vacuous. */
  readonly profiles?: readonly Profile[]
  /** Actions (`name`) and cases (`name/case`) that happen in no profile, and why that is right. */
  readonly never?: Readonly<Record<string, string>>
  /** What the conjuncts rest on is proved by another claim, and not again. */
  readonly restProved?: boolean
  /** Conjuncts that are proved of a part of this system: here, that its other actions keep them. */
  readonly lemmas?: readonly Lemma[]
  readonly wording?: Wording
  readonly row?: GalleryRow
  /** Where concrete runs begin; without it, at random constants that satisfy the profile and the facts. */
  readonly sampler?: Sampler
  /** How they choose their steps. */
  readonly guide?: Guide
  /** What they are of, where the proof is of single steps from states that no run begins in. */
  readonly runs?: SystemTheorem['runs']
}

/** An invariant of a system whose actions, facts and initial conditions are among those of a larger one. */
export interface Lemma {
  readonly system: System
  /** Claims that prove them, and where: `I7 (specs/meeting.ts)`. */
  readonly provedBy: readonly string[]
  readonly conjuncts: Invariant
}

/** @throws Error when a name means nothing. */
export function systemClaim(declaration: SystemClaim): Claim {
  const {
    id,
    statement,
    system,
    invariant,
    of,
    profile,
    implies = [],
    expect = 'proved',
    profiles = [],
    never = {},
    restProved = false,
    lemmas = [],
    wording,
    row,
    sampler,
    guide,
    runs,
  } = declaration
  const names = typeof of === 'string' ? invariant.filter((c) => c.claim === of).map((c) => c.name) : of
  if (names.length === 0) throw new Error(`${id}: no conjunct of the invariant belongs to ${of}`)
  const actions = new Set(system.actions.flatMap((a) => [a.name, ...a.cases.map((c) => `${a.name}/${c.name}`)]))
  const unknown = Object.keys(never).find((name) => !actions.has(name))
  if (unknown !== undefined) throw new Error(`${id}: ${system.name} has no action or case called ${unknown}`)
  const about: SystemTheorem = {
    system,
    profile,
    ...(restProved ? apart(supportOf(invariant, names), names) : withLemmas(system, supportOf(invariant, names), lemmas)),
    implies,
    profiles,
    never,
    ...(sampler === undefined ? {} : { sampler }),
    ...(guide === undefined ? {} : { guide }),
    ...(runs === undefined ? {} : { runs }),
    ...(wording === undefined ? {} : { wording }),
  }
  const assumptions = [...profile.map((a) => a.name), ...(declaration.assumptions ?? [])]
  const optional = { ...(row === undefined ? {} : { row }), ...(lemmas.length === 0 ? {} : { lemmas: used(about, lemmas) }) }
  return claim({ id, statement, assumptions, expect, about, ...optional, obligations: () => obligationsOf(about) })
}

const apart = (all: readonly InvariantConjunct[], names: readonly string[]) => ({
  conjuncts: all.filter((c) => names.includes(c.name)),
  given: all.filter((c) => !names.includes(c.name)),
})

/** @throws Error when what a lemma is about is not a part of the system. */
function withLemmas(system: System, all: readonly InvariantConjunct[], lemmas: readonly Lemma[]) {
  const partOf = new Map<string, System>()
  for (const { system: part, conjuncts } of lemmas) {
    const whole: ReadonlySet<unknown> = new Set([...system.facts, ...system.initial])
    if (![...part.facts, ...part.initial].every((q) => whole.has(q)))
      throw new Error(`${part.name} is not a part of ${system.name}: it has facts or initial conditions of its own`)
    for (const c of conjuncts) partOf.set(c.name, part)
  }
  const given = all.filter((c) => partOf.has(c.name))
  const isKnown = (part: System, a: Action): boolean =>
    part.actions.includes(a) || (a.extends !== undefined && part.actions.includes(a.extends))
  const carried = given.map((conjunct) => {
    const part = partOf.get(conjunct.name)!
    return { conjunct, actions: system.actions.filter((a) => !isKnown(part, a)) }
  })
  const parts = new Set(given.map((c) => partOf.get(c.name)!))
  const extended = system.actions.flatMap((action) =>
    [...parts]
      .filter((p) => action.extends !== undefined && p.actions.includes(action.extends))
      .map((part) => ({ action, part })),
  )
  return { conjuncts: all.filter((c) => !partOf.has(c.name)), given, carried, extended }
}

/** Of the lemmas, those that something given is from. */
const used = ({ given = [] }: SystemTheorem, lemmas: readonly Lemma[]): readonly string[] =>
  lemmas.filter(({ conjuncts }) => given.some((c) => conjuncts.includes(c))).flatMap((l) => l.provedBy)

export interface ScenarioClaim extends Scenario {
  readonly id: string
  /** One sentence, starting with its quantifier. */
  readonly statement: string
  readonly system: System
  readonly profile: Profile
  readonly expect?: Claim['expect']
  readonly assumptions?: readonly string[]
  readonly wording?: Wording
  readonly row?: GalleryRow
  readonly sampler?: Sampler
}

/** That no run of a scenario breaks a statement. @throws Error when a slot names no action. */
export function scenarioClaim(declaration: ScenarioClaim): Claim {
  const { id, statement, system, profile, slots, machine = [], breaks, expect = 'proved' } = declaration
  const { assumptions = [], wording, row, sampler } = declaration
  checkSlots(system, slots)
  const about: SystemTheorem = {
    ...{ system, profile, conjuncts: [], implies: [breaks], profiles: [], never: {}, scenario: { slots, machine, breaks } },
    ...(sampler === undefined ? {} : { sampler }),
    ...(wording === undefined ? {} : { wording }),
  }
  const all = [...profile.map((a) => a.name), ...machine.map((m) => m.name), ...assumptions]
  return claim({ id, statement, assumptions: all, expect, about, ...(row === undefined ? {} : { row }), obligations: () => [] })
}
