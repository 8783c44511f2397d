import Ajv2020 from 'ajv/dist/2020.js'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeSlaError, parseSla, readSla } from '../../src/sla/read-sla.ts'
import { SCHEMA_FOLDER } from '../../tools/schemas.ts'
import { SLA, VM } from './samples.ts'

const bySchema = new Ajv2020.Ajv2020().compile(
  JSON.parse(readFileSync(join(SCHEMA_FOLDER, 'sla-1.schema.json'), 'utf8')) as object,
)
const said = (value: unknown): string => {
  const read = parseSla(value, 'sla.json')
  return read.ok ? 'accepted' : describeSlaError(read.error)
}
const withVm = (change: object): unknown => ({ ...SLA, vms: [{ ...VM, ...change }] })
const withMemory = (change: object): unknown => withVm({ memory: { ...VM.memory, ...change } })

const test = suite('SLA file')

test('a full one is accepted, by the schema too; promises may be left out, one is needed', () => {
  assert.is(said(SLA), 'accepted')
  assert.ok(bySchema(SLA), JSON.stringify(bySchema.errors))
  for (const left of ['memory', 'cpu', 'network'] as const) {
    const vm = { name: VM.name, vmcbs: VM.vmcbs, [left]: VM[left] }
    assert.is(said({ ...SLA, vms: [vm] }), 'accepted')
  }
  assert.is(
    said({ ...SLA, vms: [{ name: 'x', vmcbs: ['0x1000'] }] }),
    'sla.json: vms[0]: promises nothing; give it memory, cpu or network.',
  )
})

/** What is wrong, and what must be said of it: the key first, then what is expected and what was found. */
const BAD: readonly (readonly [unknown, RegExp])[] = [
  [null, /^sla\.json: not an SLA file: the file: expected object, found null;/],
  [{ ...SLA, schema: 'smmcheck.sla/2' }, /schema: expected "smmcheck\.sla\/1", found "smmcheck\.sla\/2"/],
  [{ schema: SLA.schema }, /vms: expected a list of virtual machines, found nothing/],
  [{ ...SLA, vms: [] }, /vms: expected at least one virtual machine/],
  [{ ...SLA, vm: [] }, /the file: no promise is called "vm"; take it out, or mend its name/],
  [withVm({ memroy: {} }), /vms\[0\]: no promise is called "memroy"/],
  [withMemory({ size: 1 }), /vms\[0\]\.memory: no promise is called "size"/],
  [withMemory({ bytes: -4096 }), /vms\[0\]\.memory\.bytes: expected a whole number of bytes from 1 to 2\^52, found -4096/],
  [withMemory({ bytes: 0 }), /memory\.bytes: .*found 0/],
  [withMemory({ bytes: 1.5 }), /memory\.bytes: .*found 1\.5/],
  [withMemory({ bytes: 2 ** 53 }), /memory\.bytes: expected a whole number of bytes from 1 to 2\^52/],
  [withMemory({ bytes: '64M' }), /memory\.bytes: .*found "64M"/],
  [withMemory({ sharing: false }), /memory\.sharing: expected "allowed" or "forbidden", found false/],
  [withMemory({ pageSize: { atLeast: '4M', share: 1 } }), /memory\.pageSize\.atLeast: expected "4K", "2M" or "1G", found "4M"/],
  [
    withMemory({ pageSize: { atLeast: '2M', share: 90 } }),
    /memory\.pageSize\.share: expected a fraction from 0 to 1, such as 0\.9, found 90/,
  ],
  [withVm({ cpu: { threads: -1, confidence: 0.99 } }), /cpu\.threads: expected a number of hardware threads above 0/],
  [withVm({ cpu: { threads: 1e9, confidence: 0.99 } }), /cpu\.threads: .*found 1000000000/],
  [
    withVm({ cpu: { threads: 1, confidence: 99 } }),
    /cpu\.confidence: expected a probability from 0\.5 to 0\.999999, such as 0\.99, found 99/,
  ],
  [withVm({ cpu: { threads: 1, confidence: 1 } }), /cpu\.confidence: .*found 1/],
  [withVm({ cpu: { threads: 1 } }), /cpu\.confidence: .*found nothing/],
  [withVm({ network: { bytesPerSecond: -5 } }), /network\.bytesPerSecond: .*found -5/],
  [withVm({ network: { bytesPerSecond: 1e30 } }), /network\.bytesPerSecond: .*found 1e\+30/],
  [withVm({ vmcbs: [] }), /vms\[0\]\.vmcbs: expected at least one VMCB address/],
  [withVm({ vmcbs: ['0x1234'] }), /vms\[0\]\.vmcbs\[0\]: expected a multiple of 0x1000/],
  [withVm({ vmcbs: [4096] }), /vms\[0\]\.vmcbs\[0\]: .*found 4096/],
  [withVm({ vmcbs: ['0x10000000000000'] }), /vms\[0\]\.vmcbs\[0\]: .* below 2\^52/],
  [withVm({ name: '' }), /vms\[0\]\.name: expected 1 to 64 printable/],
  [withVm({ name: 'a\u001b[2J' }), /vms\[0\]\.name: expected 1 to 64 printable/],
]
test('what is misspelt, negative, absurd or of the wrong kind is refused with its key and what would do; the schema agrees', () => {
  for (const [value, message] of BAD) {
    assert.match(said(value), message)
    assert.not.ok(bySchema(value), JSON.stringify(value))
  }
})

test('names and virtual processors belong to one machine', () => {
  const two = (other: object): unknown => ({ ...SLA, vms: [VM, { ...VM, ...other }] })
  assert.is(said(two({ vmcbs: ['0x1000'] })), 'sla.json: vms[1].name: "web-1" is the name of vms[0].')
  assert.is(said(two({ name: 'web-2' })), 'sla.json: vms[1].vmcbs[0]: 0x10fd65000 is listed under vms[0].')
  assert.is(said(withVm({ vmcbs: ['0x1000', '0x1000'] })), 'sla.json: vms[0].vmcbs[1]: 0x1000 is listed under vms[0].')
})

test('files that are none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smmcheck-sla-'))
  const path = join(folder, 'sla.json')
  const saidOf = (file: string): string => {
    const read = readSla(file)
    return read.ok ? 'accepted' : describeSlaError(read.error)
  }
  writeFileSync(path, '{ "schema": ')
  assert.match(saidOf(path), /not a JSON file \(.*\); mend it, or write it again\.$/)
  assert.match(saidOf(folder), /cannot be read \(EISDIR/)
  assert.match(saidOf(join(folder, 'none.json')), /there is no such file; check the path of the SLA file\.$/)
  writeFileSync(path, JSON.stringify(SLA))
  assert.is(saidOf(path), 'accepted')
  rmSync(folder, { recursive: true })
})

test.run()
