// The journal of a series: read back as it was written, every decision made again; what is missing counts against, what is changed is refused.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  appendEntry,
  createJournal,
  type Entry,
  entryText,
  type Header,
  headerText,
  type JournalFault,
  readJournal,
} from '../../src/proxy/journal.ts'
import { sealed } from '../../src/proxy/mac.ts'
import { Replay, type Replayed } from '../../src/proxy/replay.ts'
import { advance, asked, begin, ended, unforeseeable } from '../../src/proxy/schedule.ts'
import { encodeReport } from '../../src/proxy/wire.ts'
import { seeded } from '../../src/sampling/random.ts'
import { honest } from '../../src/sampling/scheduler.ts'
import { timeShare } from '../../src/sampling/time-share.ts'
import { COMPLETE, KEY, OTHER_KEY } from './samples.ts'
import { type Held, hold, PLAN, VMCB } from './series-lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'smmcheck-journal-'))
const path = join(folder, 'journal')

/** Every third report is dropped. */
let count = 0
const HELD = hold({ scheduler: honest(0.6), challenges: 30, carry: () => (++count % 3 === 0 ? 'dropped' : 1) })

async function replay(text: string, key = KEY, current: Held | null = HELD): Promise<Replayed | JournalFault> {
  writeFileSync(path, text)
  let read: Replay | undefined
  const fault = await readJournal(
    path,
    (header) => {
      read = new Replay(header, key, () => {})
      return undefined
    },
    (entry, line) => read!.take(entry, line),
  )
  if (fault !== undefined) return fault
  const reached = current === null ? undefined : { counter: current.state.counter, at: current.state.series!.busy.from }
  const finished = read!.finish(reached, HELD.now)
  return finished.ok ? finished.value : finished.fault
}
const written = (entries: readonly Entry[], header: Header = HELD.header): string =>
  [headerText(header), ...entries.map(entryText)].join('')
const whole = (result: Replayed | JournalFault): Replayed => {
  if ('kind' in result) assert.unreachable(JSON.stringify(result))
  return result as Replayed
}
const refused = async (text: string, pattern: RegExp, kind: JournalFault['kind'], key = KEY, current: Held | null = HELD) => {
  const fault = (await replay(text, key, current)) as JournalFault
  assert.is(fault.kind, kind)
  assert.match(JSON.stringify(fault), pattern)
}
const without = (...places: readonly number[]): readonly Entry[] => HELD.entries.filter((_, i) => !places.includes(i))
/** The entry that ends the n-th challenge, n from 0. */
const endOf = (n: number): number => 2 * n + 1

const journal = suite('a journal')
journal.after(() => rmSync(folder, { recursive: true, force: true }))

journal('is read back as it was written', async () => {
  const found = whole(await replay(written(HELD.entries)))
  assert.is(found.challenges, 30)
  assert.is(found.accepted, 20)
  assert.equal([...found.alarms], [['silent', 10]])
  assert.is(found.lost, 0)
  assert.is(found.pending, false)
  const { series } = found
  assert.is(series.unanswered, 10)
  assert.ok(series.heldUp > 500, 'a second of silence is a hundred triggers')
  assert.is(series.elapsed, (HELD.entries.at(-2) as { due: number }).due - HELD.header.started)
  assert.equal(series.plan, PLAN)
})

journal('is appended to, never written over', async () => {
  const file = join(folder, 'new')
  assert.ok(createJournal(file, HELD.header).ok)
  assert.not.ok(createJournal(file, HELD.header).ok)
  for (const entry of HELD.entries) assert.ok(appendEntry(file, entry).ok)
  assert.is(readFileSync(file, 'utf8'), written(HELD.entries))
  assert.not.ok(appendEntry(join(folder, 'none'), HELD.entries[0]!).ok)
  // What a crash has cut off does not swallow the line after it.
  appendFileSync(file, '{"asked":{"pro')
  assert.ok(appendEntry(file, HELD.entries[0]!).ok)
  assert.ok(readFileSync(file, 'utf8').endsWith(`{"asked":{"pro\n${entryText(HELD.entries[0]!)}`))
})

