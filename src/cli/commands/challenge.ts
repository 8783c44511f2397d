// `smmcheck challenge`: its options. The work is in ../proxy.ts.

import type { Command } from 'commander'

const EXAMPLES = `
Where the proxy is at a series (smmcheck series), the challenge waits for the next time that was drawn for it.

Example:
  smmcheck challenge ask.bin --proxy lab/proxy.json --key lab/key`

export function register(program: Command): void {
  program
    .command('challenge')
    .description('Ask a platform for a report: write the next challenge of a proxy, and wait for its answer from now on.')
    .argument('<out>', 'where the challenge goes')
    .requiredOption('--proxy <file>', 'what the proxy keeps (made by smmcheck enrol)')
    .requiredOption('--key <file>', 'the key that proxy and platform share')
    .addHelpText('after', EXAMPLES)
    .action(async (out: string, options) => {
      const { challengeCommand } = await import('../proxy.ts')
      process.exitCode = await challengeCommand(out, options)
    })
}
