// Bit-vectors in generated JavaScript: one signed 32-bit number per 32 bits, lowest first; the highest holds what is left over
// and, when that is less than 32 bits, is never negative. Engines keep such numbers in registers, which they do not with BigInt.
// Covers: the operators as expressions over limbs. Leaves out: which term they belong to (compile-terms.ts).

/** Expressions without side effects, one per limb. */
export type Limbs = readonly string[]
/** Gives an expression a name and returns the name. */
export type Name = (expression: string) => string

export const limbCount = (width: number): number => Math.ceil(width / 32)
/** Bits of limb `k`. */
const bitsOf = (width: number, k: number): number => Math.min(32, width - 32 * k)
const maskOf = (bits: number): number => 2 ** bits - 1
/** `expression`, wrapped to limb `k`. */
const wrap = (expression: string, width: number, k: number): string =>
  bitsOf(width, k) === 32 ? `(${expression}) | 0` : `(${expression}) & ${maskOf(bitsOf(width, k))}`
const literal = (n: number): string => (n < 0 ? `(${n})` : `${n}`)

export function constantLimbs(width: number, value: bigint): Limbs {
  return Array.from({ length: limbCount(width) }, (_, k) => literal(numberOfLimb(value, k)))
}
export const numberOfLimb = (value: bigint, k: number): number => Number(BigInt.asIntN(32, value >> BigInt(32 * k)))
export const bigOfLimbs = (limbs: ArrayLike<number>, from: number, count: number): bigint => {
  let value = 0n
  for (let k = count - 1; k >= 0; k--) value = (value << 32n) | BigInt(limbs[from + k]! >>> 0)
  return value
}

export const bitwise = (operator: '&' | '|' | '^', a: Limbs, b: Limbs): Limbs => a.map((x, k) => `${x} ${operator} ${b[k]}`)
export const complement = (a: Limbs, width: number): Limbs => a.map((x, k) => wrap(`~${x}`, width, k))

export function add(a: Limbs, b: Limbs, width: number, name: Name): Limbs {
  let carry = ''
  return a.map((x, k) => {
    const y = b[k]!
    const sum = name(wrap(`${x} + ${y}${carry}`, width, k))
    if (k < a.length - 1) carry = ` + ${name(`((${x} & ${y}) | ((${x} | ${y}) & ~${sum})) >>> 31`)}`
    return sum
  })
}

export function subtract(a: Limbs, b: Limbs, width: number, name: Name): Limbs {
  let borrow = ''
  return a.map((x, k) => {
    const y = b[k]!
    const difference = name(wrap(`${x} - ${y}${borrow}`, width, k))
    if (k < a.length - 1) borrow = ` - ${name(`((~${x} & ${y}) | ((~${x} | ${y}) & ${difference})) >>> 31`)}`
    return difference
  })
}

export function multiply(a: Limbs, b: Limbs, width: number, name: Name): Limbs {
  if (a.length === 1) return [wrap(`Math.imul(${a[0]}, ${b[0]})`, width, 0)]
  return limbsOfBig(name(`BigInt.asUintN(${width}, ${asBig(a)} * ${asBig(b)})`), width)
}

