// Which blocks of a source file ran, counted by the JavaScript engine itself (the inspector of this process).
// Functions that ran before `start` count as not run. Leaves out: line numbers (blocks are shown by their text).

import { Session } from 'node:inspector/promises'

export class BlockCoverage {
  private readonly session: Session

  private constructor(session: Session) {
    this.session = session
  }

  static async start(): Promise<BlockCoverage> {
    const session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Debugger.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
    return new BlockCoverage(session)
  }

  /** The text of every block that never ran in the files whose URL ends in one of these. Ends the counting. */
  async neverRun(...urlEndings: readonly string[]): Promise<string[]> {
    const { result } = await this.session.post('Profiler.takePreciseCoverage')
    const missed: string[] = []
    const found = new Set<string>()
    for (const script of result) {
      const ending = urlEndings.find((e) => script.url.split('?')[0]!.endsWith(e))
      if (ending === undefined) continue
      found.add(ending)
      const { scriptSource } = await this.session.post('Debugger.getScriptSource', { scriptId: script.scriptId })
      for (const { ranges } of script.functions)
        for (const { count, startOffset, endOffset } of ranges)
          if (count === 0) missed.push(scriptSource.slice(startOffset, endOffset))
    }
    this.session.disconnect()
    const absent = urlEndings.filter((e) => !found.has(e))
    if (absent.length > 0) throw new Error(`no script ${absent.join(', ')} was loaded`)
    return missed
  }
}
