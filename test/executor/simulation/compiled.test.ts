// Generated steps against the exact ones: random systems, states and arguments.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CompiledSystem } from '../../../src/executor/simulation/compiled.ts'
import { keyOf } from '../../../src/executor/simulation/machine.ts'
import { Random } from '../../../src/executor/simulation/random.ts'
import { ReferenceState } from '../../../src/executor/simulation/reference.ts'
import { ArrayValue, type Value } from '../../../src/model/evaluate.ts'
import { Choices } from '../../support/choices.ts'
import { forAll } from '../../support/property.ts'
import { type Sample, SystemMaker } from './random-system.ts'

const show = (v: Value | undefined): string =>
  v instanceof ArrayValue ? `{${[...v.entries].map(([i, x]) => `${i}: ${x}`).join(', ')}; ${v.otherwise}}` : String(v)

/** Takes the action's step both ways; the differences as lines, and whether it was taken. */
function compare({ system, statement, values, args }: Sample): { differences: string[]; taken: boolean; held: boolean } {
  const differences: string[] = []
  const same = (what: string, exact: unknown, compiled: unknown) => {
    if (exact !== compiled) differences.push(`${what}: ${exact} exactly, ${compiled} compiled`)
  }
  const compiled = new CompiledSystem({ system, invariant: [statement], profile: [] }, new Random(1))
  const { machine, layout } = compiled
  const exact = new ReferenceState(system, values)
  machine.load(values)
  compiled.count()
  const [action] = compiled.actions
  for (const [n, { term }] of action!.action.parameters.entries()) machine.set(action!.places[n]!, args.get(term)!)
  const before = compiled.invariant[0]!.holds()
  machine.settle()
  const taken = exact.enabled(action!.action, args)
  same('enabled', taken, action!.enabled())
  if (taken) {
    for (const { term, domain } of action!.action.parameters) {
      const space = domain === undefined || domain.count !== undefined ? undefined : layout.domainOf(domain).space
      const value = args.get(term) as bigint
      if (space !== undefined) machine.spaces[space]!.mention(...keyOf(value))
    }
    same('case', exact.step(action!.action, args), action!.step())
  }
  for (const variable of system.variables) {
    const [a, b] = [exact.value(variable), machine.get(layout.place(variable))]
    const isSame =
      a instanceof ArrayValue && b instanceof ArrayValue && variable.kind === 'table'
        ? a.equals(b, variable.domain.width)
        : a === b
    if (!isSame)
      differences.push(`${variable.name}: ${show(a)} exactly, ${show(b)} compiled, ${show(values.get(variable))} before`)
  }
  const held = exact.counterexample(statement, args) === undefined
  same('statement', held, compiled.invariant[0]!.holds())
  if (before) same('statement, from what changed', held, compiled.stillHolds(compiled.invariant[0]!))
  return { differences, taken, held }
}

const steps = suite('compiled steps')
steps('a random action on a random state', () => {
  forAll(
    400,
    (choices) => new SystemMaker(choices).make(),
    ({ values, args }) =>
      [...values].map(([v, x]) => `${v.name} = ${show(x)}`).join('\n') + [...args.values()].map(show).join(', '),
    (sample) => assert.equal(compare(sample).differences, []),
  )
})
steps('the same, from seeds: both outcomes of guards and statements occur', () => {
  const seen = { taken: 0, idle: 0, held: 0, failed: 0 }
  for (let seed = 0; seed < 600; seed++) {
    const { differences, taken, held } = compare(new SystemMaker(Choices.seeded(seed)).make())
    assert.equal(differences, [], `seed ${seed}`)
    seen[taken ? 'taken' : 'idle']++
    seen[held ? 'held' : 'failed']++
  }
  for (const [what, n] of Object.entries(seen)) assert.ok(n > 40, `${what}: ${n}`)
})
steps.run()
