// Covers: a judgement as a person reads it in a terminal: one row a promise, the reasons below, one line that sums up.
import Table from 'cli-table3'
import { match } from 'ts-pattern'
import type { JudgedPromise, Judgement, JudgementVerdict, Unmeasured } from './judgement.ts'
import { plural } from './numbers.ts'
import { type Style, styleFor } from './style.ts'

export function renderJudgement({ verdict, promises }: Judgement, options: { readonly colour: boolean }): string {
  const style = styleFor(options.colour)
  const reasons = [...new Set(promises.flatMap(({ reason }) => (reason === null ? [] : [reason])))]
  const legend = reasons.map((reason) => style.faint(`  ${reason}: ${describeUnmeasured(reason)}`))
  const count = (wanted: JudgementVerdict): number => promises.filter((p) => p.verdict === wanted).length
  const numbers = `${plural(promises.length, 'promise')}, ${count('kept')} kept, ${count('broken')} broken, ${count('not-measurable')} not measurable.`
  const line = match(verdict)
    .with('kept', () => `${style.good(style.strong('SLA kept'))}: ${numbers}`)
    .with('broken', () => `${style.bad(style.strong('SLA broken'))}: ${numbers}`)
    .with('not-measurable', () => `${style.notable(style.strong('SLA not established'))}: ${numbers}`)
    .exhaustive()
  return `${[[style.strong('Promised against measured'), ...rows(promises, style), ...legend].join('\n'), line].join('\n\n')}\n`
}

function rows(promises: readonly JudgedPromise[], style: Style): readonly string[] {
  const table = new Table({
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    head: ['VM', 'promise', 'promised', 'measured', 'verdict'].map((head) => style.faint(head)),
  })
  for (const { vm, promise, promised, measured, verdict, reason } of promises)
    table.push([vm, promise, promised, measured ?? style.faint('-'), verdictText(verdict, reason, style)])
  return table
    .toString()
    .split('\n')
    .map((line) => `  ${line.trimEnd()}`)
}

function verdictText(verdict: JudgementVerdict, reason: Unmeasured | null, style: Style): string {
  return match(verdict)
    .with('kept', () => style.good('kept'))
    .with('broken', () => style.bad('broken'))
    .with('not-measurable', () => style.notable(`not measurable (${reason})`))
    .exhaustive()
}

export function describeUnmeasured(reason: Unmeasured): string {
  return match(reason)
    .with('census-not-complete', () => 'numbers of a census that is not complete prove nothing')
    .with('not-running', () => 'no thread was inside this machine; what memory says of others can be forged or left over')
    .with('space-not-counted', () => 'an address space of this machine has no numbers')
    .with(
      'several-roots',
      () =>
        'between what is certain and what is possible: several roots that may have frames in common, or leaves that are not certain',
    )
    .with('leftover-spaces', () => 'the frames may be shared with tables that nobody uses any more')
    .with('nothing-mapped', () => 'no memory is mapped')
    .with('no-samples', () => 'one instant tells no share of time; a series of reports does (smmcheck series, docs/sla.md)')
    .with('too-few-samples', () => 'the interval at this confidence holds the promised number; more samples narrow it')
    .with('bias', () => 'what no sample shows could make up the difference; more samples do not help (docs/cpu-time.md)')
    .with('reports-missing', () => 'kept whenever a report was accepted; nothing is known of the challenges that had none')
    .with('no-counter', () => "a NIC function of the handler's own sees its own traffic only (docs/network.md)")
    .exhaustive()
}

const BORDERLESS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
}
