// D1: the search of memory for VMCBs passes over no page from which VMRUN starts a guest. In two tiers, since VMRUN may take fields from the
// processor's copy where clean bits permit it: `startable` when all fields come from memory, `startable if cached` when some may not.
// The hardware's side is src/x86/vmrun.ts and clean-bits.ts, for an arbitrary CPU, host state and cached copy.
// Leaves out: VMCBs outside the boot map; which guest is running (the save states say so, no page does).

import { and, type Bool, bool, boolVar, bv, type Bv, bvVar, or } from '../model/term.ts'
import { type Claim, claim } from '../prover/claim.ts'
import type { Hypothesis, Obligation } from '../prover/obligation.ts'
import { assumptions } from '../smm/assumptions.ts'
import { plainFrame } from '../smm/boot-map.ts'
import { explainPage, inspectRoot } from '../smm/candidate.ts'
import { config, watched } from '../smm/cells.ts'
import { configured } from '../smm/link.ts'
import { classifyPage, scanFrame, scanMemory, scanRun } from '../smm/scan.ts'
import { encryptedView, listing, type PageKind, scan, scanCounts, viewDefinitions } from '../smm/scan-cells.ts'
import { type CheckName, checkNames, failing, snapshotPage, spared } from '../smm/vmcb-checks.ts'
import { holdsWatched } from '../smm/watched-frame.ts'
import { mayUseCached } from '../x86/clean-bits.ts'
import { vmcbField, type VmcbField, vmcbReader, type VmcbReader } from '../x86/vmcb-fields.ts'
import { invalidReasons, vmrunChecks, vmrunOutcome, type VmrunInput } from '../x86/vmrun.ts'
import { claimOfObligation, conditionsOfPart, type Part } from './handler.ts'
import { replay } from './replay.ts'

export const scanParts: readonly Part[] = [
  { procedure: classifyPage, axioms: [...assumptions, ...viewDefinitions] },
  ...[scanFrame, scanRun, scanMemory, explainPage, inspectRoot].map((procedure) => ({ procedure, axioms: assumptions })),
]
let made: readonly Obligation[] | undefined
const conditions = (): readonly Obligation[] => {
  made ??= scanParts.flatMap(conditionsOfPart)
  return made
}

// ---- the hardware ----

const arbitrary = (name: string): Bool => boolVar(`cpu.${name}`)
const arbitraryBits = (name: string, width: number): Bv => bvVar(`cpu.${name}`, width)
const cr4Mbz = arbitraryBits('CR4 MBZ', 64)
const eferMbz = arbitraryBits('EFER MBZ', 64)

/** Any CPU whose physical addresses are those of the boot constants, in any host state, executing VMRUN on the page at `rax`. */
const anyCpu = (rax: Bv, vmcb: VmcbReader): VmrunInput => ({
  vmcb,
  cpu: {
    physMask: config.physMask.now,
    cBit: config.cBit.now,
    longMode: arbitrary('long mode'),
    nestedPaging: bool(true),
    cr4Mbz,
    eferMbz,
    exceptionVectors: arbitraryBits('exception vectors', 32),
    asids: arbitraryBits('ASIDs', 32),
    cet: arbitrary('shadow stacks'),
    sCetMbz: arbitraryBits('S_CET MBZ', 64),
    virtualNmi: arbitrary('virtual NMI'),
    sssCheck: arbitrary('SSS check'),
  },
  parameters: {
    operandBeforeIntercept: arbitrary('operand before intercept'),
    largeAsidRefused: arbitrary('large ASID refused'),
    unusedMapsChecked: arbitrary('unused maps checked'),
    mapsMayEndAtTop: arbitrary('maps may end at the top'),
    legacyCr3Mbz: arbitraryBits('CR3 MBZ outside long mode', 64),
    impossibleInLongMode: arbitraryBits('exceptions impossible in long mode', 32),
  },
  host: {
    svme: boolVar('host.SVME'),
    protectedMode: boolVar('host.protected mode'),
    cpl: bvVar('host.CPL', 2),
    intercepted: boolVar('host.intercepted'),
    pg: boolVar('host.CR0.PG'),
    uCet: bvVar('host.U_CET', 64),
    rax,
  },
})
export const onlyWhatTheCpuRefuses: Hypothesis = {
  name: 'boot constants: the CPU refuses the CR4 and EFER bits that the handler takes it to refuse',
  term: and(config.cr4Mbz.now.bitand(cr4Mbz.bitnot()).isZero(), config.eferMbz.now.bitand(eferMbz.bitnot()).isZero()),
}

