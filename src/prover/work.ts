// A queue of asynchronous tasks: the heaviest first, so many at a time.

type Task = () => Promise<void>

export class WorkQueue {
  private readonly waiting: { readonly weight: number; readonly task: Task }[] = []
  private readonly limit: number
  private running = 0
  private closed = false
  private woken = false

  constructor(limit: number) {
    this.limit = limit
  }

  /** `task` must handle its own failures. */
  add(weight: number, task: Task): void {
    if (this.closed) return
    let [low, high] = [0, this.waiting.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.waiting[middle]!.weight < weight) low = middle + 1
      else high = middle
    }
    // Lightest first in the array, taken from its end; of equal ones the older is taken first.
    this.waiting.splice(low, 0, { weight, task })
    // In a turn of its own, so that heavier tasks that are about to be added come first.
    if (!this.woken) setImmediate(() => this.fill())
    this.woken = true
  }

  /** Waiting tasks are dropped; running ones end in their own time. */
  abandon(): void {
    this.closed = true
    this.waiting.length = 0
  }

  private fill(): void {
    this.woken = false
    while (this.running < this.limit) {
      const next = this.waiting.pop()
      if (next === undefined) return
      this.running++
      next.task().finally(() => {
        this.running--
        this.fill()
      })
    }
  }
}
