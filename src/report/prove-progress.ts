// Covers: what is being worked on, in a few lines that are redrawn in place.
// Leaves out: where they are drawn (log-update, given from outside).
import type { RunEvent } from '../prover/record.ts'
import { grouped } from './numbers.ts'
import { shownPath } from './paths.ts'
import { seconds } from './prove-claim.ts'
import type { Style } from './style.ts'

/** As log-update gives it. */
export interface Redrawn {
  (text: string): void
  clear(): void
  done(): void
}

const MOST_LINES = 6
const REDRAW_MS = 120
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'

export class ProgressLine {
  private readonly redraw: Redrawn
  private readonly style: Style
  private readonly cwd: string
  private readonly total: number
  private readonly started = Date.now()
  private readonly claims = new Map<string, { spec: string; claim: string; done: number; total: number }>()
  private readonly timer: NodeJS.Timeout
  private ended = 0
  private frame = 0

  constructor(redraw: Redrawn, options: { readonly style: Style; readonly cwd: string; readonly specs: number }) {
    this.redraw = redraw
    this.style = options.style
    this.cwd = options.cwd
    this.total = options.specs
    this.timer = setInterval(() => this.draw(), REDRAW_MS)
    this.timer.unref()
  }

  event(event: RunEvent): void {
    if (event.kind === 'spec-done' || event.kind === 'spec-failed') this.ended++
    if (event.kind !== 'prove') return
    const { spec, event: inner } = event
    if (inner.kind === 'claim-started')
      this.claims.set(`${spec}\n${inner.claim}`, { spec, claim: inner.claim, done: 0, total: inner.total })
    if (inner.kind === 'progress') this.claims.set(`${spec}\n${inner.claim}`, { spec, ...inner })
    if (inner.kind === 'claim-done') this.claims.delete(`${spec}\n${inner.record.id}`)
  }

  /** Makes room for lines that stay. */
  clear(): void {
    this.redraw.clear()
  }
  end(): void {
    clearInterval(this.timer)
    this.redraw.clear()
    this.redraw.done()
  }

  private draw(): void {
    this.frame = (this.frame + 1) % SPINNER.length
    const { style } = this
    const running = [...this.claims.values()]
    const lines = running.slice(0, MOST_LINES).map(({ spec, claim, done, total }) => {
      const stage = done === total ? 'checking that its hypotheses can hold' : `${grouped(done)}/${grouped(total)}`
      return `  ${claim}  ${stage}  ${style.faint(shownPath(spec, this.cwd))}`
    })
    if (running.length > MOST_LINES) lines.push(style.faint(`  and ${running.length - MOST_LINES} more`))
    const head = `${SPINNER[this.frame]} ${grouped(this.ended)}/${grouped(this.total)} specs  ${seconds(Date.now() - this.started)}`
    this.redraw([head, ...lines].join('\n'))
  }
}