journal('what it lacks counts as not answered, and never helps the host', async () => {
  const before = whole(await replay(written(HELD.entries)))
  const share = (found: Replayed) => timeShare(found.series, [VMCB], 0.9)
  const cases: readonly (readonly [readonly Entry[], string])[] = [
    [without(endOf(0)), 'one end'],
    [without(2, 3), 'one challenge, whole'],
    [without(2, 3, 4, 5, 6, 7), 'three in a row'],
    [without(58, 59), 'the last one'],
    [HELD.entries.slice(0, 40), 'the last ten'],
  ]
  for (const [entries, what] of cases) {
    const found = whole(await replay(written(entries)))
    assert.is(found.lost + [...found.alarms.values()].reduce((a, b) => a + b, 0) + found.accepted, 30, what)
    assert.ok(share(found).seen <= share(before).seen + 1e-12, what)
    assert.ok(share(found).low <= share(before).low + 1e-12, what)
  }
})

journal('out of order, repeated, or of another time: refused, with the line', async () => {
  const { entries } = HELD
  const [a, b, c, d] = entries as readonly [Entry, Entry, Entry, Entry]
  await refused(written([c, d, a, b]), /line":4,"detail":"it is \d+ ms before/, 'order')
  await refused(written([a, b, b]), /line":4,"detail":"challenge 1 ends, and is not open: repeated/, 'order')
  await refused(written([a, b, { ...a, at: (b as { at: number }).at }]), /challenge 1 comes after challenge 1: repeated/, 'order')
  await refused(written([a, { ...b, counter: 2n } as Entry]), /challenge 2 ends, and is not open/, 'order')
  await refused(written([{ ...a, due: 5 } as Entry]), /fell due at 5, out of order/, 'order')
  await refused(
    written([{ ...a, asked: { ...(a as { asked: object }).asked, proxy: 8n } } as Entry]),
    /a challenge of proxy 8/,
    'order',
  )
  await refused(written(entries), /it has challenge 30, and the proxy has made 1 only/, 'other-series', KEY, {
    ...HELD,
    state: { ...HELD.state, counter: 1n },
  })
  await refused(written(entries), /it was never closed/, 'other-series', KEY, null)
})

journal('closed, it needs no proxy that is still at it; it may be closed twice, and nothing comes after', async () => {
  const closed: Entry = { closed: 32n, at: HELD.now }
  const found = whole(await replay(written([...HELD.entries, closed, closed]), KEY, null))
  assert.is(found.lost, 2)
  await refused(written([closed, HELD.entries[0]!]), /the series was closed in the line before/, 'order', KEY, null)
  await refused(written([...HELD.entries, { closed: 29n, at: HELD.now }]), /closed at challenge 29, after challenge 30/, 'order')
})

journal('a report that is not what was accepted is refused: other keys, other platforms, other challenges', async () => {
  const forged = (report: Buffer): string =>
    written(HELD.entries.map((e, i) => (i === 1 ? ({ ...e, report: report.toString('base64') } as Entry) : e)))
  const mine = HELD.entries[1] as { readonly report: string }
  const other = HELD.entries[3] as { readonly report: string }
  const nonce = (HELD.entries[0] as { readonly asked: typeof COMPLETE.nonce }).asked
  await refused(written(HELD.entries), /"line":3.*its MAC is wrong/, 'other-decision', OTHER_KEY)
  await refused(forged(Buffer.from(other.report, 'base64')), /never made/, 'other-decision')
  await refused(forged(Buffer.from(mine.report, 'base64').subarray(1)), /it is no report/, 'other-decision')
  const stranger = { ...COMPLETE, nonce, sequence: 1n, platform: '1'.repeat(32) }
  await refused(forged(sealed(KEY, 'report', encodeReport(stranger))), /platform 1{32} answered/, 'other-decision')
  const ahead = { ...COMPLETE, nonce, sequence: 9n }
  await refused(forged(sealed(KEY, 'report', encodeReport(ahead))), /report number 9, where 1 is the most/, 'other-decision')
  const early = HELD.entries.map((e, i) => (i === 5 ? { ...e, at: (HELD.entries[4] as { at: number }).at + 5 } : e))
  await refused(written(early as Entry[]), /its deadline had not passed/, 'other-decision')
})

