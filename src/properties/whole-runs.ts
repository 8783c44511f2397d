// Concrete runs of the whole system: where they begin (a host that runs guests, a proxy, a few challenges and reports), which code
// stands behind steps that proofs know by contract, and what is worth trying.
// Leaves out: everything that makes a run random (src/executor/simulation).
// Liberties: proofs are for every machine and every set of messages; this is one family of them, for search.

import { ArrayValue, type Value } from '../model/evaluate.ts'
import type { Cell } from '../model/cell.ts'
import type { Chance, Choice, Guide, Reading, Sampler } from '../model/sampler.ts'
import { type Variable, variableOf } from '../model/system.ts'
import * as m from '../protocol/messages.ts'
import * as p from '../protocol/state.ts'
import { census, config, STATUS } from '../smm/cells.ts'
import { type CensusRun, censusOfPicture } from '../smm/census-of-picture.ts'
import { counting, countingAction, listing, listingAction, pictureIn } from '../smm/handler-code.ts'
import { handlerActions } from '../smm/handler-steps.ts'
import { gmet } from '../smm/hardware-words.ts'
import { picturedWord } from '../smm/meeting-state.ts'
import { platformActions } from '../smm/meeting-platform.ts'
import { meetingSampler } from '../smm/meeting-sampler.ts'
import { sampled, stage, STAGE } from '../smm/measuring-state.ts'
import { ALL_ON } from '../smm/switches.ts'
import { handler, HANDLER_STATUS, observed, OBSERVATION, perThread, PHASE, platformConfig, saved } from '../smm/thread-cells.ts'
import { cpuSample } from '../x86/cpu.ts'
import { dram } from '../x86/dram.ts'
import { cr4, guest, parked, shutdown, smm } from '../x86/modes.ts'
import { fabricMmio, word } from '../x86/physical.ts'
import { iorrBase0, iorrBase1, iorrMask0, iorrMask1, mmioCfgBase } from '../x86/registers.ts'
import { startable } from '../x86/platform-sampler.ts'
import { pending } from '../x86/smi-state.ts'
import { stubPassed } from '../x86/smm.ts'
import { svmActions } from '../x86/svm.ts'
import { online, threadCount } from '../x86/topology.ts'
import { isOurs } from './whole-system.ts'

const of = (cell: Cell): Variable => variableOf(cell.now)!
const table = (otherwise: bigint | boolean, entries: Iterable<readonly [bigint, bigint | boolean]> = []): ArrayValue =>
  new ArrayValue(otherwise, new Map(entries))

// ---- the host's memory ----

/** Control blocks as the platform's sampler leaves them, with the offset of N_CR3 and of flags at 090h. */
const VMCBS = [0x10_0000n, 0x10_1000n] as const
const N_CR3 = 0xb0n
const FRAME_SIZE = 0x1000n
const LA57 = 0x1020n
const HOST = { cr0: 0x8000_0011n, cr3: 0x1000n, cr4: 0x20n, efer: 0x1d01n } as const
const FLAGS = [7n, 7n, 7n, 5n, 3n, 0x67n, 0x8000_0000_0000_0007n, 0n]
const LEAF_2M = 0x80n
/** Guests' pages, a table, a frame of TSeg, one above the boot map. */
const FRAMES = [...Array.from({ length: 10 }, (_, i) => 0x30n + BigInt(i)), 0x12n, 0x7_f005n, 0x10_0000n]

const leaf = (random: Chance): bigint => (random.pick(FRAMES) << 12n) | random.pick(FLAGS)

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
  return table(0n, [
    ...(base.entries as ReadonlyMap<bigint, bigint>),
    ...roots.flatMap((r) => tree(r, levels, random)),
    ...blocks,
  ])
}

// ---- messages ----

const NONCES = 6n
const count = (n: bigint): bigint[] => Array.from({ length: Number(n) }, (_, i) => BigInt(i + 1))
/** Two enrolments of this platform, of which one has a key that is known, and one of another. */
const ENROLMENTS = [1n, 2n, 3n]
const PROXY = 1n

