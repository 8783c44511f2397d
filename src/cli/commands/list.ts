// `smmcheck list`: its options. The work is in ../list.ts.

import type { Command } from 'commander'
import { secondsAsMs } from '../usage.ts'

const EXAMPLES = `
Examples:
  smmcheck list "specs/*.ts"
  smmcheck list specs/census.ts --filter W`

export function register(program: Command): void {
  program
    .command('list')
    .description('List the claims of specs: statement, assumptions, expected verdict.')
    .argument('<spec...>', 'TypeScript files, or quoted globs')
    .option('--filter <text>', 'only claims whose id contains the text')
    .option('--no-cache', 'load every spec again')
    .option('--no-typecheck', 'load specs without checking their types')
    .option('--load-timeout <seconds>', 'limit for a spec to load', secondsAsMs('--load-timeout'), 60_000)
    .addHelpText('after', EXAMPLES)
    .action(async (specs: string[], options) => {
      const { listCommand } = await import('../list.ts')
      process.exitCode = await listCommand(specs, options)
    })
}
