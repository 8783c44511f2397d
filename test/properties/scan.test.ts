// Seeded faults of the search of memory. Of its predicate: one that asks for more than VMRUN does has a false negative that the solver finds,
// one that asks for less calls a page startable that no CPU starts. Of its procedures: some condition falls.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Procedure, Statement } from '../../src/model/procedure.ts'
import { and, type Bool, boolVar, bv } from '../../src/model/term.ts'
import { conditionsOfPart } from '../../src/properties/handler.ts'
import { onlyWhatTheCpuRefuses, scanParts, started, startedSomewhere } from '../../src/properties/scan.ts'
import { prepare, scriptOf } from '../../src/prover/decide.ts'
import type { Hypothesis, Obligation } from '../../src/prover/obligation.ts'
import { openSolver } from '../../src/prover/solver/open.ts'
import { config, watched } from '../../src/smm/cells.ts'
import { configured } from '../../src/smm/link.ts'
import {
  type CheckName,
  checkNames,
  failing,
  type Page,
  shapedPage,
  snapshotPage,
  spared,
  startableIfCachedPage,
  startablePage,
} from '../../src/smm/vmcb-checks.ts'
import { vmcbReader } from '../../src/x86/vmcb-fields.ts'
import { assigns, below, calls, drop, type Edit, mutate, never, sets } from './mutate.ts'

const opened = await openSolver('wasm', { jobs: 2 })
if (!('solve' in opened)) throw new Error('no embedded solver')
const solver = opened

async function answer(obligation: Obligation): Promise<string> {
  const prepared = prepare(obligation, [])
  if (prepared.simplified) return 'unsat'
  const { text } = scriptOf(prepared.obligation)
  const { kind } = await solver.solve({ id: obligation.id, smt2: text, timeoutMs: 30_000, want: 'verdict' })
  return kind
}

// ---- the predicate ----

const view = watched.f.now
const page = snapshotPage(view)
const hypotheses: readonly Hypothesis[] = [
  onlyWhatTheCpuRefuses,
  { name: 'the processor can address the page', term: view.bitand(config.physMask.now.bits(51, 12).bitnot()).isZero() },
  ...configured().map(({ name, term }) => ({ name, term })),
]
const valid = (name: string, goal: Bool): Obligation => ({
  id: name,
  conjunct: name,
  parts: [{ name, term: goal }],
  origin: { kind: 'validity' },
  hypotheses,
  goal,
})

type Predicate = (page: Page) => Bool
const asksAlso =
  (what: (field: ReturnType<typeof vmcbReader>) => Bool): Predicate =>
  (p) =>
    and(startablePage(p), what(vmcbReader(p)))
/** Each refuses a page from which some VMRUN starts a guest. */
const tooStrict: Readonly<Record<string, Predicate>> = {
  'nested paging is asked for': asksAlso((f) => f('NP_ENABLE').eq(1)),
  'reserved fields are asked to be zero': asksAlso((f) => f('NRIP').isZero()),
  'the SMI intercept is asked for, as common hypervisors set it': asksAlso((f) => f('INTERCEPT_SMI').eq(1)),
  'an ASID of 16 bits is asked for': asksAlso((f) => f('ASID').ult(0x10000)),
  'permission maps are asked to lie in memory, used or not': shapedPage,
  'a map that ends with the last byte is refused': asksAlso((f) =>
    f('IOPM_BASE_PA').bits(51, 12).zext(53).plus(3).ule(config.physMask.now.bits(51, 12).zext(53)),
  ),
  'clean bits are asked to be zero': asksAlso((f) => f('CLEAN').isZero()),
  'PE is asked for with PG': asksAlso((f) => f('CR0').bit(31).implies(f('CR0').bit(0))),
  'every EFER bit but SVME and those of long mode is refused': asksAlso((f) =>
    f('EFER')
      .bitand(~0x1d00n & ((1n << 64n) - 1n))
      .isZero(),
  ),
}
/** Each refuses a page from which VMRUN starts a guest with the help of a cached copy. */
const tooStrictIfCached: Readonly<Record<string, Predicate>> = {
  'clean bits are not looked at': startablePage,
  'the intercepts are asked for whatever is cached': (p) =>
    and(startableIfCachedPage(p), failing('VMRUN is not intercepted', p).not()),
  'both groups of a check are asked to be clean': (p) =>
    and(
      startableIfCachedPage(p),
      failing('CS.L with CS.D', p).implies(and(vmcbReader(p)('CLEAN').bit(5), vmcbReader(p)('CLEAN').bit(8))),
    ),
}

const predicate = suite('faults of the predicate')
for (const [name, mutant] of Object.entries(tooStrict))
  predicate(`startable: ${name}`, async () => {
    assert.is(await answer(valid(name, started('startable', view).implies(mutant(page)))), 'sat')
  })
for (const [name, mutant] of Object.entries(tooStrictIfCached))
  predicate(`startable if cached: ${name}`, async () => {
    assert.is(await answer(valid(name, started('ifCached', view).implies(mutant(page)))), 'sat')
  })
