// The steps of an SMM vector against the story that the model tells.
//
// Covers: handler evidence, save areas, exits of VMRUN; steps that cannot be compared, by reason.

import { match, P } from 'ts-pattern'
import { bv } from '../model/term.ts'
import { saveState, SAVE_AREA, tookGuest } from '../x86/savestate.ts'
import type { Comparison, Disagreement } from './comparison.ts'
import { type DifferenceName, emulatorRules } from './differences.ts'
import { incomparable, type Incomparable } from './smm-steps.ts'
import { type SmmFact, smmStory } from './smm-story.ts'
import type { SmmStep, SmmVector } from './smm-vector.ts'

export function compareSmm(vector: SmmVector): Comparison {
  const rules = emulatorRules(vector.emulator)
  if (rules === undefined) {
    const got = 'no rules are known for this emulator'
    return { disagreements: [{ with: vector.emulator, expected: vector.id, got }], differences: {} }
  }
  const story = smmStory(vector, rules.smm)
  const disagreements: Disagreement[] = []
  const names = new Set<DifferenceName>()
  for (const fact of story.facts) {
    const seen = shownBy(vector.steps[fact.step]!, fact.what)
    if (seen === fact.expected) {
      if (fact.because !== undefined) names.add(fact.because)
      continue
    }
    disagreements.push({
      with: vector.emulator,
      expected: `step ${fact.step + 1}: ${fact.what} ${seen === undefined ? 'not there' : hex(seen)}`,
      got: hex(fact.expected),
    })
  }
  const reasons = Object.entries(story.incomparable).map(([reason, count]) => [incomparable[reason as Incomparable], count])
  return {
    disagreements,
    differences: story.facts.length === 0 ? {} : { [vector.emulator]: [...names] },
    notComparable: Object.fromEntries(reasons),
    compared: story.facts.length,
  }
}

const hex = (value: bigint): string => `0x${value.toString(16)}`

/** What a step showed under a name that the story uses; undefined when it shows no such thing. */
function shownBy({ seen }: SmmStep, what: SmmFact['what']): bigint | undefined {
  return match(seen)
    .with(P.string, (line) => fromLine(line, what))
    .with(P.array(P.string), () => undefined)
    .otherwise((record) =>
      Object.keys(record).some((k) => k.startsWith('0x')) || what === 'written' ? fromArea(record, what) : field(record, what),
    )
}

const field = (record: Readonly<Record<string, string>>, name: string): bigint | undefined => {
  const text = record[name]
  return text === undefined ? undefined : BigInt(text)
}

const ID = 1n << 4n
/** `X exitcode info1 info2 rax rip` */
function fromLine(line: string, what: string): bigint | undefined {
  const [x, ...words] = line.split(' ')
  if (x !== 'X') return undefined
  const [exitcode, info1, info2, rax] = words.map(BigInt)
  return match(what)
    .with('exitcode', () => exitcode)
    .with('info1', () => info1)
    .with('info1 without ID', () => (info1 === undefined ? undefined : info1 & ~ID))
    .with('info2', () => info2)
    .with('rax', () => rax)
    .otherwise(() => undefined)
}

/** A save area given as 64-bit words by offset from SMBASE, read through the model's layout; words left out are zero. */
function fromArea(words: Readonly<Record<string, string>>, what: string): bigint | undefined {
  if (what === 'written') return Object.keys(words).length === 0 ? 0n : 1n
  const area = Object.entries(words).reduce(
    (sum, [offset, value]) => sum | (BigInt(value) << BigInt((Number(offset) - SAVE_AREA) * 8)),
    0n,
  )
  const fields = saveState.decode(area)
  return match(what)
    .with('REVISION level', () => fields.REVISION & 0xffffn)
    .with('REVISION relocation', () => (fields.REVISION >> 17n) & 1n)
    .with('CS L', () => (fields.CS_ATTRIB >> 13n) & 1n)
    .with('SVM state recorded', () => (tookGuest(bv(64, fields.SVM_STATE)).value === true ? 1n : 0n))
    .with('SVM VMCB recorded', () => (fields.SVM_GUEST_VMCB_PA === 0n ? 0n : 1n))
    .with('SMBASE', 'CR0', 'CR3', 'CR4', 'EFER', 'DR6', 'DR7', 'RAX', (name) => fields[name])
    .otherwise(() => undefined)
}
