// The command line. Every file in commands/ is one command and exports `register(program)`; what a command does is loaded
// when it is called.

import { readdirSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { VERSION } from '../loader/install.ts'
import { USAGE_EXIT, UsageError } from './usage.ts'

/** As for a disagreement of solvers: nothing that was printed can be relied on. */
const INTERNAL_ERROR = 5
const folder = new URL('./commands/', import.meta.url)

async function main(): Promise<void> {
  const program = new Command('smmcheck')
    .description(
      'Proves, runs and replays an SMM handler that audits the memory of virtual machines under an untrusted hypervisor.',
    )
    .version(VERSION, '-V, --version')
    .helpCommand(false)
    .showHelpAfterError('(--help shows what there is)')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'smmcheck: ')) })
  const modules = readdirSync(folder).filter((name) => /(?<!\.d)\.[jt]s$/.test(name))
  for (const name of modules.sort()) {
    const { register } = (await import(new URL(name, folder).href)) as { register: (program: Command) => void }
    register(program)
  }
  for (const command of [program, ...program.commands]) command.exitOverride()
  await program.parseAsync()
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code === 'EPIPE') process.exit(0)
  throw e
})
try {
  await main()
} catch (e) {
  if (e instanceof CommanderError) process.exitCode = e.exitCode === 0 ? 0 : USAGE_EXIT
  else if (e instanceof UsageError) {
    process.stderr.write(`smmcheck: ${e.message}\n`)
    process.exitCode = USAGE_EXIT
  } else {
    process.stderr.write(`smmcheck: internal error, please report it: ${e instanceof Error ? e.stack : String(e)}\n`)
    process.exitCode = INTERNAL_ERROR
  }
}
