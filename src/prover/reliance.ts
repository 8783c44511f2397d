// What a proved claim rests on: all minimal sets of assumptions under which its obligations are proved, and what is known to happen
// without them. Assumptions are those of a system's profile, hypotheses that say so of themselves, and defences that are built into
// the procedures a claim is about.
// Sets are minimal for this proof: another invariant may do with less. That something cannot be missing is known only where an
// attack says so.

import type { Axiom, Obligation } from './obligation.ts'
import type { BuiltIn, Claim, KnownAttack } from './claim.ts'
import { decide, prepare } from './decide.ts'
import { obligationsOf } from './induction.ts'
import { type Asked, type Known, minimalSets, nothingKnown, type Piece } from './minimal-sets.ts'
import { type Oracle, reasonText } from './oracle.ts'
import type { AttackRecord, Reliance, Removal } from './record.ts'
import { neededBySimplifier, type Proved } from './sufficiency.ts'

/** The share of the time limit that one question gets: with fewer assumptions than were enough, many have no quick answer. */
const SHARE = 4

export class Reliances {
  private readonly oracle: Oracle
  private readonly timeoutMs: number
  private readonly known = new WeakMap<Obligation, Known>()
  private last: Promise<unknown> = Promise.resolve()

  constructor(oracle: Oracle, timeoutMs: number) {
    this.oracle = oracle
    this.timeoutMs = Math.ceil(timeoutMs / SHARE)
  }

  /**
   * Undefined for a claim that assumes nothing by name. One claim at a time: each leaves less to ask for the next.
   * @param proofs those that have been found for the claim's own obligations
   */
  of(claim: Claim, proofs: readonly Proved[]): Promise<Reliance | undefined> {
    const answer = this.last.then(() => this.find(claim, proofs))
    this.last = answer.catch(() => undefined)
    return answer
  }

  private async find(claim: Claim, proofs: readonly Proved[]): Promise<Reliance | undefined> {
    for (const { obligation, needs } of proofs) this.knownOf(obligation).proofs.push(needs)
    const claims = withGrounds(claim)
    const order = [...new Set(claims.flatMap(namesOf))]
    if (order.length === 0) return undefined
    const pieces = claims.flatMap((c) => [
      ...obligationsWithGiven(c).flatMap((o) => this.pieceOf(o, c.axioms)),
      ...(c.builtIn === undefined ? [] : [this.pieceOfBuiltIn(c, c.builtIn)]),
    ])
    const { sets, needed, incomplete } = await minimalSets(pieces, order)
    const used = new Set(sets.flat())
    const without = needed.map(
      ({ names, doubt }): Removal => ({
        names,
        attacks: attacksWithout(names, used, claim, claims),
        ...(doubt === undefined ? {} : { doubt }),
      }),
    )
    return {
      sets,
      without,
      unused: order.filter((name) => !used.has(name)),
      exact: incomplete === undefined && sets.length > 0 && without.every((w) => w.attacks.some((a) => a.direct)),
      ...(incomplete === undefined && sets.length > 0
        ? {}
        : { incomplete: incomplete ?? 'not all that it rests on is proved here' }),
    }
  }

  private knownOf(obligation: Obligation): Known {
    const known = this.known.get(obligation) ?? nothingKnown()
    this.known.set(obligation, known)
    return known
  }

  private pieceOf(obligation: Obligation, axioms: readonly Axiom[]): Piece[] {
    const names = assumptionsOf(obligation)
    if (names.length === 0) return []
    const ask = (kept: ReadonlySet<string>) => this.prove(keeping(obligation, kept), axioms)
    return [{ names, weight: obligation.hypotheses.length, known: this.knownOf(obligation), ask }]
  }

  private async prove(obligation: Obligation, axioms: readonly Axiom[]): Promise<Asked> {
    const prepared = prepare(obligation, axioms)
    if (prepared.simplified) return { kind: 'yes', used: neededBySimplifier(prepared.obligation) }
    const { answer, needs } = await decide(prepared, `${obligation.id}#rests-on`, this.oracle, this.timeoutMs, {}, 'verdict')
    if (answer.kind === 'unsat') return { kind: 'yes', used: needs }
    if (answer.kind === 'sat') return { kind: 'no' }
    return { kind: 'unknown', reason: `${obligation.id}: ${reasonText(answer)}` }
  }

