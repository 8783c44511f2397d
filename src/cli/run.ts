// What `smmcheck run` does: opens the image and its machine file, has the handler measure them, shows the census.

import { writeFileSync } from 'node:fs'
import { describeImageError } from '../executor/image/errors.ts'
import { openImage } from '../executor/image/open.ts'
import { describeMachineError, readMachine } from '../executor/machine.ts'
import { describeMeasureFault } from '../measure/fault.ts'
import { measureImage } from '../measure/measure-image.ts'
import type { Census } from '../report/census.ts'
import { renderCensus } from '../report/census-table.ts'
import { wantsColour } from '../report/style.ts'
import { UsageError } from './usage.ts'

export interface RunFlags {
  readonly machine?: string
  readonly vmcb?: readonly number[]
  readonly bitmapBytes?: number
  readonly json?: string
}

const NOT_COMPLETE = 3

export async function runCommand(path: string, { machine: machinePath, vmcb, bitmapBytes, json }: RunFlags): Promise<number> {
  if (machinePath === undefined)
    throw new UsageError(
      '--machine FILE is needed: the image does not tell what is RAM, how wide addresses are, and which CPU was inside which VMCB (--help shows more)',
    )
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
    show(result.census, json)
    return result.census.status === 'complete' ? 0 : NOT_COMPLETE
  } finally {
    image.memory.close()
  }
}

/** Text for people goes to standard output, or to standard error when that carries JSON. */
function show(census: Census, json: string | undefined): void {
  const stream = json === '-' ? process.stderr : process.stdout
  stream.write(renderCensus(census, { colour: wantsColour(stream.isTTY === true, process.env) }))
  const text = `${JSON.stringify(census, null, 2)}\n`
  if (json === '-') process.stdout.write(text)
  else if (json !== undefined) writeJson(json, text)
}

function writeJson(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new UsageError(`${path}: cannot be written (${(error as Error).message})`)
  }
}
