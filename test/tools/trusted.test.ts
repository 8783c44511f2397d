// The list of what is trusted is whole: whatever the files that turn claims into questions use of the prover is on it.

import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { trusted } from '../../src/cli/tcb.ts'

const prover = fileURLToPath(new URL('../../src/prover/', import.meta.url))
/** For people: what a term looks like in a message. */
const forPeople = ['show', 'wording']

/** Files of the prover whose values the file uses, itself first. */
function closure(start: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(start)) return seen
  seen.add(start)
  const text = readFileSync(join(prover, `${start}.ts`), 'utf8')
  for (const [, names, path] of text.matchAll(/^import (?!type )([^;']*?) from '(\.\/[^']+)\.ts'/gm)) {
    const inBraces = /\{([^}]*)\}/.exec(names!)?.[1]
    const onlyTypes = inBraces?.split(',').every((n) => n.trim() === '' || n.trim().startsWith('type '))
    if (onlyTypes !== true) closure(relative(prover, join(prover, dirname(start), path!)), seen)
  }
  return seen
}

test('no file between a claim and its question is forgotten', () => {
  const listed = new Set(trusted.find((part) => part.folder === 'prover')!.files)
  const used = ['system-claim', 'conditions', 'decide'].flatMap((start) => [...closure(start)])
  assert.ok(used.includes('induction') && used.includes('narrow'))
  assert.equal(
    used.filter((name) => !listed.has(name) && !forPeople.includes(name)),
    [],
  )
})
test.run()
