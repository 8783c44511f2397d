// Covers: the machine file that goes with a host memory image: what is RAM, how wide addresses are, what each CPU was doing.
// Its `emulator_only` part says which CPU was inside which VMCB; it plays the part of the SMM save state.
// Leaves out: what a VMCB or a control register means. All numbers are JSON numbers; keys not named here are ignored.
import { match } from 'ts-pattern'
import { z } from 'zod'
import { type JsonFault, placeOf, type ReadFault, readJson } from '../files/read.ts'
import { hex, type Range } from './image/segments.ts'

export interface MachineCpu {
  readonly cpu: number
  /** Inside a guest at the stop: then cr0, cr3, cr4 and efer are the guest's. */
  readonly inGuest: boolean
  /** Absent when unknown, and when 0: the CPU has no host save area. */
  readonly vmHsavePa?: number
  readonly cr0: number
  readonly cr3: number
  readonly cr4: number
  readonly efer: number
  /** Nanoseconds from the trigger of the SMI to the CPU's entry. Absent when no clock told. */
  readonly smiDelay?: number
}

export interface SaveState {
  readonly cpu: number
  readonly vmcb: number
  /** Absent when the guest runs without nested paging. */
  readonly nestedCr3?: number
}

export interface Machine {
  /** Number of hardware threads; `cpus` may describe fewer. */
  readonly threads: number
  readonly maxphyaddr: number
  /** Absent when the file does not say whether the host's paging has five levels. */
  readonly hostLa57?: boolean
  /** Ascending, disjoint, merged where they touch. Bytes; not necessarily page aligned. */
  readonly dram: readonly Range[]
  readonly cpus: readonly MachineCpu[]
  readonly saveStates: readonly SaveState[]
}

export type MachineFault =
  | ReadFault
  | JsonFault
  | { readonly kind: 'shape'; readonly issues: readonly string[] }
  | { readonly kind: 'bad-width' | 'bad-range' | 'bad-address' | 'bad-cpu'; readonly at: string; readonly detail: string }
export type MachineError = MachineFault & { readonly path: string }
export type MachineResult =
  | { readonly ok: true; readonly machine: Machine }
  | { readonly ok: false; readonly error: MachineError }

const whole = z.number().refine((n) => Number.isSafeInteger(n) && n >= 0, { error: 'expected a whole number from 0 to 2^53 - 1' })
const bounds = z.tuple([whole, whole])
const flag = z.union([z.boolean(), z.literal(0), z.literal(1)], { error: 'expected true, false, 0 or 1' })

const machineFile = z.object({
  machine: z
    .object({
      cpus: whole.refine((n) => n > 0, { error: 'expected at least 1 CPU' }),
      maxphyaddr: whole,
      host_la57: flag.optional(),
      usable_ram: z.array(bounds).optional(),
      firmware_memory_map: z.array(z.tuple([whole, whole, z.string()])).optional(),
    })
    .refine((m) => m.usable_ram !== undefined || m.firmware_memory_map !== undefined, {
      error: 'expected usable_ram or firmware_memory_map',
    }),
  cpus: z.array(
    z.object({
      cpu: whole,
      in_guest: z.boolean(),
      vm_hsave_pa: whole.optional(),
      cr0: whole,
      cr3: whole,
      cr4: whole,
      efer: whole,
      smi_delay_ns: whole.optional(),
    }),
  ),
  emulator_only: z.array(z.object({ cpu: whole, current_vmcb_pa: whole, active_nested_cr3: whole.optional() })),
})
type MachineFile = z.infer<typeof machineFile>

/** The names that /proc/iomem and the BIOS's E820 map give to RAM. */
const RAM_TYPES: ReadonlySet<string> = new Set(['System RAM', 'usable'])

export function readMachine(path: string): MachineResult {
  const read = readJson(path)
  return read.ok ? parseMachine(read.value, path) : { ok: false, error: { ...read.fault, path } }
}

