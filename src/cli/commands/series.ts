// `smmcheck series`: its options. The work is in ../series.ts.

import { type Command, Option } from 'commander'
import { secondsAsMs, wholeNumber } from '../usage.ts'

const EXAMPLES = `
From then on smmcheck challenge waits for times without a memory, which nobody can foresee, and smmcheck verify writes into the journal
what became of each challenge. What the series shows of processor time: smmcheck verify --series (docs/sla.md).

Examples:
  smmcheck series lab/june.jsonl --proxy lab/proxy.json --gap 60
  smmcheck series lab/june.jsonl --proxy lab/proxy.json --gap 60 --most-delay 500 --least-cycle 100000

--least-cycle is an assumption about the host that nothing checks. The one made without it is that VMRUN and #VMEXIT together take 2 us;
where samples may be 1 us late, half of what they show may be work that was hidden.`

export function register(program: Command): void {
  program
    .command('series')
    .description('Begin a series of challenges at random times, from which shares of processor time can be told.')
    .argument('<journal>', 'where the series is written down (a new file)')
    .requiredOption('--proxy <file>', 'what the proxy keeps (made by smmcheck enrol)')
    .addOption(
      new Option('--gap <seconds>', 'mean time between challenges').argParser(secondsAsMs('--gap')).makeOptionMandatory(),
    )
    .addOption(
      new Option('--samples <n>', 'where the interval is tightest; it holds at any number')
        .argParser(wholeNumber('--samples', 1, 10 ** 9))
        .default(10_000),
    )
    .addOption(
      new Option('--most-delay <ns>', 'a sample that came later than this after its trigger is discarded')
        .argParser(wholeNumber('--most-delay', 0, 10 ** 9))
        .default(1000),
    )
    .addOption(
      new Option('--least-cycle <ns>', 'taken for granted of the host: a thread enters guests once in this time at most')
        .argParser(wholeNumber('--least-cycle', 1, 10 ** 12))
        .default(2000),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (journal: string, options) => {
      const { seriesCommand } = await import('../series.ts')
      process.exitCode = seriesCommand(journal, options)
    })
}
