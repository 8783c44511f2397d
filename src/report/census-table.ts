// Covers: a census as a person reads it in a terminal: two tables of spaces, the VMCB candidates, one line that sums up.
// Leaves out: everything but text. The record goes in, a string comes out.
import Table from 'cli-table3'
import { match } from 'ts-pattern'
import type { CandidateState, Census, CensusSpace, CensusStatus, CountedSpace } from './census.ts'
import { describeState, describeStatus } from './census-status.ts'
import { bytesText, grouped, plural } from './numbers.ts'
import { type Style, styleFor } from './style.ts'

const FRAME_BYTES = 4096

const TITLE = 'Address spaces (leaf entries by size; distinct and certain count 4-KiB frames of RAM)'

const LEGEND = [
  '  aliased: frames mapped more than once; extra: mappings beyond the first; shared: frames that other spaces reach too;',
  '  own tables: frames among these that hold nested tables, so that the guest can change what it has;',
  '  MMIO marks: present entries with a reserved bit; foreign: leaves outside RAM; beyond width: at addresses no guest can form',
]

interface Column<Row> {
  readonly head: string
  readonly align?: 'right'
  readonly cell: (row: Row) => string
}

export function renderCensus(census: Census, options: { readonly colour: boolean }): string {
  const style = styleFor(options.colour)
  const { spaces, candidates } = census
  const parts: string[] = []
  // The handler ends before it looks at memory: what there is of a census was made without it.
  if (census.status === 'partial' && spaces.length > 0)
    parts.push(
      [
        `${style.bad(style.strong('The handler reports nothing of what follows'))}: ${describeStatus('partial')}, so that it ends before it reads memory.`,
        '  This is what the image shows, with the threads that the machine file lists.',
      ].join('\n'),
    )
  const counted = spaces.filter((space) => space.status === 'complete')
  const uncounted = spaces.filter((space) => space.status !== 'complete')
  if (spaces.length > 0) parts.push(section(TITLE, sizeColumns(style), spaces, style))
  if (counted.length > 0) {
    parts.push(
      [section('Their entries and frames', frameColumns(style), counted, style), ...LEGEND.map((line) => style.faint(line))].join(
        '\n',
      ),
    )
  }
  if (uncounted.length > 0) {
    const width = Math.max(...uncounted.map(({ root }) => root.length))
    const lines = uncounted.map(({ root, status }) => `  ${root.padEnd(width)}  ${style.bad(status)}: ${describeStatus(status)}`)
    parts.push([style.strong('Not counted'), ...lines].join('\n'))
  }
  if (candidates.length > 0) {
    parts.push(
      section(
        'VMCB candidates (by shape or startable; what runs is told by the save state alone)',
        candidateColumns(style),
        candidates,
        style,
      ),
    )
  }
  if (census.scan !== null) parts.push([style.strong('Search of memory for VMCBs'), scanLine(census.scan)].join('\n'))
  parts.push(summary(census, style))
  return `${parts.join('\n\n')}\n`
}

function sizeColumns(style: Style): readonly Column<CensusSpace>[] {
  return [
    { head: 'root', cell: ({ root }) => root },
    { head: 'status', cell: ({ status }) => statusText(status, style) },
    { head: 'levels', align: 'right', cell: ({ levels }) => (levels === null ? none(style) : String(levels)) },
    { head: 'VMCBs', cell: ({ vmcbs }) => list(vmcbs, '\n', style) },
    {
      head: 'known by',
      cell: ({ evidence, innerGuestOf }) =>
        [
          evidence === 'save-state' ? 'save state' : style.faint('candidate'),
          ...(innerGuestOf === null ? [] : [style.notable(`inner guest of ${innerGuestOf}?`)]),
        ].join('\n'),
    },
    { head: 'threads', cell: ({ threads }) => list(threads, ' ', style) },
    { head: '4K', align: 'right', cell: ({ leafEntries }) => number(leafEntries?.['4K'], style) },
    { head: '2M', align: 'right', cell: ({ leafEntries }) => number(leafEntries?.['2M'], style) },
    { head: '1G', align: 'right', cell: ({ leafEntries }) => number(leafEntries?.['1G'], style) },
    { head: 'mapped', align: 'right', cell: ({ mappedBytes }) => (mappedBytes === null ? none(style) : bytesText(mappedBytes)) },
    { head: 'distinct', align: 'right', cell: ({ distinctFrames }) => number(distinctFrames, style) },
    {
      head: 'certain',
      align: 'right',
      cell: ({ distinctFrames: all, distinctFramesCertain: certain }) => number(certain, style, certain !== all),
    },
  ]
}

