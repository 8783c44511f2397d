// Where concrete runs of the whole system begin: a host that runs guests, a proxy, a few challenges and reports.
// Leaves out: how runs go on (whole-guide.ts), everything that makes them random (src/executor/simulation).
// Liberties: proofs are for every machine and every set of messages; this is one family of them, for search.

import { ArrayValue, type Value } from '../model/evaluate.ts'
import type { Cell } from '../model/cell.ts'
import type { Chance, Sampler } from '../model/sampler.ts'
import { type Variable, variableOf } from '../model/system.ts'
import * as m from '../protocol/messages.ts'
import * as p from '../protocol/state.ts'
import { config } from '../smm/cells.ts'
import { gmet } from '../smm/hardware-words.ts'
import { meetingSampler } from '../smm/meeting-sampler.ts'
import { platformConfig } from '../smm/thread-cells.ts'
import { cpuSample } from '../x86/cpu.ts'
import { dram } from '../x86/dram.ts'
import { cr4 } from '../x86/modes.ts'
import { fabricMmio } from '../x86/physical.ts'
import { iorrBase0, iorrBase1, iorrMask0, iorrMask1, mmioCfgBase, vmCr } from '../x86/registers.ts'
import { startable } from '../x86/platform-sampler.ts'
import { threadCount } from '../x86/topology.ts'
import { isOurs } from './whole-system.ts'
import { atHand } from './whole-time.ts'

const of = (cell: Cell): Variable => variableOf(cell.now)!
const table = (otherwise: bigint | boolean, entries: Iterable<readonly [bigint, bigint | boolean]> = []): ArrayValue =>
  new ArrayValue(otherwise, new Map(entries))

// ---- the host's memory ----

/** Control blocks as the platform's sampler leaves them, with the offset of N_CR3 and of flags at 090h. */
export const VMCBS = [0x10_0000n, 0x10_1000n] as const
export const N_CR3 = 0xb0n
const FRAME_SIZE = 0x1000n
/** CR4.LA57, and with CR4.PAE. */
export const FIVE_LEVELS = 0x1000n
const LA57 = FIVE_LEVELS | 0x20n
export const HOST = { cr0: 0x8000_0011n, cr3: 0x1000n, cr4: 0x20n, efer: 0x1d01n } as const
const FLAGS = [7n, 7n, 7n, 5n, 3n, 0x67n, 0x8000_0000_0000_0007n, 0n]
const LEAF_2M = 0x80n
/** Where nested tables lie. */
export const GUEST_TABLES = [0x10n, 0x20n].flatMap((root) => [0n, 1n, 2n, 3n, 4n].map((level) => root + level))
/** Guests' pages, a table, a frame of TSeg, one above the boot map. */
const FRAMES = [...Array.from({ length: 10 }, (_, i) => 0x30n + BigInt(i)), 0x12n, 0x7_f005n, 0x10_0000n]

export const leaf = (random: Chance): bigint => (random.pick(FRAMES) << 12n) | random.pick(FLAGS)

/** Nested tables from frame `first` on, with `levels` levels: one way down to a few leaves, seldom a large one. */
function tree(first: bigint, levels: number, random: Chance): [bigint, bigint][] {
  const word_ = (frame: bigint, index: bigint): bigint => (frame << 9n) | index
  const down = Array.from({ length: levels - 1 }, (_, n): [bigint, bigint] => {
    const index = random.chance(0.8) ? 0n : BigInt(random.below(512))
    return [word_(first + BigInt(n), index), ((first + BigInt(n) + 1n) << 12n) | random.pick(FLAGS.slice(0, 4))]
  })
  const last = first + BigInt(levels) - 1n
  const leaves = Array.from({ length: 1 + random.below(6) }, (): [bigint, bigint] => [
    word_(last, BigInt(random.below(random.pick([4, 512])))),
    leaf(random),
  ])
  const large: [bigint, bigint][] = random.chance(0.05) ? [[word_(last - 1n, 1n), 0x20_0000n | LEAF_2M | 7n]] : []
  return [...down, ...leaves, ...large]
}

function memory(base: ArrayValue, levels: number, random: Chance): ArrayValue {
  const roots = random.chance(0.3) ? [0x10n, 0x10n] : [0x10n, 0x20n]
  const blocks = VMCBS.map((at, n): [bigint, bigint] => [(at + N_CR3) >> 3n, roots[n]! * FRAME_SIZE])
  // Control blocks are clean, mostly: what the platform's sampler scatters makes VMRUN refuse them.
  const isScattered = ([a, value]: [bigint, bigint]): boolean =>
    VMCBS.some(
      (at, n) => at >> 12n === a >> 9n && !startable(BigInt(n + 1)).some(([o, v]) => (at + o) >> 3n === a && v === value),
    )
  const isClean = random.chance(0.9)
  const around = [...(base.entries as ReadonlyMap<bigint, bigint>)].filter((word) => !(isClean && isScattered(word)))
  return table(0n, [...around, ...roots.flatMap((r) => tree(r, levels, random)), ...blocks])
}

