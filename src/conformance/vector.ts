// Emulator vectors as they stand in the files: one JSON object a line, checked against the shapes that are known.
//
// Covers: every kind: walk vectors (guest in long mode or without paging), straddling accesses, PAE guests; TLB, VMRUN and SMM
//   vectors by the shapes of their own files.
// Leaves out: what a vector means (scenario.ts, compare-*.ts).
// Liberties: fields that nothing here uses are let through, so that a file may carry more than is read.

import { match } from 'ts-pattern'
import { z } from 'zod'
import { entry, expectations, hex } from './shapes.ts'
import { type SmmVector, smmVector } from './smm-vector.ts'
import { type TlbVector, tlbVector } from './tlb-vector.ts'
import { type VmrunVector, vmrunVector } from './vmrun-vector.ts'

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

export type Vector =
  | { readonly kind: 'walk'; readonly vector: WalkVector }
  | { readonly kind: 'straddle'; readonly vector: StraddleVector }
  | { readonly kind: 'pae-guest'; readonly vector: PaeVector }
  | { readonly kind: 'tlb'; readonly vector: TlbVector }
  | { readonly kind: 'vmrun'; readonly vector: VmrunVector }
  | { readonly kind: 'smm'; readonly vector: SmmVector }

export type ParsedVector =
  | { readonly kind: 'vector'; readonly vector: Vector }
  | { readonly kind: 'unknown'; readonly reason: string }

/** The vector in a JSON value; its kind follows from `cat` where that fixes it, else it must have the shape of a walk. */
export function parseVector(value: unknown): ParsedVector {
  const { cat, id } = (typeof value === 'object' && value !== null ? value : {}) as { cat?: unknown; id?: unknown }
  if (typeof cat !== 'string' || typeof id !== 'string') return { kind: 'unknown', reason: 'no "id" and "cat"' }
  return match(cat)
    .with('straddle', () => checked(straddleVector.safeParse(value), id, (vector) => ({ kind: 'straddle', vector })))
    .with('pae-guest', () => checked(paeVector.safeParse(value), id, (vector) => ({ kind: 'pae-guest', vector })))
    .with('tlb', 'tlb-in-guest', () => checked(tlbVector.safeParse(value), id, (vector) => ({ kind: 'tlb', vector })))
    .with('vmrun', () => checked(vmrunVector.safeParse(value), id, (vector) => ({ kind: 'vmrun', vector })))
    .with('smm', () => checked(smmVector.safeParse(value), id, (vector) => ({ kind: 'smm', vector })))
    .otherwise(() => checked(walkVector.safeParse(value), id, (vector) => ({ kind: 'walk', vector })))
}

function checked<T>(result: z.ZodSafeParseResult<T>, id: string, wrap: (data: T) => Vector): ParsedVector {
  if (result.success) return { kind: 'vector', vector: wrap(result.data) }
  const issue = result.error.issues[0]
  const at = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`
  return { kind: 'unknown', reason: `vector ${id}${at}: ${issue?.message ?? 'not the shape of any known kind'}` }
}
