// Vector files: JSON Lines, plain or gzipped; and everything that can be wrong with one.
//
// Covers: reading, decompressing, splitting into lines, parsing; the closed union of errors and its messages.

import { gunzipSync } from 'node:zlib'
import { match } from 'ts-pattern'
import { type ReadFault, readBytes } from '../files/read.ts'
import { parseVector, type Vector } from './vector.ts'

export type VectorFileError =
  | (ReadFault & { readonly path: string })
  | { readonly kind: 'gzip-cut-short'; readonly path: string }
  | { readonly kind: 'gzip-damaged'; readonly path: string; readonly reason: string }
  | { readonly kind: 'not-json-lines'; readonly path: string; readonly line: number }
  | { readonly kind: 'unknown-vector'; readonly path: string; readonly line: number; readonly reason: string }
  | { readonly kind: 'no-vectors'; readonly path: string }

export const describeVectorFileError = (error: VectorFileError): string =>
  match(error)
    .with({ kind: 'not-found' }, ({ path }) => `${path}: no such file`)
    .with({ kind: 'unreadable' }, ({ path, detail }) => `${path}: cannot be read (${detail})`)
    .with({ kind: 'gzip-cut-short' }, ({ path }) => `${path}: the gzip stream is cut short`)
    .with({ kind: 'gzip-damaged' }, ({ path, reason }) => `${path}: the gzip stream is damaged (${reason})`)
    .with({ kind: 'not-json-lines' }, ({ path, line }) => `${path}:${line}: not a JSON object (a vector file has one per line)`)
    .with({ kind: 'unknown-vector' }, ({ path, line, reason }) => `${path}:${line}: unknown vector shape: ${reason}`)
    .with({ kind: 'no-vectors' }, ({ path }) => `${path}: holds no vectors`)
    .exhaustive()

export type VectorFile =
  | { readonly kind: 'vectors'; readonly vectors: readonly Vector[] }
  | { readonly kind: 'error'; readonly error: VectorFileError }

type Bytes = { readonly kind: 'bytes'; readonly bytes: Buffer } | { readonly kind: 'error'; readonly error: VectorFileError }

const codeOf = (thrown: unknown): string => (thrown as NodeJS.ErrnoException).code ?? String(thrown)

function bytesOf(path: string): Bytes {
  const read = readBytes(path)
  if (!read.ok) return { kind: 'error', error: { ...read.fault, path } }
  const bytes = read.value
  // The gzip magic number decides, not the name.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { kind: 'bytes', bytes }
  try {
    return { kind: 'bytes', bytes: gunzipSync(bytes) }
  } catch (thrown) {
    const code = codeOf(thrown)
    return {
      kind: 'error',
      error: code === 'Z_BUF_ERROR' ? { kind: 'gzip-cut-short', path } : { kind: 'gzip-damaged', path, reason: code },
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** All vectors of a file; the first thing wrong with it is the error. */
export function readVectors(path: string): VectorFile {
  const file = bytesOf(path)
  if (file.kind === 'error') return file
  const vectors: Vector[] = []
  const lines = file.bytes.toString('utf8').split('\n')
  for (const [i, text] of lines.entries()) {
    if (text.trim() === '') continue
    const value = jsonOf(text)
    if (typeof value !== 'object' || value === null)
      return { kind: 'error', error: { kind: 'not-json-lines', path, line: i + 1 } }
    const parsed = parseVector(value)
    if (parsed.kind === 'unknown')
      return { kind: 'error', error: { kind: 'unknown-vector', path, line: i + 1, reason: parsed.reason } }
    vectors.push(parsed.vector)
  }
  return vectors.length === 0 ? { kind: 'error', error: { kind: 'no-vectors', path } } : { kind: 'vectors', vectors }
}
