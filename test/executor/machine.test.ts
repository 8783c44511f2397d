import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeMachineError, type Machine, type MachineFault, parseMachine, readMachine } from '../../src/executor/machine.ts'
import { scratch } from './image/writers.ts'

const put = scratch()

const CPU = { cpu: 0, in_guest: true, vm_hsave_pa: 0x5000, cr0: 1, cr3: 2, cr4: 3, efer: 4 }
const SMALL = {
  machine: {
    cpus: 2,
    maxphyaddr: 40,
    usable_ram: [
      [0x10_0000, 0x80_0000],
      [0, 0x9_fc00],
    ],
  },
  cpus: [CPU, { ...CPU, cpu: 1, in_guest: false, vm_hsave_pa: 0 }],
  emulator_only: [{ cpu: 0, current_vmcb_pa: 0x20_0000, active_nested_cr3: 0x30_0018 }],
}

function parsed(value: unknown): Machine {
  const result = parseMachine(value, 'm.json')
  if (!result.ok) throw new Error(describeMachineError(result.error))
  return result.machine
}

function refused(value: unknown, kind: MachineFault['kind'], sentence: string): void {
  const result = parseMachine(value, 'm.json')
  if (result.ok) throw new Error(`accepted, expected ${kind}: ${sentence}`)
  assert.is(result.error.kind, kind)
  const remedy = kind === 'shape' ? '; docs/measuring.md shows the format' : ''
  assert.is(describeMachineError(result.error), `m.json: ${sentence}${remedy}.`)
}

const withMachine = (change: object): unknown => ({ ...SMALL, machine: { ...SMALL.machine, ...change } })

const test = suite('machine file')

test('only what a run needs is required; the rest may be there', () => {
  const machine = parsed({ ...SMALL, note: 'any', machine: { ...SMALL.machine, memory: '8M' } })
  assert.equal(machine, {
    threads: 2,
    maxphyaddr: 40,
    dram: [
      { start: 0, end: 0x9_fc00 },
      { start: 0x10_0000, end: 0x80_0000 },
    ],
    cpus: [
      { cpu: 0, inGuest: true, vmHsavePa: 0x5000, cr0: 1, cr3: 2, cr4: 3, efer: 4 },
      { cpu: 1, inGuest: false, cr0: 1, cr3: 2, cr4: 3, efer: 4 },
    ],
    saveStates: [{ cpu: 0, vmcb: 0x20_0000, nestedCr3: 0x30_0018 }],
  })
})

test('the depth of the host is told by 0, 1, true, false, or not at all', () => {
  assert.is('hostLa57' in parsed(SMALL), false)
  for (const [told, want] of [
    [0, false],
    [1, true],
    [false, false],
    [true, true],
  ]) {
    assert.is(parsed(withMachine({ host_la57: told })).hostLa57, want)
  }
})

test('a guest without nested paging has no nested CR3', () => {
  assert.equal(parsed({ ...SMALL, emulator_only: [{ cpu: 0, current_vmcb_pa: 0x1000 }] }).saveStates, [{ cpu: 0, vmcb: 0x1000 }])
})

test('the firmware memory map serves where usable_ram is missing', () => {
  const { usable_ram: _, ...machine } = SMALL.machine
  const map = [
    [0, 0x1000, 'System RAM'],
    [0x1000, 0x2000, 'Reserved'],
    [0x2000, 0x3000, 'usable'],
    [0x3000, 0x4000, 'System RAM'],
  ]
  assert.equal(parsed({ ...SMALL, machine: { ...machine, firmware_memory_map: map } }).dram, [
    { start: 0, end: 0x1000 },
    { start: 0x2000, end: 0x4000 },
  ])
  refused({ ...SMALL, machine }, 'shape', 'not a machine file: machine: expected usable_ram or firmware_memory_map')
  refused(
    { ...SMALL, machine: { ...machine, firmware_memory_map: [[0, 0x1000, 'Reserved']] } },
    'bad-range',
    'machine.firmware_memory_map: expected at least one range of RAM',
  )
})

test('shape errors name the place', () => {
  refused(
    withMachine({ usable_ram: [[0, '4096']] }),
    'shape',
    'not a machine file: machine.usable_ram[0][1]: expected number, received string',
  )
  refused(null, 'shape', 'not a machine file: the file: expected object, received null')
  refused({ ...SMALL, cpus: undefined }, 'shape', 'not a machine file: cpus: missing, expected array')
  refused({ ...SMALL, emulator_only: undefined }, 'shape', 'not a machine file: emulator_only: missing, expected array')
  refused(
    { ...SMALL, cpus: [{ ...CPU, in_guest: 1, cr3: '0x1000' }] },
    'shape',
    'not a machine file: cpus[0].in_guest: expected boolean, received number (and 1 more)',
  )
  refused(withMachine({ cpus: 0 }), 'shape', 'not a machine file: machine.cpus: expected at least 1 CPU')
  refused(withMachine({ host_la57: 2 }), 'shape', 'not a machine file: machine.host_la57: expected true, false, 0 or 1')
  const whole = 'expected a whole number from 0 to 2^53 - 1'
  for (const bad of [-1, 0.5, 2 ** 53])
    refused(withMachine({ maxphyaddr: bad }), 'shape', `not a machine file: machine.maxphyaddr: ${whole}`)
})

