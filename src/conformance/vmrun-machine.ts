// The machine of the VMRUN vectors: its VMCB with the perturbed fields, the host, and the processor's facts.
//
// Covers: short field names, the base VMCB, MSR writes that come before, the memory at another operand.
// Leaves out: the guest's own state beyond the fields that VMRUN checks.
// Liberties: optional bits of CR4 and EFER are facts of a processor that the vectors do not give, and so is what the manual leaves
//   open: VMRUN is asked twice, once with everything allowed and once with nothing. Whether the base VMCB intercepts I/O and MSRs
//   is not given either; it does not unless the vector says so.

import { bool, bv, type Bv } from '../model/term.ts'
import type { Field } from '../model/layout.ts'
import { vmcbField, vmcbFields, type VmcbReader, vmcbReader, type VmcbField } from '../x86/vmcb-fields.ts'
import type { VmrunCpu, VmrunHost, VmrunInput, VmrunParameters } from '../x86/vmrun.ts'
import { zeroFill, type Fill, VectorMemory } from './memory.ts'
import type { VmrunVector } from './vmrun-vector.ts'

const VMCB = 0x21_0000n
const MAXPHYADDR = 40
const ONES = 0xffff_ffff_ffff_ffffn

type Place = Pick<Field, 'high' | 'low'>
const bytes = (offset: number, count: number): Place => ({ high: 8 * (offset + count) - 1, low: 8 * offset })

/** Names that are no field's. */
const aliases: Readonly<Record<string, Place>> = {
  icr: bytes(0x000, 4),
  idr: bytes(0x004, 4),
  iexc: bytes(0x008, 4),
  i1: bytes(0x00c, 4),
  i2: bytes(0x010, 4),
  i3: bytes(0x014, 4),
  iopm: vmcbField('IOPM_BASE_PA'),
  msrpm: vmcbField('MSRPM_BASE_PA'),
  tlb: vmcbField('TLB_CONTROL'),
  vintr: bytes(0x060, 8),
  shadow: bytes(0x068, 8),
  np: bytes(0x090, 8),
  lbr: bytes(0x0b8, 8),
}
const parts: Readonly<Record<string, string>> = { sel: 'SELECTOR', attr: 'ATTRIB', limit: 'LIMIT', base: 'BASE' }
const squashed = (name: string): string => name.replaceAll(/[^a-z0-9]/gi, '').toUpperCase()
const byName = new Map<string, Place>(vmcbFields.map((name) => [squashed(name), vmcbField(name)]))

/** Where a field of a vector lies: `cr0`, `cs.attr`, `np`; undefined when nobody knows. */
export function placeOf(name: string): Place | undefined {
  const [segment, part] = name.split('.')
  return aliases[name] ?? byName.get(squashed(part === undefined ? name : `${segment}${parts[part] ?? part}`))
}

/** A VMCB as 64-bit words. */
type Page = Map<number, bigint>

function put(page: Page, { high, low }: Place, value: bigint): void {
  const word = (low >> 6) * 8
  const mask = ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low - word * 8)
  page.set(word, ((page.get(word) ?? 0n) & ~mask) | ((value << BigInt(low - word * 8)) & mask))
}

const base: readonly (readonly [VmcbField, bigint])[] = [
  ['INTERCEPT_EXCEPTIONS', 0xffff_ffffn],
  ['INTERCEPT_VMRUN', 1n],
  ['INTERCEPT_VMMCALL', 1n],
  ['INTERCEPT_SHUTDOWN', 1n],
  ['IOPM_BASE_PA', 0x21_5000n],
  ['MSRPM_BASE_PA', 0x21_8000n],
  ['ASID', 1n],
  ['TLB_CONTROL', 1n],
  ['NP_ENABLE', 1n],
  ['N_CR3', 0x40_0000n],
  ['CS_ATTRIB', 0x29bn],
  ['EFER', 0x1d00n],
  ['CR0', 0x8001_0031n],
  ['CR3', 0x80_0000_0000n],
  ['CR4', 0x20n],
  ['DR6', 0xffff_0ff0n],
  ['DR7', 0x400n],
  ['RFLAGS', 2n],
  ['RIP', 0x10_00c0n],
  ['G_PAT', 0x0007_0406_0007_0406n],
]

/** The VMCB that VMRUN finds at its operand. */
export type VmcbSource = { readonly kind: 'perturbed' } | { readonly kind: 'elsewhere'; readonly fill: Fill }

