// The first state of a run: constants that satisfy the profile and the facts, state that satisfies the initial conditions.

import { ArrayValue, type Value } from '../../model/evaluate.ts'
import type { Sampler } from '../../model/sampler.ts'
import type { Variable } from '../../model/system.ts'
import { bigOfLimbs, limbCount } from '../limbs.ts'
import type { CompiledSystem } from './compiled.ts'
import { DENSE, limbsOfWidth, type Place } from './layout.ts'
import type { Pools } from './pools.ts'
import type { Random } from './random.ts'

const TRIES = 300
const ROUNDS = 4
/** Elements of counted domains that nobody gave a size. */
const SIZES = [1, 2, 2, 3, 4]
/** How often a state variable begins as something else than false or 0. */
const BUSY = 0.3

export type StartResult =
  | { readonly kind: 'started' }
  /** No first state was found; `broken` is what did not hold the last time. */
  | { readonly kind: 'no start'; readonly broken: string }

export class Starter {
  private readonly compiled: CompiledSystem
  private readonly pools: Pools
  private readonly random: Random
  private readonly sampler: Sampler | undefined

  constructor(compiled: CompiledSystem, pools: Pools, random: Random, sampler?: Sampler) {
    this.compiled = compiled
    this.pools = pools
    this.random = random
    this.sampler = sampler
  }

  next(): StartResult {
    let broken = ''
    for (let i = 0; i < TRIES; i++) {
      const found = this.attempt()
      if (found === undefined) return { kind: 'started' }
      broken = found
    }
    return { kind: 'no start', broken }
  }

  /** What does not hold. */
  private attempt(): string | undefined {
    const { compiled, random } = this
    const { machine, layout } = compiled
    machine.clear()
    const { values, sizes } = this.sampler?.(random) ?? { values: new Map<Variable, Value>(), sizes: undefined }
    for (const variable of layout.variables) {
      const place = layout.place(variable)
      const given = values.get(variable)
      if (given !== undefined) machine.set(place, given)
      else if (variable.change === 'constant' || random.chance(BUSY)) machine.set(place, this.value(place))
    }
    for (const { number, domain } of layout.domains)
      if (domain.count !== undefined) machine.N[number] = sizes?.get(domain) ?? random.pick(SIZES)
    const isSized = this.sampler === undefined || sizes !== undefined
    const wanted = [...machine.N]
    if (isSized) compiled.chooseSizes()
    let broken = this.broken()
    for (let i = 0; i < ROUNDS && broken !== undefined; i++) {
      for (const [n, size] of wanted.entries()) machine.N[n] = size
      if (isSized) compiled.chooseSizes()
      compiled.chooseConstants()
      if (compiled.count() === undefined) compiled.chooseState()
      broken = this.broken()
    }
    machine.settle()
    return broken
  }

  private broken(): string | undefined {
    const tooLarge = this.compiled.count()
    if (tooLarge === undefined) return this.compiled.startFailure()
    return `the size of a run (${tooLarge.size} of ${tooLarge.domain}, at most ${DENSE})`
  }

  private value(place: Place): Value {
    const one = () => {
      const to = new Int32Array(limbsOfWidth(place.width))
      this.pools.fill(to, 0, place.width)
      return place.width === 0 ? to[0] !== 0 : BigInt.asUintN(place.width, bigOfLimbs(to, 0, limbCount(place.width)))
    }
    if (place.kind === 'scalar') return one()
    const entries = Array.from({ length: place.dense }, (_, i) => [BigInt(i), one()] as const)
    return new ArrayValue(place.width === 0 ? false : 0n, new Map(entries))
  }
}
