// The platform's side of a challenge, for `smmcheck run`: whether it is answered, and the report of a census.

import type { Machine } from '../executor/machine.ts'
import { admit, type PlatformState } from '../proxy/challenge.ts'
import { reportOf } from '../proxy/census-report.ts'
import { describeRefusal } from '../proxy/describe.ts'
import { readFile, readKey, readPlatform, writeBytes, writePlatform } from '../proxy/files.ts'
import { sealed } from '../proxy/mac.ts'
import type { Nonce } from '../proxy/nonce.ts'
import type { ThreadSample } from '../proxy/report.ts'
import { delayOnWire, encodeReport } from '../proxy/wire.ts'
import type { Census } from '../report/census.ts'
import { UsageError } from './usage.ts'
import { value } from './value.ts'

export interface AnswerFlags {
  readonly challenge?: string
  readonly key?: string
  readonly platform?: string
  readonly report?: string
}

/** A challenge that is admitted, and where its answer goes. */
export interface Answer {
  readonly nonce: Nonce
  readonly state: PlatformState
  readonly key: Buffer
  readonly platformPath: string
  readonly reportPath: string
}

/** Undefined when nobody asks. @throws UsageError when the challenge is not to be answered. */
export function answerTo({ challenge, key: keyPath, platform, report }: AnswerFlags): Answer | undefined {
  if (challenge === undefined && keyPath === undefined && platform === undefined && report === undefined) return undefined
  if (challenge === undefined || keyPath === undefined || platform === undefined || report === undefined)
    throw new UsageError('a report needs all of --challenge FILE, --key FILE, --platform FILE and --report FILE')
  const key = value(readKey(keyPath))
  const admitted = admit(value(readPlatform(platform)), key, value(readFile(challenge)))
  if (!admitted.ok) throw new UsageError(`${challenge}: not answered: ${describeRefusal(admitted.refusal)}`)
  return { nonce: admitted.nonce, state: admitted.state, key, platformPath: platform, reportPath: report }
}

export function writeAnswer({ nonce, state, key, platformPath, reportPath }: Answer, census: Census, machine: Machine): void {
  const report = reportOf(census, {
    nonce,
    platform: state.platform,
    sequence: state.sequence,
    threads: { expected: machine.threads, arrived: machine.cpus.length },
    samples: samplesOf(machine),
  })
  // What the platform keeps goes first: a crash in between loses a report, and never makes two for one challenge.
  value(writePlatform(platformPath, state))
  value(writeBytes(reportPath, sealed(key, 'report', encodeReport(report))))
}

/** An image has no trigger: delays are what its machine file says. */
export function samplesOf({ cpus, saveStates }: Machine): readonly ThreadSample[] {
  const vmcbs = new Map(saveStates.map(({ cpu, vmcb }) => [cpu, vmcb]))
  return [...cpus]
    .sort((a, b) => a.cpu - b.cpu)
    .map(({ cpu, inGuest, smiDelay }): ThreadSample => {
      const vmcb = vmcbs.get(cpu)
      const common = { thread: cpu, delay: smiDelay === undefined ? null : delayOnWire(smiDelay) }
      if (!inGuest) return { ...common, in: 'host' }
      if (vmcb === undefined) return { ...common, in: 'unknown' }
      return { ...common, in: 'guest', vmcb: `0x${vmcb.toString(16)}` }
    })
}
