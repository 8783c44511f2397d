// A folder for traces: one ITF JSON file for each claim that a run of a system, or of a procedure, refutes.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { VERSION } from '../loader/install.ts'
import type { RunEvent } from '../prover/record.ts'
import { itfOf, traceOfRun } from '../report/itf.ts'
import { shownPath } from '../report/paths.ts'
import { folderFor } from './folder.ts'
import { UsageError } from './usage.ts'

export class TraceFolder {
  private readonly folder: string
  private readonly seed: number
  private readonly names = new Map<string, number>()

  /** @throws UsageError when the folder cannot be made. */
  constructor(folder: string, seed: number) {
    this.folder = folderFor('--traces', folder)
    this.seed = seed
  }

  event(event: RunEvent): void {
    if (event.kind !== 'prove' || event.event.kind !== 'obligation') return
    const { claim, counterexample } = event.event.record
    if (counterexample?.kind !== 'trace' && counterexample?.kind !== 'run') return
    const spec = shownPath(event.spec, process.cwd())
    const source = { claim, spec, command: 'prove', seed: this.seed, version: VERSION } as const
    const text = JSON.stringify(itfOf(traceOfRun(counterexample.recorded), source), null, 2)
    try {
      writeFileSync(join(this.folder, this.fileFor(claim)), `${text}\n`)
    } catch (e) {
      throw new UsageError(`--traces ${this.folder}: ${(e as Error).message}`)
    }
  }

  /** A claim may have several runs, and two claims one name. */
  private fileFor(claim: string): string {
    const name = claim.replace(/[^\w.-]+/g, '-')
    const before = this.names.get(name) ?? 0
    this.names.set(name, before + 1)
    return before === 0 ? `${name}.itf.json` : `${name}-${before + 1}.itf.json`
  }
}
