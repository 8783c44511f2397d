// What can keep a census of an image from being made at all: input that contradicts itself or the image.
// Leaves out: files that cannot be read (src/executor), and censuses that end without numbers (a status, no fault).

import { match } from 'ts-pattern'

export type MeasureFault =
  | { readonly kind: 'vmcb-misaligned' | 'vmcb-too-wide' | 'vmcb-absent'; readonly address: number; readonly maxphyaddr: number }
  | { readonly kind: 'vmcb-bad-root'; readonly address: number; readonly root: bigint; readonly maxphyaddr: number }
  | { readonly kind: 'narrow-addresses'; readonly maxphyaddr: number }
  | { readonly kind: 'no-whole-frame' }
  | { readonly kind: 'too-many-ranges' | 'too-many-spaces'; readonly count: number; readonly most: number }
  | { readonly kind: 'host-mode-unknown' }
  | { readonly kind: 'bitmap-bytes'; readonly given: number; readonly unit: number; readonly most: number }

export const isFault = (x: object): x is MeasureFault => 'kind' in x

const hex = (n: number | bigint): string => `0x${n.toString(16)}`

export function describeMeasureFault(fault: MeasureFault): string {
  return match(fault)
    .with(
      { kind: 'vmcb-misaligned' },
      ({ address }) => `there can be no VMCB at ${hex(address)}: a VMCB begins at a multiple of 4096.`,
    )
    .with(
      { kind: 'vmcb-too-wide' },
      ({ address, maxphyaddr }) => `there can be no VMCB at ${hex(address)}: it is beyond ${maxphyaddr}-bit physical addresses.`,
    )
    .with({ kind: 'vmcb-absent' }, ({ address }) => `there is no VMCB at ${hex(address)}: the image does not hold that page.`)
    .with(
      { kind: 'vmcb-bad-root' },
      ({ address, root, maxphyaddr }) =>
        `there is no VMCB at ${hex(address)}: its nested CR3 would be ${hex(root)}, beyond ${maxphyaddr}-bit physical addresses.`,
    )
    .with(
      { kind: 'narrow-addresses' },
      ({ maxphyaddr }) =>
        `the machine file has a CPU of ${maxphyaddr} address bits (machine.maxphyaddr); the tables that the handler walks need 36 to 52.`,
    )
    .with({ kind: 'no-whole-frame' }, () => 'the RAM of the machine file holds no whole 4-KiB frame.')
    .with(
      { kind: 'too-many-ranges' },
      ({ count, most }) => `the machine file has ${count} ranges of RAM; at most ${most} can be used.`,
    )
    .with({ kind: 'too-many-spaces' }, ({ count, most }) => `there are ${count} address spaces; at most ${most} can be measured.`)
    .with(
      { kind: 'host-mode-unknown' },
      () =>
        'nothing says how many levels the nested tables have: no CPU outside of a guest, no host save area in the image, no machine.host_la57 in the machine file.',
    )
    .with(
      { kind: 'bitmap-bytes' },
      ({ given, unit, most }) => `the bitmaps can have a positive multiple of ${unit} bytes up to ${most}, not ${given}.`,
    )
    .exhaustive()
}
