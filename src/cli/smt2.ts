// The folder of `--smt2`: one file per question, as the solver gets it, ready for any other solver.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { SolverRequest } from '../prover/solver/solver.ts'
import { UsageError } from './usage.ts'

export class Smt2Folder {
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    try {
      make(folder)
    } catch (e) {
      throw new UsageError(
        `--smt2 ${folder}: no such folder can be made (${(e as Error).message}); name one that you may write to`,
      )
    }
  }

  write(spec: string, { id, smt2 }: SolverRequest): void {
    const folder = join(this.folder, basename(spec).replace(/\.[cm]?ts$/, ''))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${fileName(id)}.smt2`), `; ${id.replaceAll('\n', ' ')}\n${smt2}(check-sat)\n`)
  }
}

/** Folder by folder: where one cannot be made (in /proc, say), Node's own recursive mkdir never returns. */
function make(folder: string): void {
  const path = resolve(folder)
  if (existsSync(path)) return
  make(dirname(path))
  mkdirSync(path)
}

/** At most 200 characters that every file system takes. */
const fileName = (id: string): string => id.replace(/[^\w.#@~-]+/g, '_').slice(0, 200)
