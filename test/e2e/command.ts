// Runs the command as a user does: bin/smmcheck.js of this checkout, in a folder outside of it, with a cache of its own.

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/smmcheck.js', import.meta.url))

export interface Result {
  readonly exit: number | null
  readonly out: string
  readonly err: string
  readonly ms: number
}

/** A folder that holds the given files; `smmcheck` runs in it. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'smmcheck-e2e-'))

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  write(name: string, text: string): void {
    const path = join(this.folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  smmcheck(...args: readonly string[]): Promise<Result> {
    const started = Date.now()
    const { NODE_OPTIONS: _, ...inherited } = process.env
    const env = { ...inherited, SMMCHECK_CACHE: join(this.folder, 'cache'), NO_COLOR: '1' }
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [BIN, ...args], { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
      let [out, err] = ['', '']
      child.stdout.setEncoding('utf8').on('data', (data: string) => {
        out += data
      })
      child.stderr.setEncoding('utf8').on('data', (data: string) => {
        err += data
      })
      child.on('error', reject)
      child.on('close', (exit) => resolve({ exit, out, err, ms: Date.now() - started }))
    })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
