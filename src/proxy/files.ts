// Covers: the files that a rehearsal of the protocol needs: the shared key, what the proxy keeps (`smmcheck.proxy/1`), what the platform keeps
// (`smmcheck.platform/1`); written so that a crash leaves the old file or the new one.
// Leaves out: sealing. On a platform the key is in SMRAM and the counters where no reset takes them back; these files stand in for both.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { match } from 'ts-pattern'
import { z } from 'zod'
import { type JsonFault, placeOf, type Read, type ReadFault, readBytes, readJson } from '../files/read.ts'
import type { PlatformState } from './challenge.ts'
import type { ProxyState } from './decision.ts'
import { KEY_BYTES } from './mac.ts'
import { jsonText, milliseconds, nonceShape, platformId, shownNonce, time, word } from './shapes.ts'

export type FileFault =
  | ReadFault
  | JsonFault
  | { readonly kind: 'unwritable'; readonly detail: string }
  | { readonly kind: 'shape'; readonly what: string; readonly issue: string }
  | { readonly kind: 'bad-key'; readonly length: number }
export type FileResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly path: string; readonly fault: FileFault }

export function describeFileFault(path: string, fault: FileFault): string {
  return match(fault)
    .with({ kind: 'not-found' }, () => `${path}: there is no such file; smmcheck enrol makes key, proxy and platform files.`)
    .with({ kind: 'unreadable' }, ({ detail }) => `${path}: cannot be read (${detail}); give a regular file that you may read.`)
    .with({ kind: 'unwritable' }, ({ detail }) => `${path}: cannot be written (${detail}).`)
    .with({ kind: 'not-json' }, ({ detail }) => `${path}: not a JSON file (${detail}); take the one that smmcheck enrol made.`)
    .with({ kind: 'shape' }, ({ what, issue }) => `${path}: not a ${what} file: ${issue}; smmcheck enrol makes one.`)
    .with(
      { kind: 'bad-key' },
      ({ length }) =>
        `${path}: not a key file: expected ${2 * KEY_BYTES} hexadecimal digits, found ${length} characters that are not.`,
    )
    .exhaustive()
}

const proxyFile = z
  .strictObject({
    schema: z.literal('smmcheck.proxy/1'),
    proxy: word,
    platform: platformId,
    deadline: milliseconds.positive({ error: 'expected a deadline above 0' }),
    counter: word,
    seen: z.strictObject({ sequence: word, counter: word }),
    open: z.strictObject({ nonce: nonceShape, since: milliseconds }).nullable(),
    series: z
      .strictObject({
        journal: z.string().min(1, { error: 'expected the name of a journal' }),
        gap: time.positive({ error: 'expected a time above 0' }),
        next: time,
        heldUp: milliseconds,
        missed: milliseconds,
        busy: z.strictObject({ from: time, until: time }),
      })
      .nullable()
      .default(null),
  })
  .refine(({ open, proxy, counter }) => open === null || (open.nonce.proxy === proxy && open.nonce.counter === counter), {
    error: 'the open challenge is not the last one',
    path: ['open'],
  })
  .refine(({ seen, counter }) => seen.counter <= counter && seen.sequence <= seen.counter, {
    error: 'more was seen than was asked for',
    path: ['seen'],
  })
const platformFile = z
  .strictObject({ schema: z.literal('smmcheck.platform/1'), platform: platformId, proxy: word, counter: word, sequence: word })
  .refine(({ sequence, counter }) => sequence <= counter, { error: 'more reports than challenges', path: ['sequence'] })

export function readProxy(path: string): FileResult<ProxyState> {
  const read = readShape(path, proxyFile, 'proxy')
  if (!read.ok) return read
  const { schema: _, ...state } = read.value
  return { ok: true, value: state }
}
export function readPlatform(path: string): FileResult<PlatformState> {
  const read = readShape(path, platformFile, 'platform')
  if (!read.ok) return read
  const { schema: _, ...state } = read.value
  return { ok: true, value: state }
}
export function writeProxy(path: string, state: ProxyState): FileResult<void> {
  const { open } = state
  const shown = open === null ? null : { ...open, nonce: shownNonce(open.nonce) }
  return writeText(path, json({ schema: 'smmcheck.proxy/1', ...state, open: shown }))
}
export const writePlatform = (path: string, state: PlatformState): FileResult<void> =>
  writeText(path, json({ schema: 'smmcheck.platform/1', ...state }))

const json = (value: object): string => `${jsonText(value, 2)}\n`

export function readKey(path: string): FileResult<Buffer> {
  const text = readFile(path)
  if (!text.ok) return text
  const digits = text.value.toString('latin1').trim()
  if (digits.length !== 2 * KEY_BYTES || !/^[0-9a-f]*$/i.test(digits))
    return { ok: false, path, fault: { kind: 'bad-key', length: digits.length } }
  return { ok: true, value: Buffer.from(digits, 'hex') }
}
/** Readable by nobody else. */
export const writeKey = (path: string, key: Uint8Array): FileResult<void> =>
  writeText(path, `${Buffer.from(key).toString('hex')}\n`, 0o600)

const at = <T>(path: string, read: Read<T, FileFault>): FileResult<T> => (read.ok ? read : { ...read, path })

function readShape<T>(path: string, shape: z.ZodType<T>, what: string): FileResult<T> {
  const read = at(path, readJson(path))
  if (!read.ok) return read
  const parsed = shape.safeParse(read.value)
  if (parsed.success) return { ok: true, value: parsed.data }
  const { path: keys, message } = parsed.error.issues[0]!
  const issue = `${placeOf(keys)}: ${message.replace(/^Invalid input: /, '')}`
  return { ok: false, path, fault: { kind: 'shape', what, issue } }
}

export const readFile = (path: string): FileResult<Buffer> => at(path, readBytes(path))

const writeText = (path: string, text: string, mode = 0o644): FileResult<void> => writeBytes(path, Buffer.from(text), mode)

/** Under another name first: whoever reads sees the old file or the new one. */
export function writeBytes(path: string, bytes: Uint8Array, mode = 0o644): FileResult<void> {
  const draft = `${path}.new-${process.pid}`
  try {
    const file = openSync(draft, 'w', mode)
    try {
      writeSync(file, bytes)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, path)
    return { ok: true, value: undefined }
  } catch (error) {
    rmSync(draft, { force: true })
    return { ok: false, path, fault: { kind: 'unwritable', detail: (error as Error).message } }
  }
}
