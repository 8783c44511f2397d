// Covers: the journal of a series, `smmcheck.journal/1`: one JSON object a line. The first says what is asked of whom, and how the times are drawn;
// then a line for each challenge, and one for each end that a challenge has come to, with the report as it arrived.
// Leaves out: what follows from them (replay.ts).

import { closeSync, createReadStream, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type ReadFault, readFault } from '../files/read.ts'
import type { Alarm } from './decision.ts'
import type { FileResult } from './files.ts'
import { jsonText, milliseconds, nonceShape, platformId, shownNonce, time, word } from './shapes.ts'

const ALARMS = Object.keys({
  ...{ silent: true, late: true, 'clock-went-back': true, 'wrong-platform': true, 'sequence-behind': true },
  ...{ 'sequence-ahead': true, 'incomplete-census': true, coverage: true, 'threads-missing': true },
} satisfies Readonly<Record<Alarm['kind'], true>>) as readonly Alarm['kind'][]

const header = z.strictObject({
  schema: z.literal('smmcheck.journal/1'),
  proxy: word,
  platform: platformId,
  deadline: milliseconds.positive({ error: 'expected a deadline above 0' }),
  /** What the proxy had asked and seen before. */
  counter: word,
  seen: z.strictObject({ sequence: word, counter: word }),
  started: time,
  gap: time.positive({ error: 'expected a time above 0' }),
  planned: z.int().positive({ error: 'expected at least one sample' }),
  /** Nanoseconds. */
  mostDelay: time,
  leastCycle: time.positive({ error: 'expected a time above 0' }),
})
const askedLine = z.strictObject({
  asked: nonceShape,
  /** When the trigger fell due, and when the challenge was made. */
  due: time,
  at: time,
  /** Triggers since the challenge before that fell due in vain. */
  heldUp: milliseconds,
  missed: milliseconds,
})
const endedLine = z.strictObject({
  ended: z.enum(['accepted', ...ALARMS]),
  counter: word,
  at: time,
  /** The message, tag and all, in base64; null when nothing acceptable came. */
  report: z.base64().nullable(),
})
const closedLine = z.strictObject({
  /** Counter of the last challenge, and when it was made. */
  closed: word,
  at: time,
})

export type Header = z.infer<typeof header>
export type Entry = z.infer<typeof askedLine> | z.infer<typeof endedLine> | z.infer<typeof closedLine>

/** What is wrong with a journal. Lines count from 1. */
export type JournalFault =
  | ReadFault
  | { readonly kind: 'empty' }
  | { readonly kind: 'not-json' | 'shape' | 'order' | 'other-decision'; readonly line: number; readonly detail: string }
  | { readonly kind: 'other-series'; readonly detail: string }

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: JournalFault }
const failed = (fault: JournalFault): { readonly ok: false; readonly fault: JournalFault } => ({ ok: false, fault })

/**
 * Hands the lines over, one after the other, until one of them is faulty or not wanted.
 * @param first what to do with the header. @param next what to do with each other line
 */
export async function readJournal(
  path: string,
  first: (header: Header) => JournalFault | undefined,
  next: (entry: Entry, line: number) => JournalFault | undefined,
): Promise<JournalFault | undefined> {
  let line = 0
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
  try {
    for await (const text of lines) {
      line++
      const fault =
        line === 1 ? taken(parsed(text, line, header), first) : taken(parsed(text, line, entryFor(text)), (e) => next(e, line))
      if (fault !== undefined) return fault
    }
  } catch (error) {
    return readFault(error)
  } finally {
    lines.close()
  }
  return line === 0 ? { kind: 'empty' } : undefined
}

function taken<T>(read: Read<T>, take: (value: T) => JournalFault | undefined): JournalFault | undefined {
  return read.ok ? (take(read.value) ?? undefined) : read.fault
}

/** By its first key, so that the complaint about it is to the point. */
const entryFor = (text: string): z.ZodType<Entry> =>
  /^\{"ended"/.test(text) ? endedLine : /^\{"closed"/.test(text) ? closedLine : askedLine

function parsed<T>(text: string, line: number, shape: z.ZodType<T>): Read<T> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return failed({ kind: 'not-json', line, detail: text.length === 0 ? 'an empty line' : 'cut off, or changed' })
  }
  const read = shape.safeParse(value)
  if (read.success) return { ok: true, value: read.data }
  const { path, message } = read.error.issues[0]!
  const at = path.length === 0 ? '' : `${path.join('.')}: `
  return failed({ kind: 'shape', line, detail: `${at}${message.replace(/^Invalid input: /, '')}` })
}

export const headerText = (value: Header): string => `${jsonText(value)}\n`
export const entryText = (entry: Entry): string =>
  `${jsonText('asked' in entry ? { ...entry, asked: shownNonce(entry.asked) } : entry)}\n`

/** A line at the end, on disk before anything else is done. */
export function appendEntry(path: string, entry: Entry): FileResult<void> {
  return writeEnd(path, 'r+', entryText(entry))
}
/** A new journal. Refused where there is a file already. */
export function createJournal(path: string, value: Header): FileResult<void> {
  return writeEnd(path, 'wx', headerText(value))
}

const NEWLINE = 0x0a
function writeEnd(path: string, flags: 'r+' | 'wx', text: string): FileResult<void> {
  try {
    const file = openSync(path, flags)
    try {
      const { size } = fstatSync(file)
      const last = Buffer.alloc(1, NEWLINE)
      if (size > 0) readSync(file, last, 0, 1, size - 1)
      // A line that a crash has cut off stays a line of its own: reading the journal names it.
      writeSync(file, last[0] === NEWLINE ? text : `\n${text}`, size)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    return { ok: true, value: undefined }
  } catch (error) {
    return { ok: false, path, fault: { kind: 'unwritable', detail: (error as Error).message } }
  }
}
