import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { and, bvVar } from '../../src/model/term.ts'
import { argumentsOf, fingerprint } from '../../src/prover/order.ts'

/** The text of one formula, in a process that has built its parts in the given order before. */
function textAfter(first: readonly string[]): string {
  const source = `
    import { and, arrayVar, boolVar, bvVar } from '${new URL('../../src/model/term.ts', import.meta.url)}'
    import { arraySort, bvSort } from '${new URL('../../src/model/sort.ts', import.meta.url)}'
    import { printScript } from '${new URL('../../src/prover/smtlib.ts', import.meta.url)}'
    for (const name of ${JSON.stringify(first)}) bvVar(name, 8).plus(bvVar('z', 8)).ult(9)
    const [x, y, z] = ['x', 'y', 'z'].map((name) => bvVar(name, 8))
    const m = arrayVar('m', arraySort(8, bvSort(8)))
    const sum = x.plus(y.plus(z))
    const formula = and(m.at(sum).eq(m.at(y.plus(z))), z.plus(x).ult(9), y.plus(z).ult(9), boolVar('p').or(x.eq(y)))
    process.stdout.write(printScript([{ term: formula }, { term: sum.ult(y).not() }]).text)`
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  })
  assert.match(stdout, '(assert ', stderr)
  return stdout
}

test('a text depends on the formula alone, not on what was built before', () => {
  assert.is(textAfter(['x', 'y', 'z']), textAfter(['z', 'y', 'x']))
})

test('arguments of commutative operators are ordered by structure, others stay', () => {
  const [x, y] = [bvVar('order.x', 8), bvVar('order.y', 8)]
  const both = and(x.ult(3), y.ult(3))
  const prints = argumentsOf(both).map(fingerprint)
  assert.ok(prints[0]! <= prints[1]!)
  assert.equal(argumentsOf(y.ult(x)), [y, x])
})

test.run()