// ---- messages ----

const NONCES = 10n
const count = (n: bigint): bigint[] => Array.from({ length: Number(n) }, (_, i) => BigInt(i + 1))
/** Two enrolments of this platform, of which one has a key that is known, and one of another. */
const ENROLMENTS = [1n, 2n, 3n]
const PROXY = 1n
/** Its key was never secret. */
const LEAKED = 2n

function messages(random: Chance): [Variable, Value][] {
  const nonces = count(NONCES)
  const asked = new Map(nonces.map((n) => [n, random.pick([1n, 1n, 1n, 2n, 3n])]))
  const reports = nonces.flatMap((n) =>
    count(n + 1n).flatMap((sequence) => [true, false].map((whole) => ({ n, sequence, whole }))),
  )
  const names = new Map(reports.map((r, i) => [BigInt(i + 1), r]))
  const each = (part: (r: (typeof reports)[number]) => bigint | boolean, otherwise: bigint | boolean = 0n) =>
    table(
      otherwise,
      [...names].map(([b, r]) => [b, part(r)] as const),
    )
  const one = [PROXY]
  return [
    [atHand, random.pick(nonces)],
    [
      m.drawnBy,
      table(
        0n,
        nonces.map((n) => [n, PROXY] as const),
      ),
    ],
    [
      m.counterIn,
      table(
        0n,
        nonces.map((n) => [n, n] as const),
      ),
    ],
    [
      m.isFresh,
      table(
        false,
        nonces.map((n) => [n, random.chance(0.995)] as const),
      ),
    ],
    [m.forWhom, table(0n, asked)],
    [
      m.proxyOf,
      table(
        0n,
        ENROLMENTS.map((e) => [e, PROXY] as const),
      ),
    ],
    [
      m.keyOf,
      table(
        0n,
        ENROLMENTS.map((e) => [e, e] as const),
      ),
    ],
    [
      m.isSecret,
      table(false, [
        [1n, true],
        [3n, true],
      ]),
    ],
    [p.knowsKey, table(false, [[LEAKED, true]])],
    [m.nonceIn, each((r) => r.n)],
    [m.madeFor, each((r) => asked.get(r.n)!)],
    [m.sequenceIn, each((r) => r.sequence)],
    [m.isComplete, each((r) => r.whole, false)],
    [
      isOurs,
      table(false, [
        [1n, true],
        [2n, true],
      ]),
    ],
    [p.DEADLINE, random.pick([0x10n, 0x1_0000n])],
    [
      p.lastDrawn,
      table(
        0n,
        one.map((proxy) => [proxy, 0n] as const),
      ),
    ],
    ...[p.clock].map((clock): [Variable, Value] => [clock, 0n]),
  ]
}

/** Registers of routing that firmware leaves alone, as the handler's copies have them. */
const unused = [iorrBase0, iorrBase1, iorrMask0, iorrMask1, mmioCfgBase, vmCr]

/** Where runs of the whole system begin. @throws Error when the meeting's sampler leaves out what is in memory. */
export const wholeSampler: Sampler = (random) => {
  const { values, ...rest } = meetingSampler(random)
  const [inMemory, threads] = [values.get(dram), values.get(variableOf(threadCount)!)]
  if (!(inMemory instanceof ArrayValue) || threads === undefined) throw new Error('the sampler leaves out memory or threads')
  const levels = random.chance(0.2) ? 5 : 4
  const cpu = new Map(cpuSample(random))
  const like = (name: string): Value => [...cpu].find(([v]) => v.name === name)![1]
  const knows = Object.values(platformConfig)
    .filter((cell) => cell.sort.kind === 'bool' && cell !== platformConfig.parkVisible)
    .map((cell): [Variable, Value] => [of(cell), random.chance(0.98)])
  const isCapable = random.chance(0.3)
  return {
    ...rest,
    values: new Map<Variable, Value>([
      ...values,
      ...cpu,
      [dram, memory(inMemory, levels, random)],
      [fabricMmio, table(false)],
      ...(levels === 5 ? [[cr4, table(LA57)] as [Variable, Value]] : []),
      ...unused.map((v): [Variable, Value] => [v, table(0n)]),
      [of(platformConfig.patience), random.pick([0n, 3n, 3n, 3n, 10n, 10n])],
      // What a profile excludes, another start mends: a thread that the handler does not know of, and threads taken for parked.
      [of(platformConfig.threads), (threads as bigint) - (random.chance(0.1) && (threads as bigint) > 1n ? 1n : 0n)],
      [of(platformConfig.parkVisible), random.chance(0.1)],
      ...knows,
      [of(config.physMask), like('MAXPHYADDR mask')],
      [of(config.cBit), like('C-bit')],
      [of(config.page1g), like('1-GiB pages')],
      [of(config.guestPages), like('guest page mask')],
      [of(config.gmetCapable), isCapable],
      [of(gmet), isCapable && random.chance(0.5)],
      ...messages(random),
    ]),
  }
}
