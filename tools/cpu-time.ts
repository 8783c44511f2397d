// Writes the table and the plot of docs/cpu-time.md from trials with fixed seeds: npx tsx tools/cpu-time.ts
// A test holds both against this output.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CONFIDENCE, type Errors, errors, halfWidth, type Row, rows } from '../src/sampling/comparison.ts'

const SIZES = [100, 1000, 10_000, 100_000] as const
const trialsFor = (samples: number): number => (samples >= 100_000 ? 4 : samples >= 10_000 ? 10 : 40)
const folder = fileURLToPath(new URL('../docs/', import.meta.url))
const COLOURS = ['#999999', '#1b7837', '#d6604d', '#4393c3', '#f4a582', '#762a83', '#b2182b', '#053061']

const found = rows.map((row) => ({ row, errors: SIZES.map((n) => errors(row, n, trialsFor(n))) }))
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
const label = ({ host, plan, estimator }: Row): string => `${host.name}; ${plan}, ${estimator}`

function table(): string {
  const head = `| host; samples, estimator | true share | ${SIZES.map((n) => `n = ${n}`).join(' | ')} | held |`
  const rule = `| --- | --- | ${SIZES.map(() => '---').join(' | ')} | --- |`
  const cell = (e: Errors): string => `${percent(e.mean)} (${percent(e.largest)})`
  const lines = found.map(({ row, errors: list }) => {
    const held = list[0]!.covered === undefined ? '-' : percent(Math.min(...list.map((e) => e.covered!)))
    return `| ${label(row)} | ${percent(list.at(-1)!.share)} | ${list.map(cell).join(' | ')} | ${held} |`
  })
  const width = `| half width of the interval at ${CONFIDENCE} | | ${SIZES.map((n) => percent(Math.min(1, halfWidth(n)))).join(' | ')} | |`
  return [head, rule, ...lines, width].join('\n')
}

/** Mean error against the number of samples, both logarithmic. */
function plot(): string {
  const [width, height, left, top, right, bottom] = [760, 460, 60, 20, 20, 190]
  const x = (n: number): number => left + ((Math.log10(n) - 2) / 3) * (width - left - right)
  const y = (error: number): number => top + (-Math.log10(Math.max(error, 1e-4)) / 4) * (height - top - bottom)
  const point = (n: number, error: number): string => `${x(n).toFixed(1)},${y(error).toFixed(1)}`
  const line = (points: readonly string[], colour: string, dash: string): string =>
    `<polyline fill="none" stroke="${colour}" stroke-width="2"${dash} points="${points.join(' ')}"/>`
  const text = (at: readonly [number, number], words: string, anchor = 'start'): string =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" text-anchor="${anchor}">${words}</text>`
  const grid = [1, 0.1, 0.01, 0.001, 0.0001].flatMap((e) => [
    `<line x1="${left}" x2="${width - right}" y1="${y(e).toFixed(1)}" y2="${y(e).toFixed(1)}" stroke="#dddddd"/>`,
    text([left - 6, y(e) + 4], `${e * 100} %`, 'end'),
  ])
  const axis = SIZES.map((n) => text([x(n), height - bottom + 18], `${n}`, 'middle'))
  const entries = [
    ...found.map(({ row, errors: list }, i) => ({
      words: label(row),
      colour: COLOURS[i]!,
      dash: row.estimator === 'naive' ? ' stroke-dasharray="5 4"' : '',
      points: list.map((e, k) => point(SIZES[k]!, e.mean)),
    })),
    {
      words: `half width of the interval at ${CONFIDENCE}`,
      colour: '#000000',
      dash: ' stroke-dasharray="1 3"',
      points: SIZES.map((n) => point(n, Math.min(1, halfWidth(n)))),
    },
  ]
  const legend = entries.flatMap(({ words, colour, dash }, i) => {
    const at = height - bottom + 44 + 16 * i
    return [line([`${left},${at - 4}`, `${left + 30},${at - 4}`], colour, dash), text([left + 38, at], words)]
  })
  const body = [...grid, ...axis, ...entries.map((e) => line(e.points, e.colour, e.dash)), ...legend].join('\n')
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">\n<title>Mean error of the estimated share against the number of samples</title>\n<rect width="100%" height="100%" fill="white"/>\n${body}\n</svg>\n`
}

/** Both files as they should be; `before` is the page as it is, since all but its table is written by hand. */
export function cpuTimeFiles(before: string): { readonly page: string; readonly plot: string } {
  const [head, rest] = before.split('<!-- table -->\n')
  const tail = rest!.split('<!-- end -->')[1]
  return { page: `${head}<!-- table -->\n\n${table()}\n\n<!-- end -->${tail}`, plot: plot() }
}
export const CPU_TIME_PAGE = `${folder}cpu-time.md`
export const CPU_TIME_PLOT = `${folder}cpu-time.svg`

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const files = cpuTimeFiles(readFileSync(CPU_TIME_PAGE, 'utf8'))
  writeFileSync(CPU_TIME_PAGE, files.page)
  writeFileSync(CPU_TIME_PLOT, files.plot)
}
