// S-expressions, as SMT-LIB scripts and solvers' answers are made of.
// Leaves out: reserved words, indices, and any meaning.
// Source: SMT-LIB 2.6, section 3.1 (lexicon): comments, string literals with "" for a quote, symbols between bars.

import { match } from 'ts-pattern'

/** A quoted symbol is read without its bars (they are not part of its name); a string literal keeps its quotes. */
export type Sexpr = string | readonly Sexpr[]

export class SexprError extends Error {}

const token = /\s+|;[^\n]*|([()])|"((?:[^"]|"")*)"|\|([^|]*)\||([^\s()"|;]+)/y

/** All expressions of a text. Reads without recursion: models nest as deep as they have entries. */
export function readSexprs(text: string): Sexpr[] {
  const open: Sexpr[][] = [[]]
  let at = 0
  while (at < text.length) {
    token.lastIndex = at
    const found = token.exec(text)
    if (found === null) throw new SexprError(`unreadable at character ${at}: ${excerpt(text.slice(at))}`)
    at = token.lastIndex
    const [, paren, literal, quoted, plain] = found
    const atom = literal === undefined ? (quoted ?? plain) : `"${literal}"`
    if (atom !== undefined) open.at(-1)!.push(atom)
    else if (paren === '(') open.push([])
    else if (paren === ')') {
      const done = open.pop()!
      if (open.length === 0) throw new SexprError(`a parenthesis too many at character ${at - 1}`)
      open.at(-1)!.push(done)
    }
  }
  if (open.length !== 1) throw new SexprError(`the text ends within ${open.length - 1} open parentheses`)
  return open[0]!
}

export const printSexpr = (e: Sexpr): string =>
  match(e)
    .when(
      (s): s is string => typeof s === 'string',
      (s) => s,
    )
    .otherwise((list) => `(${list.map(printSexpr).join(' ')})`)

export const isList = (e: Sexpr | undefined): e is readonly Sexpr[] => typeof e === 'object'

export const excerpt = (text: string): string => {
  const line = text.trim().replace(/\s+/g, ' ')
  return line.length > 160 ? `${line.slice(0, 160)}...` : line
}
