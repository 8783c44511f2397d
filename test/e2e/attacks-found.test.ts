// Attacks are found, not told: a spec outside of the repository, with what the package exports, takes defences away and gets the
// run that the gallery's row has; and of two defences, either or both may be missing.

import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Workspace } from './command.ts'

const row = (id: string) => `{ id: '${id}', name: 'mine', reference: 'none', year: 2026 }`

/** The honest part of C28 and what is missing, as its row has them. */
const MODE = `
import { handOver, meetingPair } from 'smmcheck'
export default meetingPair({
  ...${row('OWN')},
  without: 'S_MODE_HW',
  machine: { free: ['levels'] },
  scenario: ({ wake, guest, smi, meeting, observation }) => [handOver, wake, guest(0), ...smi, ...meeting, observation],
  breaks: 'what is observed is true',
}).slice(0, 1)
`
/** Two defences, of which either will do: the attack needs both to be missing. */
const EITHER = `
import { adversary, handOver, type MeetingAttack, type MeetingMissing, meetingScenario } from 'smmcheck'
const dma = (...without: MeetingMissing[]): MeetingAttack => ({
  ...${row('DMA')},
  without,
  scenario: ({ wake, guest, smi, meeting, readOfRoot }) =>
    [handOver, wake, guest(0), ...smi, ...meeting, adversary(1), readOfRoot(0)],
  breaks: 'reads are true',
})
const forged = (...without: MeetingMissing[]): MeetingAttack => ({
  ...${row('NP')},
  without,
  scenario: ({ wake, guestOnShadow, smi, meeting, observation }) =>
    [handOver, wake, guestOnShadow(0), adversary(1), ...smi, ...meeting, observation],
  breaks: 'no shadow is walked',
})
export default [
  meetingScenario(dma('H_IOMMU_BLOCK', 'S_QUIESCE')),
  meetingScenario(dma('S_QUIESCE'), 'proved'),
  meetingScenario(dma('H_IOMMU_BLOCK'), 'proved'),
  meetingScenario(forged('S_ROOT_HW', 'P_FF38_WHEN')),
  meetingScenario(forged('S_ROOT_HW'), 'proved'),
  meetingScenario(forged('P_FF38_WHEN'), 'proved'),
]
`
/** Two defences that are both needed: the attack is found without one, without the other and without both. */
const EACH = `
import { adversary, handOver, platformPair, type SwitchName } from 'smmcheck'
const pair = (...without: SwitchName[]) => platformPair({
  ...${row('MASK')},
  without,
  scenario: [handOver, adversary(1)],
  breaks: 'I2 SMMMASK is as at hand-off',
})[0]!
export default [pair('H_SMMLOCK'), pair('H_TCLOSE_LOCKED'), pair('H_SMMLOCK', 'H_TCLOSE_LOCKED')]
`
interface Line {
  readonly record: string
  readonly claim?: string
  readonly conjunct?: string
  readonly verdict?: string
  readonly counterexample?: { readonly steps: readonly { readonly actor: string; readonly action: string }[] }
}
const work = new Workspace({ 'mode.ts': MODE, 'either.ts': EITHER, 'each.ts': EACH })
test.after(() => work.remove())
/** What was found for each claim, by its id. */
async function found(spec: string, ...flags: readonly string[]): Promise<ReadonlyMap<string, Line>> {
  const { exit, out, err } = await work.smmcheck('prove', spec, '--jobs', '1', '--json', 'found.jsonl', ...flags)
  assert.is(exit, 0, out + err)
  const lines = work.read('found.jsonl').trim().split('\n')
  const records = lines.map((line) => JSON.parse(line) as Line).filter((l) => l.record === 'obligation')
  return new Map(records.map((l) => [l.claim!, l]))
}
const stepsOf = ({ counterexample }: Line): readonly string[] => counterexample!.steps.map((s) => `${s.actor}: ${s.action}`)

test('a spec of one’s own gets the run of the gallery’s row', async () => {
  const [own] = (await found('mode.ts')).values()
  const spec = fileURLToPath(new URL('../../specs/attacks/c28-other-mode.ts', import.meta.url))
  const [theirs] = (await found(spec, '--filter', 'without')).values()
  assert.is(own!.conjunct, theirs!.conjunct)
  assert.ok(stepsOf(own!).length > 20)
  assert.equal(stepsOf(own!), stepsOf(theirs!))
})

test('the memory of a whole run is an image that other commands open', async () => {
  await found('mode.ts', '--traces', 'traces')
  const trace = 'traces/OWN-without-S_MODE_HW.itf.json'
  const replayed = await work.smmcheck('replay', trace, '--image', 'run.elf')
  assert.is(replayed.exit, 0, replayed.out + replayed.err)
  const { out } = await work.smmcheck('run', 'run.elf', '--machine', 'run.elf.machine.json')
  assert.match(out, /0x300000 .* 0x200000 +save state/, out)
  const early = await work.smmcheck('replay', trace, '--image', 'early.elf', '--at', '2')
  assert.is(early.exit, 2)
  assert.match(early.err, 'no thread is in a guest then')
})

test('where either of two defences will do, the attack is found without both, and there is none with one', async () => {
  const claims = await found('either.ts')
  const verdicts = [...claims].map(([id, { verdict }]): [string, string] => [id, verdict!])
  assert.equal(Object.fromEntries(verdicts), {
    'DMA without H_IOMMU_BLOCK, S_QUIESCE': 'refuted',
    'DMA without S_QUIESCE': 'proved',
    'DMA without H_IOMMU_BLOCK': 'proved',
    'NP without S_ROOT_HW, P_FF38_WHEN': 'refuted',
    'NP without S_ROOT_HW': 'proved',
    'NP without P_FF38_WHEN': 'proved',
  })
  // What the adversary does is in no spec.
  assert.ok(stepsOf(claims.get('DMA without H_IOMMU_BLOCK, S_QUIESCE')!).includes('device: device write'))
  assert.ok(stepsOf(claims.get('NP without S_ROOT_HW, P_FF38_WHEN')!).includes('hypervisor: host store'))
})

test('where both are needed, it is found without either, and without both', async () => {
  const claims = await found('each.ts')
  assert.is(claims.size, 3)
  for (const [id, line] of claims) {
    assert.is(line.verdict, 'refuted', id)
    assert.equal(stepsOf(line), ['firmware: firmware hands over', 'hypervisor: WRMSR SMMMASK'], id)
  }
})
test.run()
