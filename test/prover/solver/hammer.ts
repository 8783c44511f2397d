// Evaluates N texts, between many other calls of z3 with strings, which are what overwrote freed texts.
//   tsx test/prover/solver/hammer.ts N [as-shipped]
// With `as-shipped`, texts go through z3-solver's own eval_smtlib2_string on its thread, for comparison.

import { embedZ3 } from '../../../src/prover/solver/embedded.ts'
import { chain } from './queries.ts'

const [count = '40', how] = process.argv.slice(2)
const z3 = await embedZ3((line) => console.error(line))
const bystander = z3.newContext()
let right = 0
let calls = 0
for (let i = 0; i < Number(count); i++) {
  const { smt2, satisfiable } = chain(i + 90)
  const text = `${smt2}\n(check-sat)`
  const context = z3.newContext()
  const strings = () => {
    for (let k = 0; k < 50; k++) z3.api.mk_string_symbol(bystander, `symbol ${k} ${'x'.repeat(k * 40)}`)
    calls += 50
  }
  strings()
  const reply =
    how === 'as-shipped' ? await meanwhile(z3.api.eval_smtlib2_string(context, text), strings) : z3.evaluate(context, text)
  if (reply.trim() === (satisfiable ? 'sat' : 'unsat')) right++
  z3.deleteContext(context)
}

async function meanwhile<T>(promise: Promise<T>, work: () => void): Promise<T> {
  let done = false
  const ended = promise.finally(() => {
    done = true
  })
  while (!done) {
    work()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return ended
}

if (process.send === undefined) console.log({ right, of: Number(count), calls })
else process.send({ right, calls }, undefined, undefined, () => process.exit())
if (process.send === undefined) process.exit()
