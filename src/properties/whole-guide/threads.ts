// What a guide suggests that threads do: start a guest and leave it, translate and touch its pages, mend what is broken, cover
// tracks, resume.

import { ArrayValue } from '../../model/evaluate.ts'
import type { Chance, Choice, Reading } from '../../model/sampler.ts'
import type { Table } from '../../model/system.ts'
import type { Bv } from '../../model/term.ts'
import { MODE } from '../../smm/cells.ts'
import { platformActions } from '../../smm/meeting-platform.ts'
import { bootCopy } from '../../smm/thread-cells.ts'
import { dram } from '../../x86/dram.ts'
import { cached } from '../../x86/guest-tlb.ts'
import { cr4 } from '../../x86/modes.ts'
import { startable } from '../../x86/platform-sampler.ts'
import * as r from '../../x86/registers.ts'
import { hostCr4, tableInUse } from '../../x86/svm-state.ts'
import { coreTable } from '../../x86/topology.ts'
import { FIVE_LEVELS, GUEST_TABLES, HOST, leaf, N_CR3, VMCBS } from '../whole-runs.ts'
import {
  tableOf,
  raised,
  bits,
  one,
  cells,
  threadsIn,
  type Condition,
  both,
  mayJoin,
  unobserved,
  runsHost,
  runsGuest,
  PG,
  hasEfer,
  needsPaging,
  mayVmrun,
  threadThat,
  leads,
} from './reading.ts'
import { pagesOf } from './messages.ts'

export function observe(now: Reading, random: Chance): Choice | undefined {
  const found = threadThat(unobserved, 'u')(now, random)
  if (found === undefined) return undefined
  const block = bits(now, cells.vmcb, found.u as bigint)
  const inBlock = (offset: bigint) => now.at(dram, (block + offset) >> 3n)
  return {
    ...leads(now),
    ...found,
    'recognise.findRange.found?': random.chance(0.95),
    'recognise.findRange.range?': 0n,
    'recognise.control?': inBlock(0x90n),
    'recognise.root?': inBlock(N_CR3),
  }
}

/** Firmware starts every thread, mostly. */
export const handOver = (now: Reading, random: Chance): Choice => ({
  present: new ArrayValue(false, new Map(threadsIn(now).map((t) => [t, random.chance(0.9)]))),
})

export function startPaging(now: Reading, random: Chance): Choice | undefined {
  const found = threadThat(needsPaging)(now, random)
  if (found === undefined) return undefined
  const t = found.t as bigint
  const levels = bits(now, cr4, t) & FIVE_LEVELS
  return { ...found, cr0: hasEfer(now, t) ? HOST.cr0 : HOST.cr0 & ~PG, cr3: HOST.cr3, cr4: HOST.cr4 | levels }
}

export const isIntact = (now: Reading, at: bigint, n: number): boolean =>
  startable(BigInt(n + 1)).every(([offset, value]) => offset === N_CR3 || now.at(dram, (at + offset) >> 3n) === value)

/** The host mends a control block that an exit has overwritten, or maps a page otherwise. */
export function store(now: Reading, random: Chance): Choice {
  const broken = VMCBS.flatMap((at, n) =>
    startable(BigInt(n + 1))
      .filter(([offset, value]) => offset !== N_CR3 && now.at(dram, (at + offset) >> 3n) !== value)
      .map(([offset, value]) => ({ a: (at + offset) >> 3n, value })),
  )
  const writer = threadThat(runsHost)(now, random)
  const mended = one(random, broken)
  if (mended !== undefined && random.chance(0.9)) return { ...writer, ...mended }
  // A decoy: the processor goes on with the root that it has loaded.
  if (random.chance(0.1)) return { ...writer, a: (random.pick(VMCBS) + N_CR3) >> 3n, value: random.pick(GUEST_TABLES) << 12n }
  const a = (random.pick(GUEST_TABLES) << 9n) | BigInt(random.below(random.pick([2, 8, 512])))
  return { ...writer, a, value: random.pick([0n, leaf(random)]) }
}

