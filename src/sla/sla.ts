// Covers: what a tenant was promised, `smmcheck.sla/1`: its type, its check at run time, the source of schemas/sla-1.schema.json.
// Leaves out: reading the file (read-sla.ts), whether promises are kept (judge.ts). docs/sla.md explains each promise.
// The file is strict: a misspelt promise would be one that nobody checks.

import { z } from 'zod'

export const SLA_SCHEMA = 'smmcheck.sla/1'
/** Leaf sizes of nested page tables, ascending. */
export const PAGE_SIZES = ['4K', '2M', '1G'] as const
export type PageSize = (typeof PAGE_SIZES)[number]

/** No physical address has more bits (APM volume 2, 5.1). */
const MOST_BYTES = 2 ** 52
/** More hardware threads than any machine has; a percentage by mistake is mostly below, and caught by the host's own number. */
const MOST_THREADS = 2 ** 16
/** 8 Pbit/s. */
const MOST_BYTES_PER_SECOND = 1e15
const LEAST_CONFIDENCE = 0.5
const MOST_CONFIDENCE = 0.999_999

const between = (least: number, most: number, what: string) => {
  const error = `expected ${what}`
  return z.number({ error }).min(least, { error }).max(most, { error })
}
const above0 = (most: number, what: string) => {
  const error = `expected ${what}`
  return z.number({ error }).positive({ error }).max(most, { error })
}
const whole = (least: number, most: number, what: string) => {
  const error = `expected ${what}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

const vmcb = z
  .string({ error: 'expected a physical address in hexadecimal, such as "0x2c26000"' })
  .regex(/^0x(0|[1-9a-f][0-9a-f]{0,9}000)$/, {
    error: 'expected a multiple of 0x1000 below 2^52 in lower-case hexadecimal, such as "0x2c26000"',
  })
  .meta({ description: 'host-physical address of a VMCB, which begins a page: one virtual processor' })

const memory = z
  .strictObject({
    bytes: whole(1, MOST_BYTES, 'a whole number of bytes from 1 to 2^52').meta({
      description: 'RAM behind the machine: distinct 4-KiB frames, each counted once',
    }),
    pageSize: z
      .strictObject({
        atLeast: z
          .enum(PAGE_SIZES, { error: 'expected "4K", "2M" or "1G"' })
          .meta({ description: 'smallest leaf of the nested tables that counts' }),
        share: between(0, 1, 'a fraction from 0 to 1, such as 0.9').meta({
          description: 'the part of mapped memory that such leaves map',
        }),
      })
      .optional(),
    sharing: z
      .enum(['allowed', 'forbidden'], { error: 'expected "allowed" or "forbidden"' })
      .meta({ description: 'whether another machine may reach the same frames' }),
  })
  .meta({ title: 'memory' })

const cpu = z
  .strictObject({
    threads: above0(MOST_THREADS, `a number of hardware threads above 0 and up to ${MOST_THREADS}`).meta({
      description: 'processor time over time: 1.5 is one and a half hardware threads all the time; not a percentage',
    }),
    confidence: between(
      LEAST_CONFIDENCE,
      MOST_CONFIDENCE,
      `a probability from ${LEAST_CONFIDENCE} to ${MOST_CONFIDENCE}, such as 0.99`,
    ).meta({
      description: 'how sure a verdict about a sampled share must be',
    }),
  })
  .meta({ title: 'processor time' })

const network = z
  .strictObject({
    bytesPerSecond: above0(MOST_BYTES_PER_SECOND, 'a number of bytes per second above 0 and up to 10^15').meta({
      description: 'the least throughput',
    }),
  })
  .meta({ title: 'network' })

const vm = z
  .strictObject({
    name: z
      .string({ error: 'expected a name' })
      .regex(/^[\x21-\x7e]([\x20-\x7e]{0,62}[\x21-\x7e])?$/, { error: 'expected 1 to 64 printable ASCII characters' }),
    vmcbs: z
      .array(vmcb, { error: 'expected a list of VMCB addresses' })
      .min(1, { error: 'expected at least one VMCB address' })
      .meta({ description: 'the virtual processors of this machine' }),
    memory: memory.optional(),
    cpu: cpu.optional(),
    network: network.optional(),
  })
  .meta({ title: 'one virtual machine' })

export const slaFile = z
  .strictObject({
    schema: z.literal(SLA_SCHEMA, { error: `expected "${SLA_SCHEMA}"` }),
    vms: z.array(vm, { error: 'expected a list of virtual machines' }).min(1, { error: 'expected at least one virtual machine' }),
  })
  .meta({ title: SLA_SCHEMA, description: 'What the tenants of a host were promised, as smmcheck run --sla judges it' })

export type Sla = z.infer<typeof slaFile>
export type VmSla = Sla['vms'][number]
export type MemoryPromise = NonNullable<VmSla['memory']>
export type CpuPromise = NonNullable<VmSla['cpu']>
export type NetworkPromise = NonNullable<VmSla['network']>