test('address widths from 32 to 52', () => {
  for (const width of [32, 36, 52]) assert.is(parsed(withMachine({ maxphyaddr: width })).maxphyaddr, width)
  for (const width of [31, 53]) {
    refused(withMachine({ maxphyaddr: width }), 'bad-width', `machine.maxphyaddr: expected 32 to 52 address bits, found ${width}`)
  }
})

test('RAM ranges: empty, overlapping, beyond the address width', () => {
  const range = (...usable_ram: number[][]): unknown => withMachine({ usable_ram })
  refused(range(), 'bad-range', 'machine.usable_ram: expected at least one range of RAM')
  refused(range([8, 8]), 'bad-range', 'machine.usable_ram[0]: expected [start, end) with start below end, found 0x8, 0x8')
  refused(
    range([0x4000, 0x6000], [0, 0x4001]),
    'bad-range',
    'machine.usable_ram[0]: overlaps machine.usable_ram[1], which ends at 0x4001',
  )
  refused(range([0, 2 ** 40 + 1]), 'bad-range', 'machine.usable_ram[0]: ends at 0x10000000001, beyond 40-bit addresses')
  assert.equal(parsed(range([0, 2 ** 40])).dram, [{ start: 0, end: 2 ** 40 }])
})

test('VMCB and save area addresses', () => {
  const inside = (state: object): unknown => ({ ...SMALL, emulator_only: [{ ...SMALL.emulator_only[0], ...state }] })
  refused(
    inside({ current_vmcb_pa: 0x20_0010 }),
    'bad-address',
    'emulator_only[0].current_vmcb_pa: 0x200010 is not 4-KiB aligned',
  )
  refused(
    inside({ current_vmcb_pa: 2 ** 40 }),
    'bad-address',
    'emulator_only[0].current_vmcb_pa: 0x10000000000 is beyond 40-bit addresses',
  )
  refused(
    inside({ active_nested_cr3: 2 ** 40 }),
    'bad-address',
    'emulator_only[0].active_nested_cr3: 0x10000000000 is beyond 40-bit addresses',
  )
  refused(
    { ...SMALL, cpus: [{ ...CPU, vm_hsave_pa: 0x5008 }] },
    'bad-address',
    'cpus[0].vm_hsave_pa: 0x5008 is not 4-KiB aligned',
  )
})

test('CPUs: twice, unknown, contradictory', () => {
  const state = SMALL.emulator_only[0]!
  refused({ ...SMALL, cpus: [CPU, CPU] }, 'bad-cpu', 'cpus[1].cpu: CPU 0 is listed twice')
  refused({ ...SMALL, cpus: [{ ...CPU, cpu: 2 }] }, 'bad-cpu', 'cpus[0].cpu: expected 0 to 1, found 2')
  refused({ ...SMALL, emulator_only: [state, state] }, 'bad-cpu', 'emulator_only[1].cpu: CPU 0 is listed twice')
  refused({ ...SMALL, emulator_only: [{ ...state, cpu: 7 }] }, 'bad-cpu', 'emulator_only[0].cpu: CPU 7 is not among cpus')
  refused(
    { ...SMALL, emulator_only: [{ ...state, cpu: 1 }] },
    'bad-cpu',
    'emulator_only[0].cpu: CPU 1 is inside a VMCB here, not in a guest in cpus',
  )
})

test('files that cannot be read', () => {
  const says = (path: string): string => {
    const result = readMachine(path)
    return result.ok ? 'opened' : describeMachineError(result.error)
  }
  const path = put('machine.json', '{ "machine": ')
  assert.match(says(path), /machine\.json: not a JSON file \(/)
  assert.match(says(`${path}.gone`), /there is no such file/)
  assert.match(says('/dev'), /cannot be read/)
  assert.is(says(put('machine.json', JSON.stringify(SMALL))), 'opened')
})

test('merged RAM is ascending, disjoint, and covers what was given', () => {
  const ranges = fc
    .array(fc.tuple(fc.nat({ max: 3 }), fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 8 })
    .chain((steps) => {
      let at = 0
      const given = steps.map(([gap, length]): [number, number] => {
        const start = at + gap
        at = start + length
        return [start, at]
      })
      return fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length }))
    })
  fc.assert(
    fc.property(ranges, ([given, shuffled]) => {
      const { dram } = parsed(withMachine({ usable_ram: shuffled }))
      for (const [i, { start, end }] of dram.entries()) assert.ok(start < end && start > (dram[i - 1]?.end ?? -1))
      const covered = (list: readonly (readonly [number, number])[]): number[] =>
        list.flatMap(([start, end]) => Array.from({ length: end - start }, (_, i) => start + i)).sort((a, b) => a - b)
      assert.equal(covered(dram.map(({ start, end }) => [start, end] as const)), covered(given))
    }),
  )
})

test.run()
