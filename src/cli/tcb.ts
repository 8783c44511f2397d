// What `smmcheck tcb` does: lists the files that a proved claim rests on, and how long they are. Everything else is checked
// by a proof, or its results are replayed.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { grouped } from '../report/numbers.ts'
import { styleFor, wantsColour } from '../report/style.ts'

interface Part {
  readonly what: string
  readonly folder: string
  /** Only these files of the folder. */
  readonly files?: readonly string[]
}

/** All of a folder, or the files of it that are named. */
export const trusted: readonly Part[] = [
  { what: 'what terms, procedures and their execution mean', folder: 'model' },
  { what: 'the hardware', folder: 'x86' },
  { what: 'the way of challenges and reports: proxy, network, keys', folder: 'protocol' },
  { what: 'the statements of the claims (not how they are proved)', folder: 'properties' },
  {
    what: 'what statements say of the handler: watches, ghosts, what firmware prepares',
    folder: 'smm',
    files: [
      ...['cells', 'thread-cells', 'system-cells', 'watched-frame', 'facts', 'reach', 'hardware-words'],
      ...['system-profile', 'meeting-platform', 'meeting-state', 'measuring-state'],
    ],
  },
  {
    what: 'from procedures and claims to SMT-LIB text',
    folder: 'prover',
    files: [
      ...['claim', 'obligation', 'conditions', 'propagate', 'system-claim', 'scenario', 'induction', 'extension', 'instances'],
      ...['decide', 'instantiate', 'near', 'solve', 'sums', 'narrow', 'order', 'smtlib', 'judge', 'verdict'],
    ],
  },
]

export async function tcbCommand(): Promise<number> {
  const style = styleFor(wantsColour(process.stdout.isTTY === true, process.env))
  const sources = fileURLToPath(new URL('../../src/', import.meta.url))
  const installed = fileURLToPath(new URL('../', import.meta.url))
  const [root, extension] = existsSync(sources) ? [sources, '.ts'] : [installed, '.js']
  const print = (line: string) => process.stdout.write(`${line}\n`)
  let total = 0
  for (const { what, folder, files } of trusted) {
    const names = readdirSync(join(root, folder)).filter((name) => name.endsWith(extension) && !name.endsWith('.d.ts'))
    const chosen = names.filter((name) => files === undefined || files.includes(name.slice(0, -extension.length))).sort()
    const counts = chosen.map((name) => readFileSync(join(root, folder, name), 'utf8').split('\n').length - 1)
    const sum = counts.reduce((a, b) => a + b, 0)
    total += sum
    print(`${style.strong(`src/${folder}`)}  ${grouped(sum)} lines: ${what}`)
    for (const [i, name] of chosen.entries()) print(`  ${grouped(counts[i]!).padStart(6)}  ${name.replace(/\.js$/, '.ts')}`)
  }
  print(
    `${style.strong('solver')}  the one that says "unsat": z3 (embedded, npm package z3-solver), or another with --solver; --cross-check asks two`,
  )
  print(
    `${style.strong(`${grouped(total)} lines`)} in all${extension === '.js' ? ' (counted in compiled form)' : ''}, beside the solver, the TypeScript compiler and Node.js`,
  )
  return 0
}
