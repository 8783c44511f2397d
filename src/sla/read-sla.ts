// Covers: an SLA file from disk, with what can be wrong with it as a closed union; what no schema can say (names that are taken, a virtual
// processor of two machines, a machine without promises).
// Leaves out: the shape itself (sla.ts).

import { match } from 'ts-pattern'
import type { z } from 'zod'
import { type JsonFault, placeOf, type ReadFault, readJson } from '../files/read.ts'
import { type Sla, slaFile } from './sla.ts'

export type SlaFault =
  | ReadFault
  | JsonFault
  | { readonly kind: 'shape'; readonly issues: readonly string[] }
  | {
      readonly kind: 'no-promise' | 'name-twice' | 'vmcb-twice' | 'too-many-threads'
      readonly at: string
      readonly detail: string
    }
export type SlaError = SlaFault & { readonly path: string }
export type SlaResult = { readonly ok: true; readonly sla: Sla } | { readonly ok: false; readonly error: SlaError }

export function readSla(path: string): SlaResult {
  const read = readJson(path)
  return read.ok ? parseSla(read.value, path) : { ok: false, error: { ...read.fault, path } }
}

export function parseSla(value: unknown, path: string): SlaResult {
  const parsed = slaFile.safeParse(value, { reportInput: true })
  if (!parsed.success) return { ok: false, error: { kind: 'shape', issues: parsed.error.issues.map(issueText), path } }
  const fault = contradiction(parsed.data)
  return fault === undefined ? { ok: true, sla: parsed.data } : { ok: false, error: { ...fault, path } }
}

function contradiction({ vms }: Sla): SlaFault | undefined {
  const names = new Map<string, string>()
  const owners = new Map<string, string>()
  for (const [i, { name, vmcbs, memory, cpu, network }] of vms.entries()) {
    const at = `vms[${i}]`
    const taken = names.get(name)
    if (taken !== undefined) return { kind: 'name-twice', at: `${at}.name`, detail: `"${name}" is the name of ${taken}` }
    names.set(name, at)
    if (memory === undefined && cpu === undefined && network === undefined)
      return { kind: 'no-promise', at, detail: 'promises nothing; give it memory, cpu or network' }
    if (cpu !== undefined && cpu.threads > vmcbs.length) {
      const detail = `${cpu.threads} threads' time for ${vmcbs.length === 1 ? 'one virtual processor' : `${vmcbs.length} virtual processors`}; list all of the machine's VMCBs`
      return { kind: 'too-many-threads', at: `${at}.cpu.threads`, detail }
    }
    for (const [j, vmcb] of vmcbs.entries()) {
      const owner = owners.get(vmcb)
      if (owner !== undefined) return { kind: 'vmcb-twice', at: `${at}.vmcbs[${j}]`, detail: `${vmcb} is listed under ${owner}` }
      owners.set(vmcb, at)
    }
  }
  return undefined
}

export function describeSlaError(e: SlaError): string {
  return match(e)
    .with({ kind: 'not-found' }, ({ path }) => `${path}: there is no such file; check the path of the SLA file.`)
    .with(
      { kind: 'unreadable' },
      ({ path, detail }) => `${path}: cannot be read (${detail}); give a regular file that you may read.`,
    )
    .with({ kind: 'not-json' }, ({ path, detail }) => `${path}: not a JSON file (${detail}); mend it, or write it again.`)
    .with({ kind: 'shape' }, ({ path, issues }) => {
      const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
      return `${path}: not an SLA file: ${issues[0]}${more}; docs/sla.md shows the format.`
    })
    .with(
      { kind: 'no-promise' },
      { kind: 'name-twice' },
      { kind: 'vmcb-twice' },
      { kind: 'too-many-threads' },
      ({ path, at, detail }) => `${path}: ${at}: ${detail}.`,
    )
    .exhaustive()
}

/** A zod issue as `vms[0].memory.bytes: expected a whole number of bytes from 1 to 2^52, found -4096`. */
function issueText(issue: z.core.$ZodIssue): string {
  const place = placeOf(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `"${key}"`).join(', ')
    return `${place}: no promise is called ${keys}; take it out, or mend its name`
  }
  const found = issue.input === undefined ? 'nothing' : JSON.stringify(issue.input)
  const shown = found.length > 40 ? `${found.slice(0, 40)}...` : found
  return `${place}: ${issue.message.replace(/^Invalid input: /, '').replace(/, received .*$/, '')}, found ${shown}`
}
