import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareSmm } from '../../src/conformance/compare-smm.ts'
import { renderConformance } from '../../src/conformance/render.ts'
import { runConformance } from '../../src/conformance/run.ts'
import { actionOf, guestOf, incomparable } from '../../src/conformance/smm-steps.ts'
import { type SmmStep, type SmmVector, smmVector } from '../../src/conformance/smm-vector.ts'

const path = new URL('../data/npt-vectors/smm.jsonl', import.meta.url).pathname
const vectors: SmmVector[] = readFileSync(path, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => smmVector.parse(JSON.parse(line)))
const compared = vectors.filter((v) => (compareSmm(v).compared ?? 0) > 0)
const disagreements = (vector: SmmVector): string[] => compareSmm(vector).disagreements.map((d) => d.expected)
/** The vector with the value under `name` changed in the first step that has it, in all if so. */
function altered(vector: SmmVector, name: string, change: (text: string) => string): SmmVector | undefined {
  const at = vector.steps.findIndex(({ seen }) => typeof seen === 'object' && !Array.isArray(seen) && name in seen)
  if (at < 0) return undefined
  const steps = vector.steps.map((step, i): SmmStep => {
    if (i !== at) return step
    const seen = step.seen as Readonly<Record<string, string>>
    return { ...step, seen: { ...seen, [name]: change(seen[name]!) } }
  })
  return { ...vector, steps }
}
const flip = (bit: bigint) => (text: string) => `0x${(BigInt(text) ^ bit).toString(16)}`

const smm = suite('SMM vectors')
smm('all of them: compared, explained, and what cannot be compared', () => {
  const result = runConformance([path])
  assert.is(result.kind, 'report')
  if (result.kind !== 'report') return
  const { report } = result
  const text = renderConformance(report)
  assert.is(text.split('\n').at(-1), '21 passed, 0 failed', text)
  assert.is(report.notComparable, 18)
  const { chipset, routing, msrs, addresses } = incomparable
  assert.equal(report.files[0]!.steps, {
    [chipset]: 101,
    [routing]: 63,
    [msrs]: 12,
    [addresses]: 9,
    [incomparable['not reached']]: 10,
  })
  assert.equal(report.files[0]!.differences, {
    'qemu-7.2': {
      none: 8,
      'smm-fetch-through-nested-tables': 2,
      'smm-svm-fields-not-written': 2,
      'smi-exitinfo-zero': 2,
    },
    'bochs-2.7': {
      'smm-keeps-svme': 6,
      'smm-fetch-through-nested-tables': 1,
      'smm-svm-fields-not-written': 1,
      'smi-exitinfo-zero': 1,
    },
  })
})
smm('every register of the entry is looked at', () => {
  for (const name of ['count', 'cs', 'cr0', 'cr4', 'efer']) {
    const tried = compared.filter((v) => altered(v, 'count', (t) => t) !== undefined && compareSmm(v).compared! > 1)
    let noticed = 0
    for (const vector of tried) if (disagreements(altered(vector, name, flip(0x20n))!).length > 0) noticed++
    assert.ok(noticed >= 12, `${name}: ${noticed}`)
  }
})
smm('every slot of the save area is looked at', () => {
  const slots: Readonly<Record<string, bigint>> = {
    '0xff00': 0x1_0000n,
    '0xff58': 2n,
    '0xff48': 0x80n,
    '0xfed0': 1n,
    '0xff60': 2n,
    '0xff68': 1n << 31n,
    // The revision is the upper half of its word; the CS attributes are bits 31:16 of theirs.
    '0xfef8': 1n << 49n,
    '0xfe10': 1n << 29n,
  }
  for (const [slot, bit] of Object.entries(slots)) {
    const changed = compared.map((v) => altered(v, slot, flip(bit))).filter((v) => v !== undefined)
    assert.ok(changed.length >= 5, slot)
    for (const vector of changed) assert.is(disagreements(vector).length, 1, `${vector.id} ${slot}`)
  }
})
smm('a held SMI, an intercepted one and a relocated one follow the model, not the id', () => {
  const [held] = compared.filter((v) => v.id === 'smi.gif0.q35')
  assert.equal(disagreements({ ...held!, id: 'x' }), [])
  assert.equal(disagreements({ ...held!, steps: held!.steps.filter((s) => s.do !== 'CLGI') }).length, 3)
  // With the STGI taken out nothing is served.
  assert.equal(disagreements({ ...held!, steps: held!.steps.filter((s) => s.do !== 'STGI') }).length, 1)
  const [exits] = compared.filter((v) => v.id === 'smi.guest.intercept1.q35')
  assert.ok(disagreements({ ...exits!, note: exits!.note!.replace('intercept=1', 'intercept=0') }).length > 0)
  const [moved] = compared.filter((v) => v.id.startsWith('smi.relocate-bad-align'))
  assert.ok(
    disagreements({ ...moved!, steps: moved!.steps.filter((s) => !s.do.startsWith('install handler at 60C')) }).length > 0,
  )
})
smm("one emulator's way is not accepted from another", () => {
  for (const vector of compared.filter((v) => v.emulator === 'bochs-2.7' && v.id.startsWith('smi.host.')))
    assert.equal(disagreements({ ...vector, emulator: 'qemu-7.2' }), ['step 5: efer 0x1000', 'step 8: efer 0x1000'])
  assert.is(disagreements({ ...compared[0]!, emulator: 'kvm' }).length, 1)
})
smm('forms of steps', () => {
  const kind = (text: string, seen: SmmStep['seen'] = '0x0') => {
    const action = actionOf({ do: text, seen })
    return action.kind === 'incomparable' ? action.reason : action.kind
  }
  assert.is(kind('install handler at 608000h', []), 'install')
  assert.is(kind('write port B2h = 77h (SMI)', []), 'smi')
  assert.is(kind('write port B2h = 77h (SMI)', 'not reached'), 'not reached')
  assert.is(kind('CLGI', []), 'clgi')
  assert.is(kind('write ESMRAMC = 01h; read back'), 'chipset')
  assert.is(kind('non-SMM read32 A8000h (locked)'), 'routing')
  assert.is(kind('same VMRUN with SMRAM open', 'X 0x81'), 'routing')
  assert.is(kind('RDMSR C0010113h'), 'msrs')
  assert.is(kind('stand on one leg', []), 'unknown')
  assert.equal(guestOf('VMCB SMI intercept=1; nested tables map the first 1 GiB one-to-one'), { intercept: true, identity: true })
  assert.equal(guestOf(null), { intercept: false, identity: false })
})
smm.run()
