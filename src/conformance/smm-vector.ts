// Vectors of SMM: sequences of actions on a machine with an Intel chipset, and what each step showed.
//
// Covers: their shape, as in the file.
// Leaves out: what the steps mean (smm-steps.ts).

import { z } from 'zod'

const step = z.object({
  do: z.string(),
  seen: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.string())]),
})
export type SmmStep = z.infer<typeof step>

export const smmVector = z.object({
  id: z.string(),
  cat: z.literal('smm'),
  emulator: z.string(),
  note: z.string().nullable(),
  completed: z.boolean(),
  steps: z.array(step),
})
export type SmmVector = z.infer<typeof smmVector>
