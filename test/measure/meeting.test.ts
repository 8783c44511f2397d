// The handler around its census, run: how a meeting of threads ends, and what it finds out of save areas and control blocks.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadImage } from '../../src/executor/load-image.ts'
import { bootState, sound } from './boot.ts'
import { type HostThread, type Meeting, type MeetingHost, runMeeting } from '../../src/measure/meeting.ts'
import { config } from '../../src/smm/cells.ts'
import { ALL_ON } from '../../src/smm/switches.ts'
import { Host } from './host.ts'

const HOST: HostThread = { arrives: true }
const ROOT = 0x5000n
const VMCB = 0x30
const long4 = { hostEfer: 0x1d01n, hostCr4: 0x20n, hostCr0: 0x8005_0033n }
const guest = (vmcb: number, ff38 = ROOT, extra: HostThread['saved'] = {}): HostThread => ({
  arrives: true,
  saved: { state: 6n, vmcb: BigInt(vmcb) << 12n, ff38, ...long4, ...extra },
})

function meet(
  threads: readonly HostThread[],
  extra: Partial<MeetingHost> = {},
  build: (host: Host) => void = () => undefined,
): Meeting {
  const host = new Host()
  host.vmcb(VMCB, { root: ROOT })
  host.vmcb(VMCB + 1, { root: ROOT })
  host.vmcb(VMCB + 2, { root: 0x6000n })
  host.vmcb(VMCB + 3, { nested: 0n })
  build(host)
  const cells = new Map([...sound(bootState(host.machine())).cells, [config.nxe, true] as const])
  return runMeeting({ threads, cells, load: loadImage(host.memory()), ...extra })
}
const kinds = (m: Meeting): string[] => m.observations.map((o) => o.kind)

const test = suite('meeting')

test('two threads of one machine, one of another, one in the host: two spaces', () => {
  const m = meet([guest(VMCB), guest(VMCB + 1), guest(VMCB + 2, 0x6000n), HOST])
  assert.is(m.status, 'complete')
  assert.equal(kinds(m), ['guest', 'guest', 'guest', 'host'])
  assert.equal(m.spaces, [
    { rootFrame: 5, mode: 2, threads: [0, 1] },
    { rootFrame: 6, mode: 2, threads: [2] },
  ])
  assert.is(m.steps.at(-1)!.phase, 'idle')
})
test('bit 3 of FED8h says nothing of a guest', () => {
  assert.equal(kinds(meet([{ arrives: true, saved: { state: 8n, vmcb: 0x30000n } }])), ['host'])
})
test('a thread that holds SMIs off ends the meeting as partial, and nothing is measured', () => {
  let measured = false
  const host = new Host()
  const cells = new Map([...sound(bootState(host.machine())).cells])
  const m = runMeeting({ threads: [HOST, { arrives: false }], cells, load: loadImage(host.memory()) }, () => {
    measured = true
  })
  assert.is(m.status, 'partial')
  assert.not(measured)
  assert.is(m.steps.at(-1)!.phase, 'idle')
})
test('without S_RDV the leader goes on without it', () => {
  let measured = false
  const host = new Host()
  const cells = new Map([...sound(bootState(host.machine())).cells])
  const load = loadImage(host.memory())
  const note = (): void => {
    measured = true
  }
  runMeeting({ threads: [HOST, { arrives: false }], cells, load }, note, { ...ALL_ON, S_RDV: false })
  assert.ok(measured)
})
test('a parked thread counts where it shows', () => {
  const threads = [HOST, { arrives: false, parked: true }]
  assert.is(meet(threads).status, 'partial')
  const m = meet(threads, { knows: { parkVisible: true } })
  assert.is(m.status, 'complete')
  assert.equal(kinds(m), ['host', 'parked'])
})
test('the leader is who comes first', () => {
  const m = meet([{ ...HOST, smmMask: 8n }, HOST, HOST])
  assert.is(m.status, 'partial')
  assert.is(m.steps.find((s) => s.procedure === 'gather')!.thread, 1)
})
test('a register that differs is tampering; one that is the system’s own is not', () => {
  assert.is(meet([HOST, { arrives: true, registers: { TOP_MEM: 1n << 23n } }]).status, 'tamper')
  assert.is(meet([HOST, { arrives: true, registers: { HWCR: 1n << 30n } }]).status, 'complete')
  assert.is(meet([HOST, { arrives: true, registers: { MTRRfix4K_F8000: 0x18n << 56n } }]).status, 'tamper')
})
test('devices that cannot be stopped', () => {
  assert.is(meet([HOST], { knows: { stopsDma: false } }).status, 'dmaNotQuiesced')
})
test('shadow paging, said by hardware or, where it does not tell, by the control block', () => {
  const state2 = guest(VMCB, ROOT, { state: 2n })
  assert.equal(kinds(meet([state2])), ['shadow'])
  assert.equal(kinds(meet([state2], { knows: { nestedRecorded: false } })), ['unrecordedRoot'])
  const off = guest(VMCB + 3, ROOT, { state: 2n })
  assert.equal(kinds(meet([off], { knows: { nestedRecorded: false } })), ['shadow'])
  assert.is(meet([off]).status, 'shadow')
})
test('what nothing records is not measured', () => {
  for (const knows of [{ rootRecorded: false }, { hostRecorded: false }]) {
    const m = meet([guest(VMCB)], { knows })
    assert.is(m.status, 'unrecordedRoot')
    assert.equal(m.spaces, [])
  }
})
test('a control block that names another root than the hardware: the recorded one is measured, and told (C16)', () => {
  const m = meet([guest(VMCB, 0x9000n)])
  assert.is(m.status, 'rootMismatch')
  assert.equal(m.spaces, [{ rootFrame: 9, mode: 2, threads: [0] }])
})
test('a control block outside the boot map, or that is no page', () => {
  assert.is(meet([guest(0x4_0000)]).status, 'vmcbOutside')
  assert.is(meet([guest(VMCB, ROOT, { vmcb: 0x30010n })]).status, 'vmcbOutside')
})
test('other paging modes, and another NXE than at boot (C28, C29)', () => {
  assert.is(meet([guest(VMCB, ROOT, { hostEfer: 0x1901n })]).status, 'unsupportedMode')
  assert.is(meet([guest(VMCB, ROOT, { hostEfer: 0x1501n })]).status, 'unsupportedMode')
  assert.equal(meet([guest(VMCB, ROOT, { hostCr4: 0x1020n })]).spaces, [{ rootFrame: 5, mode: 3, threads: [0] }])
})
test('a control block that the image lacks', () => {
  assert.is(meet([guest(0x77)]).status, 'incompleteImage')
})
test('the status is the gravest of all threads', () => {
  const m = meet([guest(VMCB, 0x9000n), guest(VMCB + 3, ROOT, { state: 2n }), HOST])
  assert.equal(kinds(m), ['rootMismatch', 'shadow', 'host'])
  assert.is(m.status, 'rootMismatch')
})
test.run()
