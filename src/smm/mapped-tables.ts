// After the second pass over a space: which of the frames that it maps hold nested tables, of any space. A guest that can write to a table makes
// its own memory; such frames stay counted like others, and are counted here, too (x86-facts C47).

import { named, procedure } from '../model/builder.ts'
import type { Conjunct } from '../model/procedure.ts'
import { and, type Bool, bv, type Bv, u64 } from '../model/term.ts'
import { memory } from './boot-map.ts'
import { census, config, counts, statusIs, watched, WORD } from './cells.ts'
import { configured, counterBounds, running, spaceInRange, watchedBit, whenRunning, workConjuncts } from './link.ts'
import { frameObject, spend } from './mark.ts'
import type { Switches } from './switches.ts'
import { windowOffset } from './watched-frame.ts'

const { counter, charge } = counts.after.mappedTables

/** The watched frame and space are those at hand, and words up to the frame's have been counted. */
const mine = (): Bool => windowOffset().inside.and(census.space.now.eq(watched.s.now))
const both = (): Bool => and(watchedBit(census.once), watchedBit(census.tables))
const counted = (passed: Bool): Conjunct[] =>
  named({
    'E4 a mapped table is charged once': charge.now.eq(charge.old.plus(and(mine(), passed, both()).ite(u64(1), u64(0)))),
  })

export const countMappedTables = (switches: Switches) =>
  procedure('countMappedTables', {
    params: {},
    memory,
    modifies: [census.status, census.work, counter, charge],
    requires: () => [
      ...configured(),
      ...spaceInRange(),
      ...counterBounds(),
      ...workConjuncts(),
      ...named({ running: running(), 'not counted yet': mine().implies(charge.now.isZero()) }),
    ],
    ensures: () => [
      ...counterBounds(),
      ...workConjuncts(),
      ...named({ 'status is running or truncated': running().or(statusIs('truncated')) }),
      ...whenRunning(counted(and())),
    ],
    body: (b) => {
      const invariant = (w: Bv): Conjunct[] => [
        ...counterBounds(),
        ...workConjuncts(),
        ...named({ running: running() }),
        ...counted(windowOffset().offset.bits(39, 6).ult(w)),
      ]
      b.for('w', { from: bv(WORD, 0), below: config.windowWords.now, invariant }, (w) => {
        spend(b, switches)
        b.tally(counts.after.mappedTables, census.space.now, {
          kind: 'bits',
          first: frameObject(w),
          bits: switches.S_TABLES ? census.once.now.at(w).bitand(census.tables.now.at(w)) : u64(0),
        })
      })
    },
  })
