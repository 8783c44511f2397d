// Covers: whether a terminal gets colour, and the few styles reports use.
// Source: no-color.org (NO_COLOR, when set and not empty, wins over everything).
import { Chalk, type ChalkInstance } from 'chalk'

export interface Style {
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
  readonly good: (text: string) => string
  readonly notable: (text: string) => string
  readonly bad: (text: string) => string
}

/** Colour only where a person looks: a terminal that is not dumb, and NO_COLOR not set. */
export function wantsColour(isTTY: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  const asked = env.NO_COLOR
  return isTTY && env.TERM !== 'dumb' && (asked === undefined || asked === '')
}

export function styleFor(colour: boolean): Style {
  // Basic colours only: the user's theme decides what they look like.
  const chalk: ChalkInstance = new Chalk({ level: colour ? 1 : 0 })
  return { strong: chalk.bold, faint: chalk.dim, good: chalk.green, notable: chalk.yellow, bad: chalk.red }
}
