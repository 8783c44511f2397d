// After the second pass over a space: which of the listed VMCBs lie in frames that it maps. Such a VMCB is a guest's own: its nested CR3 names
// guest memory, and no processor runs it as it is (nested virtualization, x86-facts C49); or it is one of the host's, and that guest can write to
// it (C47).

import { named, procedure, snapshot } from '../model/builder.ts'
import type { Conjunct } from '../model/procedure.ts'
import { and, type Bool, bv, type Bv } from '../model/term.ts'
import { memory, plainFrame } from './boot-map.ts'
import { census, config, finals, NOTED, SLOT, SPACE, spaces, statusIs, vmcbs, watched } from './cells.ts'
import { fact } from './facts.ts'
import {
  configured,
  counterBounds,
  nonZero,
  running,
  spaceInRange,
  watchedBit,
  whenRunning,
  word,
  workConjuncts,
} from './link.ts'
import { spend } from './mark.ts'
import type { Switches } from './switches.ts'
import { inWindow } from './watched-frame.ts'

const { f, g, s, slot } = watched
/** The watched slot of the list has the watched frame. */
export const isWatchedVmcb = (): Bool => and(slot.now.ult(vmcbs.count.now), plainFrame(vmcbs.frame.now.at(slot.now)).eq(f.now))
const noted = (): Bv => vmcbs.space.now.at(slot.now)
export const unnoted = (): Bool => isWatchedVmcb().implies(noted().isZero())
const notedSpace = (): Bv => noted().minus(1)
export const notedAlone = (): Bool => isWatchedVmcb().implies(noted().eq(vmcbs.space.old.at(slot.now)))

/** What is known of the watched VMCB once the spaces below `k` have been passed over in round 2. */
export const vmcbsNoted = (k: Bv): Readonly<Record<string, Bool>> => ({
  'W1 a VMCB in a frame that a space reaches is noted': and(isWatchedVmcb(), s.now.ult(k), fact('maps', s.now, g.now)).implies(
    nonZero(noted()),
  ),
  'W2 a VMCB that is noted lies in a frame that the space reaches': and(isWatchedVmcb(), nonZero(noted())).implies(
    and(notedSpace().ult(k.zext(NOTED)), fact('maps', notedSpace().bits(SPACE - 1, 0), finals.vmcbPage.now)),
  ),
})

const counted = (passed: Bool): Conjunct[] =>
  named({
    'a VMCB whose frame is marked is noted': and(isWatchedVmcb(), passed, inWindow(), watchedBit(census.once)).implies(
      noted().eq(census.space.now.zext(NOTED).plus(1)),
    ),
    'others are left alone': and(isWatchedVmcb(), passed, inWindow(), watchedBit(census.once)).or(
      notedAlone(),
      isWatchedVmcb().not(),
    ),
  })

export const noteVmcbs = (switches: Switches) =>
  procedure('noteVmcbs', {
    params: {},
    memory,
    modifies: [census.status, census.work, vmcbs.space],
    requires: () => [
      ...configured(),
      ...spaceInRange(),
      ...counterBounds(),
      ...workConjuncts(),
      ...named({ running: running() }),
    ],
    ensures: () => [
      ...counterBounds(),
      ...workConjuncts(),
      ...named({ 'status is running or truncated': running().or(statusIs('truncated')) }),
      ...whenRunning(counted(and())),
    ],
    body: (b) => {
      const invariant = (i: Bv): Conjunct[] => [
        ...counterBounds(),
        ...workConjuncts(),
        ...named({ running: running() }),
        ...counted(slot.now.ult(i)),
      ]
      b.for('i', { from: bv(SLOT, 0), below: vmcbs.count.now, invariant }, (i) => {
        spend(b, switches)
        const frame = b.let('frame', plainFrame(vmcbs.frame.now.at(i)))
        b.when(frame.ult(census.windowFirst.now), () => b.next())
        const offset = b.let('offset', frame.minus(census.windowFirst.now))
        b.when(config.windowWords.now.ule(word(offset)), () => b.next())
        const marked = census.once.now.at(word(offset)).lshr(offset.bits(5, 0).zext(64)).bit(0)
        b.when(marked, () => b.store(vmcbs.space, i, census.space.now.zext(NOTED).plus(1)))
      })
    },
  })
export const vmcbsKnown = (): Conjunct[] => snapshot(vmcbsNoted(spaces.count.now))
