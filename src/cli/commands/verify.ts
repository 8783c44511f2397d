// `smmcheck verify`: its options. The work is in ../proxy.ts.

import type { Command } from 'commander'
import { UsageError } from '../usage.ts'

const EXAMPLES = `
A report is accepted if it answers the open challenge in time, its MAC is right, and its census is complete. Without a report, an
overdue challenge ends in an alarm.

Examples:
  smmcheck verify report.bin --proxy lab/proxy.json --key lab/key
  smmcheck verify report.bin --proxy lab/proxy.json --key lab/key --sla sla.json     and what was promised against measured
  smmcheck verify --proxy lab/proxy.json --key lab/key                               nothing came
  smmcheck verify --series lab/june.jsonl --proxy lab/proxy.json --key lab/key --sla sla.json
                                          all reports of a series, and promises of processor time (docs/sla.md)

Exit codes:
  0 accepted (and every promise kept)    1 accepted, and a promise of the SLA is broken    2 bad input
  3 alarm, not accepted, or a promise that could not be measured
A series counts its alarms, and ends with 0, 1 or 3 by its promises alone.`

export function register(program: Command): void {
  program
    .command('verify')
    .description('What the proxy makes of a report: accepted, or an alarm with its reason.')
    .argument('[report]', 'the report (from smmcheck run --report)')
    .requiredOption('--proxy <file>', 'what the proxy keeps (made by smmcheck enrol)')
    .requiredOption('--key <file>', 'the key that proxy and platform share')
    .option('--series <journal>', 'in place of a report: what a series shows (begun by smmcheck series)')
    .option('--sla <file>', 'hold the report against what was promised (docs/sla.md)')
    .option('--json <file>', 'the verdict as JSON to a file, or - for standard output')
    .addHelpText('after', EXAMPLES)
    .action(async (report: string | undefined, options) => {
      if (options.series !== undefined) {
        if (report !== undefined)
          throw new UsageError('give a report or --series, not both: a report that was verified is in the journal')
        const { verifySeries } = await import('../series.ts')
        process.exitCode = await verifySeries(options)
        return
      }
      const { verifyCommand } = await import('../proxy.ts')
      process.exitCode = verifyCommand(report, options)
    })
}
