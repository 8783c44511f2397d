// What `smmcheck list` does: loads specs without building an obligation, and prints what they claim.

import { availableParallelism } from 'node:os'
import { runSpecs } from '../loader/run.ts'
import { Store } from '../loader/store.ts'
import type { ClaimSummary, SpecError } from '../prover/record.ts'
import { defaultCacheDirectory } from '../prover/solver/cache.ts'
import { shownPath } from '../report/paths.ts'
import { specErrorText } from '../report/prove-claim.ts'
import { styleFor, wantsColour } from '../report/style.ts'
import { expandSpecs } from './expand.ts'
import { USAGE_EXIT } from './usage.ts'

export interface ListFlags {
  readonly filter?: string
  readonly cache: boolean
  readonly typecheck: boolean
  readonly loadTimeout: number
}

export async function listCommand(patterns: readonly string[], flags: ListFlags): Promise<number> {
  const specs = await expandSpecs(patterns)
  const claims = new Map<string, readonly ClaimSummary[]>()
  const errors: SpecError[] = []
  await runSpecs(
    specs,
    {
      processes: availableParallelism(),
      typecheck: flags.typecheck,
      loadTimeoutMs: flags.loadTimeout,
      ...(flags.filter === undefined ? {} : { filter: flags.filter }),
      ...(flags.cache ? { store: new Store(defaultCacheDirectory()) } : {}),
    },
    (event) => {
      if (event.kind === 'spec-loaded') claims.set(event.spec, event.claims)
      if (event.kind === 'spec-failed') errors.push(event.error)
      if (event.kind === 'spec-printed') process.stderr.write(`${event.text}\n`)
    },
  )
  const style = styleFor(wantsColour(process.stdout.isTTY === true, process.env))
  for (const spec of specs) {
    const listed = claims.get(spec) ?? []
    if (listed.length === 0) continue
    process.stdout.write(`${style.strong(shownPath(spec, process.cwd()))}\n`)
    for (const { id, statement, assumptions, expect } of listed) {
      process.stdout.write(`  ${style.strong(id)}  ${style.faint(`expected: ${expect}`)}\n    ${statement}\n`)
      for (const assumption of assumptions) process.stdout.write(style.faint(`    assuming ${assumption}\n`))
    }
  }
  for (const error of errors) process.stderr.write(`${specErrorText(error, process.cwd())}\n`)
  return errors.length > 0 ? USAGE_EXIT : 0
}
