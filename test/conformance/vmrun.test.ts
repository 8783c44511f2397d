import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareVmrun } from '../../src/conformance/compare-vmrun.ts'
import { renderConformance } from '../../src/conformance/render.ts'
import { runConformance } from '../../src/conformance/run.ts'
import { placeOf } from '../../src/conformance/vmrun-machine.ts'
import { type VmrunVector, vmrunVector } from '../../src/conformance/vmrun-vector.ts'
import { vmcbField } from '../../src/x86/vmcb-fields.ts'

const path = new URL('../data/npt-vectors/vmrun.jsonl', import.meta.url).pathname
const vectors: VmrunVector[] = readFileSync(path, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => vmrunVector.parse(JSON.parse(line)))
const disagreements = (vector: VmrunVector): string[] => compareVmrun(vector).disagreements.map((d) => d.with)
const expecting = (vector: VmrunVector, who: string, o: string): VmrunVector => ({
  ...vector,
  expect: { ...vector.expect, [who]: { ...vector.expect[who], o } },
})
const definite = vectors.filter((v) => ['runs', 'VMEXIT_INVALID', '#GP', '#UD'].includes(v.expect.manual?.o ?? ''))

const vmrun = suite('VMRUN vectors')
vmrun('all of them, and what each emulator lacks', () => {
  const result = runConformance([path])
  assert.is(result.kind, 'report')
  if (result.kind !== 'report') return
  const text = renderConformance(result.report)
  assert.is(text.split('\n').at(-1), '116 passed, 0 failed', text)
  const [{ differences }] = result.report.files as [(typeof result.report.files)[0]]
  assert.equal(differences, {
    qemu: { none: 112, 'vmrun-gpat-not-checked': 3, 'vmrun-ncr3-mbz-not-checked': 1 },
    'qemu-max': { none: 112, 'vmrun-gpat-not-checked': 3, 'vmrun-ncr3-mbz-not-checked': 1 },
    bochs: { none: 112, 'vmrun-cr3-mbz-not-checked': 3, 'vmrun-map-end-not-checked': 1 },
  })
})
vmrun('no other definite verdict of the manual is accepted', () => {
  assert.is(definite.length, 80)
  for (const vector of definite)
    for (const other of ['runs', 'VMEXIT_INVALID', '#GP', '#UD', 'either', 'what'])
      if (other !== vector.expect.manual!.o)
        assert.equal(disagreements(expecting(vector, 'manual', other)), ['manual'], `${vector.id} as ${other}`)
})
vmrun("no other result of an emulator is accepted where the manual's verdict is definite", () => {
  for (const vector of definite)
    for (const who of ['qemu', 'bochs']) {
      const mine = vector.expect[who]!.o
      const family = mine.startsWith('runs') ? 'runs' : mine
      for (const other of ['runs', 'VMEXIT_INVALID', '#GP', '#UD', 'emulator-stopped', 'returned'])
        if (other !== family) assert.equal(disagreements(expecting(vector, who, other)), [who], `${vector.id}: ${who} ${other}`)
    }
})
vmrun('a check that is missing in one emulator is not accepted from the other', () => {
  const [gpat] = vectors.filter((v) => v.id === 'vmrun.gpat.type2')
  const { qemu, bochs } = gpat!.expect
  const swapped = { ...gpat!, expect: { ...gpat!.expect, bochs: qemu, qemu: bochs } } as VmrunVector
  assert.equal(disagreements(swapped), ['qemu', 'bochs'])
  assert.equal(disagreements({ ...gpat!, expect: { kvm: { o: 'VMEXIT_INVALID' } } }), ['kvm'])
})
vmrun('the emulator that stops does so for its own reason only', () => {
  const real: VmrunVector = { id: 'x', cat: 'vmrun', vmcb: { cr0: 0x8001_0030n }, expect: { bochs: { o: 'emulator-stopped' } } }
  assert.equal(compareVmrun(real), { disagreements: [], differences: { bochs: ['vmrun-real-mode-lme-stops'] } })
  assert.equal(disagreements({ ...real, vmcb: { cr0: 0x8001_0030n, asid: 0n } }), ['bochs'])
  assert.equal(disagreements({ ...real, expect: { qemu: { o: 'emulator-stopped' } } }), ['qemu'])
})
vmrun('either: only where a clean bit covers a field that changed', () => {
  const clean = (vmcb: Record<string, bigint>): VmrunVector => ({
    id: 'x',
    cat: 'vmrun',
    vmcb,
    expect: { manual: { o: 'either' } },
  })
  assert.equal(disagreements(clean({ clean: 0x10n, ncr3: 0x44_6000n })), [])
  assert.equal(disagreements(clean({ clean: 0x10n, asid: 3n })), ['manual'])
  assert.equal(disagreements(clean({ clean: 0n, ncr3: 0x44_6000n })), ['manual'])
  assert.equal(disagreements(clean({ clean: 0xffff_ffffn, rflags: 2n })), ['manual'])
})
vmrun('short names', () => {
  for (const [name, field] of [
    ['cr0', 'CR0'],
    ['cs.attr', 'CS_ATTRIB'],
    ['idtr.base', 'IDTR_BASE'],
    ['ss.sel', 'SS_SELECTOR'],
    ['gpat', 'G_PAT'],
    ['ncr3', 'N_CR3'],
    ['tsc_offset', 'TSC_OFFSET'],
    ['tlb', 'TLB_CONTROL'],
  ] as const)
    assert.is(placeOf(name)?.low, vmcbField(field).low, name)
  assert.is(placeOf('np')?.low, 0x90 * 8)
  assert.equal([placeOf('bogus'), placeOf('cs.bogus')], [undefined, undefined])
  const strange: VmrunVector = { id: 'x', cat: 'vmrun', vmcb: { bogus: 1n }, expect: { manual: { o: 'runs' } } }
  assert.equal(disagreements(strange), ['vector'])
  assert.equal(disagreements({ ...strange, vmcb: {}, host_before: [['fly', 1n]] }), ['vector'])
})
vmrun.run()
