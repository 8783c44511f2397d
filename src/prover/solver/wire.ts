// Messages between the pool and its children.

import type { Dialogue } from './dialogue.ts'

export interface Ask {
  readonly dialogue: Dialogue
  readonly timeoutMs: number
  /** z3's global parameters by name. */
  readonly parameters: Readonly<Record<string, string>>
}

export type FromChild =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'replies'
      readonly first: string
      readonly second: string
      readonly ms: number
      readonly residentMb: number
    }
  /** The child's last words. */
  | { readonly kind: 'failed'; readonly reason: 'memory' | 'crash'; readonly detail: string }
