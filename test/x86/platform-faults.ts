// Seeded faults of the platform's actions, and the conjunct that each breaks.

import { bool, bv, type Bv, constArray, type Term } from '../../src/model/term.ts'
import { dram } from '../../src/x86/dram.ts'
import { cached } from '../../src/x86/guest-tlb.ts'
import { handedOver, runsHandler } from '../../src/x86/modes.ts'
import { fabricMmio } from '../../src/x86/physical.ts'
import { but } from '../../src/model/switchboard.ts'
import { hardened, on, type Profile } from '../../src/x86/profile.ts'
import * as r from '../../src/x86/registers.ts'
import { pending } from '../../src/x86/smi-state.ts'
import { coreOf } from '../../src/x86/topology.ts'
import { also, behavesAs, type Edit, forgets, possible, sees, unconditionally, without, writes } from './mutate-action.ts'

export interface Fault {
  readonly name: string
  /** The action that has it. */
  readonly of: string
  readonly edit: Edit
  readonly breaks: string
  readonly profile?: Profile
  /** Facts of the platform, by the beginning of their names, that do not hold in the faulty one. */
  readonly facts?: string
  /** What the action reads of memory does not matter, and is left out of the question. */
  readonly anything?: boolean
}

/** The routing does not see that TSeg is valid. */
const pastTseg = sees((t) => (Object.is(t, r.smmMask.array) ? constArray(32, bv(64, 0)) : undefined))
const register = (table: { readonly array: Term }, value: Bv): Edit =>
  sees((t) => (t.op === 'select' && Object.is(t.args[0], table.array) ? value : undefined))
const none = bv(64, 0)
const thread = (parameter: (name: string) => Term): Bv<string> => parameter('t') as Bv
const core = (parameter: (name: string) => Term): Bv<string> => coreOf(thread(parameter))
const same: Edit = (a) => a

const LOCK = 'I1 every core has SmmLock'
const KEY = 'I1 SMM_KEY is zero'
const BASE_LOCK = 'I1 SmmBaseLock is as at hand-off'
const ADDR = 'I2 SMMADDR is as at hand-off'
const MASK = 'I2 SMMMASK is as at hand-off'
const MAPPED = 'I2 no thread outside SMM has its view of SMRAM'
const CONFIG = 'I6 no configuration window lies over TSeg'
const APIC = 'I6 no APIC page lies over TSeg'
const FABRIC = 'I6 no fabric window lies over TSeg'
const INVD = 'I3 INVD writes back'
const FLASH = 'I3 the flash holds the genuine handler'
const WRITTEN = 'I3 every word of TSeg was last written by SMM'
const SMBASE = 'I4 SMM_BASE is as at hand-off'
const SLOT = 'I4 in SMM, the save area holds the SMBASE of its thread'
const RUNS = 'I5 the handler fetches its own code only'
const READS = 'I6 the handler reads what SMM wrote'
const EMPTY = 'T1 in SMM, a thread has no guest translation'
const SECRET = 'S1 nobody outside SMM has read TSeg'
const OWED = 'S2 an SMI that is owed is pending'
const DIVERTED = 'S2 no SMI ends a guest'

