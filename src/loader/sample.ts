// One sample state: checked like any spec, loaded in a process of its own, and handed over as the plain data that it is.

import { resolve } from 'node:path'
import type { SpecError } from '../prover/record.ts'
import { checkAll } from './checks.ts'
import { runInChild } from './child.ts'
import { loadJobOf } from './run.ts'
import { readClosure } from './simulate.ts'
import type { Store } from './store.ts'

export interface SampleOptions {
  readonly typecheck: boolean
  readonly loadTimeoutMs: number
  readonly store?: Store
}
export type LoadedSample =
  | { readonly ok: true; readonly sample: unknown; readonly printed: string }
  | { readonly ok: false; readonly error: SpecError }

/** What goes wrong with the file is the result; that it is a sample is all that is known of what it exports. */
export async function loadSample(path: string, options: SampleOptions): Promise<LoadedSample> {
  const file = resolve(path)
  const closure = readClosure(file)
  if ('kind' in closure) return { ok: false, error: closure }
  const checked = await checkAll(new Map([[file, closure]]), options).get(file)!
  if (checked.error !== undefined) return { ok: false, error: checked.error }
  let sample: unknown
  let printed = ''
  const error = await runInChild(
    { ...loadJobOf(file, closure, checked, options.loadTimeoutMs, undefined), sample: true },
    {
      loaded: () => undefined,
      sample: (value) => {
        sample = value
      },
      printed: (text) => {
        printed = text
      },
    },
  )
  return error === undefined ? { ok: true, sample, printed } : { ok: false, error }
}
