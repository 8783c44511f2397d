// VMRUN's outcome against the model: the manual's verdict, and what each emulator did.
//
// Covers: #UD, #GP, VMEXIT_INVALID and running; what the clean bits leave open; the emulators' missing checks.
// Leaves out: what the guest does once it runs (an exit at once is running), registers after the exit, reads of MSRs.
// Liberties: where the processor's features or the manual's silence decide, both ways are right.

import type { Field } from '../model/layout.ts'
import { bool, bv } from '../model/term.ts'
import { match, P } from 'ts-pattern'
import { mayUseCached } from '../x86/clean-bits.ts'
import { vmcbField, vmcbFields } from '../x86/vmcb-fields.ts'
import { type InvalidReason, invalidReasons, type VmrunInput, type VmrunOutcome, vmrunOutcome } from '../x86/vmrun.ts'
import type { Comparison, Disagreement } from './comparison.ts'
import type { DifferenceName, VmrunDifference } from './differences.ts'
import { emulatorRules } from './differences.ts'
import { ALL_ONES, type Fill } from './memory.ts'
import { type VmrunMachine, vmrunMachine } from './vmrun-machine.ts'
import type { VmrunVector } from './vmrun-vector.ts'

type Outcome = '#UD' | '#GP' | 'VMEXIT_INVALID' | 'runs' | 'stops'

const outcomeOf = (o: VmrunOutcome): Outcome => {
  if (o.ud.value === true) return '#UD'
  if (o.gp.value === true) return '#GP'
  return o.invalid.value === true ? 'VMEXIT_INVALID' : 'runs'
}

/** A written verdict or result; `open` decides nothing. */
const read = (text: string): Outcome | 'open' | 'either' | 'returned' | 'unknown' =>
  match(text)
    .with('#UD', '#GP', 'VMEXIT_INVALID', (exact) => exact)
    .with('unspecified', () => 'open' as const)
    .with('either', () => 'either' as const)
    .with('returned', () => 'returned' as const)
    .with('emulator-stopped', () => 'stops' as const)
    .with(P.string.startsWith('runs'), P.string.startsWith('delivers'), () => 'runs' as const)
    .otherwise(() => 'unknown' as const)

// ---- the emulators' ways ----

/** The checks that an emulator lacks: which of the reasons each rule takes away, or what it turns them into. */
const missing: Readonly<Record<VmrunDifference, InvalidReason>> = {
  'vmrun-ncr3-mbz-not-checked': 'nCR3 MBZ',
  'vmrun-gpat-not-checked': 'illegal G_PAT',
  'vmrun-cr3-mbz-not-checked': 'CR3 MBZ',
  'vmrun-map-end-not-checked': 'a permission map above physical memory',
  'vmrun-real-mode-lme-stops': 'long mode without PE',
}

/** `vmrun-map-end-not-checked` is about the end alone: with bases that lie above, the check is there. */
const basesInRange = ({ vmcb, cpu }: VmrunInput): boolean =>
  (['IOPM_BASE_PA', 'MSRPM_BASE_PA'] as const).every((field) => vmcb(field).value! <= cpu.physMask.value!)

interface Predicted {
  readonly outcome: Outcome
  readonly names: readonly DifferenceName[]
}

/** VMRUN asked once, and its answer. */
interface Asked {
  readonly input: VmrunInput
  readonly full: VmrunOutcome
}

function predict({ input, full }: Asked, rules: ReadonlySet<VmrunDifference>): Predicted {
  const outcome = outcomeOf(full)
  if (outcome !== 'VMEXIT_INVALID') return { outcome, names: [] }
  const reasons = invalidReasons.filter((name) => full.reasons[name].value === true)
  const applies = (rule: VmrunDifference): boolean =>
    rules.has(rule) && reasons.includes(missing[rule]) && (rule !== 'vmrun-map-end-not-checked' || basesInRange(input))
  const used = (Object.keys(missing) as VmrunDifference[]).filter(applies)
  const taken = new Set(used.map((rule) => missing[rule]))
  if (reasons.some((name) => !taken.has(name))) return { outcome, names: [] }
  return { outcome: used.includes('vmrun-real-mode-lme-stops') ? 'stops' : 'runs', names: used }
}

// ---- comparison ----

/** Both ends of what is open: everything allowed, nothing allowed; memory that is not there reads as zeros or ones. */
function ask(machine: VmrunMachine): Asked[] {
  const ones: Fill = { fresh: ALL_ONES, unrecorded: ALL_ONES, beyond: ALL_ONES }
  const fills = machine.source === 'elsewhere' ? [undefined, ones] : [undefined]
  const inputs = fills.flatMap((fill) => [machine.input(false, fill), machine.input(true, fill)])
  return inputs.map((input) => ({ input, full: vmrunOutcome(input) }))
}

/** A field that the vector changes may be taken from the processor's copy instead. */
const cacheable = (machine: VmrunMachine): boolean => {
  const overlaps = (a: Pick<Field, 'high' | 'low'>, b: Pick<Field, 'high' | 'low'>) => a.low <= b.high && b.low <= a.high
  const parameters = { npCoversFlags: bool(true) }
  return vmcbFields
    .filter((name) => machine.perturbed.some((place) => overlaps(place, vmcbField(name))))
    .some((name) => mayUseCached(name, bv(32, machine.clean.value!), bool(true), parameters).value === true)
}

export function compareVmrun(vector: VmrunVector): Comparison {
  const machine = vmrunMachine(vector)
  const { manual, ...emulators } = vector.expect
  if (machine.unknown.length > 0) {
    const got = `nothing is known of ${machine.unknown.join(', ')}`
    return { disagreements: [{ with: 'vector', expected: JSON.stringify(vector.expect), got }], differences: {} }
  }
  const asked = ask(machine)
  const disagreements: Disagreement[] = []
  const strict = [...new Set(asked.map(({ full }) => outcomeOf(full)))]
  if (manual !== undefined) {
    const verdict = read(manual.o)
    const agrees = match(verdict)
      .with('open', () => true)
      .with('either', () => cacheable(machine))
      .with('returned', 'unknown', () => false)
      .otherwise((outcome) => strict.includes(outcome))
    if (!agrees) disagreements.push({ with: 'manual', expected: manual.o, got: strict.join(' or ') })
  }
  const differences: Record<string, readonly DifferenceName[]> = {}
  for (const [name, { o }] of Object.entries(emulators)) {
    const rules = emulatorRules(name)
    const found = rules === undefined ? undefined : explained(o, asked, strict, rules.vmrun, machine)
    if (found === undefined) disagreements.push({ with: name, expected: o, got: strict.join(' or ') })
    else differences[name] = found
  }
  return { disagreements, differences }
}

/** The rules that an emulator's result needs; undefined when none give it. */
function explained(
  o: string,
  asked: readonly Asked[],
  strict: readonly Outcome[],
  rules: ReadonlySet<VmrunDifference>,
  machine: VmrunMachine,
): readonly DifferenceName[] | undefined {
  const seen = read(o)
  // A VMCB that is no memory refuses to run, and keeps no exit code (15.5.1).
  const result = seen === 'returned' && machine.source === 'elsewhere' ? 'VMEXIT_INVALID' : seen
  const predictions = asked.map((one) => predict(one, rules))
  const ruled = predictions.filter(({ names }) => names.length > 0)
  // Where a rule of this emulator applies, it must have been at work.
  if (ruled.length === asked.length) return ruled.find(({ outcome }) => outcome === result)?.names
  return strict.some((outcome) => outcome === result) ? [] : ruled.find(({ outcome }) => outcome === result)?.names
}
