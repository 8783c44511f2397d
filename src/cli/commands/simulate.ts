// `smmcheck simulate`: its options. The work is in ../simulate.ts.

import type { Command } from 'commander'
import { secondsAsMs, wholeNumber } from '../usage.ts'

const EXAMPLES = `
Runs the system of a claim concretely: a random adversary acts, and what the claim says is evaluated after every step. A
violation is made small and printed as a trace. The same seed gives the same run; run n of a claim has the seed N + n - 1.
Claims about one system, under one profile, share their runs: all that they say is evaluated in each.

Examples:
  smmcheck simulate specs/platform.ts                                     100,000 steps of every system
  smmcheck simulate specs/platform.ts --filter I3 --steps 1_000_000 --runs 10
  smmcheck simulate specs/theorem.ts --runs 10 --coverage                 a million steps of the whole system
  smmcheck simulate my-spec.ts --seed 7 --traces out/                     violations as ITF JSON, too

Exit codes:
  0 no violation, or none of a claim that its spec expects to be proved    1 such a claim is violated
  2 usage or spec error, or a system without a first state or a step       5 disagreement (an internal error)`

/** 1_000_000 is easier to read than 1000000. */
const large = (option: string, least: number) => (text: string) => wholeNumber(option, least)(text.replace(/(?<=\d)_(?=\d)/g, ''))

export function register(program: Command): void {
  program
    .command('simulate')
    .description('Run the system of a claim with a random adversary.')
    .argument('<spec>', 'TypeScript file')
    .option('--seed <n>', 'of the first run', large('--seed', 0), 0)
    .option('--steps <n>', 'per run', large('--steps', 1), 100_000)
    .option('--runs <n>', 'per system', large('--runs', 1), 1)
    .option('--filter <text>', 'only claims whose id contains the text')
    .option('--traces <dir>', 'write traces of violations there (ITF JSON)')
    .option('--coverage', 'say of every action how often it was taken', false)
    .option('--no-cache', 'check the types of the spec again')
    .option('--no-typecheck', 'run the spec without checking its types')
    .option('--load-timeout <seconds>', 'limit for the spec to load, and to be silent', secondsAsMs('--load-timeout'), 60_000)
    .addHelpText('after', EXAMPLES)
    .action(async (spec: string, options) => {
      const { simulateCommand } = await import('../simulate.ts')
      process.exitCode = await simulateCommand(spec, options)
    })
}
