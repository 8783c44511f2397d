// Covers: every way in which a memory image can fail to open, and the one sentence that says so and names the fix.
// Leaves out: read errors of a disk in the middle of a run; those are thrown (source.ts).
import { match } from 'ts-pattern'

export type ImageErrorKind =
  | 'not-found'
  | 'unreadable'
  | 'bad-gzip'
  | 'too-large'
  | 'not-an-image'
  | 'unsupported-elf'
  | 'unsupported-lime'
  | 'truncated'
  | 'overlapping-segments'
  | 'no-memory'

/** What went wrong inside a file; `detail` is a clause without a full stop. */
export type ImageFault = {
  readonly [K in ImageErrorKind]: { readonly kind: K; readonly detail: string }
}[ImageErrorKind]

/** The same with the file it happened to. */
export type ImageError = ImageFault & { readonly path: string }

export const ACCEPTED_FORMATS =
  'ELF64 cores (QEMU dump-guest-memory, virsh dump --memory-only), LiME images, and raw images named .raw, .bin or .img; each may be gzipped'

export function describeImageError(e: ImageError): string {
  return match(e)
    .with({ kind: 'not-found' }, ({ path }) => `${path}: there is no such file; check the path.`)
    .with(
      { kind: 'unreadable' },
      ({ path, detail }) => `${path}: cannot be read (${detail}); give a regular file that you may read.`,
    )
    .with(
      { kind: 'bad-gzip' },
      ({ path, detail }) => `${path}: the gzip stream is damaged or cut short (${detail}); copy or compress the image again.`,
    )
    .with({ kind: 'too-large' }, ({ path, detail }) => `${path}: ${detail}; gunzip it first, plain images are read page by page.`)
    .with(
      { kind: 'not-an-image' },
      ({ path, detail }) => `${path}: not a memory image (${detail}); accepted are ${ACCEPTED_FORMATS}.`,
    )
    .with(
      { kind: 'unsupported-elf' },
      ({ path, detail }) =>
        `${path}: an ELF file, but not a usable ELF64 core (${detail}); write the image with QEMU dump-guest-memory or virsh dump --memory-only.`,
    )
    .with(
      { kind: 'unsupported-lime' },
      ({ path, detail }) => `${path}: not a LiME image of version 1 (${detail}); capture it again with format=lime.`,
    )
    .with({ kind: 'truncated' }, ({ path, detail }) => `${path}: the file is cut short (${detail}); copy or dump it again.`)
    .with(
      { kind: 'overlapping-segments' },
      ({ path, detail }) =>
        `${path}: the same physical addresses occur twice with different content (${detail}); dump the image again.`,
    )
    .with({ kind: 'no-memory' }, ({ path, detail }) => `${path}: holds no memory at all (${detail}); dump the image again.`)
    .exhaustive()
}