const locks: readonly Fault[] = [
  { name: 'SmmLock can be cleared', of: 'WRMSR HWCR', edit: writes(r.hwcr, (_, p) => p('value')), breaks: LOCK },
  {
    name: 'INVD can be told to drop lines',
    of: 'WRMSR HWCR',
    edit: without(on('H_INVD_SAFE')),
    breaks: INVD,
  },
  {
    name: 'SmmBaseLock can be set later',
    of: 'WRMSR HWCR',
    edit: writes(r.hwcr, (_, p) => (p('value') as Bv).bitor(1)),
    breaks: BASE_LOCK,
  },
  { name: 'a key of zero unlocks', of: 'WRMSR SMM_KEY', edit: behavesAs('ignored', 'unlocks'), breaks: LOCK },
  { name: 'the key can be set under SmmLock', of: 'WRMSR SMM_KEY', edit: behavesAs('ignored', 'sets the key'), breaks: KEY },
  { name: 'SMMADDR is not locked', of: 'WRMSR SMMADDR', edit: behavesAs('#GP', 'written'), breaks: ADDR },
  { name: 'SMMMASK is not locked', of: 'WRMSR SMMMASK', edit: behavesAs('#GP', 'written'), breaks: MASK },
  { name: 'the close bits are not locked', of: 'WRMSR SMMMASK', edit: behavesAs('#GP', 'close bits only'), breaks: MASK },
  { name: 'SMM_BASE is not locked', of: 'WRMSR SMM_BASE', edit: behavesAs('#GP', 'written'), breaks: SMBASE },
  { name: 'SMM_CTL enters under SmmLock', of: 'WRMSR SMM_CTL', edit: behavesAs('#GP', 'enters'), breaks: MAPPED },
  { name: 'SMM_CTL dismisses under SmmLock', of: 'WRMSR SMM_CTL', edit: behavesAs('#GP', 'dismisses only'), breaks: OWED },
  { name: 'INIT clears HWCR', of: 'INIT message', edit: also('parks', (p) => [r.hwcr.set(core(p), none)]), breaks: LOCK },
  {
    name: 'INIT resets SMM_BASE',
    of: 'INIT message',
    edit: also('parks', (p) => [r.smBase.set(thread(p), bv(32, 0x3_0000))]),
    breaks: SMBASE,
  },
  { name: 'SKINIT clears HWCR', of: 'SKINIT', edit: also('clears GIF', (p) => [r.hwcr.set(core(p), none)]), breaks: LOCK },
]
const boot: readonly Fault[] = [
  { name: 'firmware leaves INVD to drop lines', of: 'firmware hands over', edit: without(on('H_INVD_SAFE')), breaks: INVD },
  { name: 'firmware does not lock', of: 'firmware hands over', edit: without(on('H_SMMLOCK')), breaks: LOCK },
  { name: 'firmware locks the boot core only', of: 'firmware hands over', edit: without(on('H_ALLCORES')), breaks: LOCK },
  {
    name: 'firmware sets TSeg up on the boot core only',
    of: 'firmware hands over',
    edit: without(on('H_ALLCORES')),
    breaks: ADDR,
  },
  { name: 'firmware leaves a key behind', of: 'firmware hands over', edit: forgets(r.smmKey), breaks: KEY },
  {
    name: 'firmware leaves a configuration window over TSeg',
    of: 'firmware hands over',
    edit: forgets(r.mmioCfgBase),
    breaks: CONFIG,
  },
  { name: 'firmware leaves an APIC page over TSeg', of: 'firmware hands over', edit: forgets(r.apicBase), breaks: APIC },
  { name: 'firmware leaves a fabric window over TSeg', of: 'firmware hands over', edit: forgets(fabricMmio), breaks: FABRIC },
  {
    name: 'a late thread has the default SMBASE',
    of: 'a thread comes online',
    edit: behavesAs('as firmware configured it', 'with the default SMBASE'),
    breaks: SMBASE,
  },
  {
    name: 'a core loses its lock in CC6',
    of: 'a core wakes from CC6',
    edit: behavesAs('registers restored', 'registers lost'),
    breaks: LOCK,
  },
  { name: 'flash that is not genuine boots', of: 'write the flash', edit: behavesAs('would not boot', 'written'), breaks: FLASH },
]
const windows: readonly Fault[] = [
  { name: 'the APIC page goes over TSeg', of: 'WRMSR APIC_BASE', edit: behavesAs('refused over TSeg', 'written'), breaks: APIC },
  {
    name: 'the configuration window goes over TSeg',
    of: 'WRMSR MMIO_CFG_BASE',
    edit: behavesAs('refused over TSeg', 'written'),
    breaks: CONFIG,
  },
  { name: 'a fabric window goes over TSeg', of: 'move a fabric window', edit: behavesAs('locked', 'moved'), breaks: FABRIC },
]
const memory: readonly Fault[] = [
  {
    name: 'a device reaches TSeg despite H_DMA_TSEG',
    of: 'device write',
    edit: behavesAs('lost', 'reaches DRAM'),
    breaks: WRITTEN,
  },
  { name: 'a device reads TSeg despite H_DMA_TSEG', of: 'device read', edit: behavesAs('nothing', 'reads DRAM'), breaks: SECRET },
  { name: 'a store is not routed', of: 'host store', edit: unconditionally, breaks: WRITTEN },
  { name: 'a load is not routed', of: 'host load', edit: unconditionally, breaks: SECRET },
  { name: "a guest's store is not routed", of: 'guest store', edit: unconditionally, breaks: WRITTEN },
  { name: "a guest's load is not routed", of: 'guest load', edit: unconditionally, breaks: SECRET },
  { name: 'the nested walk sets A and D past routing', of: 'nested walk sets A and D', edit: unconditionally, breaks: WRITTEN },
  { name: 'VMSAVE writes into TSeg', of: 'VMSAVE', edit: pastTseg, breaks: WRITTEN },
  { name: 'VMLOAD reads TSeg', of: 'VMLOAD', edit: pastTseg, breaks: SECRET },
  { name: 'VMRUN saves the host into TSeg', of: 'VMRUN', edit: pastTseg, breaks: WRITTEN, anything: true },
  { name: '#VMEXIT writes back into TSeg', of: 'intercepted event', edit: pastTseg, breaks: WRITTEN },
  {
    name: 'INVD drops what SMM wrote despite INVDWBINVD',
    of: 'INVD',
    edit: behavesAs('writes back', 'drops dirty lines'),
    breaks: WRITTEN,
  },
  { name: 'two addresses name one cell', of: 'host store', edit: same, breaks: WRITTEN, facts: 'H_ALIAS_CHECK' },
  { name: 'TSeg is not valid', of: 'host store', edit: same, breaks: WRITTEN, facts: 'H_TVALID: TSeg is valid' },
  {
    name: 'a save area lies outside TSeg',
    of: 'host store',
    edit: same,
    breaks: SLOT,
    facts: 'H_TVALID: TSeg holds every save area',
  },
  { name: 'code of the handler lies outside TSeg', of: 'SMM fetch', edit: same, breaks: RUNS, facts: 'H_TVALID: TSeg holds' },
  { name: 'two addresses name one cell, read', of: 'host load', edit: same, breaks: SECRET, facts: 'H_ALIAS_CHECK' },
]
const smm: readonly Fault[] = [
  { name: 'SMI entry writes no save area', of: 'SMI arrives', edit: forgets(dram), breaks: SLOT },
  { name: 'an I/O SMI writes no save area', of: 'trapped I/O access', edit: forgets(dram), breaks: SLOT },
  { name: 'SMI entry saves while TClose is set', of: 'SMI arrives', edit: register(r.smmMask, bv(64, 0xe)), breaks: SLOT },
  { name: 'two threads save into one area', of: 'SMI arrives', edit: same, breaks: SLOT, facts: 'save areas of two threads' },
  {
    name: 'RSM loads SMBASE despite SmmBaseLock',
    of: 'RSM',
    edit: register(r.hwcr, bv(64, 1)),
    breaks: SMBASE,
    profile: but(hardened, 'H_SMBASELOCK'),
  },
  { name: 'RSM loads SMBASE while TClose is set', of: 'RSM', edit: register(r.smmMask, bv(64, 0xe)), breaks: SMBASE },
  { name: 'INVD drops a save area', of: 'INVD', edit: behavesAs('writes back', 'drops dirty lines'), breaks: SLOT },
  { name: 'the handler writes to save areas', of: 'SMM store', edit: possible((p) => runsHandler(thread(p))), breaks: SLOT },
  { name: 'SMM runs code outside TSeg', of: 'SMM fetch', edit: possible((p) => runsHandler(thread(p))), breaks: RUNS },
  { name: 'SMM reads what is not its own', of: 'SMM load', edit: possible((p) => runsHandler(thread(p))), breaks: READS },
  { name: 'SMM reads through the close bits', of: 'SMM load', edit: register(r.smmMask, bv(64, 0xe)), breaks: READS },
]
const translations: readonly Fault[] = [
  {
    name: 'SMI entry from the guest does not flush',
    of: 'SMI arrives',
    edit: forgets(cached, 'SMM, from the guest'),
    breaks: EMPTY,
  },
  {
    name: 'SMI entry from the host does not flush',
    of: 'SMI arrives',
    edit: forgets(cached, 'SMM, from the host'),
    breaks: EMPTY,
  },
  { name: 'an I/O SMI does not flush', of: 'trapped I/O access', edit: forgets(cached), breaks: EMPTY },
  {
    name: 'walks fill the TLB in SMM',
    of: 'nested walk fills the TLB',
    edit: possible(() => handedOver.now),
    breaks: EMPTY,
    anything: true,
  },
  {
    name: 'SMI entry flushes the current address space only',
    of: 'SMI arrives',
    edit: without(on('H_FLUSH_ASID')),
    breaks: EMPTY,
  },
]
const smis: readonly Fault[] = [
  { name: 'the intercept is honoured under SmmLock', of: 'SMI arrives', edit: register(r.hwcr, none), breaks: DIVERTED },
  {
    name: 'the intercept of internal SMIs is honoured under SmmLock',
    of: 'trapped I/O access',
    edit: register(r.hwcr, none),
    breaks: DIVERTED,
  },
  {
    name: 'an SMI is lost while GIF is 0',
    of: 'SMI arrives',
    edit: also('stays pending', (p) => [pending.set(thread(p), bool(false))]),
    breaks: OWED,
  },
  {
    name: 'an SMI is lost in SMM',
    of: 'SMI arrives',
    edit: also('latched', (p) => [pending.set(thread(p), bool(false))]),
    breaks: OWED,
  },
  {
    name: 'CLGI drops a pending SMI',
    of: 'CLGI',
    edit: also('executed', (p) => [pending.set(thread(p), bool(false))]),
    breaks: OWED,
  },
  {
    name: 'INIT drops a pending SMI',
    of: 'INIT message',
    edit: also('parks', (p) => [pending.set(thread(p), bool(false))]),
    breaks: OWED,
  },
  { name: 'an SMI of the chipset is not latched', of: 'chipset raises an SMI', edit: forgets(pending), breaks: OWED },
  { name: 'an SMI message is not latched', of: 'send an SMI message', edit: forgets(pending), breaks: OWED },
]
export const faults: readonly Fault[] = [...locks, ...boot, ...windows, ...memory, ...smm, ...translations, ...smis]
