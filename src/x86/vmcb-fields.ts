// Reading a VMCB field by field: whoever holds the fields (memory, the processor's copy, or both merged) is one function.
//
// Covers: the names of all fields, a reader over the 64-bit words of a page.
// Leaves out: which copy a field comes from (clean-bits.ts).
// Manual: APM volume 2, appendix B.
// Liberties: a flag is one bit; a field that does not lie within one aligned 64-bit word is not read this way.

import type { Bv } from '../model/term.ts'
import type { Field } from '../model/layout.ts'
import { vmcbControl, vmcbSave } from './vmcb.ts'

export type VmcbField = (keyof typeof vmcbControl.fields & string) | (keyof typeof vmcbSave.fields & string)
/** A field's value, as wide as the field. */
export type VmcbReader = (field: VmcbField) => Bv

const fields: Readonly<Record<string, Field>> = { ...vmcbControl.fields, ...vmcbSave.fields }
export const vmcbFields: readonly VmcbField[] = Object.keys(fields) as VmcbField[]
export const vmcbField = (name: VmcbField): Field => fields[name]!

/** The byte offset of the aligned 64-bit word that holds a field. @throws RangeError when no one word does. */
export function vmcbWordOf(name: VmcbField): number {
  const { high, low } = vmcbField(name)
  if (high >> 6 !== low >> 6) throw new RangeError(`${name} does not lie in one 64-bit word`)
  return (low >> 6) * 8
}

/** Fields out of a page's 64-bit words, which are given by byte offset. */
export function vmcbReader(word: (offset: number) => Bv): VmcbReader {
  return (name) => {
    const offset = vmcbWordOf(name)
    const { high, low } = vmcbField(name)
    return word(offset).bits(high - offset * 8, low - offset * 8)
  }
}
