// Traces as files: written by `prove --traces`, executed again by `replay`, and refused or contradicted where they are wrong.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Workspace } from './command.ts'

/** A spec of one's own, outside the repository. */
const OWN = `
import { adversary, anSmi, handOver, happens, platformPair } from 'smmcheck'
export default platformPair({
  id: 'OWN', name: 'mine', reference: 'none', year: 2026,
  without: 'H_TCLOSE_LOCKED',
  scenario: [handOver, adversary(1), ...anSmi, happens('SMM load')],
  breaks: 'I6 the handler reads what SMM wrote',
}).slice(0, 1)
`
/** A run of a procedure: two merged pages. */
const WALK = `
import { walkPair } from 'smmcheck'
export default walkPair({
  id: 'OWN2', name: 'aliases', reference: 'none', year: 2026,
  off: 'S_UNIQ', machine: { level: 1, entries: [2] }, breaks: /^E4 count.distinct counts no object twice/,
}).slice(0, 1)
`
interface Document {
  readonly '#meta': Record<string, unknown>
  readonly states: Record<string, unknown>[]
}
const work = new Workspace({ 'own.ts': OWN, 'walk.ts': WALK, 'text.itf.json': 'no json', 'other.itf.json': '{"states": []}' })
const proved = await work.smmcheck('prove', 'own.ts', '--jobs', '1', '--traces', 'traces')
const walked = await work.smmcheck('prove', 'walk.ts', '--jobs', '1', '--traces', 'walks')
const [name] = readdirSync(join(work.folder, 'traces'))
const file = `traces/${name}`
const document = () => JSON.parse(work.read(file)) as Document
const changed = (change: (d: Document) => void) => {
  const copy = document()
  change(copy)
  work.write('changed.itf.json', JSON.stringify(copy))
  return work.smmcheck('replay', 'changed.itf.json')
}
test.after(() => work.remove())

test('an attack that a spec of one’s own asks for is found, and its file replays', async () => {
  assert.is(proved.exit, 0, proved.out + proved.err)
  const { exit, out } = await work.smmcheck('replay', file, '--watch', 'SMMMASK[0]')
  assert.is(exit, 0, out)
  assert.match(out, /^\d\. hypervisor: WRMSR SMMMASK/m)
  assert.match(out, 'SMMMASK.TCLOSE 0->1')
  assert.match(out, /SMMMASK\[0\] = 0x\w+/)
  assert.match(out, /claim and model agree\n$/)
})

test('--at shows one state', async () => {
  const { exit, out } = await work.smmcheck('replay', file, '--at', '1')
  assert.is(exit, 0)
  assert.match(out, /^after step 1, what is not 0:/m)
  assert.match(out, 'core 0: SMMADDR = 7F000000h')
})

test('a trace that the model does not follow is a disagreement', async () => {
  const value = await changed(({ states }) => {
    states.at(-1)!['handed over'] = false
  })
  assert.is(value.exit, 5, value.out + value.err)
  assert.match(value.out, 'disagreement: after step 5')
  const step = await changed(({ states }) => void states.splice(2, 1))
  assert.is(step.exit, 5)
})

