// Covers: a file that a user names, read whole, as bytes or as JSON; what can go wrong with that, as a closed union.
// Leaves out: what the file should hold, and so what to do about one that does not.

import { readFileSync } from 'node:fs'

export interface ReadFault {
  readonly kind: 'not-found' | 'unreadable'
  readonly detail: string
}
export interface JsonFault {
  readonly kind: 'not-json'
  readonly detail: string
}
export type Read<T, F = ReadFault> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: F }

/** @param error thrown by a function of node:fs */
export function readFault(error: unknown): ReadFault {
  const { code, message } = error as NodeJS.ErrnoException
  return { kind: code === 'ENOENT' || code === 'ENOTDIR' ? 'not-found' : 'unreadable', detail: message }
}

export function readBytes(path: string): Read<Buffer> {
  try {
    return { ok: true, value: readFileSync(path) }
  } catch (error) {
    return { ok: false, fault: readFault(error) }
  }
}

export function readJson(path: string): Read<unknown, ReadFault | JsonFault> {
  const bytes = readBytes(path)
  if (!bytes.ok) return bytes
  try {
    return { ok: true, value: JSON.parse(bytes.value.toString('utf8')) }
  } catch (error) {
    return { ok: false, fault: { kind: 'not-json', detail: (error as Error).message } }
  }
}

/** Keys from the file's root as `vms[0].memory.bytes`. */
export const placeOf = (keys: readonly PropertyKey[]): string =>
  keys.length === 0
    ? 'the file'
    : keys.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`)).join('')