journal('not a journal: refused, with the line', async () => {
  await refused('', /empty/, 'empty')
  await refused('{"schema":"smmcheck.proxy/1"}\n', /"line":1/, 'shape')
  await refused('hello\n', /"line":1/, 'not-json')
  await refused(`${written(HELD.entries)}{"asked":{"pro`, /"line":62,"detail":"cut off, or changed"/, 'not-json')
  await refused(
    `${headerText(HELD.header)}{"ended":"fine","counter":"1","at":1,"report":null}\n`,
    /"line":2,"detail":"ended: /,
    'shape',
  )
  await refused(`${headerText({ ...HELD.header, gap: -1 })}`, /gap: expected no negative time/, 'shape')
  assert.is(
    (
      await readJournal(
        join(folder, 'nowhere'),
        () => undefined,
        () => undefined,
      )
    )?.kind,
    'not-found',
  )
  assert.is(
    (
      await readJournal(
        folder,
        () => undefined,
        () => undefined,
      )
    )?.kind,
    'unreadable',
  )
})

journal('a challenge that may still be answered is left out', async () => {
  const { state, entries } = HELD
  const nonce = { proxy: 7n, counter: 31n, random: 5n }
  const open: Entry = { asked: nonce, due: HELD.now, at: HELD.now, heldUp: 3, missed: 2 }
  const current: Held = { ...HELD, state: { ...state, counter: 31n } }
  const found = whole(await replay(written([...entries, open]), KEY, current))
  const before = whole(await replay(written(entries)))
  assert.is(found.pending, true)
  assert.equal(found.series, before.series)
})
journal.run()

const schedule = suite('times that nobody can foresee')
schedule('waiting times are exponential: mean, median, and no memory', () => {
  const times = Array.from({ length: 20_000 }, () => unforeseeable(10))
  const part = (of: readonly number[], beyond: number): number => of.filter((t) => t > beyond).length / of.length
  assert.ok(times.every((t) => t >= 0 && Number.isFinite(t)))
  // Five standard deviations of 20,000 draws.
  assert.ok(Math.abs(times.reduce((a, b) => a + b, 0) / 200_000 - 1) < 0.036)
  assert.ok(Math.abs(part(times, 10 * Math.LN2) - 0.5) < 0.018)
  const waited = times.filter((t) => t > 10).map((t) => t - 10)
  assert.ok(Math.abs(part(waited, 10 * Math.LN2) - 0.5) < 0.03)
})
schedule('the triggers are the same whatever the host does: held up, missed or asked', () => {
  const dues = (busyFor: number, idleFor: number): number[] => {
    const random = seeded(3)
    const out: number[] = []
    const waiting = (mean: number): number => random.waiting(mean)
    let s = begin('j', 10, 0, waiting)
    out.push(s.next)
    let now = 0
    let drawn = 1
    while (drawn < 200) {
      const after = advance(s, now, waiting)!
      drawn += after.heldUp + after.missed - s.heldUp - s.missed
      now = after.next
      out.push(now)
      s = ended(asked(after, now, waiting), now + busyFor, 1000)
      drawn++
      now += busyFor + idleFor
    }
    return out
  }
  const all = new Set(dues(0, 0))
  for (const [busy, idle] of [
    [50, 0],
    [0, 50],
    [25, 25],
  ] as const) {
    const some = dues(busy, idle)
    assert.ok(some.length < 150)
    assert.ok(
      some.slice(1, -1).every((t) => all.has(t)),
      'a subset of the same times',
    )
  }
})
schedule('a trigger that falls due while an answer is awaited is held up, up to the deadline; else it is missed', () => {
  const one = (mean: number): number => mean
  const s = ended(asked(begin('j', 10, 0, one), 10, one), 45, 20)
  assert.equal(s.busy, { from: 10, until: 30 })
  // Due at 20, 30 while it was open; at 40, 50 while nobody asked.
  const after = advance(s, 55, one)!
  assert.is(after.heldUp, 2)
  assert.is(after.missed, 2)
  assert.is(after.next, 60)
  assert.is(advance(s, 1e9, one), undefined)
})
schedule.run()
