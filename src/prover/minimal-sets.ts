// All minimal sets of assumptions under which a number of proofs go through, and all minimal sets that must not be missing
// together. The two are each other's hitting sets: what suffices meets every set that must not be missing. Candidates are hitting
// sets of what is known to be needed; one that does not suffice is grown until nothing more may be added, and what is then left
// out is needed, too (implicit hitting sets; the idea of MARCO, with Berge's algorithm in place of a solver).
// Takes for granted that more assumptions never make a proof fail.

import { isSubset, minimalOf, type Names, transversals } from './transversals.ts'

/** One proof that has to go through. */
export interface Piece {
  /** Assumptions that may have to do with it. */
  readonly names: Names
  /** Small pieces are asked about first. */
  readonly weight: number
  /** @param kept of its names */
  ask(kept: ReadonlySet<string>): Promise<Asked>
  readonly known: Known
}
export type Asked =
  /** @param used of what was kept, a part that suffices */
  { readonly kind: 'yes'; readonly used: Names } | { readonly kind: 'no' } | { readonly kind: 'unknown'; readonly reason: string }
/** What is known of a piece, whatever it is asked for next. */
export interface Known {
  /** Sets that suffice. */
  readonly proofs: Names[]
  /** Sets that do not. */
  readonly failures: Names[]
}
export const nothingKnown = (): Known => ({ proofs: [], failures: [] })

/** What must not be missing together. */
export interface Needed {
  readonly names: Names
  /** Why it is not certain that nothing less would do: a question had no answer. */
  readonly doubt?: string
}

export interface MinimalSets {
  /** Each suffices by itself. */
  readonly sets: readonly Names[]
  readonly needed: readonly Needed[]
  /** Why there may be other sets, or smaller ones; absent: these are all. */
  readonly incomplete?: string
}

export interface Limits {
  /** Candidates at a time. */
  readonly sets: number
  readonly questions: number
}
export const LIMITS: Limits = { sets: 64, questions: 4000 }
/** Questions at a time. */
const TOGETHER = 4

/** @param order of names in what is returned */
export const minimalSets = (pieces: readonly Piece[], order: Names, limits: Limits = LIMITS): Promise<MinimalSets> =>
  new Search(pieces, order, limits).run()

class Search {
  private readonly pieces: readonly Piece[]
  private readonly order: Names
  private readonly limits: Limits
  private readonly needed: Needed[] = []
  private readonly sets: Names[] = []
  private questions = 0

  constructor(pieces: readonly Piece[], order: Names, limits: Limits) {
    this.pieces = [...pieces].sort((a, b) => a.weight - b.weight)
    this.order = order
    this.limits = limits
  }

  async run(): Promise<MinimalSets> {
    const everything = await this.lacking(new Set(this.order))
    if (everything !== undefined) return { sets: [], needed: [], incomplete: everything.doubt ?? 'not all of it is proved' }
    await this.singles()
    for (;;) {
      const candidates = transversals(
        this.minimalNeeded().map((n) => n.names),
        this.limits.sets,
      )
      if (candidates === undefined) return this.ended(`there are more than ${this.limits.sets} candidates`)
      const next = candidates.find((c) => !this.sets.some((s) => same(s, c)))
      if (next === undefined) return this.ended(this.doubts())
      if (this.questions > this.limits.questions) return this.ended(`not all was asked in ${this.limits.questions} questions`)
      const lacks = await this.lacking(new Set(next))
      if (lacks === undefined) this.sets.push(next)
      else this.needed.push(lacks)
    }
  }