test('a file that is no trace of this model is a mistake, named in one line', async () => {
  const refused = async (args: readonly string[], message: RegExp) => {
    const { exit, err, out } = await work.smmcheck('replay', ...args)
    assert.is(exit, 2, out + err)
    assert.match(err, message)
    assert.is(err.trim().split('\n').length, 1)
  }
  await refused(['missing.itf.json'], /missing.itf.json: no such file/)
  await refused(['text.itf.json'], /it is no JSON/)
  await refused(['other.itf.json'], /not a trace: #meta/)
  await refused([file, '--at', '99'], /--at 99: the trace has \d steps/)
  await refused([file, '--watch', 'SMMMSK[0]'], /there is no variable "SMMMSK"/)
  const unknown = await changed((d) => {
    d['#meta'].system = 'toaster'
  })
  assert.is(unknown.exit, 2)
  assert.match(unknown.err, 'the system "toaster"')
  const action = await changed(({ states }) => {
    ;((states[1]!['#meta'] as Record<string, unknown>).step as Record<string, unknown>).action = 'wish'
  })
  assert.is(action.exit, 2)
  assert.match(action.err, 'there is no action called "wish"')
})

// ---- runs of procedures ----

const walk = () => `walks/${readdirSync(join(work.folder, 'walks'))[0]}`
const changedWalk = (change: (d: Document) => void) => {
  const copy = JSON.parse(work.read(walk())) as Document
  change(copy)
  work.write('changed-walk.itf.json', JSON.stringify(copy))
  return work.smmcheck('replay', 'changed-walk.itf.json')
}
const stepOf = (d: Document, n: number) =>
  (d.states[n]!['#meta'] as { step: { case: string; parameters: Record<string, unknown> } }).step

test('a run of a procedure has a file, which replays turn by turn', async () => {
  assert.is(walked.exit, 0, walked.out + walked.err)
  const { exit, out } = await work.smmcheck('replay', walk())
  assert.is(exit, 0, out)
  assert.match(out, /SMM: walkTable1: turn walkTable1.i = \d+\n {5}reads 0x\w+: 0x\w+ {2}PTE: P=1/)
  assert.match(out, /count.distinct\[0\] 0 -> 0x1/)
  assert.match(out, /falls after [\d,]+ steps, as the trace says\.\nclaim and model agree\n$/)
  const watched = await work.smmcheck('replay', walk(), '--watch', 'census.once[0]', '--at', '0')
  assert.match(watched.out, 'census.once[0] = 0')
})

test('a run of a procedure that the interpreter does not follow is a disagreement', async () => {
  const state = await changedWalk(({ states }) => {
    states.at(-1)!['census.work'] = { '#bigint': '77' }
  })
  assert.is(state.exit, 5, state.out + state.err)
  assert.match(state.out, /disagreement: after step \d+, .*: the trace says census.work = 0x4d, the run says/)
  const turn = await changedWalk((d) => {
    const n = d.states.findIndex((_, i) => i > 0 && stepOf(d, i).case !== '')
    stepOf(d, n).case = 'walkTable1.i = 9'
  })
  assert.is(turn.exit, 5)
  assert.match(turn.out, 'the trace says walkTable1: turn walkTable1.i = 9, the run is at walkTable1: turn')
  const memory = await changedWalk(({ states }) => {
    states[0]!.memory = { entries: { '#map': [] }, otherwise: { '#bigint': '0' } }
  })
  assert.is(memory.exit, 5)
})

test('the memory of a walk is an image that run measures: two leaves, one frame', async () => {
  const { exit, out } = await work.smmcheck('replay', walk(), '--image', 'walk.elf')
  assert.is(exit, 0, out)
  const census = await work.smmcheck('run', 'walk.elf', '--machine', 'walk.elf.machine.json', '--json', '-')
  assert.is(census.exit, 0, census.err)
  const [space] = (JSON.parse(census.out) as { spaces: Record<string, unknown>[] }).spaces
  assert.equal([space!.evidence, space!.levels], ['save-state', 4])
  assert.equal((space!.leafEntries as Record<string, number>)['4K'], 2)
  const refused = await work.smmcheck('replay', file, '--image', 'no.elf')
  assert.is(refused.exit, 2)
  assert.match(refused.err, /--image: .*an image holds ordinary memory/)
})

test('a file of a procedure that the handler does not have is a mistake', async () => {
  const named = (system: string) =>
    changedWalk((d) => {
      d['#meta'].system = system
    })
  const procedure = await named('procedure walkTable9 without S_UNIQ')
  assert.is(procedure.exit, 2)
  assert.match(procedure.err, 'it is of the procedure "walkTable9"')
  const defence = await named('procedure walkTable1 without S_LUCK')
  assert.is(defence.exit, 2)
  assert.match(defence.err, 'no defence called "S_LUCK"')
  const cell = await changedWalk(({ states }) => {
    states[0]!.nonsense = true
  })
  assert.is(cell.exit, 2)
  assert.match(cell.err, 'it has nothing called "nonsense"')
  const watch = await work.smmcheck('replay', walk(), '--watch', 'census.onc[0]')
  assert.is(watch.exit, 2)
  assert.match(watch.err, /there is no variable "census.onc"; there is census.once/)
})
test.run()