/** A thread of the host starts a guest, after it has come out of its reset. */
export function vmrun(now: Reading, random: Chance): Choice | undefined {
  const found = threadThat(mayVmrun)(now, random)
  const rax = one(
    random,
    VMCBS.filter((at, n) => isIntact(now, at, n)),
  )
  if (found === undefined || rax === undefined) return undefined
  const words = vmcbWords.map(([name, offset]) => [name, now.at(dram, (rax + offset) >> 3n)] as const)
  return { ...found, rax, uses: 0n, ...Object.fromEntries(words) }
}
/** Parameters of an action that are words of memory, with the offset that is in their name. */
const wordsOf = (action: string, named: RegExp): readonly (readonly [string, bigint])[] =>
  platformActions
    .find((a) => a.name === action)!
    .parameters.flatMap(({ name }) => {
      const offset = named.exec(name)?.[1]
      return offset === undefined ? [] : [[name, BigInt(`0x${offset}`)] as const]
    })
const vmcbWords = wordsOf('VMRUN', /^VMCB ([0-9a-f]{3})h$/)
const imageWords = wordsOf('RSM', /^save area ([0-9A-F]{4})h$/)

/** Who is done in SMM goes back to where its save area says. */
export function resume(now: Reading, random: Chance): Choice | undefined {
  const found = threadThat(mayJoin)(now, random)
  if (found === undefined) return undefined
  const base = bits(now, r.smBase, found.t as bigint)
  return { ...found, ...Object.fromEntries(imageWords.map(([name, offset]) => [name, now.at(dram, (base + offset) >> 3n)])) }
}

/** A guest exits as it was when it began, so that it can be started again. */
export function leaveGuest(now: Reading, random: Chance): Choice | undefined {
  const found = threadThat(runsGuest)(now, random)
  if (found === undefined) return undefined
  const block = startable(bits(now, tableInUse('ASID'), found.t as bigint))
  return { ...found, context: new ArrayValue(0n, new Map(block.map(([offset, value]) => [offset >> 3n, value]))) }
}

/** A page that a running guest has mapped, and where it arrives. */
export function mappedByGuest(now: Reading, random: Chance): Choice | undefined {
  const found = threadThat(runsGuest)(now, random)
  if (found === undefined) return undefined
  const t = found.t as bigint
  const mode = (bits(now, hostCr4, t) & FIVE_LEVELS) === 0n ? MODE.long4 : MODE.long5
  const mapped = one(random, pagesOf(now, bits(now, tableInUse('N_CR3'), t) >> 12n, BigInt(mode), dram))
  return mapped === undefined ? found : { ...found, page: mapped.page, frame: mapped.frame, writable: random.chance(0.5) }
}
/** A page that a running guest's TLB has. */
export function held(now: Reading, random: Chance): Choice | undefined {
  const entries = raised(now, cached).map((e) => ({ t: e >> 77n, asid: (e >> 45n) & 0xffff_ffffn, page: e & ((1n << 45n) - 1n) }))
  const entry = one(
    random,
    entries.filter(({ t, asid }) => runsGuest(now, t) && bits(now, tableInUse('ASID'), t) === asid),
  )
  return entry === undefined ? undefined : { t: entry.t, page: entry.page }
}

/** Registers that decide where addresses go, of which the handler has a copy: the host changes them, and covers its tracks. */
export const ROUTING: readonly (readonly [string, Table<Bv>])[] = [
  ...Object.entries({ TOP_MEM: r.topMem, TOM2: r.tom2, SYSCFG: r.sysCfg, MMIO_CFG_BASE: r.mmioCfgBase }),
  ...Object.entries({ IORRBase0: r.iorrBase0, IORRMask0: r.iorrMask0, IORRBase1: r.iorrBase1, IORRMask1: r.iorrMask1 }),
  ['APIC_BASE', r.apicBase],
]
export const differs =
  (name: string, register: Table<Bv>): Condition =>
  (now, t) =>
    bits(now, register, register.domain === r.apicBase.domain ? t : bits(now, coreTable, t)) !==
    bits(now, tableOf(bootCopy[name]!), t)
export const restored = Object.fromEntries(
  ROUTING.map(([name, register]) => [
    `WRMSR ${name}`,
    (now: Reading, random: Chance): Choice | undefined => {
      const found = threadThat(both(runsHost, differs(name, register)))(now, random)
      return found === undefined ? undefined : { ...found, value: bits(now, tableOf(bootCopy[name]!), found.t as bigint) }
    },
  ]),
)
