// `smmcheck run`: its options. The work is in ../run.ts.

import type { Command } from 'commander'
import { UsageError, wholeNumber } from '../usage.ts'

const EXAMPLES = `
The image is an ELF64 core (QEMU dump-guest-memory, virsh dump --memory-only), a LiME image or a raw one; each may be gzipped.
The machine file says what the image does not: what is RAM, how wide addresses are, and which CPU was inside which VMCB.

Examples:
  smmcheck run host.elf.gz --machine host.input.json                      what each virtual machine has
  smmcheck run host.elf --machine host.json --json census.json            and as a record (smmcheck.census/2)
  smmcheck run host.elf --machine host.json --json - | jq .distinctFrames
  smmcheck run host.elf --machine host.json --vmcb 0x2c26000              this VMCB instead of a scan
  smmcheck run samples/two-vms.ts --steps                                 a sample state, step by step
  smmcheck run host.elf --machine host.json --sla sla.json                promised against measured, each virtual machine
  smmcheck run host.elf --machine host.json --challenge ask.bin --key lab/key --platform lab/platform.json --report report.bin

Exit codes:
  0 census complete (and every promise kept)    1 a promise of the SLA is broken    2 bad input
  3 census not complete (its status says why), or a promise that could not be measured`

export function register(program: Command): void {
  program
    .command('run')
    .description('Measure a memory image of a host, or a sample state, with the handler: what each virtual machine has.')
    .argument('<image>', 'memory image, or a sample state (a TypeScript or JavaScript module)')
    .option('--machine <file>', 'what goes with the image: RAM, address width, CPUs (JSON)')
    .option(
      '--vmcb <address>',
      'take the VMCB at this physical address instead of scanning; may be repeated',
      (text: string, before: readonly number[] | undefined) => [...(before ?? []), physicalAddress(text)],
    )
    .option(
      '--bitmap-bytes <n>',
      'size of the four bitmaps together, a multiple of 32 (for tests)',
      wholeNumber('--bitmap-bytes', 1),
    )
    .option('--sla <file>', 'hold the census against what was promised (docs/sla.md)')
    .option('--judgement <file>', 'with --sla: promised against measured as JSON to a file, or - for standard output')
    .option('--steps', 'show the steps of the handler')
    .option('--json <file>', 'the census as JSON to a file, or - for standard output')
    .option('--challenge <file>', "answer a proxy's challenge (docs/report.md); needs --key, --platform and --report")
    .option('--key <file>', 'with --challenge: the key that proxy and platform share')
    .option('--platform <file>', 'with --challenge: what the platform keeps (made by smmcheck enrol)')
    .option('--report <file>', 'with --challenge: where the answer goes')
    .addHelpText('after', EXAMPLES)
    .action(async (image: string, options) => {
      const { runCommand } = await import('../run.ts')
      process.exitCode = await runCommand(image, options)
    })
}

/** The machine file says which of these exist; none has more than 52 bits. */
function physicalAddress(text: string): number {
  const address = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : undefined
  if (address === undefined) throw new UsageError(`--vmcb takes a physical address such as 0x2c26000, not "${text}"`)
  if (address >> 52n !== 0n) throw new UsageError(`--vmcb ${text} is beyond any physical address (52 bits)`)
  return Number(address)
}
