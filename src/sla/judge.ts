// Covers: promised against measured. A promise is kept or broken only where the census bounds what it speaks of on the right side; all else is
// not measurable, with the reason.
// Leaves out: whether the census can be believed (the claims of specs/), and whose VMCBs are whose: the SLA says so (docs/sla.md).

import type { JudgedPromise, Judgement, JudgementVerdict, Unmeasured } from '../report/judgement.ts'
import { type Evidence, evidenceFor, type MeasuredCensus } from './evidence.ts'
import {
  type CpuPromise,
  type MemoryPromise,
  type NetworkPromise,
  PAGE_SIZES,
  type PageSize,
  type Sla,
  type VmSla,
} from './sla.ts'

const FRAME_BYTES = 4096
const LEAF_BYTES: Readonly<Record<PageSize, number>> = { '4K': 2 ** 12, '2M': 2 ** 21, '1G': 2 ** 30 }

/** What one promise came to. */
interface Finding {
  readonly measured: string | null
  readonly verdict: JudgementVerdict
  readonly reason: Unmeasured | null
}
const unmeasured = (reason: Unmeasured, measured: string | null = null): Finding => ({
  measured,
  verdict: 'not-measurable',
  reason,
})
const decided = (kept: boolean, measured: string): Finding => ({ measured, verdict: kept ? 'kept' : 'broken', reason: null })

export interface Measured {
  readonly census: MeasuredCensus
}

export function judge(sla: Sla, measured: Measured): Judgement {
  return summed(sla.vms.flatMap((vm) => judgeVm(vm, measured)))
}

/** All promises together. */
export function summed(promises: readonly JudgedPromise[]): Judgement {
  const has = (verdict: JudgementVerdict): boolean => promises.some((p) => p.verdict === verdict)
  return {
    schema: 'smmcheck.judgement/1',
    verdict: has('broken') ? 'broken' : has('not-measurable') ? 'not-measurable' : 'kept',
    promises: [...promises],
  }
}

function judgeVm(vm: VmSla, { census }: Measured): readonly JudgedPromise[] {
  const { name, memory, cpu, network } = vm
  const out: JudgedPromise[] = []
  const add = (promise: JudgedPromise['promise'], promised: string, finding: Finding): void => {
    out.push({ vm: name, promise, promised, ...finding })
  }
  if (memory !== undefined) {
    const found = evidenceFor(vm, census)
    const held = (judgeIt: (evidence: Evidence) => Finding): Finding =>
      found.found ? judgeIt(found.evidence) : unmeasured(found.reason)
    add(
      'memory',
      `${memory.bytes} bytes`,
      held((e) => memoryFinding(memory, e)),
    )
    const { pageSize } = memory
    if (pageSize !== undefined)
      add(
        'page size',
        `${percent(pageSize.share)} in leaves of ${pageSize.atLeast} or more`,
        held((e) => pageSizeFinding(pageSize, e)),
      )
    add('sharing', memory.sharing, memory.sharing === 'allowed' ? allowed(found) : held(sharingFinding))
  }
  if (cpu !== undefined) add('cpu', cpuText(cpu), unmeasured('no-samples'))
  if (network !== undefined) add('network', networkText(network), unmeasured('no-counter'))
  return out
}

const cpuText = ({ threads, confidence }: CpuPromise): string => `${threads} threads, at confidence ${confidence}`
const networkText = ({ bytesPerSecond }: NetworkPromise): string => `${bytesPerSecond} bytes per second`

/** Frames that several roots reach are counted in each, so the sum is the most there can be and the largest the least. */
function memoryFinding({ bytes }: MemoryPromise, { spaces, possible, uncounted }: Evidence): Finding {
  const least = Math.max(...spaces.map((s) => s.distinctFramesCertain)) * FRAME_BYTES
  const most = sum([...spaces, ...possible], (s) => s.distinctFrames) * FRAME_BYTES
  if (least >= bytes) return decided(true, least === most ? `${least} bytes` : `at least ${least} bytes`)
  if (!uncounted && most < bytes) return decided(false, least === most ? `${most} bytes` : `at most ${most} bytes`)
  return unmeasured(uncounted ? 'space-not-counted' : 'several-roots', `at least ${least} bytes`)
}

function pageSizeFinding({ atLeast, share }: NonNullable<MemoryPromise['pageSize']>, { spaces }: Evidence): Finding {
  const sizes = PAGE_SIZES.slice(PAGE_SIZES.indexOf(atLeast))
  const mapped = sum(spaces, (s) => s.mappedBytes)
  if (mapped === 0) return unmeasured('nothing-mapped')
  const large = sum(spaces, (s) => sum(sizes, (size) => s.leafEntries[size] * LEAF_BYTES[size]))
  return decided(large >= share * mapped, `${percent(large / mapped)} (${large} of ${mapped} bytes mapped)`)
}

/** The census says that frames are shared, not with whom: another root of this machine, or tables that nobody uses any more. */
function sharingFinding({ spaces, possible, uncounted, leftovers }: Evidence): Finding {
  const shared = sum(spaces, (s) => s.framesSharedWithOtherSpaces)
  const measured = `${shared} frames shared`
  if (shared === 0) return decided(true, measured)
  if (uncounted || spaces.length + possible.length > 1) return unmeasured('several-roots', measured)
  return leftovers ? unmeasured('leftover-spaces', measured) : decided(false, measured)
}

/** What is allowed cannot be broken; how much there is of it is shown all the same. */
function allowed(found: ReturnType<typeof evidenceFor>): Finding {
  if (!found.found) return { measured: null, verdict: 'kept', reason: null }
  return decided(true, `${sum(found.evidence.spaces, (s) => s.framesSharedWithOtherSpaces)} frames shared`)
}

const sum = <T>(list: readonly T[], of: (item: T) => number): number => list.reduce((total, item) => total + of(item), 0)
/** To four digits, cut off rather than rounded: 0.99999 is not 100 %. */
const percent = (share: number): string => `${Math.floor(share * 1e4 + 1e-9) / 100} %`
