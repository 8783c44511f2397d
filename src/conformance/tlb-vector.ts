// Vectors in which a nested entry is changed between two accesses of a guest: between two VMRUNs, or inside one.
//
// Covers: their shape, as in the file.
// Leaves out: what they mean (compare-tlb.ts).

import { z } from 'zod'
import { entry, hex, observed, prescribed } from './shapes.ts'

const access = z.enum(['r', 'w', 'rmw', 'x'])
const common = {
  id: z.string(),
  access: z.tuple([access, access]),
  gpa: hex,
  ncr3: hex,
  entries: z.array(entry),
  then_write: z.array(entry),
}
const verdict = z.object({ first: prescribed.optional(), fresh: prescribed, stale: prescribed, stale_allowed: z.boolean() })
/** An instruction's name and its operands. */
const step = z.tuple([z.string()]).rest(z.union([z.string(), z.int()]))

const between = z.object({
  ...common,
  cat: z.literal('tlb'),
  asid: z.int().min(1),
  second_run: z.object({
    tlb_control: z.int().min(0).max(255),
    asid: z.int().min(1),
    ncr3: hex,
    before: z.array(step).optional(),
    then_asid1_again: z.boolean().optional(),
  }),
  expect: z
    .object({ manual: verdict.optional() })
    .catchall(z.object({ runs: z.array(observed).min(2), changed_entry_after: hex.nullable() })),
})
const inGuest = z.object({
  ...common,
  cat: z.literal('tlb-in-guest'),
  between: z.string(),
  expect: z.object({ manual: verdict.optional() }).catchall(
    z.object({
      exit: observed,
      first_hpa: hex.optional(),
      second_hpa: hex.optional(),
      first_store_at: hex.optional(),
      second_store_at: hex.optional(),
      changed_entry_after: hex.nullable(),
    }),
  ),
})
export const tlbVector = z.discriminatedUnion('cat', [between, inGuest])
export type TlbVector = z.infer<typeof tlbVector>
export type BetweenRuns = z.infer<typeof between>
export type InGuest = z.infer<typeof inGuest>
export type TlbVerdict = z.infer<typeof verdict>
