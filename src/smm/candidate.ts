// What the handler can tell of one candidate that no save state names: which checks of VMRUN refuse the page as it lies in memory (claim D1/why says
// that they are VMRUN's), and whether its nested CR3 leads to anything (D1/root). Neither makes it evidence.

import { named, procedure, snapshot } from '../model/builder.ts'
import type { Conjunct } from '../model/procedure.ts'
import { boolSort, bvSort } from '../model/sort.ts'
import { watch } from '../model/cell.ts'
import { and, type Arr, bool, type Bool, bv, type Bv } from '../model/term.ts'
import { entryMeaning } from '../x86/npt.ts'
import { memory, plainFrame, rangeHolds } from './boot-map.ts'
import { FRAME, RANGE } from './cells.ts'
import { classifyEntry } from './classify.ts'
import { rules } from './reach.ts'
import { ALL_ON } from './switches.ts'
import { checkNames, failing, offsetsRead, snapshotPage } from './vmcb-checks.ts'

const held = (frame: Bv, range: Bv): Conjunct[] =>
  named({ 'range holds the page': rangeHolds(range, plainFrame(frame), plainFrame(frame)) })

/** Bit i: check i of `checkNames` fails. */
export const explainPage = procedure('explainPage', {
  params: { view: bvSort(FRAME), range: bvSort(RANGE) },
  results: { failed: bvSort(checkNames.length) },
  memory,
  modifies: [],
  requires: ({ view, range }) => held(view, range),
  ensures: ({ view }, { failed }) =>
    snapshot(
      Object.fromEntries(
        checkNames.map((name, i) => [`D1 ${name}, if so said`, failed.bit(i).iff(failing(name, snapshotPage(view)))]),
      ),
    ),
  body: (b, { view, range }, { failed }) => {
    const words = new Map<number, Bv>()
    for (const offset of offsetsRead)
      words.set(offset, b.read(`word${offset.toString(16)}`, view.concat(bv(9, offset / 8)), range))
    const [first, ...rest] = checkNames.map((name) => failing(name, (offset) => words.get(offset)!).bit())
    b.set(
      failed,
      rest.reduce((low, bit) => bit.concat(low), first!),
    )
  },
})

/** An arbitrary slot of a table. */
const slot = watch.bits('slot of the root', 9)
const ENTRIES = 512

/** Whether a root table (of 4 or 5 levels: their entries are alike) has entries, and one that does not fault. */
export const inspectRoot = procedure('inspectRoot', {
  params: { root: bvSort(FRAME), range: bvSort(RANGE) },
  results: { present: boolSort, sound: boolSort },
  memory,
  modifies: [],
  requires: ({ root, range }) => held(root, range),
  ensures: ({ root }, { present, sound }) => snapshot(nothingMissed(root, present, sound, bool(true))),
  body: (b, { root, range }, { present, sound }) => {
    b.set(present, bool(false))
    b.set(sound, bool(false))
    const invariant = (i: Bv): Conjunct[] => snapshot(nothingMissed(root, present.now, sound.now, slot.now.zext(10).ult(i)))
    b.for('i', { from: bv(10, 0), below: bv(10, ENTRIES), invariant }, (i) => {
      const e = classifyEntry('long5', 5, b.read('entry', root.concat(i.bits(8, 0)), range), ALL_ON)
      b.when(e.present.not(), () => b.next())
      b.set(present, bool(true))
      b.when(e.reserved.not(), () => b.set(sound, bool(true)))
    })
  },
})

function nothingMissed(root: Bv, present: Bool, sound: Bool, passed: Bool): Readonly<Record<string, Bool>> {
  const entry = (memory.snapshot as Arr).at(root.concat(slot.now)) as Bv
  const { present: isPresent, descends } = entryMeaning('long5', 5, entry, rules)
  return {
    'D1 a root without entries has none that the hardware takes for present': and(passed, isPresent).implies(present),
    'D1 a root without sound entries has none that leads the hardware on': and(passed, descends).implies(sound),
  }
}
