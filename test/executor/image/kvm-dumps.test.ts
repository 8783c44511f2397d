// The 24 public snapshots of a KVM host, held against what their truth files say of the files themselves.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import { describeImageError } from '../../../src/executor/image/errors.ts'
import { openImage } from '../../../src/executor/image/open.ts'
import { describeMachineError, readMachine } from '../../../src/executor/machine.ts'

const DUMPS = fileURLToPath(new URL('../../data/kvm-dumps/', import.meta.url))
const names = readdirSync(DUMPS)
  .filter((name) => name.endsWith('.elf.gz'))
  .map((name) => name.replace('.elf.gz', ''))
const numbers = z.array(z.number())

const truthFile = z.object({
  dump: z.object({ pages_kept_verbatim: z.number(), pages_noise: z.number(), elf_machine: z.number() }),
  machine: z.object({ maxphyaddr: z.number(), host_la57: z.number(), usable_ram: z.array(z.tuple([z.number(), z.number()])) }),
  cpus: z.array(
    z.object({
      cpu: z.number(),
      in_guest: z.boolean(),
      current_vmcb_pa: z.number().nullish(),
      active_nested_cr3: z.number().nullish(),
    }),
  ),
  vmcbs: z.array(z.object({ pa: z.number(), n_cr3: z.number() })),
  kept_pages: z.record(z.string(), numbers),
  vms: z.array(z.object({ npt: z.boolean(), table_pages: z.record(z.string(), numbers) })),
})

/** N_CR3 in the control area of a VMCB. */
const N_CR3 = 0xb0

const test = suite('image: snapshots of a KVM host')

test('there are 24 of them', () => {
  assert.is(names.length, 24)
})

for (const name of names) {
  test(`${name}: every page that the truth speaks of is there, and no other`, async () => {
    const truth = truthFile.parse(JSON.parse(readFileSync(`${DUMPS}${name}.truth.json`, 'utf8')))
    const result = await openImage(`${DUMPS}${name}.elf.gz`)
    if (!result.ok) throw new Error(describeImageError(result.error))
    const { memory } = result
    assert.is(memory.format, 'elf64-core')
    const frames = [...memory.frames()]
    assert.is(frames.length, truth.dump.pages_kept_verbatim + truth.dump.pages_noise)
    assert.is(
      frames.length * 4096,
      memory.ranges.reduce((sum, { start, end }) => sum + end - start, 0),
      'whole pages only',
    )
    for (const pa of Object.values(truth.kept_pages).flat()) assert.ok(memory.page(pa / 4096), `page ${pa}`)
    for (const { npt, table_pages } of truth.vms) {
      if (npt) for (const pa of Object.values(table_pages).flat()) assert.ok(memory.page(pa / 4096), `table ${pa}`)
    }
    for (const { pa, n_cr3 } of truth.vmcbs) assert.is(memory.read64(pa + N_CR3), BigInt(n_cr3))
  })

  test(`${name}: the machine file says what the truth says`, () => {
    const truth = truthFile.parse(JSON.parse(readFileSync(`${DUMPS}${name}.truth.json`, 'utf8')))
    const result = readMachine(`${DUMPS}${name}.input.json`)
    if (!result.ok) throw new Error(describeMachineError(result.error))
    const { machine } = result
    assert.is(machine.maxphyaddr, truth.machine.maxphyaddr)
    assert.is(machine.hostLa57, truth.machine.host_la57 === 1)
    assert.equal(
      machine.dram.map(({ start, end }) => [start, end]),
      truth.machine.usable_ram,
    )
    assert.equal(
      machine.cpus.map(({ cpu, inGuest }) => [cpu, inGuest]),
      truth.cpus.map(({ cpu, in_guest }) => [cpu, in_guest]),
    )
    assert.equal(
      machine.saveStates.map(({ cpu, vmcb, nestedCr3 }) => [cpu, vmcb, nestedCr3]),
      truth.cpus.filter((c) => c.in_guest).map((c) => [c.cpu, c.current_vmcb_pa, c.active_nested_cr3]),
    )
  })
}

test.run()