/** Logical shifts; a shift by the width or more gives zero. */
export function shift(direction: 'shl' | 'lshr', a: Limbs, b: Limbs, width: number, name: Name): Limbs {
  const [n, ...above] = b as readonly [string, ...string[]]
  const inRange = name([...above.map((x) => `${x} === 0`), `${unsigned(n, b.length === 1 ? width : 32)} < ${width}`].join(' && '))
  const when = (expression: string): string => `${inRange} ? ${expression} : 0`
  const [low, high] = a as readonly [string, string]
  if (a.length === 1) return [when(direction === 'shl' ? wrap(`${low} << ${n}`, width, 0) : wrap(`${low} >>> ${n}`, width, 0))]
  if (a.length > 2) {
    const moved = `${asBig(a)} ${direction === 'shl' ? '<<' : '>>'} BigInt(${n})`
    return limbsOfBig(name(`${inRange} ? BigInt.asUintN(${width}, ${moved}) : 0n`), width)
  }
  if (direction === 'shl')
    return [
      when(`(${n} < 32 ? ${low} << ${n} : 0)`),
      when(wrap(`${n} < 32 ? (${high} << ${n}) | (${low} >>> 1 >>> (31 - ${n})) : ${low} << (${n} - 32)`, width, 1)),
    ]
  return [
    when(`(${n} < 32 ? (${low} >>> ${n}) | (${high} << 1 << (31 - ${n})) : (${high} >>> (${n} - 32)) | 0)`),
    when(`(${n} < 32 ? (${high} >>> ${n}) | 0 : 0)`),
  ]
}

export function concatenate(high: Limbs, low: Limbs, lowWidth: number, width: number): Limbs {
  const offset = lowWidth % 32
  const first = Math.floor(lowWidth / 32)
  return Array.from({ length: limbCount(width) }, (_, k) => {
    const parts: string[] = []
    const take = (part: string | undefined, text: (x: string) => string) => {
      if (part !== undefined && part !== '0') parts.push(text(part))
    }
    take(low[k], (x) => x)
    if (k >= first) {
      if (offset === 0) take(high[k - first], (x) => x)
      else {
        take(high[k - first], (x) => `(${x} << ${offset})`)
        take(high[k - first - 1], (x) => `(${x} >>> ${32 - offset})`)
      }
    }
    return parts.length === 0 ? '0' : parts.length === 1 ? parts[0]! : parts.join(' | ')
  })
}

/** Bits low .. low + width - 1. */
export function extract(a: Limbs, low: number, width: number): Limbs {
  return Array.from({ length: limbCount(width) }, (_, k) => {
    const bits = bitsOf(width, k)
    const [from, shifted] = [Math.floor(low / 32) + k, low % 32]
    const mask = bits === 32 ? '' : ` & ${maskOf(bits)}`
    if (shifted === 0) return `${a[from]}${mask}`
    if (shifted + bits <= 32) return shifted + bits === 32 ? `${a[from]} >>> ${shifted}` : `(${a[from]} >>> ${shifted})${mask}`
    return `((${a[from]} >>> ${shifted}) | (${a[from + 1]} << ${32 - shifted}))${mask}`
  })
}

export const equalLimbs = (a: Limbs, b: Limbs): string => a.map((x, k) => `${x} === ${b[k]}`).join(' && ')

/** `a < b`, or `a <= b`, without sign. */
export function below(a: Limbs, b: Limbs, width: number, orEqual: boolean): string {
  return a.reduce((lower, x, k) => {
    const bits = bitsOf(width, k)
    const [p, q] = [unsigned(x, bits), unsigned(b[k]!, bits)]
    if (k === 0) return `${p} ${orEqual ? '<=' : '<'} ${q}`
    return `${p} < ${q} || (${x} === ${b[k]} && (${lower}))`
  }, '')
}

/** The value as a JavaScript number; exact up to 53 bits. */
export function asNumber(a: Limbs, width: number): string {
  return a
    .map((x, k) => (k === 0 ? unsigned(x, bitsOf(width, k)) : `${unsigned(x, bitsOf(width, k))} * ${2 ** (32 * k)}`))
    .join(' + ')
}
export const asBig = (a: Limbs): string =>
  `(${a.map((x, k) => (k === 0 ? `BigInt(${x} >>> 0)` : `(BigInt(${x} >>> 0) << ${32 * k}n)`)).join(' | ')})`

const unsigned = (x: string, bits: number): string => (bits < 32 ? x : `(${x} >>> 0)`)
const limbsOfBig = (big: string, width: number): Limbs =>
  Array.from({ length: limbCount(width) }, (_, k) => `Number(BigInt.asIntN(32, ${big} >> ${32 * k}n))`)
