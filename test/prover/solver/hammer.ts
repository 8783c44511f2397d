// Evaluates N texts while this process's main thread keeps calling z3 with strings, which is what overwrote freed texts.
//   tsx test/prover/solver/hammer.ts N [as-shipped]
// With `as-shipped`, texts go through z3-solver's own eval_smtlib2_string, for comparison.

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
  let done = false
  const reply = (how === 'as-shipped' ? z3.api.eval_smtlib2_string(context, text) : z3.evaluate(context, text)).then((r) => {
    done = true
    return r
  })
  while (!done) {
    for (let k = 0; k < 50; k++) z3.api.mk_string_symbol(bystander, `symbol ${k} ${'x'.repeat(k * 40)}`)
    calls += 50
    await new Promise((resolve) => setImmediate(resolve))
  }
  if ((await reply).trim() === (satisfiable ? 'sat' : 'unsat')) right++
  z3.deleteContext(context)
}
if (process.send === undefined) console.log({ right, of: Number(count), calls })
else process.send({ right, calls }, undefined, undefined, () => process.exit())
if (process.send === undefined) process.exit()
