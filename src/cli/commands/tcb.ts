// `smmcheck tcb`: the trusted computing base. The work is in ../tcb.ts.

import type { Command } from 'commander'

export function register(program: Command): void {
  program
    .command('tcb')
    .description('List what has to be trusted to believe a proved claim, with line counts.')
    .addHelpText('after', '\nExample:\n  smmcheck tcb')
    .action(async () => {
      const { tcbCommand } = await import('../tcb.ts')
      process.exitCode = await tcbCommand()
    })
}
