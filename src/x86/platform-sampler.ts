// Where concrete runs of the platform begin: a machine as a firmware author would set it up, at power-on.
//
// Covers: one to four threads on one or two cores, a TSeg of 16 MiB below 2 GiB, staggered save areas, a handler's code and objects,
//   the processor's widths, registers of routing with their usual values.
// Leaves out: the switches (a profile decides them), everything that firmware sets at hand-off (boot.ts).
// Manual: APM volume 2, 10.2.5, 10.5 (staggered SMBASE), 7.9.4.
// Liberties: proofs are for every machine; this is one family of them, for search.

import { ArrayValue, type Value } from '../model/evaluate.ts'
import type { Chance, Sampler } from '../model/sampler.ts'
import type { Variable } from '../model/system.ts'
import { cpuSample } from './cpu.ts'
import { dram } from './dram.ts'
import { apicBase, hsavePa, readDram, sysCfg, tom2, topMem, writeDram } from './registers.ts'
import { flashGenuine } from './boot.ts'
import { handedOver } from './modes.ts'
import { smmRevision } from './save-parameters.ts'
import { topologySample } from './topology.ts'
import { bootSmBase, bootSmmAddr, bootSmmMask, comparedBits, handlerCode, handlerObject } from './tseg.ts'

const TSEG = 0x7f00_0000n
/** 16 MiB, valid, write-back DRAM. */
const TSEG_MASK = 0xffff_ff00_6602n
const STAGGER = 0x400n
const SMBASE = 0x7f00_0000n

const table = (otherwise: bigint | boolean, entries: Iterable<readonly [bigint, bigint | boolean]> = []): ArrayValue =>
  new ArrayValue(otherwise, new Map(entries))
const some = (random: Chance, first: bigint, count: number): [bigint, boolean][] =>
  Array.from({ length: count }, () => [(first >> 3n) + BigInt(random.below(0x200)), true])

/** Words that tables, roots and control blocks are likely to be made of. */
function content(random: Chance): [bigint, bigint][] {
  const frames = [0x1000n, 0x2000n, 0x3000n, 0x10_0000n, TSEG, TSEG + 0xf000n]
  return Array.from({ length: 24 }, () => {
    const at = random.pick(frames.slice(0, 4)) + 8n * BigInt(random.below(0x100))
    return [at >> 3n, random.pick(frames) | BigInt(random.pick([0x07, 0x67, 0xe7, 0]))]
  })
}

export const sampler: Sampler = (random) => {
  const threads = 1 + random.below(4)
  const values = new Map<Variable, Value>([
    ...topologySample(threads, random),
    ...cpuSample(random),
    [bootSmmAddr, TSEG],
    [bootSmmMask, TSEG_MASK],
    [comparedBits, random.pick([0xf_ffff_fffe_0000n, 0xffff_fffe_0000n, 0xff_fffe_0000n])],
    [
      bootSmBase,
      table(
        0n,
        Array.from({ length: threads }, (_, t) => [BigInt(t), SMBASE + STAGGER * BigInt(t)] as const),
      ),
    ],
    [
      handlerCode,
      table(false, [
        ...Array.from({ length: threads }, (_, t) => [(SMBASE + STAGGER * BigInt(t) + 0x8000n) >> 3n, true] as const),
        ...some(random, TSEG + 0x2_0000n, 3),
      ]),
    ],
    [handlerObject, table(false, some(random, TSEG + 0x3_0000n, 4))],
    [smmRevision, 0x3_0064n],
    [handedOver, false],
    [flashGenuine, true],
    [dram, table(0n, content(random))],
    [topMem, table(0x8000_0000n)],
    [tom2, table(0x2_0000_0000n)],
    [sysCfg, table(0x30_0000n)],
    [apicBase, table(0xfee0_0800n)],
    [hsavePa, table(0x3000n)],
    [readDram, table(true)],
    [writeDram, table(true)],
  ])
  return { values }
}
