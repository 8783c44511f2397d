// SMRAM decode, row by row (APM 10.2.5, PPR SMMMASK): TSeg of 16 MiB at 7F000000h.

import type { RoutedAccess } from '../../src/x86/routing.ts'

type Row = readonly [
  id: string,
  address: bigint,
  SMMMASK: bigint,
  smm: boolean,
  kind: RoutedAccess['kind'],
  target: 'DRAM' | 'MMIO' | 'normal routing',
]
export const SMMADDR = 0x7f00_0000n
export const smramRows: readonly Row[] = [
  ['T01', 0x7f00_0000n, 0xffff_ff00_6003n, true, 'fetch', 'DRAM'],
  ['T02', 0x7f12_3456n, 0xffff_ff00_6003n, true, 'data', 'DRAM'],
  ['T03', 0x7fff_ffffn, 0xffff_ff00_6003n, false, 'data', 'MMIO'],
  ['T04', 0x8000_0000n, 0xffff_ff00_6003n, false, 'data', 'normal routing'],
  ['T05', 0x7f00_8000n, 0xffff_ff00_600bn, true, 'fetch', 'DRAM'],
  ['T06', 0x7f00_8000n, 0xffff_ff00_600bn, true, 'data', 'MMIO'],
  ['T07', 0xa_0000n, 0xffff_ff00_6003n, false, 'data', 'MMIO'],
  ['T08', 0xa_0000n, 0xffff_ff00_6007n, true, 'data', 'MMIO'],
  ['T09', 0x7f00_0000n, 0xffff_ff00_6001n, false, 'data', 'normal routing'],
  ['T10', 0xc_0000n, 0xffff_ff00_6003n, false, 'data', 'normal routing'],
]
