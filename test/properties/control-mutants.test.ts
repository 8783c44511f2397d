// Every seeded fault of the steps around the census is caught: some condition of the named claim has a counter-model.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Statement } from '../../src/model/procedure.ts'
import { and, type Bool, bool, bv, type Bv, type Term } from '../../src/model/term.ts'
import { controlOf } from '../../src/properties/control.ts'
import { handler, HANDLER_STATUS, observed, PHASE, platformConfig, saved } from '../../src/smm/thread-cells.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { openFallen } from './fallen.ts'
import { drop, type Edit, guards, mutate, never, sets } from './mutate.ts'

const parts = new Map(controlOf(ALL_ON).map((p) => [p.procedure.name, p]))
const storesTo = (cell: string) => (s: Statement) => s.kind === 'store' && s.cell.name === cell
const always =
  (test: (s: Statement) => boolean): Edit =>
  (s) =>
    guards(s, test) ? [{ ...s, condition: bool(true) }] : undefined
const stores =
  (cell: string, value: Term): Edit =>
  (s) =>
    s.kind === 'store' && s.cell.name === cell ? [{ ...s, value }] : undefined
const phaseTo = (p: keyof typeof PHASE) => (s: Statement) => sets(s, handler.phase.name, BigInt(PHASE[p]))
const statusTo = (p: keyof typeof HANDLER_STATUS) => (s: Statement) => sets(s, handler.status.name, BigInt(HANDLER_STATUS[p]))
const advances = (s: Statement): boolean => s.kind === 'assign' && s.cell === handler.next && s.value.op === 'add'

interface Mutant {
  readonly name: string
  readonly of: string
  readonly edit: Edit
  /** Among these conditions (identifier and conjunct) one must fall. */
  readonly where: RegExp
}
const firstSaved = saved.state.now.at(bv(32, 0))

