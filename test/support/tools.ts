// Tests that need a program from outside (a native solver): run where it is installed, fail in CI where it is not, and are
// reported as not run elsewhere. test/run.ts counts them apart from the passed ones.

import { spawnSync } from 'node:child_process'

export type Tool = 'z3' | 'cvc5' | 'bitwuzla'

const known = new Map<Tool, boolean>()

export function isInstalled(tool: Tool): boolean {
  let found = known.get(tool)
  if (found === undefined) {
    found = spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0
    known.set(tool, found)
  }
  return found
}

export const inCi: boolean = !['', '0', 'false'].includes(process.env.CI ?? '')

/** `solving('agrees with cvc5', needs('cvc5', () => ...))` */
export function needs<C>(
  tools: Tool | readonly Tool[],
  body: (context: C) => void | Promise<void>,
): (context: C) => void | Promise<void> {
  return (context) => {
    const missing = [tools].flat().find((tool) => !isInstalled(tool))
    if (missing === undefined) return body(context)
    if (inCi) throw new Error(`${missing} is missing, and in CI every test must run`)
    process.stdout.write(`\nnot run: ${missing} missing\n`)
  }
}