  private ended(incomplete: string | undefined): MinimalSets {
    const sorted = (names: Names) => this.order.filter((name) => names.includes(name))
    const sets = this.sets.length > 0 ? this.sets : [this.enough()]
    const needed = this.minimalNeeded().map((n) => ({ ...n, names: sorted(n.names) }))
    const place = (names: Names) => names.map((name) => String(this.order.indexOf(name)).padStart(4, '0')).join()
    return {
      sets: sets.map(sorted).sort((a, b) => a.length - b.length || place(a).localeCompare(place(b))),
      needed: needed.sort((a, b) => a.names.length - b.names.length || place(a.names).localeCompare(place(b.names))),
      ...(incomplete === undefined ? {} : { incomplete }),
    }
  }
  /** What the proofs that are known use together: it suffices, though less might. */
  private enough(): Names {
    return [...new Set(this.pieces.flatMap((p) => p.known.proofs[0] ?? p.names))]
  }
  private doubts(): string | undefined {
    return this.minimalNeeded().find((n) => n.doubt !== undefined)?.doubt
  }
  /** A doubtful set goes where a part of it is certain. */
  private minimalNeeded(): Needed[] {
    const certain = minimalOf(this.needed.filter((n) => n.doubt === undefined).map((n) => n.names))
    const doubtful = this.needed.filter((n) => n.doubt !== undefined && !certain.some((c) => isSubset(c, new Set(n.names))))
    const kept = minimalOf(doubtful.map((n) => n.names))
    return [...certain.map((names) => ({ names })), ...kept.map((names) => doubtful.find((n) => n.names === names)!)]
  }

  /** Assumptions that are needed by themselves: most are, and it takes one question each. */
  private async singles(): Promise<void> {
    const used = new Set(this.pieces.flatMap((p) => (p.known.proofs.some((n) => n.length === 0) ? [] : p.known.proofs.flat())))
    await inTurns([...used], async (name) => {
      const users = this.pieces.filter((p) => p.known.proofs.every((proof) => proof.includes(name)))
      for (const piece of users) {
        const rest = new Set(piece.names.filter((n) => n !== name))
        const answer = await this.asked(piece, rest)
        if (answer.kind === 'yes') continue
        this.needed.push({ names: [name], ...(answer.kind === 'no' ? {} : { doubt: answer.reason }) })
        if (answer.kind === 'no') return
      }
    })
  }

  /** Undefined when all pieces have what they need; else something that is missing, none of which is in `kept`. */
  private async lacking(kept: ReadonlySet<string>): Promise<Needed | undefined> {
    const open = this.pieces.filter((p) => !p.known.proofs.some((proof) => isSubset(proof, kept)))
    let found: Needed | undefined
    await inTurns(open, async (piece) => {
      if (found !== undefined && found.doubt === undefined) return
      const answer = await this.asked(piece, new Set(piece.names.filter((n) => kept.has(n))))
      if (answer.kind === 'yes') return
      const lacks = await this.grown(piece, kept, answer.kind === 'no' ? undefined : answer.reason)
      if (found === undefined || lacks.doubt === undefined) found = lacks
    })
    return found
  }

  /** What is left out when everything is added under which the piece still fails. */
  private async grown(piece: Piece, kept: ReadonlySet<string>, reason: string | undefined): Promise<Needed> {
    let doubt = reason
    const base = new Set(piece.names.filter((n) => kept.has(n)))
    for (const name of piece.names) {
      if (base.has(name)) continue
      const answer = await this.asked(piece, new Set([...base, name]))
      if (answer.kind === 'no') base.add(name)
      if (answer.kind === 'unknown') doubt ??= answer.reason
    }
    return { names: piece.names.filter((n) => !base.has(n)), ...(doubt === undefined ? {} : { doubt }) }
  }

  private async asked(piece: Piece, kept: ReadonlySet<string>): Promise<Asked> {
    const { proofs, failures } = piece.known
    const proof = proofs.find((p) => isSubset(p, kept))
    if (proof !== undefined) return { kind: 'yes', used: proof }
    if (failures.some((f) => [...kept].every((name) => f.includes(name)))) return { kind: 'no' }
    this.questions++
    const answer = await piece.ask(kept)
    if (answer.kind === 'yes') proofs.push(answer.used)
    if (answer.kind === 'no') failures.push([...kept])
    return answer
  }
}

const same = (a: Names, b: Names): boolean => a.length === b.length && isSubset(a, new Set(b))

/** Some at a time, in order. */
async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: TOGETHER }, worker))
}
