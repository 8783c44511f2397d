// What is kept between runs about specs, by content: their checks (with the compiled text) and, for specs that nothing but
// their text decides, their results. Entries are JSON under a hash of everything that determines them.

import cacache from 'cacache'

export class Store {
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** Undefined when there is none, or what is there cannot be read. */
  async get<T>(kind: 'check' | 'result', hash: string): Promise<T | undefined> {
    try {
      const { data } = await cacache.get(this.folder, `${kind}:${hash}`)
      return JSON.parse(data.toString()) as T
    } catch {
      return undefined
    }
  }

  /** A folder that cannot be written to is no error: the next run is slower. */
  async put(kind: 'check' | 'result', hash: string, value: unknown): Promise<void> {
    await cacache.put(this.folder, `${kind}:${hash}`, JSON.stringify(value)).catch(() => undefined)
  }
}
