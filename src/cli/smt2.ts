// The folder of `--smt2`: one file per question, as the solver gets it, ready for any other solver.

import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { SolverRequest } from '../prover/solver/solver.ts'
import { folderFor } from './folder.ts'

export class Smt2Folder {
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folderFor('--smt2', folder)
  }

  write(spec: string, { id, smt2 }: SolverRequest): void {
    const folder = join(this.folder, basename(spec).replace(/\.[cm]?ts$/, ''))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${fileName(id)}.smt2`), `; ${id.replaceAll('\n', ' ')}\n${smt2}(check-sat)\n`)
  }
}

/** At most 200 characters that every file system takes. */
const fileName = (id: string): string => id.replace(/[^\w.#@~-]+/g, '_').slice(0, 200)
