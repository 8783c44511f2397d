// The cache on disk: what it keeps, what it forgets, and how fast it is.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { CachedSolver, cacheKey, DiskCache, defaultCacheDirectory, noCache } from '../../../src/prover/solver/cache.ts'
import type { Solver, SolverAnswer, SolverRequest } from '../../../src/prover/solver/solver.ts'
import type { Model, ModelValue } from '../../../src/prover/solver/value.ts'
import { ask } from './queries.ts'

const test = suite<{ directory: string }>('cache')

test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), 'smmcheck-cache-'))
})
test.after.each(({ directory }) => rmSync(directory, { recursive: true }))

const bv = (width: number, value: bigint): ModelValue => ({ kind: 'bv', width, value })
const row: ModelValue = { kind: 'table', entries: [{ args: [3n], value: bv(8, 255n) }], otherwise: bv(8, 0n) }
const model: Model = new Map<string, ModelValue>([
  ['p', { kind: 'bool', value: true }],
  ['wide', bv(80, 2n ** 79n + 5n)],
  ['m', { kind: 'table', entries: [{ args: [2n ** 64n - 1n, 1n], value: row }], otherwise: row }],
])

/** Answers by the text. */
function fake(answers: Record<string, SolverAnswer>): Solver & { readonly asked: SolverRequest[] } {
  const asked: SolverRequest[] = []
  return {
    name: 'fake',
    version: '1.0',
    flags: 'seed=0',
    asked,
    solve: async (request) => {
      asked.push(request)
      return answers[request.smt2]!
    },
    close: async () => {},
  }
}

test('definite answers are found again, by another process too', async ({ directory }) => {
  const answers: Record<string, SolverAnswer> = {
    a: { kind: 'sat', model, ms: 12.5 },
    b: { kind: 'unsat', core: ['h1', 'h 2'], ms: 3 },
    c: { kind: 'unknown', reason: 'timeout', detail: '', ms: 1000 },
  }
  const first = new CachedSolver(fake(answers), new DiskCache(directory))
  for (const text of 'abc') assert.equal(await first.ask(ask(text)), { answer: answers[text], cached: false })
  await first.close()
  const second = new CachedSolver(fake(answers), new DiskCache(directory))
  for (const text of 'ab') assert.equal(await second.ask(ask(text)), { answer: answers[text], cached: true })
  assert.is((await second.ask(ask('c'))).cached, false, 'a timeout is asked again')
})

test('the key is everything that the answer depends on', () => {
  const solver = { name: 'a', version: '1', flags: 'seed=0' }
  const request = ask('(assert true)', 'model')
  const keys = [
    cacheKey(solver, request),
    cacheKey({ ...solver, name: 'b' }, request),
    cacheKey({ ...solver, version: '2' }, request),
    cacheKey({ ...solver, flags: 'seed=1' }, request),
    cacheKey(solver, { ...request, want: 'core' }),
    cacheKey(solver, { ...request, smt2: '(assert false)' }),
  ]
  assert.is(new Set(keys).size, keys.length)
  assert.is(cacheKey(solver, { ...request, id: 'other', timeoutMs: 1 }), keys[0])
  assert.match(keys[0]!, /^[0-9a-f]{64}$/)
})

test('a damaged entry was never there', async ({ directory }) => {
  const cache = new DiskCache(directory)
  cache.put('key', { kind: 'unsat', core: [], ms: 1 })
  await cache.flush()
  assert.ok(await cache.get('key'))
  const index = readdirSync(directory, { recursive: true, withFileTypes: true }).find(
    (e) => e.isFile() && e.parentPath.includes('index'),
  )!
  const file = join(index.parentPath, index.name)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"unsat"', '"sat"'))
  assert.is(await cache.get('key'), undefined)
  writeFileSync(file, Buffer.from([0, 255, 10, 1]))
  assert.is(await cache.get('key'), undefined)
})

test('a place that cannot be written is no error', async ({ directory }) => {
  const file = join(directory, 'file')
  writeFileSync(file, '')
  const cache = new DiskCache(join(file, 'below'))
  cache.put('key', { kind: 'unsat', core: [], ms: 1 })
  await cache.flush()
  assert.is(await cache.get('key'), undefined)
})

test('no cache asks every time', async () => {
  const solver = fake({ a: { kind: 'unsat', core: [], ms: 1 } })
  const cached = new CachedSolver(solver, noCache)
  for (const _ of [1, 2]) assert.is((await cached.ask(ask('a'))).cached, false)
  assert.is(solver.asked.length, 2)
})

test('a thousand look-ups', async ({ directory }) => {
  const cache = new DiskCache(directory)
  const keys = Array.from({ length: 200 }, (_, i) => cacheKey({ name: 'a', version: '1', flags: '' }, ask(`${i}`)))
  for (const key of keys) cache.put(key, { kind: 'sat', model, ms: 1 })
  await cache.flush()
  const { user, system } = process.cpuUsage()
  for (let round = 0; round < 5; round++) for (const key of keys) assert.ok(await cache.get(key))
  const spent = process.cpuUsage({ user, system })
  assert.ok(spent.user + spent.system < 1_000_000, `${(spent.user + spent.system) / 1000} ms of processor time`)
})

test('where it is', () => {
  assert.is(defaultCacheDirectory({ SMMCHECK_CACHE: '/a', XDG_CACHE_HOME: '/b' }), '/a')
  assert.is(defaultCacheDirectory({ XDG_CACHE_HOME: '/b' }), '/b/smmcheck')
  assert.match(defaultCacheDirectory({}), /\/\.cache\/smmcheck$/)
})

test.run()
