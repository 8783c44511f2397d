// A solver installed on this machine: one process per request.
// It limits itself by the options below; what does not end in time is killed. Should this process be killed, a solver under
// way ends by its own time limit.
// Sources: `z3 -h`, `z3 -p` (4.8.12), `cvc5 --help` (1.0.3). Bitwuzla's options are as documented
// (https://bitwuzla.github.io/docs/binary.html: its seeds begin at 1), not tried.

import { match, P } from 'ts-pattern'
import { type Conversation, converse } from './conversation.ts'
import { type Fault, faultAnswer, readTranscript, standardDialogue } from './dialogue.ts'
import { Lanes } from './lanes.ts'
import { readSexprs, SexprError } from './sexpr.ts'
import { type Solver, type SolverAnswer, type SolverOptions, type SolverRequest, unknown } from './solver.ts'

export type NativeName = 'z3' | 'cvc5' | 'bitwuzla'

const graceMs = 1_000

interface Limits {
  readonly timeoutMs: number
  readonly seed: number
  readonly memoryMb: number | undefined
}

/** Reads a script from standard input, answers each command as it comes. */
const commandLine = (name: NativeName, { timeoutMs, seed, memoryMb }: Limits): string[] =>
  match(name)
    .with('z3', () => {
      const memory = memoryMb === undefined ? [] : [`-memory:${memoryMb}`]
      return ['z3', '-in', `-t:${timeoutMs}`, ...memory, `smt.random_seed=${seed}`, `sat.random_seed=${seed}`]
    })
    .with('cvc5', () => limited(['cvc5', '--lang=smt2', `--tlimit-per=${timeoutMs}`, `--seed=${seed}`, '-'], memoryMb))
    .with('bitwuzla', () => limited(['bitwuzla', '--lang=smt2', `--time-limit-per=${timeoutMs}`, `--seed=${seed + 1}`], memoryMb))
    .exhaustive()

/** Solvers without a memory option get the shell's limit, in KiB. */
const limited = (command: string[], memoryMb: number | undefined): string[] =>
  memoryMb === undefined ? command : ['/bin/sh', '-c', `ulimit -v ${memoryMb * 1024}; exec "$@"`, 'sh', ...command]

/** A parenthesis too few, and a solver waits for the rest of the text until it is killed. */
function unreadable(smt2: string): string | undefined {
  try {
    readSexprs(smt2)
    return undefined
  } catch (e) {
    if (e instanceof SexprError) return e.message
    throw e
  }
}

export class NativeSolver implements Solver {
  readonly name: NativeName
  readonly version: string
  readonly flags: string
  private readonly options: SolverOptions
  private readonly queue: Lanes<object>
  private readonly running = new Set<Conversation>()
  private closed = false

  constructor(name: NativeName, version: string, options: SolverOptions) {
    this.name = name
    this.version = version
    this.flags = `seed=${options.seed ?? 0}`
    this.options = options
    this.queue = new Lanes(Array.from({ length: Math.max(1, options.jobs) }, () => ({})))
  }

  solve(request: SolverRequest): Promise<SolverAnswer> {
    const started = performance.now()
    const cancelled = () => unknown('cancelled', 'the solver was closed', performance.now() - started)
    return this.queue.run(async () => {
      const begun = performance.now()
      const once = await this.attempt(request)
      const answer = once.kind === 'fault' && once.reason === 'error' && !this.closed ? await this.attempt(request) : once
      return answer.kind === 'fault' ? faultAnswer(answer, performance.now() - begun) : answer
    }, cancelled)
  }

  async close(): Promise<void> {
    this.closed = true
    this.queue.close()
    for (const { kill } of this.running) kill()
    await Promise.all([...this.running].map(({ outcome }) => outcome))
  }

  private async attempt(request: SolverRequest): Promise<SolverAnswer | Fault> {
    const { seed = 0, memoryMb } = this.options
    const { timeoutMs } = request
    const dialogue = standardDialogue(request)
    const complaint = unreadable(request.smt2)
    if (complaint !== undefined) return unknown('solver-error', complaint, 0)
    const conversation = converse(commandLine(this.name, { timeoutMs, seed, memoryMb }), dialogue, timeoutMs + graceMs)
    this.running.add(conversation)
    const outcome = await conversation.outcome
    this.running.delete(conversation)
    return match(outcome)
      .returnType<SolverAnswer | Fault>()
      .with({ killed: 'by the clock' }, ({ ms }) => unknown('timeout', `killed after ${Math.round(ms)} ms`, ms))
      .with({ killed: 'on request' }, ({ ms }) => unknown('cancelled', 'the solver was closed', ms))
      .with({ first: P.string }, (transcript) => readTranscript(request, dialogue, transcript))
      .exhaustive()
  }
}
