// What the theorem assumes or does not claim, and nothing in the model says: rows of the attack catalogue that no switch removes,
// and what the model leaves out on purpose. Printed with every theorem.
// A list for readers: what a switch or parameter says is no part of it, `prove --assumptions` tells these.

import type { Residual } from '../prover/claim.ts'

export const residual: readonly Residual[] = [
  // Facts 9.F, "nothing modelled here".
  {
    id: 'A30',
    sentence:
      'Layers below SMM are genuine: microcode, PSP, the SMM supervisor. Whoever owns one replaces the handler or reads its keys.',
    reference: 'facts A30',
  },
  {
    id: 'C48',
    sentence:
      'A frame that is reported is one that the guest can reach. That nobody else uses it, the host for instance, is not claimed.',
    reference: 'facts C48',
  },
  {
    id: 'C52',
    sentence:
      'A machine that runs on no thread when the sample is taken is not observed: that is no evidence, in either direction.',
    reference: 'facts C52',
  },
  {
    id: 'C54',
    sentence: 'Processors are AMD. On Intel a translation may outlive the SMI that finds it gone from the tables.',
    reference: 'facts C54, K5; Intel SDM 3C 28.3.3',
  },
  {
    id: 'D09',
    sentence:
      'A guest that idles is not charged: that the host keeps it idle, by holding back its interrupts, cannot be told from it.',
    reference: 'facts D09',
  },
  {
    id: 'E14',
    sentence: "The guest's own kernel is the tenant's. What a guest says of itself is no evidence here.",
    reference: 'facts E14',
  },
  // What a claim about one instant does not say.
  {
    id: 'INSTANT',
    sentence:
      'A report is of one instant. What a machine has over time is a matter of many samples at times that nobody foresees.',
    reference: 'facts K22, C05-C07, C18, C51, C66-C68; docs/freshness.md',
  },
  {
    id: 'IDENTITY',
    sentence: 'Which space belongs to which tenant has to be learnt inside of the guest; reports name spaces by their roots.',
    reference: 'facts C50, E13, E16; docs/sla.md',
  },
  {
    id: 'QUALITY',
    sentence: 'Memory that the boot map calls DRAM is as good as any: far, slow or emulated memory is not told apart.',
    reference: 'facts C69, C70',
  },
  // What the model of the hardware leaves out.
  {
    id: 'MANUAL',
    sentence: 'Processors do what the manual says, errata apart; what it leaves open is a parameter.',
    reference: 'AMD64 APM volume 2; docs/platform.md',
  },
  {
    id: 'PHYSICAL',
    sentence: 'Nobody touches the machine: no interposer on the memory bus, no cold module, no probe.',
    reference: 'facts E08, E16',
  },
  {
    id: 'SIDE',
    sentence: 'Keys do not leave SMRAM by side channels (caches, speculation, power).',
    reference: 'facts A29',
  },
  {
    id: 'SMMCODE',
    sentence:
      "The handler's machine code is the procedures that are proved; its page tables, stack and interrupts in SMM are its own.",
    reference: 'facts A16-A18, A28; docs/platform.md',
  },
  {
    id: 'TYPES',
    sentence:
      'Views of one line by different memory types, or with and without encryption, agree after the write-back that the handler does.',
    reference: 'facts C39, C40; APM 7.4, 7.10.6',
  },
  {
    id: 'SEV',
    sentence: 'No SEV, SEV-ES or SEV-SNP guests: their save areas, the RMP and private pages are not modelled.',
    reference: 'facts C38, C63, C64; APM 15.34-15.36',
  },
  {
    id: 'INTERRUPTS',
    sentence: 'AVIC, x2APIC, and interrupts other than SMI and INIT change nothing that a claim speaks of.',
    reference: 'docs/platform.md',
  },
  {
    id: 'BOOTMAP',
    sentence:
      'The boot map lists all DRAM outside of SMRAM, and the constants of the CPU that firmware put into SMRAM are its own.',
    reference: 'H_BOOTMAP_COMPLETE; docs/measuring.md',
  },
  // What the model of the report path leaves out.
  {
    id: 'MAC',
    sentence: 'Tags cannot be made without the key, two messages have two tags, and 128 random bits are not guessed.',
    reference: 'Dolev, Yao 1983; docs/report.md',
  },
  {
    id: 'CLOCK',
    sentence: "The proxy and its clock are the tenant's, and its timers are on time.",
    reference: 'docs/report.md',
  },
]

/** The rows of facts 9.F that nothing in the model removes. */
export const notModelled = ['C48', 'C52', 'C54', 'D09', 'E14', 'A30'] as const