export interface VmrunMachine {
  /** Names that no field has. */
  readonly unknown: readonly string[]
  readonly source: VmcbSource['kind']
  /** The fields that the vector gives, by place. */
  readonly perturbed: readonly Place[]
  readonly clean: Bv
  /** With everything allowed that the processor or the manual leaves open, or with nothing. */
  input(strict: boolean, fill?: Fill): VmrunInput
}

const reader = (page: Page): VmcbReader => vmcbReader((offset) => bv(64, page.get(offset) ?? 0n))

export function vmrunMachine(vector: VmrunVector): VmrunMachine {
  const page: Page = new Map()
  for (const [name, value] of base) put(page, vmcbField(name), value)
  const unknown: string[] = []
  const perturbed: Place[] = []
  for (const [name, value] of Object.entries(vector.vmcb)) {
    const place = placeOf(name)
    if (place === undefined) unknown.push(`VMCB field ${name}`)
    else {
      put(page, place, value)
      perturbed.push(place)
    }
  }
  let efer = 0x1d00n
  for (const [op, msr, value] of vector.host_before ?? []) {
    if (op === 'wrmsr' && msr === 0xc000_0080n) efer = value ?? 0n
    else if (op !== 'wrmsr' && op !== 'rdmsr') unknown.push(`host step ${op}`)
  }
  const rax = vector.rax ?? VMCB
  const elsewhere = (rax & ~0xfffn) !== VMCB
  const host: VmrunHost = {
    svme: bool((efer & 0x1000n) !== 0n),
    protectedMode: bool(true),
    cpl: bv(2, 0),
    intercepted: bool(false),
    pg: bool(true),
    uCet: bv(64, 0),
    rax: bv(64, rax),
  }
  return {
    unknown,
    source: elsewhere ? 'elsewhere' : 'perturbed',
    perturbed,
    clean: reader(page)('CLEAN'),
    input(strict, fill = zeroFill) {
      const memory = new VectorMemory([], fill)
      const there = vmcbReader((offset) => bv(64, memory.word((rax & ~0xfffn) + BigInt(offset))))
      return { vmcb: elsewhere ? there : reader(page), host, cpu: cpuOf(strict), parameters: parametersOf(strict) }
    },
  }
}

// Bits 0-10; then UMIP, LA57, FSGSBASE, PCIDE, OSXSAVE, SMEP, SMAP, PKE, CET, and bit 24 (supervisor keys, which AMD does not have).
const CR4_ALWAYS = 0x7ffn
const CR4_OPTIONAL = 0x1f7_1800n
// SCE, LME, LMA, NXE, SVME; then LMSLE, FFXSR, TCE and the later feature bits 17, 18, 20, 21.
const EFER_ALWAYS = 0x1d01n
const EFER_OPTIONAL = 0x36_e000n
/** #DE, #DB, #BP..#NM, #DF, #TS..#PF, #MF..#XF; then vectors that only some processors have: #CP, #HV, #VC, #SX. */
const EXCEPTIONS_ALWAYS = 0x000f_7dfbn
const EXCEPTIONS_ANY = 0xffff_fffbn

const cpuOf = (strict: boolean): VmrunCpu => ({
  physMask: bv(52, (1n << BigInt(MAXPHYADDR)) - 1n),
  cBit: bv(52, 0),
  longMode: bool(true),
  nestedPaging: bool(true),
  cr4Mbz: bv(64, ONES ^ (strict ? CR4_ALWAYS : CR4_ALWAYS | CR4_OPTIONAL)),
  eferMbz: bv(64, ONES ^ (strict ? EFER_ALWAYS : EFER_ALWAYS | EFER_OPTIONAL)),
  exceptionVectors: bv(32, strict ? EXCEPTIONS_ALWAYS : EXCEPTIONS_ANY),
  asids: bv(32, strict ? 2 : 0xffff_ffff),
  cet: bool(strict),
  sCetMbz: bv(64, ONES ^ 3n),
  virtualNmi: bool(strict),
  sssCheck: bool(strict),
})

const parametersOf = (strict: boolean): VmrunParameters => ({
  operandBeforeIntercept: bool(strict),
  largeAsidRefused: bool(strict),
  unusedMapsChecked: bool(strict),
  mapsMayEndAtTop: bool(!strict),
  legacyCr3Mbz: bv(64, strict ? ONES ^ 0xffff_ffffn : 0n),
  // #BP and #OF by INT3 and INTO, #BR by BOUND: the last two instructions do not exist in 64-bit mode.
  impossibleInLongMode: bv(32, strict ? 0x38 : 0),
})
