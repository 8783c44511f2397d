// What `smmcheck replay` does: reads a trace, executes it with the system that it names, and says whether the two agree.

import { writeFileSync } from 'node:fs'
import { match } from 'ts-pattern'
import { replayTrace } from '../executor/replay.ts'
import { replayProcedure } from '../executor/replay-procedure.ts'
import { readJson } from '../files/read.ts'
import type { ArrayValue } from '../model/evaluate.ts'
import { cellNamed, cellNames } from '../model/cell.ts'
import type { System } from '../model/system.ts'
import { elfOf, machineFileOf } from '../measure/sample-image.ts'
import { sampleOfRun } from '../measure/run-sample.ts'
import type { Sample } from '../measure/sample.ts'
import { sampleOfWalk } from '../measure/walk-sample.ts'
import { procedureOf } from '../properties/procedures.ts'
import { explainRead } from '../properties/replay.ts'
import { systemNamed, systemNames } from '../properties/systems.ts'
import { readItf, type ReadTrace } from '../report/itf-read.ts'
import { procedureText, type ProcedureWatch } from '../report/replay-procedure.ts'
import { replayText, type Watch } from '../report/replay-terminal.ts'
import { styleFor, wantsColour } from '../report/style.ts'
import { ALL_ON, type Switches } from '../smm/switches.ts'
import { UsageError } from './usage.ts'

export interface ReplayFlags {
  readonly at?: number
  readonly watch?: readonly string[]
  readonly full?: boolean
  readonly image?: string
}

const DISAGREEMENT = 5
const COMPOSED = /^platform and handler(?: without .+)?$/
const PROCEDURE = /^procedure (\S+)(?: without (.+))?$/

/** A run of a procedure of the handler. */
function replayOfProcedure(file: string, trace: ReadTrace, name: string, without: readonly string[], flags: ReplayFlags): number {
  const odd = without.find((s) => !(s in ALL_ON))
  if (odd !== undefined) throw new UsageError(`${file}: the handler has no defence called "${odd}"`)
  const switches: Switches = { ...ALL_ON, ...Object.fromEntries(without.map((s) => [s, false])) }
  const procedure = procedureOf(name, switches)?.procedure
  if (procedure === undefined)
    throw new UsageError(
      `${file}: it is of the procedure "${name}", which the handler does not have; replay knows the handler's own`,
    )
  checkStep(trace, flags)
  const watches = (flags.watch ?? []).map((text) => cellWatchOf(text))
  const replayed = replayProcedure(procedure, trace)
  if (replayed.kind === 'foreign')
    throw new UsageError(`${file}: not a trace of this ${name}: ${replayed.problem}; it may be of another version`)
  if (flags.image !== undefined) writeImage(flags.image, file, sampleOfWalk(name, trace.states[0]!))
  const view = {
    style: styleFor(wantsColour(process.stdout.isTTY === true, process.env)),
    violated: trace.violated,
    full: flags.full === true,
    at: flags.at,
    watches,
    explain: explainRead,
  }
  process.stdout.write(`${procedureText(`${trace.claim}: a run of ${trace.system.replace('procedure ', '')}`, replayed, view)}\n`)
  return replayed.kind === 'differs' ? DISAGREEMENT : 0
}

/** A state as an image and its machine file. */
function writeImage(path: string, file: string, shown: Sample | string): void {
  if (typeof shown === 'string') throw new UsageError(`--image: ${file}: ${shown}`)
  try {
    writeFileSync(path, elfOf(shown))
    writeFileSync(`${path}.machine.json`, `${JSON.stringify(machineFileOf(shown), null, 1)}\n`)
  } catch (e) {
    throw new UsageError(`--image ${path}: cannot be written (${(e as Error).message})`)
  }
  process.stdout.write(`${path} and ${path}.machine.json are written: smmcheck run ${path} --machine ${path}.machine.json\n`)
}

function checkStep({ steps }: ReadTrace, { at }: ReplayFlags): void {
  if (at !== undefined && at > steps.length) throw new UsageError(`--at ${at}: the trace has ${steps.length} steps`)
}

/** `name`, or `name[element]`. */
function cellWatchOf(text: string): ProcedureWatch {
  const [name, index] = watched(text)
  const cell = cellNamed(name)
  if (cell === undefined)
    throw new UsageError(
      `--watch ${text}: there is no variable "${name}"${suggestion(
        name,
        cellNames(name).map((near) => ({ name: near })),
      )}`,
    )
  if (cell.sort.kind !== 'array' && index !== undefined)
    throw new UsageError(`--watch ${text}: ${cell.name} has no elements; leave out [${index}]`)
  return { cell, index: index === undefined ? undefined : BigInt(index) }
}

export function replayCommand(file: string, flags: ReplayFlags): number {
  const trace = read(file)
  const procedure = PROCEDURE.exec(trace.system)
  if (procedure !== null) return replayOfProcedure(file, trace, procedure[1]!, procedure[2]?.split(', ') ?? [], flags)
  if (flags.image !== undefined && !COMPOSED.test(trace.system))
    throw new UsageError(
      `--image: ${trace.system} is about registers, SMRAM and messages, and an image holds ordinary memory; runs of walkTable and of platform and handler have one`,
    )
  const known = systemNamed(trace.system)
  if (known === undefined)
    throw new UsageError(`${file}: it is of the system "${trace.system}"; this smmcheck knows ${systemNames.join(', ')}`)
  const statement = known.statements.find((s) => s.name === trace.violated)
  if (statement === undefined)
    throw new UsageError(`${file}: it says that "${trace.violated}" is broken; ${trace.system} has no such statement`)
  checkStep(trace, flags)
  const watches = (flags.watch ?? []).map((text) => watchOf(text, known.system))
  const replayed = replayTrace(known.system, statement, trace)
  if (replayed.kind === 'foreign')
    throw new UsageError(`${file}: not a trace of this ${trace.system}: ${replayed.problem}; it may be of another version`)
  if (flags.image !== undefined) writeImage(flags.image, file, sampleOfRun(trace.states[flags.at ?? trace.steps.length]!))
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
  const read = readJson(file)
  if (read.ok) return read.value
  throw new UsageError(
    match(read.fault)
      .with({ kind: 'not-found' }, () => `${file}: no such file`)
      .with({ kind: 'unreadable' }, ({ detail }) => `${file}: ${detail}`)
      .with({ kind: 'not-json' }, () => `${file}: not a trace: it is no JSON; prove --traces and simulate --traces write them`)
      .exhaustive(),
  )
}

function watched(text: string): readonly [string, string | undefined] {
  const parts = /^(.*?)(?:\[(\d+|0x[0-9a-fA-F]+)\])?$/.exec(text.trim())
  return [parts?.[1] ?? '', parts?.[2]]
}

/** `name`, or `name[element]` with a decimal or 0x number. */
function watchOf(text: string, { variables }: System): Watch {
  const [name, index] = watched(text)
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

function suggestion(name: string, variables: readonly { readonly name: string }[]): string {
  const near = variables.filter((v) => name !== '' && v.name.toLowerCase().includes(name.toLowerCase())).slice(0, 5)
  return near.length === 0 ? '; --at 0 shows what there is' : `; there is ${near.map((v) => v.name).join(', ')}`
}
