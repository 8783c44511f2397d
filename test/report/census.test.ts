import Ajv2020 from 'ajv/dist/2020.js'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Census, censusRecord } from '../../src/report/census.ts'
import { SCHEMA_FOLDER, schemaFiles } from '../../tools/schemas.ts'
import { COMPLETE, COUNTED, INCOMPLETE, NOTHING, SHADOW, UNCOUNTED } from './samples.ts'

const schema: object = JSON.parse(readFileSync(join(SCHEMA_FOLDER, 'census-2.schema.json'), 'utf8'))
const bySchema = new Ajv2020.Ajv2020().compile(schema)

/** Both judges, the schema file and the type's own check, must agree. */
function accepts(record: unknown): boolean {
  const verdict = bySchema(record)
  assert.is(
    censusRecord.safeParse(record).success,
    verdict,
    `the JSON Schema says ${verdict}: ${JSON.stringify(bySchema.errors)}`,
  )
  return verdict
}

const withSpace = (space: object): unknown => ({ ...COMPLETE, spaces: [space] })
const without = (record: object, key: string): object => Object.fromEntries(Object.entries(record).filter(([k]) => k !== key))

const test = suite('census record')

test('the schema files are what the record types say', () => {
  const files = schemaFiles()
  assert.equal(readdirSync(SCHEMA_FOLDER).sort(), files.map(({ name }) => name).sort())
  for (const { name, text } of files) {
    assert.is(readFileSync(join(SCHEMA_FOLDER, name), 'utf8'), text, `schemas/${name} is old: run npx tsx tools/schemas.ts`)
  }
})

test('samples are valid', () => {
  for (const census of [COMPLETE, INCOMPLETE, NOTHING]) assert.ok(accepts(census), JSON.stringify(bySchema.errors))
})

test('every field is needed, and no other is allowed', () => {
  for (const key of Object.keys(COMPLETE)) assert.not.ok(accepts(without(COMPLETE, key)), key)
  for (const space of [COUNTED, UNCOUNTED]) {
    for (const key of Object.keys(space)) assert.not.ok(accepts(withSpace(without(space, key))), key)
    assert.not.ok(accepts(withSpace({ ...space, more: 1 })))
  }
  for (const key of Object.keys(COMPLETE.candidates[0]!)) {
    assert.not.ok(accepts({ ...COMPLETE, candidates: [without(COMPLETE.candidates[0]!, key)] }), key)
  }
  assert.not.ok(accepts({ ...COMPLETE, more: 1 }))
})

test('a space has numbers exactly when it is complete', () => {
  const counts = Object.keys(UNCOUNTED).filter(
    (key) => UNCOUNTED[key as keyof typeof UNCOUNTED] === null && key !== 'innerGuestOf',
  )
  assert.is(counts.length, 14)
  for (const key of counts) {
    assert.not.ok(accepts(withSpace({ ...COUNTED, [key]: null })), key)
    assert.not.ok(accepts(withSpace({ ...UNCOUNTED, [key]: COUNTED[key as keyof typeof COUNTED] })), key)
  }
  assert.not.ok(accepts(withSpace({ ...COUNTED, status: 'partial' })))
  assert.not.ok(accepts(withSpace({ ...UNCOUNTED, status: 'complete' })))
  assert.not.ok(accepts(withSpace({ ...COUNTED, nestedPaging: false })))
  assert.ok(accepts(withSpace({ ...SHADOW, levels: 2 })))
})

test('addresses are strings, counts are whole numbers', () => {
  for (const root of [4096, '4096', '0X1000', '0x01000', '0x', '0xABC', '0x1000 '])
    assert.not.ok(accepts(withSpace({ ...COUNTED, root })))
  for (const root of ['0x0', '0xffffffffff000']) assert.ok(accepts(withSpace({ ...COUNTED, root })))
  for (const tablePages of ['36', -1, 1.5, 2 ** 53]) assert.not.ok(accepts(withSpace({ ...COUNTED, tablePages })))
  for (const name of ['r-', '-w-', 'rwxx', 'RWX'])
    assert.not.ok(accepts(withSpace({ ...COUNTED, leafPermissions: { [name]: 1 } })), name)
  for (const name of ['r--', 'rw-', 'r-x', 'rwx'])
    assert.ok(accepts(withSpace({ ...COUNTED, leafPermissions: { [name]: 1 } })), name)
})

test('statuses and states are closed', () => {
  assert.not.ok(accepts({ ...COMPLETE, status: 'done' }))
  assert.not.ok(accepts(withSpace({ ...UNCOUNTED, status: 'lost' })))
  assert.not.ok(accepts({ ...COMPLETE, candidates: [{ ...COMPLETE.candidates[0]!, state: 'asleep' }] }))
  assert.not.ok(accepts({ ...COMPLETE, schema: 'smmcheck.census/1' }))
})

test('a status narrows the type', () => {
  const census: Census = COMPLETE
  for (const space of census.spaces) if (space.status === 'complete') assert.type(space.leafEntries['4K'], 'number')
})

test.run()
