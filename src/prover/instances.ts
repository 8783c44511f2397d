// Statements about all elements of a system's domains as hypotheses: their instances at every identifier that an obligation
// speaks of, so that obligations stay quantifier-free. Identifiers are those given and every term at which a table of the domain
// is read, the instances' own reads included, so many rounds long.
// "All" means the elements there are: an instance at an identifier that is not known to be one is guarded by that it is.

import { type Domain, type Quantified, variableOf } from '../model/system.ts'
import { type Bool, bool, type Bv, type Term } from '../model/term.ts'
import { visit } from '../model/traverse.ts'
import { shown } from './show.ts'

/** A statement about all elements, in the vocabulary of an obligation. */
export interface Universal {
  readonly name: string
  readonly over: Quantified['over']
  readonly instance: (ids: readonly Bv<string>[]) => Bool
}
export interface Instance {
  readonly name: string
  readonly term: Bool
}
/** An identifier that is known to be an element of the domain. */
export interface Member {
  readonly domain: Domain
  readonly id: Bv<string>
}

/** That `id` is an element of the domain. */
export function isMember({ domain: { count }, id }: Member): Bool {
  if (count === undefined) return bool(true)
  const limit = count()
  const width = Math.max(limit.width, id.width)
  return id.zext(width).ult(limit.zext(width))
}

const ROUNDS = 3
/** Proofs that need more have another shape; leaving some out is sound. */
const MOST = 600

export interface Instantiated {
  readonly instances: readonly Instance[]
  readonly ids: ReadonlyMap<Domain, ReadonlySet<Term>>
}

/**
 * @param roots what the obligation says so far.
 * @param mentioned further identifiers, of which nothing is known.
 */
export function instantiated(
  universals: readonly Universal[],
  members: readonly Member[],
  roots: readonly Term[],
  rounds = ROUNDS,
  mentioned: ReadonlyMap<Domain, readonly Term[]> = new Map(),
): Instantiated {
  const known = new Map<Domain, Set<Term>>()
  const ids = new Map<Domain, Set<Term>>()
  for (const { domain, id } of members) {
    addTo(known, domain, id)
    addTo(ids, domain, id)
  }
  for (const [domain, terms] of mentioned) for (const id of terms) addTo(ids, domain, id)
  const out: Instance[] = []
  const done = new Set<string>()
  const said = new Set<Term>()
  let fresh = roots
  for (let round = 0; round < rounds && (round === 0 || fresh.length > 0) && out.length < MOST; round++) {
    for (const root of fresh) for (const [domain, index] of readsOf(root)) addTo(ids, domain, index)
    const made: Bool[] = []
    for (const [n, u] of universals.entries())
      for (const tuple of tuples(u.over.map(({ domain }) => [...(ids.get(domain) ?? [])] as Bv[]))) {
        const key = `${n}/${tuple.map((t) => t.id).join()}`
        if (done.has(key) || out.length >= MOST) continue
        done.add(key)
        const guards = tuple.flatMap((id, i) => {
          const { domain } = u.over[i]!
          return known.get(domain)?.has(id) ? [] : [isMember({ domain, id })]
        })
        const statement = u.instance(tuple)
        const term =
          guards.length === 0
            ? statement
            : bool(true)
                .and(...guards)
                .implies(statement)
        if (term.value === true || said.has(term)) continue
        said.add(term)
        const at = tuple.length === 0 ? '' : ` (${tuple.map((id) => shown(id)).join(', ')})`
        out.push({ name: `${u.name}${at}`, term })
        made.push(term)
      }
    fresh = made
  }
  return { instances: out, ids }
}

function tuples(choices: readonly (readonly Bv[])[]): Bv[][] {
  return choices.reduce<Bv[][]>((heads, choice) => heads.flatMap((head) => choice.map((id) => [...head, id])), [[]])
}

type Reads = readonly (readonly [domain: Domain, index: Term])[]
const reads = new WeakMap<Term, Reads>()
/** Where tables are read in a term; found once, since hypotheses are shared by many obligations. */
export function readsOf(root: Term): Reads {
  let found = reads.get(root)
  if (found === undefined) {
    const list: [Domain, Term][] = []
    visit([root], (t) => {
      if (t.op !== 'select') return
      const table = variableOf(t.args[0]!)
      if (table?.kind === 'table') list.push([table.domain, t.args[1]!])
    })
    found = list
    reads.set(root, found)
  }
  return found
}

function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([value]))
  else set.add(value)
}
