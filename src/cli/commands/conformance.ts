// `smmcheck conformance`: its options. The work is in ../conformance.ts.

import type { Command } from 'commander'

const EXAMPLES = `
Examples:
  smmcheck conformance test/data/npt-vectors/walk.jsonl.gz
  smmcheck conformance "test/data/npt-vectors/*.jsonl*"

Exit codes:
  0 every difference from the model is a known one    1 some are not, or nothing was compared    2 bad input`

export function register(program: Command): void {
  program
    .command('conformance')
    .description('Hold what emulators did against the model of the hardware.')
    .argument('<file...>', 'vectors (JSON Lines, plain or gzipped), or quoted globs')
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[]) => {
      const { conformanceCommand } = await import('../conformance.ts')
      process.exitCode = await conformanceCommand(files)
    })
}
