// Covers: fixed-width big-endian numbers in byte strings: writing them, and reading them back with a fault instead of an exception.
// Leaves out: what the numbers mean (wire.ts, challenge.ts).

export class Writer {
  private readonly parts: Buffer[] = []

  /** @throws RangeError when the value has more bits: what is written was checked before. */
  unsigned(value: bigint | number, bytes: number): this {
    const n = BigInt(value)
    if (n < 0n || n >> BigInt(8 * bytes) !== 0n) throw new RangeError(`${n} does not fit in ${bytes} bytes`)
    this.parts.push(Buffer.from(n.toString(16).padStart(2 * bytes, '0'), 'hex'))
    return this
  }
  raw(bytes: Uint8Array): this {
    this.parts.push(Buffer.from(bytes))
    return this
  }
  /** A 16-bit length, then the items. @throws RangeError when there are more than 65,535. */
  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.unsigned(items.length, 2)
    for (const item of items) write(item)
    return this
  }
  bytes(): Buffer {
    return Buffer.concat(this.parts)
  }
}

/** Why bytes are no message. `at` counts bytes from 0. */
export type WireFault =
  | { readonly kind: 'truncated'; readonly at: number; readonly needed: number }
  | { readonly kind: 'trailing'; readonly at: number; readonly extra: number }
  | { readonly kind: 'not-canonical' | 'bad-value'; readonly at: number; readonly what: string }
  | { readonly kind: 'not-a-report' | 'not-a-challenge' }
  | { readonly kind: 'other-version'; readonly version: number }

/** Carries a fault out of nested readers; caught by `reading`. */
class Stop extends Error {
  readonly fault: WireFault
  constructor(fault: WireFault) {
    super(fault.kind)
    this.fault = fault
  }
}

export class Reader {
  private readonly from: Buffer
  private at = 0
  constructor(from: Uint8Array) {
    this.from = Buffer.from(from)
  }

  raw(count: number): Buffer {
    const end = this.at + count
    if (end > this.from.length) throw new Stop({ kind: 'truncated', at: this.from.length, needed: end - this.from.length })
    const bytes = this.from.subarray(this.at, end)
    this.at = end
    return bytes
  }
  unsigned(bytes: number): bigint {
    return BigInt(`0x${this.raw(bytes).toString('hex')}`)
  }
  /** Up to six bytes. */
  small(bytes: number): number {
    return Number(this.unsigned(bytes))
  }
  list<T>(read: () => T): T[] {
    const count = this.small(2)
    return Array.from({ length: count }, read)
  }
  fail(fault: WireFault): never {
    throw new Stop(fault)
  }
  badValue(what: string): never {
    return this.fail({ kind: 'bad-value', at: this.at, what })
  }
  /** Numbers that have only one order: each above the one before. */
  ascending(numbers: readonly (number | bigint)[], what: string): void {
    if (numbers.some((n, i) => i > 0 && n <= numbers[i - 1]!)) this.fail({ kind: 'not-canonical', at: this.at, what })
  }
  end(): void {
    const extra = this.from.length - this.at
    if (extra > 0) throw new Stop({ kind: 'trailing', at: this.at, extra })
  }
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: WireFault }

/** All of the bytes as one value. */
export function reading<T>(bytes: Uint8Array, read: (reader: Reader) => T): Parsed<T> {
  const reader = new Reader(bytes)
  try {
    const value = read(reader)
    reader.end()
    return { ok: true, value }
  } catch (error) {
    if (error instanceof Stop) return { ok: false, fault: error.fault }
    throw error
  }
}
