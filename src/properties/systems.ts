// The systems that a trace can be of, by name, with the statements that its run may break and the words for them.

import type { Quantified, System, Variable } from '../model/system.ts'
import type { Wording } from '../prover/wording.ts'
import { freshness } from '../protocol/freshness.ts'
import { reportPath } from '../protocol/system.ts'
import { handlerSystem } from '../smm/handler-system.ts'
import { ALL_ON, type Switches } from '../smm/switches.ts'
import { platform } from '../x86/platform.ts'
import { endToEnd, endToEndTheorems, reportLemmas } from './end-to-end.ts'
import { meeting } from './meeting.ts'
import { meetingStatements } from './meeting-statements.ts'
import { meetingWording } from './meeting-wording.ts'
import { observations } from './observed.ts'
import { invariant } from './platform.ts'
import { furtherStatements } from './platform-statements.ts'
import { freshnessInvariant, P6 } from './freshness.ts'
import { platformWording } from './platform-wording.ts'
import { reportAfter, reportAnswers, reportInvariant, reportTheorems } from './report.ts'
import { P6 as wholeP6, timely } from './timely.ts'
import { wholeSystem } from './whole-system.ts'

export interface KnownSystem {
  readonly system: System
  readonly statements: readonly Quantified[]
  readonly wording: Wording
}

const COMPOSED = /^platform and handler(?: without (.+?))?(, with their proxies)?$/

/** @param name as a trace gives it. Undefined: there is no such system here. */
export function systemNamed(name: string): KnownSystem | undefined {
  if (name === platform.name)
    return { system: platform, statements: [...invariant, ...furtherStatements], wording: platformWording }
  if (name === freshness.name) return { system: freshness, statements: [...freshnessInvariant, P6], wording: plainWording }
  if (name === reportPath.name)
    return {
      system: reportPath,
      statements: [...reportInvariant, ...Object.values(reportTheorems), reportAnswers, reportAfter],
      wording: plainWording,
    }
  const composed = COMPOSED.exec(name)
  if (composed === null) return undefined
  const off = composed[1]?.split(', ') ?? []
  if (!off.every((s) => s in ALL_ON)) return undefined
  const switches: Switches = { ...ALL_ON, ...Object.fromEntries(off.map((s) => [s, false])) }
  if (composed[2] !== undefined)
    return {
      system: wholeSystem(switches),
      statements: [
        ...meeting,
        ...observations,
        ...reportLemmas,
        ...endToEnd,
        ...timely,
        ...Object.values(endToEndTheorems),
        wholeP6,
      ],
      wording: meetingWording,
    }
  const followed = Object.values(meetingStatements).map((s) => s.statement)
  return { system: handlerSystem(switches), statements: [...meeting, ...observations, ...followed], wording: meetingWording }
}
export const systemNames: readonly string[] = [
  ...[platform.name, 'platform and handler', 'platform and handler, with their proxies', reportPath.name, freshness.name],
]

const text = (value: bigint | boolean): string => (typeof value === 'boolean' ? String(value) : `0x${value.toString(16)}`)
const element = (variable: Variable, index: bigint | undefined): string =>
  index === undefined ? variable.name : `${variable.name}[${text(index)}]`
/** Names and numbers as the model has them. */
const plainWording: Wording = {
  element,
  value: (_, value) => text(value),
  change: (variable, index, from, to) => `${element(variable, index)} ${text(from)} -> ${text(to)}`,
  parameter: (_, name, value) => `${name} ${text(value)}`,
  watched: ({ name }, id) => `${name} ${text(id)}`,
  way: () => undefined,
  why: () => undefined,
}
