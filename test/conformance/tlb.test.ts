import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareTlb } from '../../src/conformance/compare-tlb.ts'
import { renderConformance } from '../../src/conformance/render.ts'
import { runConformance } from '../../src/conformance/run.ts'
import { type BetweenRuns, type InGuest, type TlbVector, tlbVector } from '../../src/conformance/tlb-vector.ts'

const path = new URL('../data/npt-vectors/tlb.jsonl.gz', import.meta.url).pathname
const vectors: TlbVector[] = gunzipSync(readFileSync(path))
  .toString('utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => tlbVector.parse(JSON.parse(line)))
const between = vectors.filter((v): v is BetweenRuns => v.cat === 'tlb')
const inGuest = vectors.filter((v): v is InGuest => v.cat === 'tlb-in-guest')
const disagreements = (vector: TlbVector): string[] => compareTlb(vector).disagreements.map((d) => d.with)
/** The vector with one result replaced. */
const showing = (vector: TlbVector, who: string, result: object): TlbVector =>
  ({ ...vector, expect: { ...vector.expect, [who]: result } }) as TlbVector
const text = (value: unknown) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v))

const tlb = suite('TLB vectors')
tlb('all of them', () => {
  const result = runConformance([path])
  assert.is(result.kind, 'report')
  if (result.kind !== 'report') return
  assert.is(renderConformance(result.report).split('\n').at(-1), '378 passed, 0 failed')
  assert.equal(result.report.files[0]!.differences, { qemu: { none: 343, 'rsv-fault-without-P': 35 }, bochs: { none: 378 } })
})
tlb('whether the old translation is allowed: the other verdict fails wherever the two results differ', () => {
  const counts = { true: 0, false: 0 }
  for (const vector of vectors) {
    const manual = vector.expect.manual!
    if (text(manual.fresh) === text(manual.stale)) continue
    counts[`${manual.stale_allowed}`]++
    const other = { ...manual, stale_allowed: !manual.stale_allowed }
    assert.equal(disagreements(showing(vector, 'manual', other)), ['manual'], vector.id)
  }
  assert.ok(counts.true > 100 && counts.false > 100, text(counts))
})
tlb('the two results are not interchangeable', () => {
  let tried = 0
  for (const vector of vectors) {
    const manual = vector.expect.manual!
    if (text(manual.fresh) === text(manual.stale)) continue
    tried++
    const swapped = { ...manual, fresh: manual.stale, stale: manual.fresh }
    assert.equal(disagreements(showing(vector, 'manual', swapped)), ['manual', 'manual'])
  }
  assert.ok(tried > 250, `${tried}`)
})
tlb('an emulator that showed the old translation after a VMRUN would be noticed', () => {
  const manualOk = between.filter((v) => v.expect.manual!.stale.o === 'ok' && v.expect.bochs!.runs[1]!.o === 'npf')
  assert.ok(manualOk.length > 50)
  for (const vector of manualOk) {
    const { bochs } = vector.expect
    const runs = [bochs!.runs[0]!, bochs!.runs[0]!, ...bochs!.runs.slice(2)]
    assert.equal(disagreements(showing(vector, 'bochs', { ...bochs!, runs })), ['bochs'], vector.id)
  }
})
tlb('the changed entry, addresses and codes are looked at', () => {
  for (const vector of vectors.filter((_, i) => i % 7 === 0))
    for (const who of ['qemu', 'bochs']) {
      const theirs = vector.expect[who] as { changed_entry_after: bigint | null }
      const changed = { ...theirs, changed_entry_after: (theirs.changed_entry_after ?? 0n) ^ 0x40n }
      assert.equal(disagreements(showing(vector, who, changed)), [who], vector.id)
    }
  const read = inGuest.filter((v) => v.expect.qemu!.second_hpa !== undefined)
  assert.ok(read.length > 20)
  for (const vector of read) {
    const qemu = { ...vector.expect.qemu!, second_hpa: vector.expect.qemu!.second_hpa! ^ 0x1000n }
    assert.equal(disagreements(showing(vector, 'qemu', qemu)), ['qemu'], vector.id)
  }
})
tlb("INVLPG in the guest: one emulator's TLB is not the other's", () => {
  const differing = inGuest.filter((v) => v.expect.qemu!.exit.o !== v.expect.bochs!.exit.o)
  assert.ok(differing.length > 10)
  for (const vector of differing) {
    const { qemu, bochs } = vector.expect
    assert.equal([...new Set(disagreements({ ...vector, expect: { qemu: bochs!, bochs: qemu! } }))].sort(), ['bochs', 'qemu'])
  }
})
tlb('a step that nobody knows is no step', () => {
  assert.equal(disagreements({ ...inGuest[0]!, between: 'sleep' }), ['vector'])
  const [vector] = between
  assert.equal(disagreements({ ...vector!, second_run: { ...vector!.second_run, before: [['sleep']] } }), ['vector'])
  assert.equal(disagreements({ ...vector!, expect: { kvm: vector!.expect.qemu! } }), ['kvm'])
})
tlb.run()
