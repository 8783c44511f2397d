import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Workspace } from './command.ts'

const SCHEMA = new URL('../../schemas/prove-1.schema.json', import.meta.url)

const spec = `import { boolVar, claim, residual } from 'smmcheck'
const [wall, moat, dog, safe] = ['wall', 'moat', 'dog', 'safe'].map(boolVar)
const assumed = (name, term) => ({ name, term, role: 'assumption' })
export default claim({
  id: 'CASTLE',
  statement: 'For every castle with a wall or a moat: it is safe.',
  attacks: [{ claim: 'CASTLE', without: ['WALL', 'MOAT'], id: 'siege', spec: 'siege.ts' }],
  residual,
  obligations: () => [{
    id: 'castle',
    conjunct: 'safe',
    parts: [],
    origin: { kind: 'validity' },
    hypotheses: [
      assumed('WALL', wall),
      assumed('MOAT', moat),
      assumed('DOG', dog),
      { name: 'either will do', term: wall.or(moat).implies(safe) },
    ],
    goal: safe,
  }],
})
`

test('all minimal sets, the attack without them, and what is not modelled: as text and as JSON', async () => {
  const place = new Workspace({ 'castle.ts': spec })
  const plain = await place.smmcheck('prove', 'castle.ts', '--no-typecheck')
  const { exit, out, err } = await place.smmcheck('prove', 'castle.ts', '--no-typecheck', '--assumptions', '--json', 'out.jsonl')
  const records = place
    .read('out.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  place.remove()
  assert.is(exit, 0, err)
  assert.match(out, /rests on one of these sets, whichever holds:\n {6}1 {2}WALL\n {6}2 {2}MOAT\n/)
  assert.match(out, 'WALL and MOAT  siege (siege.ts)')
  assert.match(out, 'not used: 1 other')
  // With and without the option: what is not modelled is printed with a theorem always.
  for (const text of [out, plain.out]) {
    assert.match(text, 'on what is not modelled (explained below): A30, C48, C52, C54, D09, E14')
    assert.match(text, /C52 +A machine that runs on no thread/)
  }
  assert.not.match(plain.out, 'rests on one')
  const valid = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')))
  for (const record of records) assert.ok(valid(record), JSON.stringify(valid.errors))
  const record = records.find((r) => r.record === 'claim')!
  assert.equal(record.restsOn, {
    sets: [['WALL'], ['MOAT']],
    without: [{ names: ['WALL', 'MOAT'], attacks: [{ id: 'siege', spec: 'siege.ts', claim: 'CASTLE', direct: true }] }],
    unused: ['DOG'],
    exact: true,
  })
  assert.ok((record.residual as { id: string }[]).some((r) => r.id === 'E14'))
})

test.run()