export function parseMachine(value: unknown, path: string): MachineResult {
  const parsed = machineFile.safeParse(value)
  if (!parsed.success) return { ok: false, error: { kind: 'shape', issues: parsed.error.issues.map(issueText), path } }
  const file = parsed.data
  const widthFault = checkWidth(file)
  if (widthFault !== undefined) return { ok: false, error: { ...widthFault, path } }
  const dram = dramRanges(file)
  if ('kind' in dram) return { ok: false, error: { ...dram, path } }
  const fault = checkCpus(file) ?? checkSaveStates(file)
  if (fault !== undefined) return { ok: false, error: { ...fault, path } }
  const { cpus: threads, maxphyaddr, host_la57 } = file.machine
  return {
    ok: true,
    machine: {
      threads,
      maxphyaddr,
      ...(host_la57 === undefined ? {} : { hostLa57: Boolean(host_la57) }),
      dram,
      cpus: file.cpus.map(({ cpu, in_guest, vm_hsave_pa, cr0, cr3, cr4, efer, smi_delay_ns }) => ({
        cpu,
        inGuest: in_guest,
        ...(vm_hsave_pa === undefined || vm_hsave_pa === 0 ? {} : { vmHsavePa: vm_hsave_pa }),
        cr0,
        cr3,
        cr4,
        efer,
        ...(smi_delay_ns === undefined ? {} : { smiDelay: smi_delay_ns }),
      })),
      saveStates: file.emulator_only.map(({ cpu, current_vmcb_pa, active_nested_cr3 }) => ({
        cpu,
        vmcb: current_vmcb_pa,
        ...(active_nested_cr3 === undefined ? {} : { nestedCr3: active_nested_cr3 }),
      })),
    },
  }
}

export function describeMachineError(e: MachineError): string {
  return match(e)
    .with({ kind: 'not-found' }, ({ path }) => `${path}: there is no such file; check the path of the machine file.`)
    .with(
      { kind: 'unreadable' },
      ({ path, detail }) => `${path}: cannot be read (${detail}); give a regular file that you may read.`,
    )
    .with({ kind: 'not-json' }, ({ path, detail }) => `${path}: not a JSON file (${detail}); mend it, or write it again.`)
    .with({ kind: 'shape' }, ({ path, issues }) => {
      const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
      return `${path}: not a machine file: ${issues[0]}${more}; docs/measuring.md shows the format.`
    })
    .with({ kind: 'bad-width' }, { kind: 'bad-range' }, { kind: 'bad-address' }, { kind: 'bad-cpu' }, ({ path, at, detail }) => {
      return `${path}: ${at}: ${detail}.`
    })
    .exhaustive()
}

/** A zod issue as `machine.usable_ram[0][1]: expected number, received string`. */
function issueText({ path, message }: z.core.$ZodIssue): string {
  const what = message.replace(/^(Invalid input|Too small|Too big): /, '').replace(/(.*), received undefined$/, 'missing, $1')
  return `${placeOf(path)}: ${what}`
}

// 32 is the least that a CPU with nested paging can have, 52 the limit of the architecture.
function checkWidth({ machine: { maxphyaddr } }: MachineFile): MachineFault | undefined {
  if (maxphyaddr >= 32 && maxphyaddr <= 52) return undefined
  return { kind: 'bad-width', at: 'machine.maxphyaddr', detail: `expected 32 to 52 address bits, found ${maxphyaddr}` }
}

