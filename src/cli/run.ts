// What `smmcheck run` does: opens the image and its machine file, has the handler measure them, shows the census.

import { writeFileSync } from 'node:fs'
import { describeImageError } from '../executor/image/errors.ts'
import { openImage } from '../executor/image/open.ts'
import { describeMachineError, readMachine } from '../executor/machine.ts'
import { describeMeasureFault } from '../measure/fault.ts'
import { measureImage } from '../measure/measure-image.ts'
import type { Census } from '../report/census.ts'
import { renderCensus } from '../report/census-table.ts'
import type { Judgement } from '../report/judgement.ts'
import { renderJudgement } from '../report/judgement-table.ts'
import { wantsColour } from '../report/style.ts'
import { measuredFrom } from '../sla/evidence.ts'
import { judge } from '../sla/judge.ts'
import { describeSlaError, readSla } from '../sla/read-sla.ts'
import type { Sla } from '../sla/sla.ts'
import { type AnswerFlags, answerTo, writeAnswer } from './answer.ts'
import { UsageError } from './usage.ts'

export interface RunFlags extends AnswerFlags {
  readonly machine?: string
  readonly vmcb?: readonly number[]
  readonly bitmapBytes?: number
  readonly json?: string
  readonly sla?: string
  readonly judgement?: string
}

const BROKEN = 1
const NOT_COMPLETE = 3

export async function runCommand(path: string, flags: RunFlags): Promise<number> {
  const { machine: machinePath, vmcb, bitmapBytes } = flags
  if (machinePath === undefined)
    throw new UsageError(
      '--machine FILE is needed: the image does not tell what is RAM, how wide addresses are, and which CPU was inside which VMCB (--help shows more)',
    )
  const sla = promisesOf(flags)
  const answer = answerTo(flags)
  const machine = readMachine(machinePath)
  if (!machine.ok) throw new UsageError(describeMachineError(machine.error))
  const image = await openImage(path)
  if (!image.ok) throw new UsageError(describeImageError(image.error))
  try {
    const result = measureImage(image.memory, machine.machine, {
      ...(vmcb === undefined ? {} : { vmcbs: vmcb }),
      ...(bitmapBytes === undefined ? {} : { bitmapBytes }),
    })
    if (!result.ok) throw new UsageError(`${path}: ${describeMeasureFault(result.fault)}`)
    show(result.census, flags)
    if (answer !== undefined) writeAnswer(answer, result.census, machine.machine)
    return sla === undefined ? exitOf(result.census) : judged(sla, result.census, flags)
  } finally {
    image.memory.close()
  }
}

const exitOf = ({ status }: Census): number => (status === 'complete' ? 0 : NOT_COMPLETE)

/** Read before anything is measured: a mistake in it should not cost a census. */
function promisesOf({ sla: path, json, judgement }: RunFlags): Sla | undefined {
  if (path === undefined) {
    if (judgement !== undefined) throw new UsageError('--judgement needs --sla FILE: without promises nothing is judged')
    return undefined
  }
  if (json === '-' && judgement === '-') throw new UsageError('--json and --judgement cannot both go to standard output')
  const read = readSla(path)
  if (!read.ok) throw new UsageError(describeSlaError(read.error))
  return read.sla
}

function judged(sla: Sla, census: Census, { json, judgement: path }: RunFlags): number {
  const judgement = judge(sla, { census: measuredFrom(census) })
  const stream = json === '-' || path === '-' ? process.stderr : process.stdout
  stream.write(`\n${renderJudgement(judgement, { colour: wantsColour(stream.isTTY === true, process.env) })}`)
  if (path !== undefined) writeRecord(path, judgement)
  if (judgement.verdict === 'broken') return BROKEN
  return judgement.verdict === 'kept' ? exitOf(census) : NOT_COMPLETE
}

/** Text for people goes to standard output, or to standard error when that carries JSON. */
function show(census: Census, { json, judgement }: RunFlags): void {
  const stream = json === '-' || judgement === '-' ? process.stderr : process.stdout
  stream.write(renderCensus(census, { colour: wantsColour(stream.isTTY === true, process.env) }))
  if (json !== undefined) writeRecord(json, census)
}

/** @param path `-` for standard output */
function writeRecord(path: string, record: Census | Judgement): void {
  const text = `${JSON.stringify(record, null, 2)}\n`
  if (path === '-') {
    process.stdout.write(text)
    return
  }
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new UsageError(`${path}: cannot be written (${(error as Error).message})`)
  }
}
