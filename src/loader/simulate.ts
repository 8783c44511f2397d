// One spec, simulated: checked like any other, loaded in a process of its own, where its systems run.

import { resolve } from 'node:path'
import type { SimulationEvent } from '../executor/simulation/record.ts'
import type { ClaimSummary, SpecError } from '../prover/record.ts'
import { checkAll } from './checks.ts'
import { runInChild } from './child.ts'
import { type Closure, closureOf } from './closure.ts'
import type { SimulateJob } from './protocol.ts'
import { loadJobOf } from './run.ts'
import type { Store } from './store.ts'

export interface SimulateOptions extends SimulateJob {
  readonly typecheck: boolean
  readonly loadTimeoutMs: number
  readonly filter?: string
  readonly store?: Store
}
export interface SimulateHandlers {
  readonly loaded: (claims: readonly ClaimSummary[]) => void
  readonly simulated: (event: SimulationEvent) => void
  readonly printed: (text: string) => void
}

/** What goes wrong with the spec is the result. */
export async function simulateSpec(
  path: string,
  options: SimulateOptions,
  handlers: SimulateHandlers,
): Promise<SpecError | undefined> {
  const spec = resolve(path)
  const closure = readClosure(spec)
  if ('kind' in closure) return closure
  const checked = await checkAll(new Map([[spec, closure]]), options).get(spec)!
  if (checked.error !== undefined) return checked.error
  const { seed, steps, runs, loadTimeoutMs, filter } = options
  const job = loadJobOf(spec, closure, checked, loadTimeoutMs, filter)
  return runInChild({ ...job, simulate: { seed, steps, runs } }, handlers)
}

export function readClosure(spec: string): Closure | SpecError {
  try {
    return closureOf(spec)
  } catch (e) {
    const message = (e as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (e as Error).message
    return { kind: 'missing', file: spec, message }
  }
}
