// `smmcheck replay`: its options. The work is in ../replay.ts.

import type { Command } from 'commander'
import { wholeNumber } from '../usage.ts'

const EXAMPLES = `
Executes a trace again, step by step, with the exact semantics of the model, and compares every state with the file's.

Examples:
  smmcheck prove "specs/attacks/a05*.ts" --traces out/
  smmcheck replay out/A05-without-H_TCLOSE_LOCKED.itf.json
  smmcheck replay out/A05-without-H_TCLOSE_LOCKED.itf.json --watch "SMMMASK[0]"      a variable after every step
  smmcheck replay out/A05-without-H_TCLOSE_LOCKED.itf.json --at 2                    the whole state after step 2

Exit codes:
  0 claim and model agree    2 not a trace, or of another system    5 disagreement (the trace does not follow the model)`

export function register(program: Command): void {
  program
    .command('replay')
    .description('Execute a trace (ITF JSON) again, step by step.')
    .argument('<trace>', 'a file that prove --traces or simulate --traces wrote')
    .option('--at <n>', 'show the state after step n instead of the steps (0: the beginning)', wholeNumber('--at', 0))
    .option('--watch <variable...>', 'show a variable after every step: NAME, or NAME[ELEMENT] for an element of a table')
    .option(
      '--image <file>',
      'write the memory that a walk finds, or that a whole run has at its end (or after step --at), as an ELF core, and its machine file, for smmcheck run and other tools',
    )
    .option('--full', 'every value and every change')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options) => {
      const { replayCommand } = await import('../replay.ts')
      process.exitCode = replayCommand(file, options)
    })
}
