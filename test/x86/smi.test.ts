import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bool } from '../../src/model/term.ts'
import { type SmiFate, smiExitInfo1, smiFate, type SmiTarget } from '../../src/x86/smi.ts'

const FATES = ['lost', 'pending', 'vmexit', 'vmexitStillPending', 'takenInGuest', 'takenInHost', 'latched'] as const
type Fate = keyof SmiFate
const NAMES = ['smmLock', 'gif', 'guest', 'intercept', 'inSmm', 'parked', 'external'] as const
/** All fates that hold. */
const fates = (given: Readonly<Record<(typeof NAMES)[number], boolean>>): Fate[] => {
  const target = Object.fromEntries(NAMES.map((name) => [name, bool(given[name])])) as unknown as SmiTarget
  const fate = smiFate(target)
  return FATES.filter((name) => fate[name].value === true)
}
const quiet = { inSmm: false, parked: false }

const acceptance = suite('SMI acceptance')
// One row of the table by its number: lock, GIF, guest, intercept (null: either way), source, fate.
const table: readonly (readonly [string, 0 | 1, 0 | 1, 0 | 1, 0 | 1 | null, 'ext' | 'int', Fate])[] = [
  ['S01', 0, 1, 1, 1, 'ext', 'vmexitStillPending'],
  ['S02', 1, 1, 1, 1, 'ext', 'takenInGuest'],
  ['S03', 1, 0, 0, null, 'ext', 'pending'],
  ['S04', 1, 0, 0, null, 'int', 'lost'],
  ['S05', 0, 1, 1, 0, 'ext', 'takenInGuest'],
  ['S06', 0, 1, 1, 1, 'int', 'vmexit'],
  ['S07', 1, 1, 0, null, 'ext', 'takenInHost'],
  ['S08', 1, 0, 1, null, 'ext', 'pending'],
]
for (const [id, lock, gif, guest, intercept, source, expected] of table)
  acceptance(id, () => {
    for (const bit of intercept === null ? [0, 1] : [intercept])
      assert.equal(
        fates({
          smmLock: lock === 1,
          gif: gif === 1,
          guest: guest === 1,
          intercept: bit === 1,
          external: source === 'ext',
          ...quiet,
        }),
        [expected],
      )
  })

const states = [...Array(1 << NAMES.length).keys()].map(
  (n) => Object.fromEntries(NAMES.map((name, i) => [name, ((n >> i) & 1) === 1])) as Record<(typeof NAMES)[number], boolean>,
)
const where = (matching: Partial<Record<(typeof NAMES)[number], boolean>>) =>
  states.filter((s) => Object.entries(matching).every(([name, value]) => s[name as 'gif'] === value))
acceptance('one fate for every state', () => {
  for (const state of states) assert.is(fates(state).length, 1, JSON.stringify(state))
})
// The rows of table 15-14, each over all states that it speaks of.
const rows: readonly (readonly [string, Parameters<typeof where>[0], Fate, Fate])[] = [
  ['GIF=0', { ...quiet, gif: false }, 'lost', 'pending'],
  ['intercepted', { ...quiet, gif: true, guest: true, intercept: true, smmLock: false }, 'vmexit', 'vmexitStillPending'],
  ['not intercepted', { ...quiet, gif: true, guest: true, intercept: false, smmLock: false }, 'takenInGuest', 'takenInGuest'],
  ['host', { ...quiet, gif: true, guest: false, smmLock: false }, 'takenInHost', 'takenInHost'],
  ['guest, locked', { ...quiet, gif: true, guest: true, smmLock: true }, 'takenInGuest', 'takenInGuest'],
  ['host, locked', { ...quiet, gif: true, guest: false, smmLock: true }, 'takenInHost', 'takenInHost'],
  ['in SMM', { inSmm: true }, 'latched', 'latched'],
  ['wait-for-SIPI', { inSmm: false, parked: true }, 'lost', 'pending'],
]
for (const [what, matching, internal, external] of rows)
  acceptance(`${what}: internal ${internal}, external ${external}`, () => {
    for (const state of where(matching)) assert.equal(fates(state), [state.external ? external : internal], JSON.stringify(state))
  })
acceptance('the rows leave no state out', () => {
  for (const state of states)
    assert.ok(
      rows.some(([, matching]) => where(matching).includes(state)),
      JSON.stringify(state),
    )
})
acceptance('EXITINFO1 of an intercepted SMI', () => {
  assert.is(smiExitInfo1.show(1n), 'SMISRC=1')
  // OUT of one byte to port B2h, 16-bit addresses.
  assert.is(smiExitInfo1.encode({ VALID: true, SIZE: 1, ADDRESS_SIZE: 1, PORT: 0xb2 }), 0x00b2_0092_0000_0000n)
})
acceptance.run()
