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
import { alias, dram } from './dram.ts'
import { apicBase, hsavePa, readDram, sysCfg, tom2, topMem, writeDram } from './registers.ts'
import { flashGenuine } from './boot.ts'
import { cr0, cr4, efer, handedOver } from './modes.ts'
import { smmRevision } from './save-parameters.ts'
import { vmcbPa } from './svm-state.ts'
import { topologySample } from './topology.ts'
import { bootSmBase, bootSmmAddr, bootSmmMask, comparedBits, handlerCode, handlerObject } from './tseg.ts'

const TSEG = 0x7f00_0000n
/** 16 MiB, valid, write-back DRAM. */
const TSEG_MASK = 0xffff_ff00_6602n
/** What a careless firmware leaves: not valid, or too small for the save areas. Where a defence excludes it, another start is tried. */
const CARELESS = [0xffff_ff00_6600n, 0xffff_fffe_6602n]
/** A frame of ordinary memory that names DRAM of TSeg. */
const ALIASED = 0x5n
const STAGGER = 0x400n
const SMBASE = TSEG

const table = (otherwise: bigint | boolean, entries: Iterable<readonly [bigint, bigint | boolean]> = []): ArrayValue =>
  new ArrayValue(otherwise, new Map(entries))
const some = (random: Chance, first: bigint, count: number): [bigint, boolean][] =>
  Array.from({ length: count }, () => [(first >> 3n) + BigInt(random.below(0x200)), true])

const TABLES = { root: 0x1000n, level3: 0x2000n, level2: 0x3000n } as const
const VMCBS = [0x10_0000n, 0x10_1000n] as const
const HSAVE = 0x8000n
const HOST = { cr0: 0x8000_0011n, cr4: 0x20n, efer: 0x1d01n } as const

/** A control block that VMRUN accepts: a long-mode guest under nested paging, by offset. */
export const startable = (asid: bigint): readonly (readonly [bigint, bigint])[] => [
  [0x010n, 1n],
  [0x058n, asid],
  [0x090n, 1n],
  [0x0b0n, TABLES.root],
  [0x4d0n, 0x1d00n],
  [0x548n, HOST.cr4],
  [0x558n, HOST.cr0],
  [0x560n, 0x400n],
  [0x568n, 0xffff_0ff0n],
  [0x668n, 0x0007_0406_0007_0406n],
]

/** Nested tables that map the first 2 MiB to themselves and the next to TSeg, control blocks, and words out of place. */
function content(random: Chance): [bigint, bigint][] {
  const words: [bigint, bigint][] = [
    [TABLES.root, TABLES.level3 | 7n],
    [TABLES.level3, TABLES.level2 | 7n],
    [TABLES.level2, 0xe7n],
    [TABLES.level2 + 8n, TSEG | 0xe7n],
    ...VMCBS.flatMap((page, n) => startable(BigInt(n + 1)).map(([at, value]) => [page + at, value] as [bigint, bigint])),
  ]
  const frames = [...Object.values(TABLES), ...VMCBS, TSEG]
  const noise = Array.from({ length: random.below(6) }, (): [bigint, bigint] => [
    random.pick(frames.slice(0, 5)) + 8n * BigInt(random.below(0x200)),
    random.pick(frames) | BigInt(random.pick([0x07, 0x67, 0xe7, 0])),
  ])
  return [...words, ...noise].map(([at, value]) => [at >> 3n, value])
}

export const sampler: Sampler = (random) => {
  const threads = 1 + random.below(4)
  const values = new Map<Variable, Value>([
    ...topologySample(threads, random),
    ...cpuSample(random),
    [bootSmmAddr, TSEG],
    [bootSmmMask, random.chance(0.1) ? random.pick(CARELESS) : TSEG_MASK],
    [alias, table(0n, random.chance(0.1) ? [[ALIASED, ALIASED ^ ((TSEG >> 12n) + 0xfn)]] : [])],
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
    [hsavePa, table(HSAVE)],
    [vmcbPa, table(random.pick(VMCBS))],
    [cr0, table(HOST.cr0)],
    [cr4, table(HOST.cr4)],
    [efer, table(HOST.efer)],
    [readDram, table(true)],
    [writeDram, table(true)],
  ])
  return { values }
}
