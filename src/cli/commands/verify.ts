// `smmcheck verify`: its options. The work is in ../proxy.ts.

import type { Command } from 'commander'

const EXAMPLES = `
A report is accepted if it answers the open challenge in time, its MAC is right, and its census is complete. Without a report, an
overdue challenge ends in an alarm.

Examples:
  smmcheck verify report.bin --proxy lab/proxy.json --key lab/key
  smmcheck verify report.bin --proxy lab/proxy.json --key lab/key --sla sla.json     and what was promised against measured
  smmcheck verify --proxy lab/proxy.json --key lab/key                               nothing came

Exit codes:
  0 accepted (and every promise kept)    1 accepted, and a promise of the SLA is broken    2 bad input
  3 alarm, not accepted, or a promise that could not be measured`

export function register(program: Command): void {
  program
    .command('verify')
    .description('What the proxy makes of a report: accepted, or an alarm with its reason.')
    .argument('[report]', 'the report (from smmcheck run --report)')
    .requiredOption('--proxy <file>', 'what the proxy keeps (made by smmcheck enrol)')
    .requiredOption('--key <file>', 'the key that proxy and platform share')
    .option('--sla <file>', 'hold the report against what was promised (docs/sla.md)')
    .option('--json <file>', 'the verdict as JSON to a file, or - for standard output')
    .addHelpText('after', EXAMPLES)
    .action(async (report: string | undefined, options) => {
      const { verifyCommand } = await import('../proxy.ts')
      process.exitCode = verifyCommand(report, options)
    })
}
