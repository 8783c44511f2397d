// `smmcheck enrol`: its options. The work is in ../proxy.ts.

import { type Command, Option } from 'commander'
import { secondsAsMs } from '../usage.ts'

const EXAMPLES = `
Example:
  smmcheck enrol lab                 makes lab/key, lab/proxy.json and lab/platform.json

The files stand in for what a platform keeps in SMRAM and in counters that no reset takes back: they are for rehearsals.`

export function register(program: Command): void {
  program
    .command('enrol')
    .description('Make a proxy and a platform that share a key.')
    .argument('<folder>', 'where the files go')
    .addOption(
      new Option('--deadline <seconds>', 'how long an answer may take')
        .argParser(secondsAsMs('--deadline'))
        .default(60_000, '60'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, options) => {
      const { enrolCommand } = await import('../proxy.ts')
      process.exitCode = enrolCommand(folder, options)
    })
}
