// What `smmcheck run` does (with a sample state: run-sample.ts): opens the image and its machine file, has the handler measure them, shows the census.

import { describeImageError } from '../executor/image/errors.ts'
import { openImage } from '../executor/image/open.ts'
import { describeMachineError, readMachine } from '../executor/machine.ts'
import { describeMeasureFault } from '../measure/fault.ts'
import { measureImage } from '../measure/measure-image.ts'
import type { Census } from '../report/census.ts'
import { renderJudgement } from '../report/judgement-table.ts'
import { styleFor, wantsColour } from '../report/style.ts'
import { measuredFrom } from '../sla/evidence.ts'
import { judge } from '../sla/judge.ts'
import { describeSlaError, readSla } from '../sla/read-sla.ts'
import type { Sla } from '../sla/sla.ts'
import { type AnswerFlags, answerTo, writeAnswer } from './answer.ts'
import { runSample } from './run-sample.ts'
import { showCensus } from './show-census.ts'
import { stepLines } from './steps.ts'
import { UsageError } from './usage.ts'
import { writeRecord } from './write-record.ts'

export interface RunFlags extends AnswerFlags {
  readonly machine?: string
  readonly vmcb?: readonly number[]
  readonly bitmapBytes?: number
  readonly json?: string
  readonly sla?: string
  readonly judgement?: string
  readonly steps?: boolean
}

const BROKEN = 1
const NOT_COMPLETE = 3

/** A sample state is a module; images have other names. */
const isModule = (path: string): boolean => /\.[cm]?[jt]s$/.test(path)
const IMAGE_ONLY = ['machine', 'vmcb', 'bitmapBytes', 'sla', 'judgement', 'challenge', 'key', 'platform', 'report'] as const

export async function runCommand(path: string, flags: RunFlags): Promise<number> {
  if (isModule(path)) {
    const odd = IMAGE_ONLY.find((name) => flags[name] !== undefined)
    if (odd !== undefined)
      throw new UsageError(
        `--${odd === 'bitmapBytes' ? 'bitmap-bytes' : odd} is for images: a sample state brings its own machine and proxy`,
      )
    return runSample(path, flags)
  }
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
    if (flags.steps === true) {
      const stream = flags.json === '-' || flags.judgement === '-' ? process.stderr : process.stdout
      const style = styleFor(wantsColour(stream.isTTY === true, process.env))
      stream.write(`${stepLines(result.steps, result.census, style).join('\n')}\n\n`)
    }
    showCensus(result.census, flags)
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
