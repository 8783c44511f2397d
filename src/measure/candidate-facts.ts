// What the handler's procedures tell of each VMCB: the checks of VMRUN that it fails as it lies in memory, and whether its nested CR3 leads
// anywhere. Run on an image, where a page may be absent.

import { compile, type Program } from '../executor/compile.ts'
import { Execution } from '../executor/execution.ts'
import type { PhysicalMemory } from '../executor/image/memory.ts'
import { loadImage } from '../executor/load-image.ts'
import type { Cell } from '../model/cell.ts'
import type { Procedure } from '../model/procedure.ts'
import type { RootState } from '../report/census.ts'
import { explainPage, inspectRoot } from '../smm/candidate.ts'
import { config } from '../smm/cells.ts'
import { type CheckName, checkNames } from '../smm/vmcb-checks.ts'
import type { BootState } from './boot-state.ts'
import type { Vmcb } from './candidates.ts'
import { once } from './once.ts'

export interface CandidateFacts {
  /** Undefined where the image lacks a part of the page, or it lies outside RAM. */
  readonly refusedFor: readonly CheckName[] | undefined
  readonly rootState: RootState
}

const FRAME_BYTES = 4096
const explainer = once(() => compile(explainPage))
const inspector = once(() => compile(inspectRoot))

export function candidateFacts(memory: PhysicalMemory, boot: BootState, nxe: boolean): (vmcb: Vmcb) => CandidateFacts {
  const load = loadImage(memory)
  const state = new Map([...boot.cells, [config.nxe, nxe] as const])
  const run = (program: Program, procedure: Procedure, frame: number): Execution | 'absent' | 'outside-ram' => {
    const range = boot.ranges.findIndex(({ first, last }) => first <= frame && frame <= last)
    if (range < 0) return 'outside-ram'
    const [frameParam, rangeParam] = procedure.params as readonly [Cell, Cell]
    const execution = new Execution(program, load, state)
    const { kind } = execution.run(
      new Map([
        [frameParam, BigInt(frame)],
        [rangeParam, BigInt(range)],
      ]),
    )
    return kind === 'absent' ? 'absent' : execution
  }
  const rootState = (root: number): RootState => {
    const seen = run(inspector(), inspectRoot, root / FRAME_BYTES)
    if (typeof seen === 'string') return seen
    const [present, sound] = inspectRoot.results.map((cell) => seen.get(cell) === true)
    return sound ? 'table' : present ? 'faulty' : 'empty'
  }
  return ({ address, root, nestedPaging }) => {
    const seen = run(explainer(), explainPage, address / FRAME_BYTES)
    const failed = typeof seen === 'string' ? undefined : (seen.get(explainPage.results[0]!) as bigint)
    return {
      refusedFor: failed === undefined ? undefined : checkNames.filter((_, i) => (failed >> BigInt(i)) % 2n === 1n),
      rootState: !nestedPaging || root === 0 ? 'none' : rootState(root),
    }
  }
}
