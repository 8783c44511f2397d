// Entry of the child process that checks specs: one request, one answer.

import { check } from './check.ts'
import type { CheckRequest } from './protocol.ts'

process.on('disconnect', () => process.exit(1))
process.once('message', (request: CheckRequest) => {
  process.send?.(check(request), () => process.disconnect?.())
})
