// Rows of the attack catalogue that are not in the gallery, and why. Every row is here or there (test/tools/gallery.test.ts).

export const leftOut: readonly { readonly rows: string; readonly why: string }[] = [
  {
    rows: 'A09-A12, A26, B22, C54, C55, C65',
    why: 'Intel only (SMRR, remap and TSEGMB registers, STM, EPT): the model has AMD processors.',
  },
  {
    rows: 'A16, A17, A18, C61, E10',
    why: 'Confused deputy: the modelling language has no store to untrusted memory and no device address that memory decides, so the handler cannot be written with this fault.',
  },
  {
    rows: 'A28, A29, A30, E14',
    why: 'SMM’s own page tables, side channels, layers below the handler and the tenant’s own kernel are outside of the model: assumptions of every theorem.',
  },
  {
    rows: 'C42',
    why: 'INVD of what the host has written gives back nothing that the host could not store itself; after the sample no claim speaks of memory. What INVD takes back from SMM is A24.',
  },
  {
    rows: 'B08, B09, B12, B13',
    why: 'The same run as B07: the model’s chipset has one source of SMIs, and one bit that says whether they are raised. What becomes of a message on its way (IOMMU, I/O APIC) is not in it.',
  },
  {
    rows: 'B10, B11, B15, B16',
    why: 'Other ways to make an SMI late or the answer lost: always possible, and the same run as B01 and E05. What answers them is the deadline at the proxy.',
  },
  {
    rows: 'B18, E12',
    why: 'The same run as E02: the handler answers a challenge that it reads when it runs, and no claim depends on which SMI made it run.',
  },
  {
    rows: 'B21',
    why: 'The handler has no synchronisation mode that firmware’s variables could choose; its patience is a constant of the boot (claim I7 holds for every value).',
  },
  {
    rows: 'B23, C51, C66-C68',
    why: 'Several samples of one machine: the model has one measurement; docs/cpu-time.md says what samples over time can tell.',
  },
  {
    rows: 'C07, C18',
    why: 'The host knows the instant of the sample and arranges memory for it: every claim about memory is of that instant. That nobody knows it (H_OOB_TRIGGER, S_RAND) is an assumption in words.',
  },
  {
    rows: 'C05, C06, C48, C52, C69, C70',
    why: 'No fraud of the tables: a census says what a guest can reach at an instant, not whether it was promised, is shared with the host, or of what quality (docs/sla.md).',
  },
  {
    rows: 'C20',
    why: 'The same run as B03, as the catalogue says.',
  },
  {
    rows: 'C39, C63, C64',
    why: 'Caches that are not coherent across encryption domains, the RMP and encrypted guests are outside of the model.',
  },
  {
    rows: 'C44',
    why: 'The handler remembers no visited tables, it spends a budget of work; so there is no key by which a table could be remembered wrongly.',
  },
  {
    rows: 'C57, C62',
    why: 'The handler translates no guest-linear address, and its own page tables, TLB and memory types are not in the model.',
  },
  {
    rows: 'C46',
    why: 'A sum that wraps is a condition of every statement of the language (claim W4), so a handler with narrow counters cannot be written without its proof failing; on a machine small enough for a run, nothing wraps.',
  },
  {
    rows: 'C49',
    why: 'Which of several roots belong to one tenant is not in nested tables; sample states show it (samples/nested.ts), and the census marks inner guests.',
  },
  {
    rows: 'C50, E13, E16',
    why: 'Who the tenant’s machine is: reports name roots and control blocks, and no claim ties them to a tenant (S_BIND needs an agent in the guest).',
  },
  {
    rows: 'C56',
    why: 'The handler walks nested tables only and reads no guest register for it; the language has no guest translation to misuse.',
  },
  {
    rows: 'D01, D02, D09, D10',
    why: 'Scheduling: for or against it speaks a distribution, not a run, so no pair of verdicts. src/sampling simulates the hosts that know the instant of a sample, delay it or are random, and docs/cpu-time.md holds the estimator’s bound against them.',
  },
  {
    rows: 'D03-D08',
    why: 'Clocks and counters that the host writes: the handler uses none of them, a sample is what a thread was doing.',
  },
  { rows: 'E09', why: 'The same runs as E01 (what is edited has no valid tag) and E05 (what is dropped is late).' },
  { rows: 'E15', why: 'The same run as A22: firmware that is not genuine, and keys that H_TPM_ROT keeps from it.' },
]