/** usable_ram where there is one, since it is the narrower statement; else what the firmware calls RAM. */
function dramRanges({ machine }: MachineFile): readonly Range[] | MachineFault {
  const named =
    machine.usable_ram?.map(([start, end], i) => ({ at: `machine.usable_ram[${i}]`, start, end })) ??
    (machine.firmware_memory_map ?? []).flatMap(([start, end, type], i) =>
      RAM_TYPES.has(type) ? [{ at: `machine.firmware_memory_map[${i}]`, start, end }] : [],
    )
  const key = machine.usable_ram === undefined ? 'machine.firmware_memory_map' : 'machine.usable_ram'
  if (named.length === 0) return { kind: 'bad-range', at: key, detail: 'expected at least one range of RAM' }
  const limit = 2 ** machine.maxphyaddr
  const merged: Range[] = []
  let before = ''
  for (const { at, start, end } of named.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (start >= end)
      return { kind: 'bad-range', at, detail: `expected [start, end) with start below end, found ${hex(start)}, ${hex(end)}` }
    if (end > limit) return { kind: 'bad-range', at, detail: `ends at ${hex(end)}, beyond ${machine.maxphyaddr}-bit addresses` }
    if (last !== undefined && start < last.end)
      return { kind: 'bad-range', at, detail: `overlaps ${before}, which ends at ${hex(last.end)}` }
    if (last !== undefined && start === last.end) merged[merged.length - 1] = { start: last.start, end }
    else merged.push({ start, end })
    before = at
  }
  return merged
}

function checkCpus({ machine, cpus }: MachineFile): MachineFault | undefined {
  const seen = new Set<number>()
  for (const [i, { cpu, vm_hsave_pa }] of cpus.entries()) {
    const at = `cpus[${i}]`
    if (cpu >= machine.cpus)
      return { kind: 'bad-cpu', at: `${at}.cpu`, detail: `expected 0 to ${machine.cpus - 1}, found ${cpu}` }
    if (seen.has(cpu)) return { kind: 'bad-cpu', at: `${at}.cpu`, detail: `CPU ${cpu} is listed twice` }
    seen.add(cpu)
    const fault = vm_hsave_pa === undefined ? undefined : pageAddressFault(`${at}.vm_hsave_pa`, vm_hsave_pa, machine.maxphyaddr)
    if (fault !== undefined) return fault
  }
  return undefined
}

function checkSaveStates({ machine, cpus, emulator_only }: MachineFile): MachineFault | undefined {
  const seen = new Set<number>()
  const inGuest = new Map(cpus.map(({ cpu, in_guest }) => [cpu, in_guest]))
  for (const [i, { cpu, current_vmcb_pa, active_nested_cr3: nestedCr3 }] of emulator_only.entries()) {
    const at = `emulator_only[${i}]`
    if (seen.has(cpu)) return { kind: 'bad-cpu', at: `${at}.cpu`, detail: `CPU ${cpu} is listed twice` }
    seen.add(cpu)
    if (inGuest.get(cpu) === undefined) return { kind: 'bad-cpu', at: `${at}.cpu`, detail: `CPU ${cpu} is not among cpus` }
    if (inGuest.get(cpu) === false)
      return { kind: 'bad-cpu', at: `${at}.cpu`, detail: `CPU ${cpu} is inside a VMCB here, not in a guest in cpus` }
    const fault = pageAddressFault(`${at}.current_vmcb_pa`, current_vmcb_pa, machine.maxphyaddr)
    if (fault !== undefined) return fault
    // Its low bits are no part of the address of the root table, so they need not be zero.
    if (nestedCr3 !== undefined && nestedCr3 >= 2 ** machine.maxphyaddr) {
      return {
        kind: 'bad-address',
        at: `${at}.active_nested_cr3`,
        detail: `${hex(nestedCr3)} is beyond ${machine.maxphyaddr}-bit addresses`,
      }
    }
  }
  return undefined
}

function pageAddressFault(at: string, address: number, maxphyaddr: number): MachineFault | undefined {
  if (address % 4096 !== 0) return { kind: 'bad-address', at, detail: `${hex(address)} is not 4-KiB aligned` }
  if (address >= 2 ** maxphyaddr) {
    return { kind: 'bad-address', at, detail: `${hex(address)} is beyond ${maxphyaddr}-bit addresses` }
  }
  return undefined
}
