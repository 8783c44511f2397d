// Property tests with one fixed seed: a failure prints the seed, the path to the counterexample and the shrunk case.
// SMMCHECK_SEED=N explores other cases.

import fc from 'fast-check'
import { Choices } from './choices.ts'

export const seed = Number(process.env.SMMCHECK_SEED ?? 20_251_130)

/** Checks `property` (which throws on failure) for `runs` cases that `make` builds; `print` shows a case. */
export function forAll<T>(
  runs: number,
  make: (choices: Choices) => T,
  print: (made: T) => string,
  property: (made: T) => void,
): void {
  const cases = fc.array(fc.nat({ max: 0x7fffffff }), { maxLength: 150, size: 'max' }).map((list) => {
    const made = make(Choices.of(list))
    return { made, [fc.toStringMethod]: () => print(made) }
  })
  fc.assert(
    fc.property(cases, ({ made }) => property(made)),
    { seed, numRuns: runs },
  )
}
