import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeVectorFileError } from '../../src/conformance/file.ts'
import { renderConformance } from '../../src/conformance/render.ts'
import { conforms, runConformance } from '../../src/conformance/run.ts'

const data = new URL('../data/npt-vectors/', import.meta.url).pathname
const [first, second] = readFileSync(join(data, 'straddle-pae.jsonl'), 'utf8').split('\n')
const folder = mkdtempSync(join(tmpdir(), 'vectors-'))
const file = (name: string, content: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const errorOf = (path: string) => {
  const result = runConformance([path])
  return result.kind === 'error' ? result.error : undefined
}

const files = suite('vector files')
files.after(() => rmSync(folder, { recursive: true }))
files('not there, a folder, empty', () => {
  const path = join(folder, 'nowhere.jsonl')
  const missing = errorOf(path)
  assert.ok(missing?.kind === 'not-found' && missing.path === path)
  const unreadable = errorOf(folder)
  assert.ok(unreadable?.kind === 'unreadable' && unreadable.path === folder && unreadable.detail.startsWith('EISDIR'))
  const empty = file('empty.jsonl', '\n')
  assert.equal(errorOf(empty), { kind: 'no-vectors', path: empty })
})
files('gzip cut short, gzip damaged', () => {
  const whole = gzipSync(`${first}\n`)
  const cut = file('cut.jsonl.gz', whole.subarray(0, whole.length - 20))
  assert.equal(errorOf(cut), { kind: 'gzip-cut-short', path: cut })
  const damaged = Buffer.from(whole)
  damaged[20] = damaged[20]! ^ 0xff
  damaged[21] = damaged[21]! ^ 0xff
  const bad = errorOf(file('damaged.jsonl.gz', damaged))
  assert.ok(bad?.kind === 'gzip-damaged' || bad?.kind === 'gzip-cut-short')
})
files('the gzip magic decides, not the name', () => {
  const result = runConformance([file('plain-name.jsonl', gzipSync(`${first}\n${second}\n`))])
  assert.is(result.kind === 'report' && result.report.passed, 2)
})
files('not JSON, by line', () => {
  const path = file('text.jsonl', `${first}\n\n{"id": \n`)
  assert.equal(errorOf(path), { kind: 'not-json-lines', path, line: 3 })
  const numbers = file('numbers.jsonl', '17\n')
  assert.equal(errorOf(numbers), { kind: 'not-json-lines', path: numbers, line: 1 })
})
files('unknown shapes, by line, with what is wrong', () => {
  const path = file('shape.jsonl', `${first}\n{"id":"x","cat":"bitflip","entries":[]}\n`)
  const error = errorOf(path)
  assert.is(error?.kind, 'unknown-vector')
  assert.match(describeVectorFileError(error!), /shape\.jsonl:2: unknown vector shape: vector x at host/)
  assert.is(errorOf(file('anonymous.jsonl', '{"entries":[]}\n'))?.kind, 'unknown-vector')
})
files('a vector with nothing to compare is neither passed nor failed, and says why', () => {
  const steps = [
    { do: 'write SMRAMC = 4Ah; read back', seen: '0x4a' },
    { do: 'RDMSR C0010111h', seen: '0x0' },
    { do: 'stand on one leg', seen: [] },
  ]
  const smm = { id: 's', cat: 'smm', emulator: 'qemu-7.2', machine: 'pc', note: null, completed: true, steps }
  const alone = runConformance([file('alone.jsonl', `${JSON.stringify(smm)}\n`)])
  const both = runConformance([file('both.jsonl', `${JSON.stringify(smm)}\n${first}\n`)])
  assert.ok(alone.kind === 'report' && both.kind === 'report')
  if (alone.kind !== 'report' || both.kind !== 'report') return
  assert.equal([both.report.passed, both.report.failed, both.report.notComparable], [1, 0, 1])
  assert.equal([conforms(alone.report), conforms(both.report)], [false, true])
  const text = renderConformance(both.report)
  assert.match(text, /nothing to compare: 1 vectors/)
  assert.match(text, /not comparable: 1 steps: SMRAMC and ESMRAMC are registers of an Intel chipset/)
  assert.match(text, /not comparable: 1 steps: a step of an unknown form/)
  assert.match(text, /\n1 passed, 0 failed$/)
})
files('every kind has its shape', () => {
  for (const cat of ['tlb', 'tlb-in-guest', 'vmrun', 'smm'])
    assert.is(errorOf(file('empty.jsonl', `${JSON.stringify({ id: cat, cat, expect: {} })}\n`))?.kind, 'unknown-vector', cat)
})
files('a failing vector is shown with what was expected and got', () => {
  const wrong = JSON.parse(first!)
  wrong.expect.manual = { o: 'npf', code: '0x100000004', gpa: '0x141277ffc' }
  const result = runConformance([file('wrong.jsonl', `${JSON.stringify(wrong)}\n`)])
  assert.is(result.kind === 'report' && result.report.failed, 1)
  const text = result.kind === 'report' ? renderConformance(result.report) : ''
  assert.match(
    text,
    /FAILED cross\.ok-ok\.ffc\.r\n {4}expected manual: o "npf" code "0x100000004"[^\n]*\n {4}got {6}ok hpa 0x3579ffc/,
  )
  assert.match(text, /\n0 passed, 1 failed$/)
})
files.run()