const mutants: readonly Mutant[] = [
  {
    name: 'only TClose is tested at entry',
    of: 'checkEntry',
    edit: (s) => (s.kind === 'assign' ? [{ ...s, value: (s.value as Term).args[0]! }] : undefined),
    where: /I6/,
  },
  { name: 'the flag is not raised', of: 'arrive', edit: drop(storesTo('thread.arrived')), where: /I7/ },
  {
    name: 'a thread joins after the gathering',
    of: 'arrive',
    edit: always(storesTo('thread.arrived')),
    where: /I7/,
  },
  { name: 'an old verdict is kept', of: 'arrive', edit: drop(storesTo('thread.verdict')), where: /I7/ },
  {
    name: 'the save state of another word is kept',
    of: 'arrive',
    edit: stores('saved.ff38', firstSaved),
    where: /I9/,
  },
  {
    name: 'a thread leaves when it likes',
    of: 'leave',
    edit: (s) => (s.kind === 'assign' ? [{ ...s, value: bool(true) }] : undefined),
    where: /I7/,
  },
  { name: 'the flag stays up at RSM', of: 'leave', edit: drop(storesTo('thread.arrived')), where: /I7/ },
  { name: 'a missing thread is passed', of: 'gather', edit: always(advances), where: /I7/ },
  {
    name: 'the last thread is not looked at',
    of: 'gather',
    edit: (s) =>
      guards(s, phaseTo('checking'))
        ? [{ ...s, condition: handler.next.now.plus(1).uge(platformConfig.threads.now) }]
        : undefined,
    where: /I7/,
  },
  {
    name: 'patience has no end',
    of: 'gather',
    edit: always((s) => s.kind === 'assign' && s.cell === handler.polls),
    where: /W4/,
  },
  {
    name: 'a meeting is given up at once',
    of: 'gather',
    edit: never((s) => s.kind === 'assign' && s.cell === handler.polls),
    where: /U1/,
  },
  {
    name: 'every thread counts as parked',
    of: 'gather',
    edit: (s) =>
      guards(s, advances)
        ? [{ ...s, condition: s.condition.args.at(-1)!.sort.kind === 'bool' ? bool(true) : s.condition }]
        : undefined,
    where: /I7/,
  },
  { name: 'a register that differs is passed over', of: 'collectVerdicts', edit: always(advances), where: /I7/ },
  {
    name: 'tampering is called partial',
    of: 'collectVerdicts',
    edit: (s) => (statusTo('tamper')(s) && s.kind === 'assign' ? [{ ...s, value: bv(8, HANDLER_STATUS.partial) }] : undefined),
    where: /U1/,
  },
  {
    name: 'devices are not told to stop',
    of: 'quiesce',
    edit: (s) => (s.kind === 'assign' && s.cell.name === 'quiesce:result.stop' ? [{ ...s, value: bool(false) }] : undefined),
    where: /I8/,
  },
  { name: 'the flush is not waited for', of: 'collectFlushes', edit: always(advances), where: /I7/ },
  { name: 'the flag of the leader stays up', of: 'awaitDepartures', edit: drop(storesTo('thread.arrived')), where: /I7/ },
  { name: 'the meeting ends while a thread is there', of: 'awaitDepartures', edit: always(advances), where: /I7/ },
  {
    name: 'one register is not compared',
    of: 'checkConfiguration',
    edit: (s) => (s.kind === 'if' ? [{ ...s, condition: and(...(s.condition.args.slice(1) as Bool[])) }] : undefined),
    where: /I11/,
  },
  { name: 'every thread passes the check', of: 'checkConfiguration', edit: stores('thread.verdict', bv(2, 1)), where: /U1|I11/ },
  {
    name: 'FED8h is compared with one',
    of: 'recognise',
    edit: (s) =>
      guards(s, (i) => i.kind === 'store' && i.cell === observed.kind && (i.value as Bv).attribute === 1n)
        ? [{ ...s, condition: s.condition.not() }]
        : undefined,
    where: /C1/,
  },
  { name: 'the root is the one in memory', of: 'recognise', edit: stores('observed.root', bv(40, 0)), where: /I9/ },
  {
    name: 'a control block outside the boot map is read',
    of: 'recognise',
    edit: never((i) => i.kind === 'store' && i.cell === observed.kind && (i.value as Bv).attribute === 6n),
    where: /readable/,
  },
  {
    name: 'a mismatch goes unnoticed',
    of: 'recognise',
    edit: never((i) => i.kind === 'store' && i.cell === observed.kind && (i.value as Bv).attribute === 5n),
    where: /I9/,
  },
  { name: 'a space is listed without its mode', of: 'enlist', edit: drop(storesTo('found.mode')), where: /I9|P2/ },
  {
    name: 'roots alone make a space',
    of: 'enlist',
    edit: (s) =>
      guards(s, (i) => i.kind === 'exit') && s.condition.op === 'and'
        ? [{ ...s, condition: s.condition.args[0] as never }]
        : undefined,
    where: /I9/,
  },
  {
    name: 'the first thread is left out',
    of: 'observeAll',
    edit: (s) => (s.kind === 'for' ? [{ ...s, from: bv(32, 1) }] : undefined),
    where: /invariant entry|ensures|bounds/,
  },
  {
    name: 'the space of the first thread is not listed',
    of: 'listAll',
    edit: (s) => (s.kind === 'for' ? [{ ...s, from: bv(32, 1) }] : undefined),
    where: /invariant entry|ensures|bounds/,
  },
]

const test = suite('seeded faults around the census')
const { of: fallenOf, close } = await openFallen()
for (const { name, of, edit, where } of mutants)
  test(name, async () => {
    const { procedure, axioms } = parts.get(of)!
    const condition = await fallenOf(mutate(procedure, edit), axioms, where)
    assert.ok(condition !== undefined, `${of}: no condition like ${where} fell`)
  })
test.after(close)
test.run()
