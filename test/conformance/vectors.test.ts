import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compare } from '../../src/conformance/compare.ts'
import { renderConformance } from '../../src/conformance/render.ts'
import { conforms, runConformance } from '../../src/conformance/run.ts'
import { parseVector, type Vector } from '../../src/conformance/vector.ts'

const data = new URL('../data/npt-vectors/', import.meta.url).pathname
const files = ['walk.jsonl.gz', 'walk-cpu-variants.jsonl.gz', 'straddle-pae.jsonl'].map((name) => data + name)

const all = suite('emulator vectors')
all('every vector of the three files', () => {
  const result = runConformance(files)
  assert.is(result.kind, 'report')
  if (result.kind !== 'report') return
  const { report } = result
  const text = renderConformance(report)
  assert.equal(
    report.files.flatMap((f) => f.failures.slice(0, 3)),
    [],
    text,
  )
  assert.equal(
    report.files.map((f) => f.passed),
    [6779, 1207, 85],
  )
  assert.is(text.split('\n').at(-1), '8071 passed, 0 failed')
  assert.ok(conforms(report))
  const [walk, variants, straddle] = report.files.map((f) => f.differences)
  // Of 6520 definite verdicts of the manual; what Bochs does differently is bit 8, and what it reads outside RAM.
  assert.equal(Object.keys(walk!.bochs!).sort(), ['none', 'pml4e-bit8-not-reserved', 'table-outside-ram'])
  assert.is(walk!.qemu!['ncr3-mbz-not-checked'], 14)
  assert.is(variants!.qemu!['1g-page-without-support'], 43)
  assert.equal(straddle!.bochs, { none: 85 })
  assert.is(straddle!.qemu!['pae-pdpte-low-bits-not-checked'], 4)
})
all.run()

// ---- the comparison itself must be able to fail ----

type Json = Record<string, unknown>
const lines = (name: string): Json[] => {
  const bytes = readFileSync(data + name)
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text
    .split('\n')
    .filter((l) => l !== '')
    .map((l) => JSON.parse(l) as Json)
}
const parsed = (value: unknown): Vector => {
  const p = parseVector(value)
  if (p.kind === 'unknown') throw new Error('the test vector did not parse')
  return p.vector
}
const disagreements = (value: unknown): string[] => compare(parsed(value)).disagreements.map((d) => d.with)
/** The vector with one expectation's field replaced. */
function altered(vector: Json, who: string, field: string, value: unknown): Json {
  const expect = vector.expect as Record<string, Json>
  return { ...vector, expect: { ...expect, [who]: { ...expect[who], [field]: value } } }
}
const sample = lines('walk.jsonl.gz').filter((_, i) => i % 101 === 0)

const teeth = suite('a wrong expectation is noticed')
for (const who of ['qemu', 'bochs', 'manual'])
  teeth(`${who}: address, code, fault address, error code, marked entries`, () => {
    let tried = 0
    for (const vector of sample) {
      const theirs = (vector.expect as Record<string, Json>)[who]
      if (theirs === undefined || theirs.o === 'unspecified') continue
      const flip = (hex: unknown) => `0x${(BigInt(hex as string) ^ 0x1000n).toString(16)}`
      const changes: [string, unknown][] = []
      if (theirs.o === 'ok' && theirs.hpa != null) changes.push(['hpa', flip(theirs.hpa)])
      if (theirs.o === 'ok') changes.push(['ad', [...(theirs.ad as unknown[]), ['0x400000', 511, '0x20']]], ['o', 'npf'])
      if (theirs.o === 'npf')
        changes.push(['code', `0x${(BigInt(theirs.code as string) ^ 2n).toString(16)}`], ['gpa', flip(theirs.gpa)])
      if (theirs.o === 'npf' && who !== 'manual')
        changes.push(['ad', [['0x400000', 511, '0x20']]], ['gad', [['0x220000', 9, '0x20']]])
      if (theirs.o === 'exit') changes.push(['exitcode', '0x4f'])
      if (theirs.o === 'exit' && theirs.info1 !== undefined) changes.push(['info1', '0x17'], ['info2', flip(theirs.info2)])
      for (const [field, value] of changes) {
        tried++
        assert.equal(disagreements(altered(vector, who, field, value)), [who], `${vector.id} ${field}`)
      }
    }
    assert.ok(tried > 40, `${tried} tried`)
  })
teeth("one emulator's way is not accepted from the other, and a label explains nothing", () => {
  const reserved = sample.find((v) => {
    const e = v.expect as Record<string, Json>
    return e.qemu?.code === '0x10000000c' && e.bochs?.code === '0x10000000d'
  })!
  const e = reserved.expect as Record<string, Json>
  const swapped = { ...reserved, expect: { ...e, bochs: e.qemu }, differs_from_manual: { bochs: ['rsv-fault-without-P'] } }
  assert.equal(disagreements(swapped), ['bochs'])
  assert.equal(disagreements({ ...reserved, expect: { ...e, kvm: e.qemu } }), ['kvm'])
})
teeth('a straddling access: data and pages changed', () => {
  const [ok] = lines('straddle-pae.jsonl').filter((v) => v.id === 'cross.ok-ok.ffc.r')
  assert.equal(disagreements(ok), [])
  assert.equal(disagreements(altered(ok!, 'qemu', 'rax', '0x0')), ['qemu'])
  assert.equal(disagreements(altered(ok!, 'bochs', 'second_page_changed', true)), ['bochs'])
})
teeth('code_ignore masks the bits it names and no others', () => {
  const [open] = lines('walk.jsonl.gz').filter((v) => (v.expect as Record<string, Json>).manual?.code_ignore === '0x10')
  const code = BigInt((open!.expect as Record<string, Json>).manual!.code as string)
  assert.equal(disagreements(altered(open!, 'manual', 'code', `0x${(code ^ 0x10n).toString(16)}`)), [])
  assert.equal(disagreements(altered(open!, 'manual', 'code', `0x${(code ^ 0x1n).toString(16)}`)), ['manual'])
})
teeth.run()

const labels = suite("the files' own labels")
labels('are among the rules that the model finds', () => {
  for (const vector of sample) {
    const found = compare(parsed(vector)).differences
    for (const [emulator, names] of Object.entries((vector.differs_from_manual ?? {}) as Record<string, string[]>))
      for (const name of names) assert.ok((found[emulator] as string[]).includes(name), `${vector.id}: ${emulator} ${name}`)
  }
})
labels.run()
