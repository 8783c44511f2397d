// What each thread does when all have gathered: it compares its registers with the boot-time copies, and later writes its
// caches back. The comparison has to come after the gathering: a thread outside SMM can change what its sibling, or the
// fabric behind both, decodes (platform claim I2 does not cover the registers of routing).
// Leaves out: what an address that the registers leave to DRAM means (the boot map, I11).

import { named, procedure } from '../model/builder.ts'
import { bvSort } from '../model/sort.ts'
import { and, type Bool, bool, bv, type Bv, u64 } from '../model/term.ts'
import { memory } from './boot-map.ts'
import {
  bootCopy,
  isKnownThread,
  perThread,
  phaseIs,
  REGISTERS,
  registerNames,
  THREAD,
  VERDICT,
  watchedThread,
} from './thread-cells.ts'

const u = watchedThread.now

/** A register says the same as at boot, in the bits that count. */
export const asAtBoot = (name: string, value: Bv, t: Bv<string>): Bool =>
  value.bitxor(bootCopy[name]!.now.at(t)).bitand(u64(REGISTERS[name]!)).isZero()

const registers = Object.fromEntries(registerNames.map((name) => [name, bvSort(64)]))

/** The registers come from RDMSR, by the thread whose they are. */
export const checkConfiguration = procedure('checkConfiguration', {
  params: { t: bvSort(THREAD), ...registers },
  memory,
  modifies: [perThread.verdict],
  requires: ({ t }) =>
    named({ 'the thread is one of the platform': isKnownThread(t as Bv), 'the phase is checking': phaseIs('checking') }),
  ensures: ({ t, ...values }) => {
    const [thread, verdict] = [t as Bv, perThread.verdict]
    const same = and(...registerNames.map((name) => asAtBoot(name, (values as Record<string, Bv>)[name]!, thread)))
    return named({
      'I11 registers that pass are as at boot': verdict.now.at(thread).eq(VERDICT.asAtBoot).implies(same),
      'U1 registers that do not pass differ': verdict.now.at(thread).eq(VERDICT.differs).implies(same.not()),
      'U1 there is a verdict': verdict.now.at(thread).ne(VERDICT.none),
      'verdicts of others stay': u.eq(thread).or(verdict.now.at(u).eq(verdict.old.at(u))),
    })
  },
  body: (b, { t, ...values }) => {
    const thread = t as Bv
    const same = registerNames.map((name) => asAtBoot(name, (values as Record<string, Bv>)[name]!, thread))
    b.when(
      and(...same),
      () => b.store(perThread.verdict, thread, bv(2, VERDICT.asAtBoot)),
      () => b.store(perThread.verdict, thread, bv(2, VERDICT.differs)),
    )
  },
})

/** After WBINVD, by the thread whose caches they are. */
export const noteFlushed = procedure('noteFlushed', {
  params: { t: bvSort(THREAD) },
  memory,
  modifies: [perThread.flushed],
  requires: ({ t }) =>
    named({ 'the thread is one of the platform': isKnownThread(t), 'the phase is flushing': phaseIs('flushing') }),
  ensures: ({ t }) =>
    named({
      'the thread has flushed': perThread.flushed.now.has(t),
      'others stay': u.eq(t).or(perThread.flushed.now.has(u).iff(perThread.flushed.old.has(u))),
    }),
  body: (b, { t }) => b.store(perThread.flushed, t, bool(true)),
})
