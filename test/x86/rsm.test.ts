import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bool, bv } from '../../src/model/term.ts'
import { canonical, rsmOutcome, type RsmInput, type ShutdownReason, shutdownReasons } from '../../src/x86/rsm.ts'
import { saveState, type SaveStateField } from '../../src/x86/savestate.ts'

type Image = Partial<Record<SaveStateField, bigint>>
const base: Image = { CR0: 0x8001_0031n, CR4: 0x20n, EFER: 0xd00n, CS_ATTRIB: 0x209bn, REVISION: 0x3_0064n, SMBASE: 0x7f00_0000n }
interface Setting extends Partial<Record<'inSmm' | 'intercepted' | 'toGuest' | 'smmBaseLock' | 'refused', boolean>> {
  readonly mbz?: Partial<Record<'cr3Mbz' | 'cr4Mbz' | 'eferMbz', bigint>>
}
function run(changes: Image, setting: Setting = {}) {
  const values: Image = { ...base, ...changes }
  const width = (field: SaveStateField) => saveState.fields[field].high - saveState.fields[field].low + 1
  const input: RsmInput = {
    image: (field) => bv(width(field), values[field] ?? 0n),
    inSmm: bool(setting.inSmm ?? true),
    intercepted: bool(setting.intercepted ?? false),
    toGuest: bool(setting.toGuest ?? false),
    smmBaseLock: bool(setting.smmBaseLock ?? false),
    smbase: bv(32, 0x3_0000),
    cpu: {
      cr3Mbz: bv(64, setting.mbz?.cr3Mbz ?? 0n),
      cr4Mbz: bv(64, setting.mbz?.cr4Mbz ?? 0n),
      eferMbz: bv(64, setting.mbz?.eferMbz ?? 0n),
      revision: bv(32, 0x3_0064),
    },
    parameters: { pagedRealModeRefused: bool(setting.refused ?? false) },
  }
  return rsmOutcome(input)
}
const KINDS = ['ud', 'intercepted', 'shutdown', 'resumes'] as const
/** The one outcome; for `shutdown`, the reasons. */
function outcome(changes: Image, setting?: Setting): string | readonly ShutdownReason[] {
  const shown = run(changes, setting)
  const holding = KINDS.filter((kind) => shown[kind].value === true)
  assert.is(holding.length, 1)
  return holding[0] === 'shutdown' ? shutdownReasons.filter((name) => shown.reasons[name].value === true) : holding[0]!
}
const bit = (n: number) => 1n << BigInt(n)

const rsm = suite('RSM')
rsm('in SMM it resumes; outside it is #UD, or the intercept of a guest', () => {
  assert.is(outcome({}), 'resumes')
  assert.is(outcome({ CR0: bit(40) }, { inSmm: false }), 'ud')
  assert.is(outcome({}, { inSmm: false, intercepted: true }), 'intercepted')
  assert.is(outcome({}, { inSmm: true, intercepted: true }), 'resumes')
})
const cases: readonly (readonly [ShutdownReason, Image, Setting?])[] = [
  ['paging without protection', { CR0: 0x8000_0030n, EFER: 0n }],
  ['paging without protection', { CR0: 0x8000_0030n, EFER: 0n }, { toGuest: true, refused: true }],
  ['NW without CD', { CR0: 0xa001_0031n }],
  ['CR0[63:32]', { CR0: 0x8001_0031n | bit(32) }],
  ['CR0[63:32]', { CR0: 0x8001_0031n | bit(63) }],
  ['CR3 MBZ', { CR3: bit(48) }, { mbz: { cr3Mbz: bit(48) } }],
  ['CR4 MBZ', { CR4: 0x20n | bit(13) }, { mbz: { cr4Mbz: bit(13) } }],
  ['EFER MBZ', { EFER: 0xd02n }, { mbz: { eferMbz: 2n } }],
  ['DR6[63:32]', { DR6: bit(32) }],
  ['DR7[63:32]', { DR7: bit(63) }],
  ['long mode without PAE', { CR4: 0n }],
  ['CS.L with CS.D', { CS_ATTRIB: 0x609bn }],
  ['revision modified', { REVISION: 0x3_0065n }],
]
rsm('each shutdown condition alone, and every one is tried', () => {
  for (const [reason, changes, setting] of cases) assert.equal(outcome(changes, setting), [reason], reason)
  assert.equal([...new Set(cases.map(([reason]) => reason))], [...shutdownReasons])
})
rsm('what is no reason', () => {
  assert.is(outcome({ CR0: 0x8000_0030n, EFER: 0n }, { toGuest: true }), 'resumes')
  assert.is(outcome({ CR0: 0xe001_0031n }), 'resumes')
  assert.is(outcome({ CS_ATTRIB: 0x609bn, EFER: 0n }), 'resumes')
  assert.is(outcome({ CR0: 0x11n, CR4: 0n, EFER: 0x100n, CS_ATTRIB: 0x409bn }), 'resumes')
  assert.is(outcome({ FS_BASE: bit(60), RFLAGS: bit(17) }), 'resumes')
})
rsm('LMA and VM follow the mode', () => {
  const efer = (changes: Image) => run(changes).state.efer.value
  assert.is(efer({ EFER: 0x900n }), 0xd00n)
  assert.is(efer({ EFER: 0x1d00n, CR0: 0x11n }), 0x1900n)
  assert.is(efer({ EFER: 0x400n }), 0n)
  const rflags = (changes: Image) => run({ RFLAGS: bit(17) | 2n, ...changes }).state.rflags.value
  assert.is(rflags({}), 2n)
  assert.is(rflags({ EFER: 0n }), bit(17) | 2n)
  assert.is(rflags({ EFER: 0n, CR0: 0x10n }), 2n)
  assert.is(rflags({ EFER: 0n, RFLAGS: 2n }), 2n)
})
rsm('bases are made canonical, or cut to 32 bits', () => {
  const { bases, flatBases } = run({ FS_BASE: bit(47) | bit(60), SSP: bit(56), CS_BASE: bit(40) | 5n }).state
  assert.is(bases.FS_BASE.value, 0xffff_8000_0000_0000n)
  assert.is(bases.SSP.value, 0n)
  assert.is(flatBases.CS_BASE.value, 5n)
  const wide = run({ CR4: 0x1020n, FS_BASE: bit(47), SSP: bit(56) }).state.bases
  assert.is(wide.FS_BASE.value, bit(47))
  assert.is(wide.SSP.value, 0xff00_0000_0000_0000n)
  assert.is(canonical(bv(64, 0x7fff_ffff_ffffn), bool(false)).value, 0x7fff_ffff_ffffn)
})
rsm('SMBASE comes from the save area unless SmmBaseLock; the page-configuration lock ends', () => {
  assert.is(run({}).state.smbase.value, 0x7f00_0000n)
  assert.is(run({}, { smmBaseLock: true }).state.smbase.value, 0x3_0000n)
  assert.is(run({}).state.pgCfgLock.value, false)
})
rsm.run()
