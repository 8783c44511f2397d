// Seeded faults of the report path: each is caught by the obligation it should break. The protocol's rules are changed one at a time, as a slip of the
// pen would, and the claim that rests on the rule must fall.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Action, type Effect, type System, when } from '../../src/model/system.ts'
import { and, bool, type Bool } from '../../src/model/term.ts'
import { type ReportClaim, reportGrounds, reportInvariant } from '../../src/properties/report.ts'
import { answerChallenge } from '../../src/protocol/handler.ts'
import { deadline, deliver, tick, ask } from '../../src/protocol/proxy.ts'
import { tagReport } from '../../src/protocol/adversary.ts'
import { protectedBut } from '../../src/protocol/switches.ts'
import { reportPath } from '../../src/protocol/system.ts'
import type { Oracle } from '../../src/prover/oracle.ts'
import { obligationsOf } from '../../src/prover/induction.ts'
import { supportOf } from '../../src/model/invariant.ts'
import { openSolver } from '../../src/prover/solver/open.ts'
import type { Solver } from '../../src/prover/solver/solver.ts'
import { claimOf, decideClaim } from '../prover/engine.ts'

const solver = (await openSolver('wasm', { jobs: 1 })) as Solver
const oracle: Oracle = {
  name: solver.name,
  version: solver.version,
  ask: async (request) => ({ answer: await solver.solve(request), cached: false }),
}

/** The conjunction without its n-th part. */
const without = (guard: Bool, n: number): Bool => and(...(guard.args.filter((_, i) => i !== n) as Bool[]))
const replaced = (original: Action, change: Partial<Action>): System => ({
  ...reportPath,
  actions: reportPath.actions.map((a) => (Object.is(a, original) ? { ...a, ...change } : a)),
})
/** The guard without what speaks of these words (names of variables). */
function unguarded(original: Action, ...words: readonly string[]): System {
  const speaks = (part: Bool): boolean => {
    const stack = [part as { op: string; attribute: unknown; args: readonly unknown[] }]
    for (let t = stack.pop(); t !== undefined; t = stack.pop()) {
      if (t.op === 'var' && words.includes(t.attribute as string)) return true
      stack.push(...(t.args as typeof stack))
    }
    return false
  }
  const found = original.guard.args.findIndex((part) => speaks(part as Bool))
  if (found < 0) throw new Error(`${original.name} has no guard about ${words.join()}`)
  return replaced(original, { guard: without(original.guard, found) })
}
/** Effects on this variable never happen. */
const forgetting = (original: Action, variable: string): System =>
  replaced(original, {
    cases: original.cases.map((c) => {
      const effects = c.effects.flatMap((e): Effect[] => (e.variable.name === variable ? when(bool(false), e) : [e]))
      return { ...c, effects }
    }),
  })

const faults: readonly (readonly [name: string, system: System, falls: ReportClaim])[] = [
  ['the proxy checks no tag', unguarded(deliver, 'S_MAC'), 'R1'],
  ['the proxy compares no nonce', unguarded(deliver, 'S_NONCE'), 'R1'],
  ['a closed challenge takes reports', unguarded(deliver, 'challenge open'), 'R2'],
  ['accepting leaves the challenge open', forgetting(deliver, 'challenge open'), 'R2'],
  ['the handler compares no counter', unguarded(answerChallenge, 'S_MONO'), 'R2'],
  ['the handler forgets the counter', forgetting(answerChallenge, 'last counter answered'), 'R2'],
  ['the handler asks for no tag of a challenge', unguarded(answerChallenge, 'S_CHALLENGE_MAC'), 'R6'],
  ['the handler answers for any proxy', unguarded(answerChallenge, 'proxy in a nonce'), 'R6'],
  ['the proxy repeats counters', forgetting(ask, 'last counter drawn'), 'R2'],
  ['no timer', replaced(tick, { everywhere: [] }), 'P4'],
  ['the timer raises no alarm', forgetting(deadline, 'alarm'), 'P4'],
  ['tags are made without the key', unguarded(tagReport, 'knows the key'), 'R1'],
]

const mutants = suite('seeded faults of the report path')
mutants.after(() => solver.close())

const verdict = async (system: System, id: ReportClaim): Promise<string> => {
  const conjuncts = supportOf(reportInvariant, reportGrounds[id])
  const about = { system, profile: protectedBut(), conjuncts, implies: [], profiles: [], never: {} }
  const changed = obligationsOf(about).map((o) => ({ ...o, origin: { kind: 'validity' as const } }))
  return (await decideClaim(claimOf(changed), oracle, { timeoutMs: 20_000 })).claim.verdict
}

mutants('without a fault the same obligations are not refuted', async () => {
  for (const id of ['R1', 'R2', 'R6', 'P4'] as const) assert.is.not(await verdict(reportPath, id), 'refuted', id)
})
for (const [name, system, falls] of faults)
  mutants(`${name}: ${falls} falls`, async () => {
    assert.is(await verdict(system, falls), 'refuted')
  })
mutants.run()
