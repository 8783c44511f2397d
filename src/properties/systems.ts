// The systems that a trace can be of, by name, with the statements that its run may break and the words for them.

import type { Quantified, System } from '../model/system.ts'
import type { Wording } from '../prover/wording.ts'
import { handlerSystem } from '../smm/handler-system.ts'
import { ALL_ON, type Switches } from '../smm/switches.ts'
import { platform } from '../x86/platform.ts'
import { allInSmm, meeting } from './meeting.ts'
import { invariant } from './platform.ts'
import { platformWording } from './platform-wording.ts'

export interface KnownSystem {
  readonly system: System
  readonly statements: readonly Quantified[]
  readonly wording: Wording
}

const COMPOSED = /^platform and handler(?: without (.+))?$/

/** @param name as a trace gives it. Undefined: there is no such system here. */
export function systemNamed(name: string): KnownSystem | undefined {
  if (name === platform.name) return { system: platform, statements: invariant, wording: platformWording }
  const composed = COMPOSED.exec(name)
  if (composed === null) return undefined
  const off = composed[1]?.split(', ') ?? []
  if (!off.every((s) => s in ALL_ON)) return undefined
  const switches: Switches = { ...ALL_ON, ...Object.fromEntries(off.map((s) => [s, false])) }
  return { system: handlerSystem(switches), statements: [...meeting, allInSmm], wording: platformWording }
}
export const systemNames: readonly string[] = [platform.name, 'platform and handler']
