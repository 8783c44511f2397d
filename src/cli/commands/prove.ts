// `smmcheck prove`: its options. The work is in ../prove.ts.

import { type Command, Option } from 'commander'
import { secondsAsMs, wholeNumber } from '../usage.ts'

const EXAMPLES = `
Examples:
  smmcheck prove "specs/*.ts"                     everything, with the embedded solver
  smmcheck prove specs/census.ts --filter W1      claims whose name contains W1
  smmcheck prove my-spec.ts --cross-check cvc5    every obligation with a second solver
  smmcheck prove "specs/*.ts" --json - | jq .     one JSON record per line (smmcheck.prove/1)
  smmcheck prove specs/platform.ts --assumptions  what claims rest on, and which attack there is without it
  smmcheck prove specs/platform.ts --coverage     which actions and cases happen in runs at all
  smmcheck prove specs/census.ts --smt2 out/      the SMT-LIB text of every question
  smmcheck prove "specs/attacks/*.ts" --traces t/ the attacks as files that smmcheck replay executes again

Exit codes:
  0 every claim as its spec expects    1 refuted, or proved where a refutation was expected
  2 usage or spec error                3 unknown
  4 not inductive, or vacuous          5 disagreement (an internal error)`

export function register(program: Command): void {
  program
    .command('prove')
    .description('Prove the claims of specs.')
    .argument('<spec...>', 'TypeScript files, or quoted globs')
    .option('-j, --jobs <n>', 'solver processes at a time (default: the number of processors)', wholeNumber('--jobs', 1, 256))
    .addOption(
      new Option('--timeout <seconds>', 'limit per obligation').argParser(secondsAsMs('--timeout')).default(60_000, '60'),
    )
    .option('--solver <name>', 'auto, wasm, z3, cvc5 or bitwuzla', 'auto')
    .option('--cross-check <name>', 'decide every obligation again with a second solver')
    .option('--filter <text>', 'only claims whose id contains the text')
    .option('--seed <n>', 'for the solver and for the search around counter-models', wholeNumber('--seed', 0, 0xffff_ffff), 0)
    .option('--assumptions', 'find all minimal sets of assumptions under which claims hold; show assumptions and instances')
    .option('--grid', 'show each action of a system against each conjunct of its invariant, and how the one keeps the other')
    .option('--coverage', 'find a run for every action and every case of systems; an action without one makes claims vacuous')
    .option('--json <file>', 'JSON Lines to a file, or - for standard output')
    .option('--smt2 <dir>', 'write the text of every question there')
    .option('--traces <dir>', 'write the runs that refute claims there (ITF JSON, for smmcheck replay)')
    .option('--no-cache', 'ask every question again')
    .option('--no-typecheck', 'run specs without checking their types')
    .addOption(
      new Option('--load-timeout <seconds>', 'limit for a spec to load, and to be silent')
        .argParser(secondsAsMs('--load-timeout'))
        .default(60_000, '60'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (specs: string[], options) => {
      const { proveCommand } = await import('../prove.ts')
      process.exitCode = await proveCommand(specs, options)
    })
}
