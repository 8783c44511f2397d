// Minimal hitting sets of a family of sets of names: what has a name in common with every member, and would not without any one
// of its own (Berge's algorithm, a member at a time).

export type Names = readonly string[]

export const isSubset = (some: Names, all: ReadonlySet<string>): boolean => some.every((name) => all.has(name))

/** Those of which no other is a part, each once. */
export function minimalOf(family: readonly Names[]): Names[] {
  const bySize = [...family].sort((a, b) => a.length - b.length)
  const kept: Names[] = []
  for (const some of bySize) {
    const all = new Set(some)
    if (!kept.some((smaller) => isSubset(smaller, all))) kept.push(some)
  }
  return kept
}

/** The empty set, of an empty family; none, of a family with an empty member. Undefined: at some point there are more than `most`. */
export function transversals(family: readonly Names[], most: number): Names[] | undefined {
  let open: Names[] = [[]]
  for (const member of minimalOf(family)) {
    const hits = new Set(member)
    const [through, past] = [open.filter((t) => t.some((n) => hits.has(n))), open.filter((t) => !t.some((n) => hits.has(n)))]
    open = minimalOf([...through, ...past.flatMap((t) => member.map((name) => [...t, name]))])
    if (open.length > most) return undefined
  }
  return open
}
