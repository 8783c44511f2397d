// Boot states of hosts that have nothing wrong with them.

import { type BootState, bootState } from '../../src/measure/boot-state.ts'
import { isFault, type MeasureFault } from '../../src/measure/fault.ts'

export { bootState }
/** @throws Error for a fault: the host of a test is meant to have none. */
export function sound(boot: BootState | MeasureFault): BootState {
  if (isFault(boot)) throw new Error(boot.kind)
  return boot
}