/** The page's fields as VMRUN merges them with a copy that the processor may have: of anything, under any tag. */
function merged(view: Bv): VmcbReader {
  const memory = vmcbReader(snapshotPage(view))
  const parameters = { npCoversFlags: arbitrary('clean bit NP covers 090h') }
  const cached = (name: VmcbField): Bv => {
    const { high, low } = vmcbField(name)
    return bvVar(`cached.${name}`, high - low + 1)
  }
  return (name) =>
    mayUseCached(name, memory('CLEAN'), arbitrary('cached copy is of this page'), parameters).ite(cached(name), memory(name))
}

/** The CPU that refuses least, in the host state that stands in nothing's way. */
const permissive = (vmcb: VmcbReader, rax: Bv): VmrunInput => ({
  vmcb,
  cpu: {
    physMask: config.physMask.now,
    cBit: config.cBit.now,
    longMode: bool(true),
    nestedPaging: bool(true),
    cr4Mbz: config.cr4Mbz.now,
    eferMbz: config.eferMbz.now,
    exceptionVectors: bv(32, 0xffff_fffbn),
    asids: bv(32, 0xffff_ffffn),
    cet: bool(false),
    sCetMbz: bv(64, 0),
    virtualNmi: bool(false),
    sssCheck: bool(false),
  },
  parameters: {
    operandBeforeIntercept: bool(false),
    largeAsidRefused: bool(false),
    unusedMapsChecked: bool(false),
    mapsMayEndAtTop: bool(true),
    legacyCr3Mbz: bv(64, 0),
    impossibleInLongMode: bv(32, 0),
  },
  host: {
    svme: bool(true),
    protectedMode: bool(true),
    cpl: bv(2, 0),
    intercepted: bool(false),
    pg: bool(true),
    uCet: bv(64, 0),
    rax,
  },
})

// ---- theorems ----

const { f } = watched
const addressOf = (view: Bv): Bv => bv(12, 0).concat(view, bv(12, 0))
const views = { plain: f.now, encrypted: encryptedView(f.now) } as const

function theorem(name: string, goal: Bool, hypotheses: readonly Hypothesis[], axioms = viewDefinitions): Obligation {
  const conjunct = `D1 ${name}`
  return {
    id: `theorem/${name}`,
    conjunct,
    parts: [{ name: conjunct, term: goal }],
    origin: { kind: 'validity' },
    hypotheses,
    goal,
    axioms,
  }
}
const asHypotheses = (conjuncts: readonly { readonly name: string; readonly term: Bool }[]): Hypothesis[] =>
  conjuncts.map(({ name, term }) => ({ name, term }))

/** What the scan has established of the frame, for one kind of page. */
const grounds = (kind: PageKind): readonly Hypothesis[] =>
  asHypotheses(scanMemory.ensures.filter(({ name }) => !name.includes('counted as') || name.includes(`counted as ${kind} `)))

/** VMRUN starts a guest from the page: all fields from memory, or some of them from any cached copy that clean bits permit. */
export const started = (tier: 'startable' | 'ifCached', view: Bv): Bool =>
  vmrunOutcome(anyCpu(addressOf(view), tier === 'startable' ? vmcbReader(snapshotPage(view)) : merged(view))).runs
/** VMRUN starts a guest from the page on the CPU that refuses least. */
export const startedSomewhere = (view: Bv): Bool => vmrunOutcome(permissive(vmcbReader(snapshotPage(view)), addressOf(view))).runs

const counted = (kind: PageKind): Bool => scanCounts[kind].charge.now.eq(1)
const listed = (): Bool =>
  or(
    scan.full.now,
    and(listing.slot.now.ult(scan.listed.now), plainFrame(scan.frame.now.at(listing.slot.now)).eq(plainFrame(f.now))),
  )

function noFalseNegatives(): Obligation[] {
  return Object.entries(views).flatMap(([which, view]) => {
    const inMap = holdsWatched(f.now, f.now)
    return [
      theorem(
        `startable: a frame from which VMRUN starts a guest is counted, and listed unless the list is full (${which} view)`,
        and(inMap, started('startable', view)).implies(and(counted('startable'), listed())),
        [onlyWhatTheCpuRefuses, ...grounds('startable')],
      ),
      theorem(
        `startable if cached: a frame from which VMRUN starts a guest with the help of a cached copy is counted (${which} view)`,
        and(inMap, started('ifCached', view)).implies(counted('ifCached')),
        [onlyWhatTheCpuRefuses, ...grounds('ifCached')],
      ),
    ]
  })
}
/** No other address names the frame. */
function twoViews(): Obligation {
  const frame = bvVar('frame', 40)
  const { cBit } = config
  return theorem(
    'every address of the frame is one of its two views',
    plainFrame(frame)
      .eq(f.now)
      .implies(or(frame.eq(views.plain), frame.eq(views.encrypted))),
    [{ name: 'the C-bit is one bit or none', term: cBit.now.bitand(cBit.now.minus(1)).isZero() }],
    [],
  )
}

