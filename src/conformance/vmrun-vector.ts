// Vectors of VMRUN: one perturbation of a VMCB, of the operand or of the host, and what VMRUN did.
//
// Covers: their shape, as in the file.
// Leaves out: what they mean (compare-vmrun.ts).

import { z } from 'zod'
import { hex } from './shapes.ts'

export const vmrunVector = z.object({
  id: z.string(),
  cat: z.literal('vmrun'),
  /** Fields by their short names. */
  vmcb: z.record(z.string(), hex),
  rax: hex.optional(),
  /** MSR accesses before: `wrmsr` number value, `rdmsr` number. */
  host_before: z.array(z.tuple([z.string()]).rest(hex)).optional(),
  expect: z.object({ manual: z.object({ o: z.string() }).optional() }).catchall(z.object({ o: z.string() })),
})
export type VmrunVector = z.infer<typeof vmrunVector>