const without =
  (left: CheckName): Predicate =>
  (p) =>
    and(...checkNames.filter((name) => name !== left).map((name) => failing(name, p).not()))
for (const name of checkNames)
  predicate(`too lax: without "${name}" a page is called startable that no CPU starts`, async () => {
    assert.is(await answer(valid(name, without(name)(page).implies(startedSomewhere(view)))), 'sat')
  })
predicate('and without a fault the three hold', async () => {
  const goals = [
    started('startable', view).implies(startablePage(page)),
    started('ifCached', view).implies(startableIfCachedPage(page)),
    startablePage(page).implies(startedSomewhere(view)),
  ]
  for (const goal of goals) assert.is(await answer(valid('sound', goal)), 'unsat')
})
predicate('a check that clean bits spare can fail on a page that runs, and one that they do not spare cannot', async () => {
  const name = 'VMRUN is not intercepted'
  assert.is(await answer(valid(name, started('ifCached', view).implies(failing(name, page).not()))), 'sat')
  assert.is(
    await answer(valid(name, started('ifCached', view).implies(and(failing(name, page), spared(name, page).not()).not()))),
    'unsat',
  )
})
predicate.run()

// ---- the procedures ----

const parts = new Map(scanParts.map((p) => [p.procedure.name, p]))
const tallies = (counter: string) => (s: Statement) => s.kind === 'tally' && s.tally.counter.name === `scan.count.${counter}`

const mutants: readonly (readonly [name: string, of: string, edit: Edit])[] = [
  [
    'a page without SVME is passed over, whatever its clean bits say',
    'classifyPage',
    (s) =>
      s.kind === 'if' && s.yes.some((x) => x.kind === 'exit')
        ? [{ ...s, condition: s.condition.args[0] as typeof s.condition }]
        : undefined,
  ],
  [
    'startable pages are called so only if they are shaped',
    'classifyPage',
    (s) =>
      assigns(s, 'classifyPage:result.startable') && s.value.op !== 'const'
        ? [
            {
              ...s,
              value: and(
                s.value as Bool,
                shapedPage((offset) => bv(64, offset)),
              ),
            },
          ]
        : undefined,
  ],
  [
    'the encrypted view is not looked at',
    'scanFrame',
    (s) => (s.kind === 'if' && s.yes.some(calls('classifyPage')) ? [] : undefined),
  ],
  ['startable frames are not counted', 'scanFrame', drop(tallies('startable'))],
  ['frames startable if cached are not counted', 'scanFrame', drop(tallies('ifCached'))],
  [
    'only VMCB-shaped frames are listed',
    'scanFrame',
    (s) =>
      s.kind === 'if' && s.yes.length === 1 && s.yes[0]!.kind === 'exit' && s.condition.op === 'and'
        ? [{ ...s, condition: boolVar('scanFrame.shaped~1').not() }]
        : undefined,
  ],
  ['a list without room is written to', 'scanFrame', never((s) => s.kind === 'assign' && s.cell.name === 'scan.full')],
  ['a list without room does not say so', 'scanFrame', drop((s) => s.kind === 'assign' && s.cell.name === 'scan.full')],
  [
    'each candidate takes the place of the one before',
    'scanFrame',
    drop((s) => s.kind === 'assign' && s.cell.name === 'scan.listed'),
  ],
  ['the last frame of a range is left out', 'scanRun', below((old) => old.minus(1))],
  ['the first range is left out', 'scanMemory', (s) => (s.kind === 'for' ? [{ ...s, from: bv(s.from.width, 1) }] : undefined)],
  ['the list of the search before is kept', 'scanMemory', drop((s) => sets(s, 'scan.listed', 0n))],
]

const faults = suite('faults of the procedures')
async function falls({ name, mutant }: { name: string; mutant: Procedure }): Promise<string | undefined> {
  const { axioms } = parts.get(name)!
  const open = conditionsOfPart({ procedure: mutant, axioms }).filter((o) => o.discharged === undefined)
  const prepared = open.map((o) => prepare(o, [])).filter((p) => !p.simplified)
  prepared.sort((a, b) => a.weight - b.weight)
  for (const { obligation } of prepared) {
    const { text } = scriptOf(obligation)
    const { kind } = await solver.solve({ id: obligation.id, smt2: text, timeoutMs: 30_000, want: 'verdict' })
    if (kind === 'sat') return obligation.id
  }
  return undefined
}
for (const [name, of, edit] of mutants)
  faults(name, async () => {
    const found = await falls({ name: of, mutant: mutate(parts.get(of)!.procedure, edit) })
    assert.ok(found !== undefined, `${of}: no condition fell`)
  })
faults('and without a fault none falls', async () => {
  for (const { procedure } of scanParts) assert.is(await falls({ name: procedure.name, mutant: procedure }), undefined)
})
faults.after(() => solver.close())
faults.run()
