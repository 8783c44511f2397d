// Covers: concrete values in text.
import type { PlainValue } from '../prover/record.ts'

const MOST_ENTRIES = 8

export function valueText(value: PlainValue): string {
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value.entries)
  const shown = entries.slice(0, MOST_ENTRIES).map(([index, element]) => `[${index}] ${element}`)
  if (entries.length > MOST_ENTRIES) shown.push(`${entries.length - MOST_ENTRIES} more`)
  return [...shown, `elsewhere ${value.otherwise}`].join(', ')
}

export function isNothing(value: PlainValue): boolean {
  if (typeof value === 'object') return isNothing(value.otherwise) && Object.values(value.entries).every(isNothing)
  return value === false || value === '0x0'
}