/** A check that the handler says fails does fail. */
const reasons = (): Obligation[] =>
  checkNames.flatMap((name) => {
    const page = snapshotPage(f.now)
    const fails = (vmcb: VmcbReader): Bool => vmrunChecks[name].fails(anyCpu(addressOf(f.now), vmcb))
    return [
      theorem(
        `why: ${name}`,
        failing(name, page).implies(fails(vmcbReader(page))),
        [onlyWhatTheCpuRefuses, ...asHypotheses(configured())],
        [],
      ),
      theorem(
        `why, whatever is cached: ${name}`,
        and(failing(name, page), spared(name, page).not()).implies(fails(merged(f.now))),
        [onlyWhatTheCpuRefuses, ...asHypotheses(configured())],
        [],
      ),
    ]
  })

const isOurs = (name: string): name is CheckName => (checkNames as readonly string[]).includes(name)
/** On the CPU that refuses least, the handler's checks are all that VMRUN makes. */
const exact = (): Obligation[] =>
  invalidReasons.map((name) => {
    const page = snapshotPage(f.now)
    const theirs = vmrunChecks[name].fails(permissive(vmcbReader(page), addressOf(f.now)))
    return theorem(
      `exact: ${name}`,
      isOurs(name) ? theirs.iff(failing(name, page)) : theirs.not(),
      asHypotheses(configured()),
      [],
    )
  })

const BOOT =
  'boot constants: MAXPHYADDR and the encryption bit are as in the CPU; it refuses at least the CR4 and EFER bits in config.cr4Mbz and eferMbz'
const STILL = 'snapshot: during the search memory holds still (claims I7 and I8 of the platform)'
const MAP = 'H_BOOTMAP_COMPLETE: the boot map lists the DRAM outside SMRAM, in ascending ranges that are apart'
const NESTED = 'the CPU has nested paging (CPUID Fn8000_000A_EDX[0])'

const isOf =
  (...procedures: readonly Part['procedure'][]) =>
  ({ origin }: Obligation): boolean =>
    origin.kind === 'procedure' && procedures.includes(origin.procedure)
const part =
  (of: string): (() => readonly Obligation[]) =>
  () =>
    conditions().filter((o) => claimOfObligation(o) === of)

/** The claims about the search of memory. */
export const scanClaims: readonly Claim[] = [
  claim({
    id: 'D1',
    statement:
      'For every memory, boot map, frame of it, CPU and host state: a frame from which VMRUN starts a guest, all fields read from memory, is counted as startable and listed (or the list says that it is full); and one from which VMRUN starts a guest with any fields that clean bits permit taken from a cached copy of any contents is counted as startable if cached. Counts are exact: a frame is counted as what it is, once.',
    assumptions: [STILL, MAP, BOOT, NESTED],
    obligations: () => [...part('D1')().filter((o) => !isOf(explainPage, inspectRoot)(o)), ...noFalseNegatives(), twoViews()],
    replay,
  }),
  claim({
    id: 'D1/why',
    statement:
      'For every page, CPU and host state: a check by which the handler explains that VMRUN would refuse a candidate is one that VMRUN fails on it, with all fields read from memory; and with any permitted fields cached, unless the clean bits spare it.',
    assumptions: [BOOT, NESTED],
    obligations: () => [...part('D1')().filter(isOf(explainPage)), ...reasons()],
    replay,
  }),
  claim({
    id: 'D1/root',
    statement:
      'For every memory, page of the boot map and slot of it, taken as the root of a nested tree of 4 or 5 levels: if the handler says that the root has no entries, the hardware finds the slot not present; if it says that all entries fault, the hardware follows none of them.',
    assumptions: [STILL, MAP, BOOT],
    obligations: () => part('D1')().filter(isOf(inspectRoot)),
    replay,
  }),
  claim({
    id: 'D1/exact',
    statement:
      'For every page: on the CPU that refuses least (no feature beyond nested paging, the boot constants exact) VMRUN fails exactly the checks that the handler makes, so that a page which the handler calls startable is started there.',
    assumptions: [BOOT, NESTED],
    obligations: exact,
  }),
  claim({
    id: 'D1/safe',
    statement:
      'For every machine and every value that any read of memory returns: the search reads only inside the boot map and outside SMRAM, no index leaves its array, no sum wraps, no frame is counted twice, and it ends after each frame was looked at once.',
    assumptions: [MAP],
    obligations: () => [...part('W4')(), ...part('support')(), ...part('W3')()],
    replay,
  }),
]
