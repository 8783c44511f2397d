// The table and the plot of docs/cpu-time.md are what the simulations give today.

import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CPU_TIME_PAGE, CPU_TIME_PLOT, cpuTimeFiles } from '../../tools/cpu-time.ts'

const test = suite('docs/cpu-time.md')

test('table and plot are current: npx tsx tools/cpu-time.ts writes them again', () => {
  const page = readFileSync(CPU_TIME_PAGE, 'utf8')
  const files = cpuTimeFiles(page)
  assert.is(page, files.page)
  assert.is(readFileSync(CPU_TIME_PLOT, 'utf8'), files.plot)
  // All of the table is replaced: a page with another one becomes the same.
  assert.is(cpuTimeFiles(page.replace(/\| honest;.*\n/, '')).page, files.page)
})
test.run()
