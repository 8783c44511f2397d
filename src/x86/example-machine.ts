// One machine as a firmware author would set it up, said as statements about its power-on state: attacks on it are runs that a
// person can follow, and finding them is fast, since most of the state is a number.
//
// Covers: two threads on one core each or on one; TSeg of 16 MiB below 2 GiB, staggered save areas, the handler's code and data;
//   the processor's widths; the registers that route addresses, with their usual values; a host in long mode.
// Leaves out: the switches (a profile decides them), what firmware sets at hand-off (boot.ts), the content of memory.
// Manual: APM volume 2, 10.2.5, 10.5 (staggered SMBASE), 7.9.4.
// Liberties: proofs are for every machine; this is one of them, for attacks.

import { forAll, type Quantified } from '../model/system.ts'
import { and, bool, bv } from '../model/term.ts'
import { cpuExample } from './cpu.ts'
import { alias } from './dram.ts'
import { cr0, cr3, cr4, efer } from './modes.ts'
import { fabricMmio, frame, word } from './physical.ts'
import * as r from './registers.ts'
import { smmRevision, snpGuest } from './save-parameters.ts'
import { core, thread, topologyExample } from './topology.ts'
import { bootSmBase, bootSmmAddr, bootSmmMask, comparedBits, handlerCode, handlerObject } from './tseg.ts'

const TSEG = 0x7f00_0000
/** Code of the handler other than its entry points, and its data, in units of 64 KiB above TSeg. */
const [CODE, DATA] = [2, 3]
const LA57 = bv(64, 0x1000)
const block = (n: number): number => (TSEG >> 16) + n

/** Statements by what they fix. */
const parts = {
  processor: [
    ...cpuExample,
    forAll('the usual revision', [], () => smmRevision.now.eq(0x3_0064)),
    forAll('guests are not SNP guests', [], () => snpGuest.now.not()),
  ],
  TSeg: [
    forAll('TSeg is 16 MiB at 7F000000h, valid', [], () =>
      and(bootSmmAddr.now.eq(TSEG), bootSmmMask.now.eq(0xffff_ff00_6602n), comparedBits.now.eq(0xffff_fffe_0000n)),
    ),
  ],
  handler: [
    forAll('save areas are 1 KiB apart', [thread], (t) => bootSmBase.at(t).eq(t.as<'bits'>().shl(10).plus(TSEG))),
    forAll('the handler has its code and its data', [word], (a) => {
      const above = a.as<'bits'>().minus(bv(49, (TSEG + 0x8000) / 8))
      const entry = and(above.bits(6, 0).isZero(), above.ult(0x10 * 0x80))
      const of = (n: number) => a.bits(48, 13).eq(block(n))
      return and(handlerCode.at(a).iff(entry.or(of(CODE))), handlerObject.at(a).iff(of(DATA)))
    }),
  ],
  memory: [forAll('no two addresses name one cell of DRAM', [frame], (f) => alias.at(f).isZero())],
  routing: [
    forAll('memory up to 2 GiB, and from 4 to 8', [core], (c) =>
      and(r.topMem.at(c).eq(0x8000_0000), r.tom2.at(c).eq(0x2_0000_0000n), r.sysCfg.at(c).eq(0x30_0000)),
    ),
    forAll('no IORR and no configuration window', [core], (c) =>
      and(...[r.iorrBase0, r.iorrMask0, r.iorrBase1, r.iorrMask1, r.mmioCfgBase].map((table) => table.at(c).isZero())),
    ),
    forAll('the APIC page is where it always is', [thread], (t) => r.apicBase.at(t).eq(0xfee0_0800n)),
    forAll('fixed ranges are memory', [r.fixedRange], (n) => and(r.readDram.at(n), r.writeDram.at(n))),
    forAll('no fabric window', [frame], (f) => fabricMmio.at(f).iff(bool(false))),
  ],
  host: [
    forAll('the host is in long mode, with SVM on', [thread], (t) =>
      and(cr0.at(t).eq(0x8000_0011n), cr3.at(t).eq(0x1000), cr4.at(t).bitand(LA57.bitnot()).eq(0x20), efer.at(t).eq(0x1d01)),
    ),
    forAll('the host save area is in ordinary memory', [thread], (t) => r.hsavePa.at(t).eq(0x8000)),
  ],
  levels: [forAll('the host has four levels of tables', [thread], (t) => cr4.at(t).eq(0x20))],
} as const satisfies Readonly<Record<string, readonly Quantified[]>>

export type MachinePart = keyof typeof parts

export interface MachineChoice {
  /** Threads of one core. */
  readonly siblings?: boolean
  /** What the attack may need otherwise, and is arbitrary. */
  readonly free?: readonly MachinePart[]
}

export const exampleMachine = ({ siblings = false, free = [] }: MachineChoice = {}): readonly Quantified[] => [
  ...topologyExample(siblings),
  ...Object.entries(parts).flatMap(([name, statements]) => (free.includes(name as MachinePart) ? [] : statements)),
]
