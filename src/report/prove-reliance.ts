// Covers: what a proved claim rests on, for people: the sets of assumptions that suffice, and what happens without them; what no
// model says and a reader has to believe.
import type { Residual } from '../prover/claim.ts'
import type { AttackRecord, Reliance, Removal } from '../prover/record.ts'
import { plural } from './numbers.ts'
import type { Style } from './style.ts'

/** Attacks shown for each line; `--json` has all. */
const SHOWN = 1

export function relianceLines({ sets, without, unused, exact, incomplete }: Reliance, style: Style): string[] {
  if (sets.length === 0) return [`rests on: no set of assumptions was found (${incomplete})`]
  if (sets.every((names) => names.length === 0)) return ['rests on none of the assumptions that have a name']
  const numbers = sets.map((names, n) => `  ${sets.length === 1 ? '' : `${n + 1}  `}${names.join(', ')}`)
  const only = incomplete === undefined ? 'rests on, and on nothing less:' : 'rests on:'
  const head = sets.length === 1 ? only : 'rests on one of these sets, whichever holds:'
  const about = [
    ...(exact ? ['exact: where fewer of them hold, there is a machine with all others on which the claim is false'] : []),
    ...(incomplete === undefined ? [] : [`incomplete: there may be other sets, or smaller ones (${incomplete})`]),
    ...(unused.length === 0 ? [] : [`not used: ${plural(unused.length, 'other')}`]),
  ]
  return [head, ...numbers.map((l) => style.strong(l)), ...removalLines(without), ...about]
}

function removalLines(without: readonly Removal[]): string[] {
  if (without.length === 0) return []
  const names = without.map((w) => w.names.join(' and '))
  const width = Math.min(44, Math.max(...names.map((n) => n.length), 'without'.length))
  const row = (left: string, right: string): string[] =>
    left.length <= width ? [`  ${left.padEnd(width)}  ${right}`] : [`  ${left}`, `  ${' '.repeat(width)}  ${right}`]
  return [...row('without', 'is refuted by'), ...without.flatMap((w, n) => row(names[n]!, attackText(w)))]
}

function attackText({ attacks, doubt }: Removal): string {
  const direct = attacks.filter((a) => a.direct)
  if (direct.length > 0) return listed(direct, ({ id, spec }) => `${id} (${spec})`)
  const open = doubt === undefined ? 'none is known' : `none is known, and whether it is needed is open (${doubt})`
  if (attacks.length === 0) return doubt === undefined ? `${open}: this proof needs it` : open
  return `${open}; what it rests on: ${listed(attacks, (a) => `${a.claim} by ${a.id} (${a.spec})`)}`
}

function listed(attacks: readonly AttackRecord[], text: (attack: AttackRecord) => string): string {
  const shown = attacks.slice(0, SHOWN).map(text).join(', ')
  return attacks.length > SHOWN ? `${shown} and ${attacks.length - SHOWN} more` : shown
}

/** What is printed with each theorem; the table of `residualTable` explains it once. */
export const residualLine = (residual: readonly Residual[]): string =>
  `and on what is not modelled (explained below): ${residual.map((r) => r.id).join(', ')}`

export function residualTable(residual: readonly Residual[], style: Style): string[] {
  const width = Math.max(...residual.map((r) => r.id.length))
  const row = ({ id, sentence, reference }: Residual) => `  ${id.padEnd(width)}  ${sentence} ${style.faint(`[${reference}]`)}`
  return [style.strong('Assumed, or not claimed, and not modelled:'), ...residual.map(row)]
}
