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
  assert.equal(errorOf(path), { kind: 'not-found', path })
  assert.equal(errorOf(folder), { kind: 'unreadable', path: folder, reason: 'EISDIR' })
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
files('kinds not covered are neither passed nor failed, and do not conform', () => {
  const lines = ['tlb', 'tlb-in-guest', 'vmrun', 'smm'].map((cat) => JSON.stringify({ id: cat, cat, expect: {} }))
  const result = runConformance([file('others.jsonl', `${lines.join('\n')}\n${first}\n`)])
  assert.is(result.kind, 'report')
  if (result.kind !== 'report') return
  assert.equal([result.report.passed, result.report.failed, result.report.notCovered], [1, 0, 4])
  assert.is(conforms(result.report), false)
  const text = renderConformance(result.report)
  assert.match(text, /not covered: 1 of category vmrun/)
  assert.match(text, /\n1 passed, 0 failed$/)
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
