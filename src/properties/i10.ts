// I10: the handler's view of one entry is the hardware's, for every paging format, every level and every entry.

import { and, type Bool, boolVar, bool, bvVar } from '../model/term.ts'
import { type Claim, claim } from '../prover/claim.ts'
import type { Hypothesis, Obligation } from '../prover/obligation.ts'
import { config } from '../smm/cells.ts'
import { classifyEntry, type Format } from '../smm/classify.ts'
import { rules } from '../smm/reach.ts'
import { ALL_ON, type Switches, switchNames, withoutSwitches } from '../smm/switches.ts'
import { entryMeaning } from '../x86/npt.ts'
import { entryBits, levels, type NestedHost, pagingFormats, wellFormedHost } from '../x86/paging.ts'

const pse = boolVar('host.CR4.PSE')
const host: NestedHost = {
  ...rules,
  pse,
  gmet: bool(false),
  gmetData: bool(false),
  guestPageMask: config.guestPages.now.as<'guest page'>(),
  gpaTrunc: bool(false),
}

function obligation(format: Format, level: number, switches: Switches): Obligation {
  const entry = bvVar('entry', entryBits[format])
  const ours = classifyEntry(format, level, entry, switches, pse)
  const theirs = entryMeaning(format, level, entry, { ...rules, pse })
  const sound = theirs.present.and(theirs.reserved.not())
  const same = (name: string, when: Bool, a: Bool): Hypothesis => ({ name: `I10 ${name}`, term: when.implies(a) })
  const parts: Hypothesis[] = [
    same('present', bool(true), ours.present.iff(theirs.present)),
    same('reserved bits', theirs.present, ours.reserved.iff(theirs.reserved)),
    same('leaf or table', sound, ours.leaf.iff(theirs.leaf)),
    same('next table', theirs.descends, ours.table.eq(theirs.table.as())),
    same('first frame of a leaf', theirs.leaf, ours.first.eq(theirs.frame.as())),
    same('permissions', sound, and(ours.us.iff(theirs.us), ours.rw.iff(theirs.rw), ours.nx.iff(theirs.nx))),
  ]
  const hypotheses = Object.entries(wellFormedHost(format, host)).map(([name, term]) => ({ name, term }))
  return {
    id: `${format}/level${level}`,
    conjunct: parts.map((p) => p.name).join('; '),
    parts,
    origin: { kind: 'validity' },
    hypotheses,
    goal: and(...parts.map((p) => p.term)),
  }
}

/** The claim for one format, all its levels. */
export function i10(format: Format, switches: Switches = ALL_ON): Claim {
  return claim({
    id: `I10/${format}`,
    statement: `For every entry of a ${format} table at every level, every MAXPHYADDR, encryption bit, EFER.NXE, CR4.PSE and 1-GiB page support: the handler takes it for what the hardware takes it for.`,
    assumptions: ['boot constants: MAXPHYADDR, encryption bit, EFER.NXE and 1-GiB pages are as in the CPU'],
    obligations: () => obligations(format, switches),
    builtIn: { names: switchNames, without: (missing) => obligations(format, withoutSwitches(missing)) },
  })
}
const obligations = (format: Format, switches: Switches): Obligation[] =>
  Array.from({ length: levels[format] }, (_, i) => obligation(format, i + 1, switches))

export const i10All: readonly Claim[] = pagingFormats.map((format) => i10(format))
