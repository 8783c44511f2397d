import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { Lanes } from '../../../src/prover/solver/lanes.ts'

const test = suite('lanes')
const pause = () => new Promise((resolve) => setTimeout(resolve, 2))

test('run so many tasks at a time, in order', async () => {
  const lanes = new Lanes([{ name: 'a' }, { name: 'b' }])
  const started: number[] = []
  const busy = new Set<string>()
  await Promise.all(
    [0, 1, 2, 3, 4, 5].map((i) =>
      lanes.run(
        async ({ name }) => {
          started.push(i)
          assert.not.ok(busy.has(name), 'one task on a lane')
          busy.add(name)
          await pause()
          busy.delete(name)
        },
        () => assert.unreachable(),
      ),
    ),
  )
  assert.equal(started, [0, 1, 2, 3, 4, 5])
})

test('hand on the lane of a task that throws', async () => {
  const lanes = new Lanes([{}])
  const failing = lanes.run(
    () => Promise.reject(new Error('no')),
    () => undefined,
  )
  const next = lanes.run(
    async () => 'done',
    () => 'refused',
  )
  await failing.then(assert.unreachable, (e: Error) => assert.is(e.message, 'no'))
  assert.is(await next, 'done')
})

test('refuse what waits when they are closed, and what comes later', async () => {
  const lanes = new Lanes([{}])
  const run = (task: () => Promise<string>) => lanes.run(task, () => 'refused')
  const running = run(async () => {
    await pause()
    return 'done'
  })
  const waiting = run(async () => 'done')
  lanes.close()
  assert.equal(await Promise.all([running, waiting, run(async () => 'done')]), ['done', 'refused', 'refused'])
})

test.run()
