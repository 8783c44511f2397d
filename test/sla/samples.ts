// An SLA and its machines, made up for tests.
import type { Sla, VmSla } from '../../src/sla/sla.ts'

export const VM: VmSla = {
  name: 'web-1',
  vmcbs: ['0x10fd65000', '0x10fcaf000'],
  memory: { bytes: 2 ** 26, pageSize: { atLeast: '2M', share: 0.25 }, sharing: 'forbidden' },
  cpu: { threads: 1.5, confidence: 0.99 },
  network: { bytesPerSecond: 125e6 },
}
export const SLA: Sla = { schema: 'smmcheck.sla/1', vms: [VM] }
