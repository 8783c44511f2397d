// Emulator vectors as they stand in the files: one JSON object a line, checked against the shapes that are known.
//
// Covers: walk vectors (guest in long mode or without paging), straddling accesses, PAE guests; recognises TLB, VMRUN and SMM
//   vectors without taking them apart.
// Leaves out: what a vector means (scenario.ts).
// Liberties: fields that nothing here uses are let through, so that a file may carry more than is read.

import { z } from 'zod'

const hex = z.string().transform((text, context) => {
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return BigInt(text)
  context.addIssue('not a hexadecimal number of at most 64 bits')
  return z.NEVER
})
/** [table address, index, value] */
const entry = z.tuple([hex, z.int().min(0).max(511), hex])
export type TableEntry = z.infer<typeof entry>

/** What an emulator showed. Which fields there are depends on `o`. */
const observed = z.object({
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
const prescribed = z.object({
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

const expectations = z
  .object({ manual: prescribed.optional(), manual_if_pml4e_bit8_ignored: prescribed.optional() })
  .catchall(observed)
export type Expectations = z.infer<typeof expectations>

const walkHost = z.object({ cr0: hex, cr4: hex, efer: hex })
const longGuest = z.object({
  mode: z.literal('long'),
  cpl: z.union([z.literal(0), z.literal(3)]),
  cr3: hex,
  va: hex,
  tables: z.array(entry),
})
const flatGuest = z.object({
  mode: z.literal('flat'),
  cpl: z.union([z.literal(0), z.literal(3)]),
  code_gpa: hex.nullable().optional(),
})
const walkVector = z.object({
  id: z.string(),
  cat: z.string(),
  host: walkHost,
  maxphyaddr: z.int().min(32).max(52),
  pages_1g: z.boolean(),
  ncr3: hex,
  entries: z.array(entry),
  access: z.enum(['r', 'w', 'rmw', 'x']),
  gpa: hex,
  guest: z.discriminatedUnion('mode', [longGuest, flatGuest]),
  expect: expectations,
})
export type WalkVector = z.infer<typeof walkVector>

const straddleVector = z.object({
  id: z.string(),
  cat: z.literal('straddle'),
  access: z.enum(['r', 'w', 'rmw']),
  size: z.int().min(2).max(8),
  gpa: z.tuple([hex, hex]),
  ncr3: hex,
  nxe: z.boolean(),
  entries: z.array(entry),
  expect: expectations,
})
export type StraddleVector = z.infer<typeof straddleVector>

const paeVector = z.object({
  id: z.string(),
  cat: z.literal('pae-guest'),
  guest: z.object({ mode: z.literal('pae'), cr3: hex, pdpte: hex }),
  ncr3: hex,
  nxe: z.boolean(),
  entries: z.array(entry),
  expect: expectations,
})
export type PaeVector = z.infer<typeof paeVector>

/** Kinds that exist and that no model here is asked about yet. */
const uncovered: ReadonlySet<string> = new Set(['tlb', 'tlb-in-guest', 'vmrun', 'smm'])

export type Vector =
  | { readonly kind: 'walk'; readonly vector: WalkVector }
  | { readonly kind: 'straddle'; readonly vector: StraddleVector }
  | { readonly kind: 'pae-guest'; readonly vector: PaeVector }
  | { readonly kind: 'not-covered'; readonly category: string; readonly id: string }

export type ParsedVector =
  | { readonly kind: 'vector'; readonly vector: Vector }
  | { readonly kind: 'unknown'; readonly reason: string }

/** The vector in a JSON value; its kind follows from `cat` where that fixes it, else it must have the shape of a walk. */
export function parseVector(value: unknown): ParsedVector {
  const { cat, id } = (typeof value === 'object' && value !== null ? value : {}) as { cat?: unknown; id?: unknown }
  if (typeof cat !== 'string' || typeof id !== 'string') return { kind: 'unknown', reason: 'no "id" and "cat"' }
  if (uncovered.has(cat)) return { kind: 'vector', vector: { kind: 'not-covered', category: cat, id } }
  if (cat === 'straddle') return checked(straddleVector.safeParse(value), id, (vector) => ({ kind: 'straddle', vector }))
  if (cat === 'pae-guest') return checked(paeVector.safeParse(value), id, (vector) => ({ kind: 'pae-guest', vector }))
  return checked(walkVector.safeParse(value), id, (vector) => ({ kind: 'walk', vector }))
}

function checked<T>(result: z.ZodSafeParseResult<T>, id: string, wrap: (data: T) => Vector): ParsedVector {
  if (result.success) return { kind: 'vector', vector: wrap(result.data) }
  const issue = result.error.issues[0]
  const at = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`
  return { kind: 'unknown', reason: `vector ${id}${at}: ${issue?.message ?? 'not the shape of any known kind'}` }
}
