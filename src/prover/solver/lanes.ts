// So many tasks at a time, the others in order of arrival. A lane is what a task runs on, and is handed from task to task.

export class Lanes<L extends object> {
  private readonly idle: L[]
  private readonly waiting: { readonly start: (lane: L) => void; readonly refuse: () => void }[] = []
  private closed = false

  constructor(lanes: readonly L[]) {
    this.idle = [...lanes].reverse()
  }

  /** Runs `task` when a lane is free, or `refused` if that is not before `close`. */
  async run<T>(task: (lane: L) => Promise<T>, refused: () => T): Promise<T> {
    const lane = await this.acquire()
    if (lane === undefined) return refused()
    try {
      return await task(lane)
    } finally {
      const next = this.waiting.shift()
      if (next === undefined) this.idle.push(lane)
      else next.start(lane)
    }
  }

  close(): void {
    this.closed = true
    for (const { refuse } of this.waiting.splice(0)) refuse()
  }

  private acquire(): Promise<L | undefined> {
    if (this.closed) return Promise.resolve(undefined)
    const lane = this.idle.pop()
    if (lane !== undefined) return Promise.resolve(lane)
    return new Promise((resolve) => this.waiting.push({ start: resolve, refuse: () => resolve(undefined) }))
  }
}
