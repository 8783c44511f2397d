// Shapes that the kinds of vectors share: numbers, table entries, what an access came to.
//
// Liberties: fields that nothing here uses are let through, so that a file may carry more than is read.

import { z } from 'zod'

export const hex = z.string().transform((text, context) => {
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return BigInt(text)
  context.addIssue('not a hexadecimal number of at most 64 bits')
  return z.NEVER
})
/** [table address, index, value] */
export const entry = z.tuple([hex, z.int().min(0).max(511), hex])
export type TableEntry = z.infer<typeof entry>

/** What an emulator showed. Which fields there are depends on `o`. */
export const observed = z.object({
  o: z.enum(['ok', 'npf', 'exit']),
  hpa: hex.nullable().optional(),
  read_hpa: hex.nullable().optional(),
  value: hex.optional(),
  code: hex.optional(),
  gpa: hex.optional(),
  exitcode: hex.optional(),
  info1: hex.optional(),
  info2: hex.optional(),
  ad: z.array(entry).optional(),
  gad: z.array(entry).optional(),
  rax: hex.optional(),
  first_page_changed: z.boolean().optional(),
  second_page_changed: z.boolean().optional(),
})
export type Observed = z.infer<typeof observed>

/** What a reading of the manual prescribes. */
export const prescribed = z.object({
  o: z.enum(['ok', 'npf', 'exit', 'unspecified']),
  hpa: hex.optional(),
  code: hex.optional(),
  code_ignore: hex.optional(),
  gpa: hex.optional(),
  level: z.int().optional(),
  on: z.enum(['target', 'code', 'guest-table']).optional(),
  exitcode: hex.optional(),
  info1: hex.optional(),
  info2: hex.optional(),
  ad: z.array(entry).optional(),
  why: z.string().optional(),
})
export type Prescribed = z.infer<typeof prescribed>

export const expectations = z
  .object({ manual: prescribed.optional(), manual_if_pml4e_bit8_ignored: prescribed.optional() })
  .catchall(observed)
export type Expectations = z.infer<typeof expectations>