function messages(random: Chance): [Variable, Value][] {
  const nonces = count(NONCES)
  const asked = new Map(nonces.map((n) => [n, random.pick([1n, 1n, 1n, 2n, 3n])]))
  const reports = nonces.flatMap((n) => count(n).flatMap((sequence) => [true, false].map((whole) => ({ n, sequence, whole }))))
  const names = new Map(reports.map((r, i) => [BigInt(i + 1), r]))
  const each = (part: (r: (typeof reports)[number]) => bigint | boolean, otherwise: bigint | boolean = 0n) =>
    table(
      otherwise,
      [...names].map(([b, r]) => [b, part(r)] as const),
    )
  const one = [PROXY]
  return [
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
        nonces.map((n) => [n, random.chance(0.95)] as const),
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
const unused = [iorrBase0, iorrBase1, iorrMask0, iorrMask1, mmioCfgBase]

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
    .map((cell): [Variable, Value] => [of(cell), random.chance(0.95)])
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
      [of(platformConfig.patience), random.pick([0n, 3n, 100n, 100n])],
      [of(platformConfig.parkVisible), false],
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

// ---- what is worth trying ----

const asTable = (now: Reading, v: Variable): ArrayValue => now.value(v) as ArrayValue
const keysWhere = (entries: ArrayValue, is: (value: bigint | boolean) => boolean): bigint[] =>
  [...entries.entries].filter(([, value]) => is(value)).map(([key]) => key)
const one = <T>(random: Chance, items: readonly T[]): T | undefined => (items.length === 0 ? undefined : random.pick(items))

function askNext(now: Reading, random: Chance): Choice | undefined {
  const drawn = asTable(now, p.lastDrawn)
  const proxies = asTable(now, m.drawnBy)
  const next = keysWhere(asTable(now, m.counterIn), () => true).filter(
    (n) => asTable(now, m.counterIn).get(n) === (drawn.get(proxies.get(n) as bigint) as bigint) + 1n,
  )
  const n = one(random, next)
  return n === undefined ? undefined : { n }
}

/** A report that answers a challenge whose tag is known, of pages that are mapped by a thread that was in a guest. */
function report(now: Reading, random: Chance): Choice | undefined {
  const t = now.value(of(handler.leader))
  const made = asTable(now, p.reportsMade)
  const last = asTable(now, p.lastCounter)
  const tags = keysWhere(asTable(now, p.knowsChallengeTag), (known) => known === true)
  const ours = asTable(now, isOurs)
  const open = keysWhere(asTable(now, m.keyOf), () => true)
    .filter((e) => ours.get(e) === true)
    .flatMap((e) => tags.map((tag) => ({ e, n: tag & ((1n << 64n) - 1n), k: tag >> 64n })))
    .filter(
      ({ e, n, k }) =>
        asTable(now, m.keyOf).get(e) === k && (asTable(now, m.counterIn).get(n) as bigint) > (last.get(e) as bigint),
    )
  const chosen = one(random, open)
  if (chosen === undefined) return undefined
  const { e, n } = chosen
  const whole = isWholeNow(now)
  const sequence = (made.get(e) as bigint) + 1n
  const b = keysWhere(asTable(now, m.nonceIn), (of_) => of_ === n).find(
    (name) =>
      asTable(now, m.sequenceIn).get(name) === sequence &&
      asTable(now, m.isComplete).get(name) === whole &&
      asTable(now, m.madeFor).get(name) === e,
  )
  return b === undefined ? undefined : { t, e, n, b, ...witness(now, random) }
}
const isWholeNow = (now: Reading): boolean =>
  now.value(of(handler.phase)) === BigInt(PHASE.measuring) &&
  now.value(stage) === BigInt(STAGE.counted) &&
  now.value(of(handler.status)) === BigInt(HANDLER_STATUS.complete) &&
  now.value(of(census.status)) === BigInt(STATUS.running)

/** A thread that was in a guest, with a page that its processor maps and the frame where it arrives. */
function witness(now: Reading, random: Chance): Choice {
  const picture = pictureIn(now)
  const threads = keysWhere(asTable(now, sampled.inGuest), (is) => is === true)
  const u = one(random, threads)
  if (u === undefined) return {}
  const at = (v: Variable): bigint => asTable(now, v).get(u) as bigint
  const { pages } = censusOfPicture({ ...picture, spaces: [{ root: at(sampled.root), mode: at(sampled.mode) }] })
  const mapped = one(random, pages[0] ?? [])
  const s = asTable(now, of(observed.space)).get(u)
  return mapped === undefined ? { u, s } : { u, s, g: mapped.page, f: mapped.frame }
}

function deliver(now: Reading, random: Chance): Choice | undefined {
  const tags = keysWhere(asTable(now, p.knowsReportTag), (known) => known === true)
  const open = asTable(now, p.isOpen)
  const nonceIn = asTable(now, m.nonceIn)
  const b = one(
    random,
    tags.map((tag) => tag & ((1n << 64n) - 1n)).filter((name) => open.get(nonceIn.get(name) as bigint) === true),
  )
  return b === undefined ? undefined : { n: nonceIn.get(b), b }
}

function observe(now: Reading, random: Chance): Choice | undefined {
  const kinds = asTable(now, of(observed.kind))
  const u = one(
    random,
    threadsIn(now).filter((t) => kinds.get(t) === BigInt(OBSERVATION.absent)),
  )
  if (u === undefined) return undefined
  const held = asTable(now, dram)
  const inBlock = (offset: bigint) => held.get(((asTable(now, of(saved.vmcb)).get(u) as bigint) + offset) >> 3n)
  return {
    t: now.value(of(handler.leader)),
    u,
    'recognise.findRange.found?': random.chance(0.95),
    'recognise.findRange.range?': 0n,
    'recognise.control?': inBlock(0x90n),
    'recognise.root?': inBlock(N_CR3),
  }
}

const led = ['the leader looks for a thread', 'the leader asks for a verdict', 'the leader stops devices'] as const
const leads = (now: Reading): Choice => ({ t: now.value(of(handler.leader)) })

const threadsIn = (now: Reading): bigint[] =>
  Array.from({ length: Number(now.value(variableOf(threadCount)!)) }, (_, i) => BigInt(i))
/** One of the threads of which the first flag holds, and none of the others. */
const threadThat =
  (is: Variable, ...not: readonly Variable[]) =>
  (now: Reading, random: Chance): Choice | undefined => {
    const holds = (v: Variable, t: bigint): boolean => asTable(now, v).get(t) === true
    const t = one(
      random,
      threadsIn(now).filter((u) => holds(is, u) && !not.some((v) => holds(v, u))),
    )
    return t === undefined ? undefined : { t }
  }

/** The host mends a control block that an exit has overwritten, or maps a page otherwise. */
function store(now: Reading, random: Chance): Choice {
  const held = asTable(now, dram)
  const broken = VMCBS.flatMap((at, n) =>
    startable(BigInt(n + 1))
      .filter(([offset, value]) => offset !== N_CR3 && held.get((at + offset) >> 3n) !== value)
      .map(([offset, value]) => ({ a: (at + offset) >> 3n, value })),
  )
  const mended = one(random, broken)
  if (mended !== undefined && random.chance(0.7)) return mended
  const entries = [...held.entries.keys()].filter((a) => a >> 9n >= 0x10n && a >> 9n < 0x30n)
  const entry = one(random, entries)
  return entry === undefined ? {} : { a: entry + BigInt(random.below(2)), value: random.pick([0n, leaf(random)]) }
}

/** A thread of the host starts a guest, after it has come out of its reset. */
function vmrun(now: Reading, random: Chance): Choice | undefined {
  const found = threadThat(online, smm, parked, guest, shutdown)(now, random)
  if (found === undefined) return undefined
  const held = asTable(now, dram)
  const intact = VMCBS.filter((at, n) =>
    startable(BigInt(n + 1)).every(([offset, value]) => offset === N_CR3 || held.get((at + offset) >> 3n) === value),
  )
  const rax = one(random, intact)
  if (rax === undefined) return undefined
  const words = vmcbWords.map(([name, offset]) => [name, held.get((rax + offset) >> 3n)] as const)
  return { ...found, rax, uses: 0n, ...Object.fromEntries(words) }
}
const NAMED = /^VMCB ([0-9a-f]{3})h$/
const vmcbWords = svmActions
  .find((a) => a.name === 'VMRUN')!
  .parameters.flatMap(({ name }) => {
    const offset = NAMED.exec(name)?.[1]
    return offset === undefined ? [] : [[name, BigInt(`0x${offset}`)] as const]
  })

/** What ends a meeting early, or makes that nothing comes of it, is rare; what has to happen in it is frequent. */
const preferred: Readonly<Record<string, number>> = {
  ...Object.fromEntries(platformActions.filter((a) => a.name.startsWith('WRMSR')).map((a) => [a.name, 0.1])),
  ...Object.fromEntries(
    ['reset', 'S3 sleep and wake', 'INIT message', 'triple fault', 'RSM', 'VMSAVE', 'SKINIT'].map((name) => [name, 0.1]),
  ),
  ...Object.fromEntries(handlerActions(ALL_ON).map((a) => [a.name, 30])),
  ...{ 'the leader reads memory': 0.3, 'the leader lets threads go': 0.3, 'a thread leaves the meeting': 3 },
  ...{ 'the leader looks for a thread': 2, 'the leader waits for departures': 3, 'host store': 10, 'guest store': 3 },
  ...{ 'firmware hands over': 10, 'SIPI message': 3, 'MOV CR': 1, 'WRMSR EFER': 1, VMRUN: 10 },
  ...{ 'chipset raises an SMI': 0.1, 'send an SMI message': 0.02, 'SMI arrives': 5, 'SMM stub checks SMMMASK': 3 },
  ...{ ask: 10, 'the leader reports': 30, 'deliver a report': 10 },
}

/** @param census what counts; the test of the simulation gives one that is wrong */
export const wholeGuide = (census_: CensusRun = censusOfPicture): Guide => ({
  computed: { [listingAction]: listing, [countingAction]: counting(census_) },
  suggested: {
    ...Object.fromEntries(
      [...led, 'the leader asks who has flushed', listingAction, countingAction].map((name) => [name, leads]),
    ),
    VMRUN: vmrun,
    'SIPI message': threadThat(parked),
    'SMI arrives': threadThat(pending, smm, parked),
    'SMM stub checks SMMMASK': threadThat(smm, stubPassed),
    'a thread joins the meeting': threadThat(smm, of(perThread.arrived)),
    'host store': store,
    'MOV CR': () => ({ cr0: HOST.cr0, cr3: HOST.cr3, cr4: HOST.cr4 }),
    'WRMSR EFER': () => ({ value: HOST.efer }),
    ask: askNext,
    'the leader observes a thread': observe,
    'the leader reports': report,
    'deliver a report': deliver,
  },
  preferred,
  alike: [[word, picturedWord]],
})
