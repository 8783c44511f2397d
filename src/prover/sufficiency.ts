// Which assumptions of a profile a claim about a system needs. Each obligation's proof says which it used; from their union one
// after another (a few in one go, where that does) is dropped, where what used it can be proved with all the others.
// The set is minimal, not the smallest there is: other sets may do as well.

import type { Profile } from '../model/invariant.ts'
import { decide, FOLLOWED, isSimplified, prepare } from './decide.ts'
import type { Obligation } from './obligation.ts'
import type { Oracle } from './oracle.ts'

export interface Proved {
  readonly obligation: Obligation
  readonly needs: readonly string[]
}

/** They are small, and each waits for the one before. */
const WEIGHT = 2 * FOLLOWED

/** So many are dropped in one go at first: proofs that do without one often take another instead, which is no more needed. */
const TOGETHER = 4

/** What is known of an obligation: proofs by the assumptions they use, and sets without which there is none. */
interface Known {
  readonly proofs: (readonly string[])[]
  readonly failures: (readonly string[])[]
}

export class Sufficiency {
  private readonly oracle: Oracle
  private readonly timeoutMs: number
  private readonly known = new WeakMap<Obligation, Known>()
  private last: Promise<unknown> = Promise.resolve()

  constructor(oracle: Oracle, timeoutMs: number) {
    this.oracle = oracle
    this.timeoutMs = timeoutMs
  }

  /** Names, in the profile's order. One claim at a time: each leaves less to ask for the next. */
  neededBy(proofs: readonly Proved[], profile: Profile): Promise<string[]> {
    const answer = this.last.then(() => this.minimal(proofs, profile))
    this.last = answer.catch(() => undefined)
    return answer
  }

  private async minimal(proofs: readonly Proved[], profile: Profile): Promise<string[]> {
    for (const { obligation, needs } of proofs) this.of(obligation).proofs.push(needs)
    const current = new Map(proofs.map((p) => [p.obligation, p.needs]))
    const dropped = new Set<string>()
    const isUsed = (name: string) => [...current.values()].some((needs) => needs.includes(name))
    const isEnough = async (names: readonly string[]): Promise<boolean> => {
      const users = [...current].flatMap(([obligation, needs]) => (needs.some((n) => names.includes(n)) ? [obligation] : []))
      const again = await this.all(users, new Set([...dropped, ...names]))
      for (const [obligation, needs] of again ?? []) current.set(obligation, needs)
      return again !== undefined
    }
    /** In the order given, as if one by one: several are dropped in one go, or what is needed is looked for in either half. */
    const drop = async (names: readonly string[]): Promise<void> => {
      const used = names.filter(isUsed)
      if (used.length === 0) return
      if (await isEnough(used)) {
        for (const name of used) dropped.add(name)
        return drop(names.filter((name) => !used.includes(name)))
      }
      if (used.length === 1) return
      const half = names.indexOf(used[used.length >> 1]!)
      await drop(names.slice(0, half))
      await drop(names.slice(half))
    }
    const order = profile.map((a) => a.name).reverse()
    for (let from = 0, to = 0; from < order.length; from = to) {
      for (let used = 0; to < order.length && used < TOGETHER; to++) if (isUsed(order[to]!)) used++
      await drop(order.slice(from, to))
      // What no proof uses now, none is to use again.
      for (const name of order.slice(from, to)) if (!isUsed(name)) dropped.add(name)
    }
    return profile.map((a) => a.name).filter(isUsed)
  }

  /** What each needs without some assumptions; undefined when one of them is not proved then. */
  private async all(
    obligations: readonly Obligation[],
    without: ReadonlySet<string>,
  ): Promise<ReadonlyMap<Obligation, readonly string[]> | undefined> {
    const out = new Map<Obligation, readonly string[]>()
    if (obligations.some((o) => this.fails(o, without))) return undefined
    for (const obligation of [...obligations].sort((a, b) => a.hypotheses.length - b.hypotheses.length)) {
      const known = this.of(obligation)
      const needs = known.proofs.find((p) => !p.some((name) => without.has(name))) ?? (await this.prove(obligation, without))
      if (needs === undefined) {
        known.failures.push(assumptionsOf(obligation).filter((name) => without.has(name)))
        return undefined
      }
      known.proofs.push(needs)
      out.set(obligation, needs)
    }
    return out
  }
  private fails(obligation: Obligation, without: ReadonlySet<string>): boolean {
    return this.of(obligation).failures.some((f) => f.every((name) => without.has(name)))
  }
  private of(obligation: Obligation): Known {
    const known = this.known.get(obligation) ?? { proofs: [], failures: [] }
    this.known.set(obligation, known)
    return known
  }

  private async prove(obligation: Obligation, without: ReadonlySet<string>): Promise<readonly string[] | undefined> {
    const hypotheses = obligation.hypotheses.filter((h) => h.role !== 'assumption' || !without.has(h.name))
    const prepared = prepare({ ...obligation, hypotheses }, [])
    if (prepared.simplified) return neededBySimplifier(prepared.obligation)
    const id = `${obligation.id}#needs`
    const { answer, needs } = await decide(prepared, id, this.oracle, this.timeoutMs, { weight: WEIGHT }, 'verdict')
    return answer.kind === 'unsat' ? needs : undefined
  }
}

const assumptionsOf = ({ hypotheses }: Obligation): string[] =>
  hypotheses.flatMap((h) => (h.role === 'assumption' ? [h.name] : []))

/** Assumptions without which the simplifier does not see it. */
export function neededBySimplifier(obligation: Obligation): readonly string[] {
  const assumptions = obligation.hypotheses.filter((h) => h.role === 'assumption')
  let hypotheses = obligation.hypotheses
  for (const a of assumptions) {
    const fewer = hypotheses.filter((h) => !Object.is(h, a))
    if (isSimplified({ ...obligation, hypotheses: fewer })) hypotheses = fewer
  }
  return assumptionsOf({ ...obligation, hypotheses })
}
