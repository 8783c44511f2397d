// Checks of specs, from the store where the same text was checked before; the others go to one compiler process together.

import { checkInChild } from './child.ts'
import { type Closure, closureHash } from './closure.ts'
import { buildHash, hashOf } from './install.ts'
import type { Checked } from './protocol.ts'
import type { Store } from './store.ts'

export interface CheckOptions {
  readonly typecheck: boolean
  readonly store?: Store
}

/** One check per spec, by its path. */
export function checkAll(closures: ReadonlyMap<string, Closure>, options: CheckOptions): ReadonlyMap<string, Promise<Checked>> {
  const known = new Map([...closures].map(([path, closure]) => [path, fromStore(closure, options)]))
  const rest = Promise.all(known.values()).then(async (found) => {
    const specs = [...closures].filter((_, i) => found[i] === undefined)
    if (specs.length === 0) return new Map<string, Checked>()
    const files = specs.map(([path, closure]) => ({ path, files: closure.files.map((f) => f.path) }))
    const checked = await checkInChild({ types: options.typecheck, specs: files })
    for (const result of checked) await keep(closures.get(result.path)!, result, options)
    return new Map(checked.map((c) => [c.path, c]))
  })
  // Seen by whoever awaits a check that depends on it.
  rest.catch(() => undefined)
  return new Map([...known].map(([path, found]) => [path, found.then(async (checked) => checked ?? (await rest).get(path)!)]))
}

async function fromStore(closure: Closure, { store, typecheck }: CheckOptions): Promise<Checked | undefined> {
  return isKept(closure) ? store?.get<Checked>('check', checkKey(closure, typecheck)) : undefined
}
async function keep(closure: Closure, checked: Checked, { store, typecheck }: CheckOptions): Promise<void> {
  if (isKept(closure)) await store?.put('check', checkKey(closure, typecheck), checked)
}
/** The types of packages of the spec's own are not part of its text. */
const isKept = ({ foreign }: Closure): boolean => foreign.length === 0
const checkKey = (closure: Closure, typecheck: boolean): string => hashOf([buildHash(), String(typecheck), closureHash(closure)])
