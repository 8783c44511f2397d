// The platform's actions as they are with the handler in SMM: what firmware prepares for it at hand-off, when its code executes
// RSM and lets devices go, and what code in SMM does that is not the handler's.
// Leaves out: the handler's own steps (handler-steps.ts).

import { boolSort, bvSort } from '../model/sort.ts'
import { action, type Action, type Effect, type Scalar, type Table } from '../model/system.ts'
import { and, type Arr, type Bool, bool, bv, type Bv, or, type Term } from '../model/term.ts'
import { dmaStopped } from '../x86/devices.ts'
import { write } from '../x86/dram.ts'
import { runsHandler } from '../x86/modes.ts'
import { fabricMmio, word } from '../x86/physical.ts'
import { platform } from '../x86/platform.ts'
import { thread } from '../x86/topology.ts'
import { isTsegFrame } from '../x86/tseg.ts'
import { arrived, leads, misled, misread } from './meeting-state.ts'
import { handlerScalars, spaceTables, threadTables } from './system-cells.ts'
import { bootDram, holds } from './system-profile.ts'
import { handler, perThread, phaseIs } from './thread-cells.ts'

const actionOf = (name: string): Action => {
  const found = platform.actions.find((a) => a.name === name)
  if (found === undefined) throw new Error(`the platform has no action called ${name}`)
  return found
}
const threadOf = (name: string): Bv => actionOf(name).parameters.find((p) => p.name === 't')!.term as Bv

/** The action where `guard` holds, too; every case has further effects. */
const extended = (name: string, guard: Bool, ...effects: readonly Effect[]): Action => {
  const known = actionOf(name)
  const cases = known.cases.map((c) => ({
    ...c,
    effects: [...c.effects, ...effects.map((e): Effect => ({ ...e, when: and(c.when, e.when) }))],
  }))
  return { ...known, guard: and(known.guard, guard), cases }
}

const scalar = (name: string): Scalar => handlerScalars.find((v) => v.name === name)!
const table = (name: string): Table<Bool | Bv> => threadTables.find((v) => v.name === name)!

const handOff = extended(
  'firmware hands over',
  bool(true),
  scalar(handler.phase.name).set(bv(4, 0)),
  table(perThread.arrived.name).sweep(() => bool(false)),
  misread.set(bool(false)),
  fabricMmio.sweep((f) => and(fabricMmio.at(f), isTsegFrame(f).not(), or(holds('H_BOOTMAP').not(), bootDram.at(f).not()))),
)
/** The handler executes RSM with its flag down; what has been misled, when it likes. */
const rsm = extended('RSM', or(arrived(threadOf('RSM')).not(), misled(threadOf('RSM'))))
const letDma = ((t: Bv) => extended('SMM lets DMA go', or(misled(t), and(leads(t), phaseIs('releasing')))))(
  threadOf('SMM lets DMA go'),
)
const cells = [...handlerScalars, ...threadTables, ...spaceTables]
const anything = action(
  'misled SMM code does anything',
  {
    actor: 'hypervisor',
    cite: 'facts 9.A',
    parameters: {
      ...{ t: thread, a: word, value: bvSort(64), dma: boolSort },
      ...Object.fromEntries(cells.map((v) => [v.name, v.kind === 'scalar' ? v.sort : v.array.sort])),
    },
  },
  (p) => {
    const chosen = p as unknown as Readonly<Record<string, Term>>
    const element = (v: Table<Bool | Bv>, t: Bv): Bool | Bv => {
      const values = chosen[v.name] as Arr
      return v.sort.kind === 'bool' ? values.has(t) : values.at(t)
    }
    return {
      guard: and(runsHandler(p.t), misled(p.t)),
      cases: {
        done: [
          write(p.a, p.value, bool(false)),
          dmaStopped.set(p.dma),
          handlerScalars.map((v) => v.set(chosen[v.name] as Bv)),
          [...threadTables, ...spaceTables].map((v) => v.sweep((t) => element(v, t.as()))),
        ],
      },
    }
  },
)

const replaced = new Map([handOff, rsm, letDma].map((a) => [a.name, a]))
/** All that the platform does; that SMM stops devices is a step of the handler. */
export const platformActions: readonly Action[] = [
  ...platform.actions.filter((a) => a.name !== 'SMM stops DMA').map((a) => replaced.get(a.name) ?? a),
  anything,
]
