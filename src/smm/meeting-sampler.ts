// Where concrete runs of platform and handler begin: the platform's machines, with what firmware tells the handler of them.
//
// Covers: the count of threads, the boot map below TSeg, copies of the registers as the platform's sampler leaves them.
// Leaves out: the switches (a profile decides them).

import type { Cell } from '../model/cell.ts'
import { ArrayValue, type Value } from '../model/evaluate.ts'
import type { Sampler } from '../model/sampler.ts'
import { type Variable, variableOf } from '../model/system.ts'
import { sampler as platformSampler } from '../x86/platform-sampler.ts'
import { bootSmmMask } from '../x86/tseg.ts'
import { threadCount } from '../x86/topology.ts'
import { bootMap, config } from './cells.ts'
import { bootDram } from './system-profile.ts'
import { bootCopy, FIXED_MTRRS, platformConfig, registerNames } from './thread-cells.ts'

const TSEG_FRAME = 0x7_f000n
const TSEG_FRAMES = 0x1000n
/** As the platform's sampler has them, or hand-off leaves them. */
const LEFT: Readonly<Record<string, bigint>> = {
  HWCR: 0x11n,
  SMMADDR: TSEG_FRAME << 12n,
  TOP_MEM: 0x8000_0000n,
  TOM2: 0x2_0000_0000n,
  SYSCFG: 0x30_0000n,
  APIC_BASE: 0xfee0_0800n,
  ...Object.fromEntries(FIXED_MTRRS.map((name) => [name, 0x1818_1818_1818_1818n])),
}

const cell = (c: Cell, value: Value): [Variable, Value] => [variableOf(c.now)!, value]

/** @throws Error when the platform's sampler leaves out how many threads there are. */
export const meetingSampler: Sampler = (random) => {
  const { values, ...rest } = platformSampler(random)
  const threads = values.get(variableOf(threadCount)!)
  const mask = values.get(bootSmmMask)
  if (threads === undefined || mask === undefined) throw new Error('the platform sampler names neither threads nor SMMMASK')
  const register = (name: string): bigint => (name === 'SMMMASK' ? (mask as bigint) : (LEFT[name] ?? 0n))
  return {
    ...rest,
    values: new Map<Variable, Value>([
      ...values,
      cell(platformConfig.threads, threads),
      cell(platformConfig.patience, BigInt(random.below(3))),
      cell(config.nxe, true),
      cell(config.smramFirst, TSEG_FRAME),
      cell(config.smramLast, TSEG_FRAME + TSEG_FRAMES - 1n),
      cell(bootMap.ranges, 1n),
      cell(bootMap.first, new ArrayValue(0n)),
      cell(bootMap.last, new ArrayValue(0n, new Map([[0n, TSEG_FRAME - 1n]]))),
      [bootDram, new ArrayValue(true)],
      ...registerNames.map((name) => cell(bootCopy[name]!, new ArrayValue(register(name)))),
    ]),
  }
}