function frameColumns(style: Style): readonly Column<CountedSpace>[] {
  return [
    { head: 'root', cell: ({ root }) => root },
    { head: 'aliased', align: 'right', cell: (s) => number(s.framesMappedMoreThanOnce, style) },
    { head: 'extra', align: 'right', cell: ({ extraMappings }) => number(extraMappings, style) },
    { head: 'shared', align: 'right', cell: (s) => number(s.framesSharedWithOtherSpaces, style) },
    { head: 'MMIO marks', align: 'right', cell: ({ reservedBitEntries }) => number(reservedBitEntries, style) },
    { head: 'foreign', align: 'right', cell: ({ foreignLeaves }) => number(foreignLeaves, style, true) },
    { head: 'beyond width', align: 'right', cell: ({ beyondGuestWidth }) => number(beyondGuestWidth, style, true) },
    { head: 'own tables', align: 'right', cell: ({ mappedTables }) => number(mappedTables, style, true) },
    { head: 'tables', align: 'right', cell: ({ tablePages }) => number(tablePages, style) },
    { head: 'permissions', cell: ({ leafPermissions }) => permissions(leafPermissions, style) },
  ]
}

function candidateColumns(style: Style): readonly Column<Census['candidates'][number]>[] {
  return [
    { head: 'VMCB', cell: ({ vmcb }) => vmcb },
    { head: 'root', cell: ({ root }) => root },
    { head: 'ASID', align: 'right', cell: ({ asid }) => grouped(asid) },
    { head: 'nested paging', cell: ({ nestedPaging }) => (nestedPaging ? 'on' : style.notable('off')) },
    { head: 'state', cell: ({ state }) => stateText(state, style) },
    {
      head: 'VMRUN',
      cell: ({ refusedFor }) => (refusedFor.length === 0 ? 'would start it' : `refuses: ${refusedFor.join(', ')}`),
    },
  ]
}

function scanLine({ frames, absentFrames, startable, startableIfCached, shaped, listFull }: NonNullable<Census['scan']>): string {
  const lacking = absentFrames === 0 ? '' : `; ${plural(absentFrames, 'frame')} of RAM not in the image`
  const more = listFull ? '; the list of candidates is full, there are more' : ''
  return `  ${plural(frames, 'frame')} searched${lacking}: ${grouped(startable)} startable, ${grouped(startableIfCached)} startable if cached, ${grouped(shaped)} by shape${more}`
}

function section<Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[], style: Style): string {
  const table = new Table({
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    head: columns.map(({ head }) => style.faint(head)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
  })
  for (const row of rows) table.push(columns.map(({ cell }) => cell(row)))
  // Rows are padded to the width of the table; a line should not end in blanks.
  const lines = table
    .toString()
    .split('\n')
    .map((line) => `  ${line.trimEnd()}`)
  return [style.strong(title), ...lines].join('\n')
}

const BORDERLESS = {
  ...{
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
}

const none = (style: Style): string => style.faint('-')

/** Zeros step back, so that what there is stands out; `odd` marks numbers that should be looked at when not zero. */
function number(n: number | null | undefined, style: Style, odd = false): string {
  if (n === null || n === undefined) return none(style)
  if (n === 0) return style.faint('0')
  return odd ? style.notable(grouped(n)) : grouped(n)
}

const list = (items: readonly (string | number)[], separator: string, style: Style): string =>
  items.length === 0 ? none(style) : items.join(separator)

function permissions(counts: CountedSpace['leafPermissions'], style: Style): string {
  const present = Object.entries(counts).filter(([, n]) => n > 0)
  return list(
    present.sort(([a], [b]) => (a < b ? 1 : -1)).map(([name, n]) => `${name} ${grouped(n)}`),
    '  ',
    style,
  )
}

const statusText = (status: CensusStatus, style: Style): string =>
  status === 'complete' ? style.good(status) : style.bad(status)

function stateText(state: CandidateState, style: Style): string {
  const paint = match(state)
    .with('running', () => style.good)
    .with('idle', 'never-run', 'leftover', () => style.faint)
    .with('nested-paging-off', 'guest-owned', () => style.notable)
    .exhaustive()
  return paint(describeState(state))
}

function summary({ status, spaces, distinctFrames, candidates }: Census, style: Style): string {
  const counted = spaces.filter((space) => space.status === 'complete').length
  const inGuests = spaces.reduce((sum, { threads }) => sum + threads.length, 0)
  const frames =
    distinctFrames === null
      ? 'no total of frames'
      : `${plural(distinctFrames, 'distinct frame')} (${bytesText(distinctFrames * FRAME_BYTES)})`
  const rest = `${frames}, ${plural(inGuests, 'thread')} inside guests, ${plural(candidates.length, 'VMCB candidate')}.`
  if (status === 'complete')
    return `${style.good(style.strong('Census complete'))}: ${plural(spaces.length, 'address space')}, ${rest}`
  const verdict = style.bad(style.strong(`Census not complete, ${status}`))
  const share = `${grouped(counted)} of ${plural(spaces.length, 'address space')} counted`
  return `${verdict}: ${describeStatus(status)}; ${share}, ${rest}`
}
