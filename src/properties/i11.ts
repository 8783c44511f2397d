// I11: what the handler takes for DRAM is what the boot map says, and the map's frames are those that lie wholly inside the
// byte ranges that the firmware reported (which need not be page aligned).

import { and, bvVar } from '../model/term.ts'
import { type Claim, claim } from '../prover/claim.ts'
import type { Obligation } from '../prover/obligation.ts'
import { wholeFrames } from '../smm/boot-map.ts'
import { claimOfObligation, conditionsOfHandler } from './handler.ts'
import { ALL_ON, type Switches } from '../smm/switches.ts'
import { replay } from './replay.ts'

/** A frame belongs to the whole frames of a byte range exactly when all its bytes do. */
function wholeFramesObligation(): Obligation {
  const [start, end] = [bvVar('start', 53), bvVar('end', 53)]
  const frame = bvVar('frame', 40)
  const { some, first, last } = wholeFrames(start, end)
  const firstByte = frame.zext(53).shl(12)
  const inside = and(start.ule(firstByte), firstByte.plus(4096).ule(end))
  const goal = some.and(first.ule(frame), frame.ule(last)).iff(inside)
  const name = 'I11 a frame is in the map exactly when all its bytes are in the range'
  const hypotheses = [{ name: 'the range ends within 52 bits of address', term: and(start.ule(end), end.ule(1n << 52n)) }]
  return { id: 'whole frames', conjunct: name, parts: [{ name, term: goal }], origin: { kind: 'validity' }, hypotheses, goal }
}

export const i11 = (switches: Switches = ALL_ON): Claim =>
  claim({
    id: 'I11',
    statement:
      'For every boot map and every run of frames: the handler takes it for DRAM exactly when one range of the boot map holds it; and the map holds a frame exactly when a firmware range holds all its bytes.',
    assumptions: ['H_BOOTMAP_COMPLETE: the boot map lists the DRAM outside SMRAM, in ascending ranges that are apart'],
    obligations: () => [...conditionsOfHandler(switches).filter((o) => claimOfObligation(o) === 'I11'), wholeFramesObligation()],
    replay,
  })
