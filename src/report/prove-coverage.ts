// Covers: which actions and cases of a system happen in runs, after how many steps; which were not found.
import type { CaseCoverage, CoverageRecord } from '../prover/record.ts'
import { plural } from './numbers.ts'
import { placeText, shownPath } from './paths.ts'
import type { Style } from './style.ts'

export function coverageText(
  spec: string,
  { system, profiles, actions }: CoverageRecord,
  { style, cwd }: { readonly style: Style; readonly cwd: string },
): string {
  const cases = actions.flatMap((a) => a.cases)
  const reached = cases.filter((c) => c.reached !== undefined)
  const happening = actions.filter((a) => a.cases.some((c) => c.reached !== undefined))
  const counts = `${happening.length}/${plural(actions.length, 'action')}, ${reached.length}/${plural(cases.length, 'case')}`
  const head = `${style.strong(`coverage of ${system}`)}  ${counts} in runs under ${plural(profiles, 'profile')}`
  const width = Math.max(0, ...actions.map((a) => a.action.length))
  const lines = actions.map(({ action, cases: of, at }) => {
    const isOpen = of.some((c) => c.reached === undefined && c.never === undefined)
    const where = isOpen ? `  ${style.faint(placeText(at, cwd))}` : ''
    return `    ${action.padEnd(width)}  ${of.map((c) => caseText(c, of.length, style)).join(', ')}${where}`
  })
  return [`${head}  ${style.faint(shownPath(spec, cwd))}`, ...lines].join('\n')
}

function caseText({ case: name, reached, never }: CaseCoverage, cases: number, style: Style): string {
  const label = cases === 1 ? '' : `${name}: `
  if (reached !== undefined) {
    const under = reached.under.length === 0 ? '' : ` (${reached.under.join(', ')})`
    return `${label}${plural(reached.steps, 'step')}${reached.seed === undefined ? '' : ' at random'}${under}`
  }
  return never === undefined ? style.bad(`${label}not found`) : style.faint(`${label}never: ${never}`)
}