  /**
   * The claim's obligations as they are without some of its defences. Those that are the same with all of them are other pieces;
   * the rest is proved again, from what is kept of the other assumptions.
   */
  private pieceOfBuiltIn(claim: Claim, { names, without }: BuiltIn): Piece {
    const original = claim.obligations()
    const known = new Set(original.map(identityOf))
    const changed = (missing: readonly string[]): Obligation[] =>
      without(missing)
        .filter((o) => !known.has(identityOf(o)))
        .sort((a, b) => a.hypotheses.length - b.hypotheses.length)
    const others = [...new Set(original.flatMap(assumptionsOf))]
    const proofs: Known['proofs'] = [[...names]]
    const ask = async (kept: ReadonlySet<string>): Promise<Asked> => {
      const used = new Set(names.filter((name) => kept.has(name)))
      let doubt: Asked | undefined
      for (const o of changed(names.filter((name) => !kept.has(name)))) {
        const answer = await this.prove(keeping(o, kept), claim.axioms)
        if (answer.kind === 'no') return answer
        if (answer.kind === 'yes') for (const name of answer.used) used.add(name)
        else doubt ??= answer
      }
      return doubt ?? { kind: 'yes', used: [...used] }
    }
    return { names: [...names, ...others], weight: Number.POSITIVE_INFINITY, known: { proofs, failures: [] }, ask }
  }
}

/** The claim and those that it takes for granted, and so on. */
function withGrounds(claim: Claim): Claim[] {
  const found = new Set([claim])
  for (const c of found) for (const ground of c.restsOn ?? []) found.add(ground)
  return [...found]
}

/** With what is proved elsewhere and used: the proof of the claim rests on that, too. Where a claim proves it, that claim is asked. */
function obligationsWithGiven({ about, obligations, restsOn }: Claim): readonly Obligation[] {
  if (about?.given === undefined || restsOn !== undefined) return obligations()
  const { given, ...theorem } = about
  return obligationsOf({ ...theorem, conjuncts: [...given, ...theorem.conjuncts] })
}

/** Without the assumptions that are not kept. */
const keeping = (obligation: Obligation, kept: ReadonlySet<string>): Obligation => ({
  ...obligation,
  hypotheses: obligation.hypotheses.filter((h) => h.role !== 'assumption' || kept.has(h.name)),
})
const assumptionsOf = ({ hypotheses }: Obligation): string[] =>
  hypotheses.flatMap((h) => (h.role === 'assumption' ? [h.name] : []))
const namesOf = (claim: Claim): readonly string[] => [
  ...(claim.about?.profile.map((a) => a.name) ?? claim.obligations().flatMap(assumptionsOf)),
  ...(claim.builtIn?.names ?? []),
]

/** Obligations of one identity ask the same. Terms are shared, so that equal ones are one. */
const identityOf = ({ hypotheses, goal, axioms = [] }: Obligation): string =>
  [goal.id, ...hypotheses.map((h) => h.term.id).sort((a, b) => a - b), ...axioms.map((a) => a.name)].join()

/**
 * Attacks on machines that lack these assumptions and no other that is used. What they refute is false although everything else in
 * every minimal set holds.
 */
function attacksWithout(
  names: readonly string[],
  used: ReadonlySet<string>,
  claim: Claim,
  claims: readonly Claim[],
): readonly AttackRecord[] {
  const grounds = new Set(claims.flatMap((c) => [c.id, ...conjunctsOf(c)]))
  const fits = ({ without }: KnownAttack) => {
    const missing = without.filter((name) => used.has(name))
    return missing.length === names.length && missing.every((name) => names.includes(name))
  }
  return [...new Set(claims.flatMap((c) => c.attacks ?? []))]
    .filter((a) => grounds.has(a.claim) && fits(a))
    .map((a): AttackRecord => ({ id: a.id, spec: a.spec, claim: a.claim, direct: a.claim === claim.id }))
    .sort((a, b) => Number(b.direct) - Number(a.direct))
}
const conjunctsOf = ({ about }: Claim): readonly string[] =>
  about === undefined ? [] : [...(about.given ?? []), ...about.conjuncts].map((c) => c.claim)
