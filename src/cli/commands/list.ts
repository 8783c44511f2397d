// `smmcheck list`: its options. The work is in ../list.ts.

import { type Command, Option } from 'commander'
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
    .addOption(
      new Option('--load-timeout <seconds>', 'limit for a spec to load')
        .argParser(secondsAsMs('--load-timeout'))
        .default(60_000, '60'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (specs: string[], options) => {
      const { listCommand } = await import('../list.ts')
      process.exitCode = await listCommand(specs, options)
    })
}
