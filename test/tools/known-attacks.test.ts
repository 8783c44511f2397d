// The list of known attacks against the specs that it is made from.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { platformClaimIds } from '../../src/properties/platform-claims.ts'
import { knownAttacks } from '../../src/properties/known-attacks.ts'
import { attacksInSpecs } from '../../tools/known-attacks.ts'

test('every claim of a spec that refutes another is in the list, and nothing else is', async () => {
  const inSpecs = await attacksInSpecs()
  assert.ok(inSpecs.length > 80)
  assert.equal(knownAttacks, inSpecs, 'npm run build && npx tsx tools/known-attacks.ts')
})

test('what is missing is named as the claims that fall name it', () => {
  const of = (id: string) => knownAttacks.find((a) => a.id === id)
  assert.equal(of('A07 without not P_TOM_WINS')?.without, ['not P_TOM_WINS'])
  assert.is(of('A07 without not P_TOM_WINS')?.claim, 'I6')
  // Its base has SmmBaseLock instead: what is missing of the hardened profile is another defence.
  assert.equal(of('A19 without H_SMBASELOCK')?.without, ['H_DMA_TSEG'])
  assert.is(of('C01 without S_UNIQ')?.claim, 'W3')
  assert.is(of('C36 without S_ROUTE_CHECK')?.claim, 'system/I8')
  for (const id of platformClaimIds)
    assert.ok(
      knownAttacks.some((a) => a.claim === id),
      id,
    )
})

test.run()
