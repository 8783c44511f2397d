// Rows of the attack catalogue that are not in the gallery, and why.

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
    why: 'SMM’s own page tables, side channels, and layers below the handler are outside of the model: assumptions of every theorem.',
  },
  {
    rows: 'B15, B16, B17',
    why: 'Other ways to hold an SMI back than B01: always possible, and what answers them is the same deadline at the proxy.',
  },
  {
    rows: 'B06-B13, B18, B19, B21, B23, B24',
    why: 'Trigger, chipset and NIC: the platform raises SMIs, and who asked for them is part of the report’s protocol alone.',
  },
  {
    rows: 'C02, C09, C17, C18, C49, C51, C66-C68',
    why: 'Several spaces, or samples at several times: the census counts shared frames, no claim speaks of two samples yet.',
  },
  {
    rows: 'C03, C05-C08, C48, C50, C52, C69, C70',
    why: 'A census says what a guest can reach, not whether it was promised, borrowed for the moment, or of what quality (docs/sla.md).',
  },
  {
    rows: 'C14, C15, C19-C21',
    why: 'The handler finds roots in the save area only; a scan’s hits are candidates (claim D1), so there is no switch to turn off.',
  },
  {
    rows: 'C24, C32, C44, C46, C56, C57, C59, C60, C62',
    why: 'Faults of another handler: ours takes widths from the processor, masks by I10, 64-bit counts, nested tables only.',
  },
  { rows: 'C27', why: 'The same switch and the same sample as C25 and C26; one census cannot tell them apart.' },
  {
    rows: 'C37',
    why: 'An alias of guest memory: the model has aliases (A32), the census counts addresses and relies on H_ALIAS_CHECK.',
  },
  { rows: 'C38, C39, C63, C64', why: 'Memory encryption and the RMP are outside of the model.' },
  { rows: 'C45', why: 'A tree that is too large ends as `truncated`, which W4 and U1 prove; there is no switch for it.' },
  {
    rows: 'C53',
    why: 'Translations that outlive their tables: claim T1 of specs/platform.ts, and H_FLUSH_ASID in specs/platform/switches.ts.',
  },
  { rows: 'E06, E09, E12', why: 'The same runs of the protocol as E04, E05 and E02.' },
  {
    rows: 'E13, E15, E16',
    why: 'Who the tenant’s VM is, and which firmware has the key: no claim of the report path speaks of that.',
  },
  { rows: 'D01-D10', why: 'Scheduling over time: one measurement is in the model, not a series of them.' },
]
