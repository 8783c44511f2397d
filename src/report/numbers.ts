// Covers: numbers as a person reads them in a terminal.

/** 1234567 as 1,234,567; not by locale, so that output is the same everywhere. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',')

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** Bytes in the largest binary unit of which there is at least one: `63.0 MiB`, `24 MiB` where exact. */
export function bytesText(bytes: number): string {
  let unit = 0
  let n = bytes
  while (n >= 1024 && unit < UNITS.length - 1) {
    n /= 1024
    unit++
  }
  // Never 1024.0 of a unit: 1023.96 MiB is shown as 1023.9.
  return `${Number.isInteger(n) ? n : (Math.floor(n * 10) / 10).toFixed(1)} ${UNITS[unit]}`
}

export const plural = (n: number, noun: string): string => `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`
