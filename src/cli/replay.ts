// What `smmcheck replay` does: reads a trace, executes it with the system that it names, and says whether the two agree.

import { readFileSync } from 'node:fs'
import { replayTrace } from '../executor/replay.ts'
import type { ArrayValue } from '../model/evaluate.ts'
import type { System, Variable } from '../model/system.ts'
import { systemNamed, systemNames } from '../properties/systems.ts'
import { readItf, type ReadTrace } from '../report/itf-read.ts'
import { replayText, type Watch } from '../report/replay-terminal.ts'
import { styleFor, wantsColour } from '../report/style.ts'
import { UsageError } from './usage.ts'

export interface ReplayFlags {
  readonly at?: number
  readonly watch?: readonly string[]
  readonly full?: boolean
}

const DISAGREEMENT = 5

export function replayCommand(file: string, flags: ReplayFlags): number {
  const trace = read(file)
  const known = systemNamed(trace.system)
  if (known === undefined)
    throw new UsageError(`${file}: it is of the system "${trace.system}"; this smmcheck knows ${systemNames.join(', ')}`)
  const statement = known.statements.find((s) => s.name === trace.violated)
  if (statement === undefined)
    throw new UsageError(`${file}: it says that "${trace.violated}" is broken; ${trace.system} has no such statement`)
  if (flags.at !== undefined && flags.at > trace.steps.length)
    throw new UsageError(`--at ${flags.at}: the trace has ${trace.steps.length} steps`)
  const watches = (flags.watch ?? []).map((text) => watchOf(text, known.system))
  const replayed = replayTrace(known.system, statement, trace)
  if (replayed.kind === 'foreign')
    throw new UsageError(`${file}: not a trace of this ${trace.system}: ${replayed.problem}; it may be of another version`)
  const view = {
    style: styleFor(wantsColour(process.stdout.isTTY === true, process.env)),
    wording: known.wording,
    statement,
    identifiers: trace.identifiers,
    full: flags.full === true,
    at: flags.at,
    watches,
  }
  process.stdout.write(`${replayText(`${trace.claim}: a run of ${trace.system}`, replayed, view)}\n`)
  return replayed.kind === 'differs' ? DISAGREEMENT : 0
}

function read(file: string): ReadTrace {
  const result = readItf(jsonIn(file))
  if (!result.ok) throw new UsageError(`${file}: not a trace: ${result.problem}; prove --traces and simulate --traces write them`)
  return result.trace
}

function jsonIn(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (e) {
    const reason = (e as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (e as Error).message
    throw new UsageError(`${file}: ${reason}`)
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${file}: not a trace: it is no JSON; prove --traces and simulate --traces write them`)
  }
}

/** `name`, or `name[element]` with a decimal or 0x number. */
function watchOf(text: string, { variables }: System): Watch {
  const parts = /^(.*?)(?:\[(\d+|0x[0-9a-fA-F]+)\])?$/.exec(text.trim())
  const [name, index] = [parts?.[1] ?? '', parts?.[2]]
  const variable = variables.find((v) => v.name.toLowerCase() === name.toLowerCase())
  if (variable === undefined)
    throw new UsageError(`--watch ${text}: there is no variable "${name}"${suggestion(name, variables)}`)
  if (variable.kind === 'scalar') {
    if (index !== undefined) throw new UsageError(`--watch ${text}: ${variable.name} has no elements; leave out [${index}]`)
    return { text: variable.name, valueIn: (state) => shown(state.of(variable) as bigint | boolean) }
  }
  if (index === undefined)
    return {
      text: variable.name,
      valueIn: (state) => {
        const { entries, otherwise } = state.of(variable) as ArrayValue
        return [...[...entries].map(([i, v]) => `[${shown(i)}] ${shown(v)}`), `elsewhere ${shown(otherwise)}`].join(', ')
      },
    }
  return { text: `${variable.name}[${index}]`, valueIn: (state) => shown(state.element(variable, BigInt(index))) }
}

const shown = (value: bigint | boolean): string => (typeof value === 'boolean' ? String(value) : `0x${value.toString(16)}`)

function suggestion(name: string, variables: readonly Variable[]): string {
  const near = variables.filter((v) => name !== '' && v.name.toLowerCase().includes(name.toLowerCase())).slice(0, 5)
  return near.length === 0 ? '; --at 0 shows what there is' : `; there is ${near.map((v) => v.name).join(', ')}`
}
