// Random runs of the whole system have teeth: faults seeded into it, each of another kind, are found in one of five runs of 20,000 steps.
// Leaves out: faults that random runs do not find so soon (theorem-mutants.test.ts shows of more that a proof falls with them).

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SimulatedSystem } from '../../src/executor/simulation/compiled.ts'
import { guideCounting } from '../../src/properties/whole-guide.ts'
import { wholeSystem } from '../../src/properties/whole-system.ts'
import { type CensusOfPicture, censusOfPicture, type PictureOfMemory } from '../../src/smm/census-of-picture.ts'
import { mentions, mutationsOf } from './mutate-system.ts'
import { fallsTo } from './whole-subject.ts'

const { without, losing } = mutationsOf(wholeSystem())
const FLUSHED = 'the leader asks who has flushed'
const REPORTS = 'the leader reports'

/** A census of which every page went through a change. */
const counting = (change: (pages: CensusOfPicture['pages'][number]) => CensusOfPicture['pages'][number]) => {
  const wrong = (picture: PictureOfMemory): CensusOfPicture => {
    const census = censusOfPicture(picture)
    return { ...census, pages: census.pages.map(change) }
  }
  return { guide: guideCounting(wrong) }
}

const faults: readonly (readonly [string, () => Partial<SimulatedSystem>, RegExp])[] = [
  [
    'a census that is certain of every frame',
    () => counting((all) => all.map((p) => ({ ...p, certain: true }))),
    /W2 a frame counted as certain/,
  ],
  [
    'the sample is of another instant than the picture of memory',
    () => ({ system: losing(FLUSHED, 'sampled N_CR3') }),
    /threads are as they were at the sample instant/,
  ],
  [
    'the report goes out before the census',
    () => ({ system: without(REPORTS, (t) => mentions('stage of the measurement')(t) || mentions('complete report')(t)) }),
    /^(P1|P2|U1) no report/,
  ],
  [
    'the status of the last meeting is kept',
    () => ({ system: losing('a thread joins the meeting', 'handler.status') }),
    /^U1 until memory is measured/,
  ],
  ['the nonce is not consumed', () => ({ system: losing(REPORTS, 'last counter answered') }), /counter that was answered|R2/],
]

const test = suite('seeded faults in random runs of the whole system')
for (const [name, change, statement] of faults) test(name, () => assert.match(fallsTo(change(), 20_000), statement))
test.run()
