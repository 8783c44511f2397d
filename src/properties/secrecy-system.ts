// Platform and handler with what secrecy is about: the handler's use of its key, and eyes: what those outside SMM read.
//
// Covers: every load of a thread outside SMM and every read of a device (they are those that make a word `exposed`), as a value that
//   they all know from then on; what misled code in SMM reads; vector registers of software outside SMM; what the handler takes in
//   while it measures.
// Leaves out: what loads do to caches, how long they take, speculation.
// Liberties: those outside SMM are one adversary, who sees what any of them reads; it remembers one value, the last, since it may be
//   any of them.

import { bvSort } from '../model/sort.ts'
import { after, type State } from '../model/successor.ts'
import {
  action,
  type Action,
  type Case,
  type Effect,
  effectsOf,
  forAll,
  state,
  type System,
  variableOf,
  when,
  withObserver,
} from '../model/system.ts'
import { and, bool, type Bool, type Bv, type Term, varOf } from '../model/term.ts'
import { Substitution, variables } from '../model/traverse.ts'
import { stepsOf } from '../model/transition.ts'
import { recognise } from '../smm/discover.ts'
import { handlerSystem } from '../smm/handler-system.ts'
import { snap } from '../smm/meeting-state.ts'
import { mayRead } from '../smm/system-profile.ts'
import { ALL_ON, type Switches } from '../smm/switches.ts'
import { CAREFUL, KEY_BITS, type TaggingSwitches } from '../smm/tagging.ts'
import { forgotten, holdsKey, tagged, taggingFacts, taggingSteps, taggingVariables, vectors } from '../smm/tagging-steps.ts'
import { dram, exposed, load } from '../x86/dram.ts'
import { runs } from '../x86/modes.ts'
import { word, WORD_BITS } from '../x86/physical.ts'
import { inSmm } from '../x86/smm.ts'
import { thread } from '../x86/topology.ts'

/** What somebody outside SMM has read last. */
export const seen = state.bits('seen', 64)
/** What the handler has read last of the memory that it measures: the report may say anything of it. */
export const collected = state.bits('collected', 64)

// ---- who sees what ----

/** As if nobody had read anything: what is exposed after a step was read by it. */
const unread: State = (() => {
  const hidden = new Substitution((v) => (v.op === 'select' && variableOf(v.args[0]!) === exposed ? bool(false) : undefined))
  return {
    apply: (term) => hidden.apply(term),
    read: (table, index) => (table === exposed ? bool(false) : table.at(index)),
    scalar: (now) => now,
  }
})()

/** The action, with one of the words that it reads in sight; which one, the reader decides. */
function withSight(known: Action): Action {
  if (!effectsOf(known).some((e) => e.variable === exposed)) return known
  const look = varOf(`${known.name}!read`, { kind: 'bv', width: WORD_BITS }) as Bv<'word'>
  const sees = (c: Case): readonly Effect[] => {
    const alone = { ...known, cases: [{ ...c, when: bool(true) }] }
    const isRead = after(unread, alone).read(exposed, look) as Bool
    return isRead.value === false ? [] : when(isRead, seen.set(dram.at(look)))
  }
  return withObserver(known, sees, [{ name: 'read', term: look, domain: word }])
}

// ---- additions to actions of the composed system ----

const parameterOf = (known: Action, name: string): Term => known.parameters.find((p) => p.name === name)!.term
/** @throws Error when an effect changes what the composed system has: what is proved of that system is to stay true. */
function also(system: System, known: Action, effects: readonly Effect[], guard: Bool = bool(true)): Action {
  const wrong = effects.find((e) => system.variables.includes(e.variable))
  if (wrong !== undefined) throw new Error(`${known.name} must not do more to ${wrong.variable.name}`)
  return { ...withObserver(known, () => effects), guard: and(known.guard, guard) }
}
const loadedBySmm = (known: Action): Bv =>
  load(
    inSmm(parameterOf(known, 't') as Bv),
    parameterOf(known, 'a') as Bv,
    parameterOf(known, known.name.startsWith('misled') ? 'value' : 'answer') as Bv,
  )

const additions: Readonly<Record<string, (system: System, known: Action, switches: Switches) => Action>> = {
  'firmware hands over': (system, known) => also(system, known, forgotten),
  'misled SMM code does anything': (system, known) => also(system, known, [seen.set(loadedBySmm(known))]),
  'the leader reads memory': (system, known) => also(system, known, [collected.set(loadedBySmm(known))]),
  'the leader observes a thread': (_, known, switches) => readingWhatItMay(known, switches),
  'the leader takes the census': (_, known) => ofAnyResult(known),
  'the leader lets threads go': (system, known) => also(system, known, [], holdsKey.at(parameterOf(known, 't') as Bv).not()),
}

/**
 * What is read of a control block lies in the boot map: a condition (`readable`) of the procedure, proved with it. As a step, the
 * procedure has forgotten what its callees promise. Without S_DRAM it is not so.
 */
function readingWhatItMay(known: Action, switches: Switches): Action {
  if (!switches.S_DRAM) return known
  const { reads } = stepsOf(recognise(switches), { t: parameterOf(known, 'u') })
  const may = forAll('the control block lies in the boot map', [], () =>
    and(...reads.map((r) => r.when.implies(mayRead(r.word, r.evidence)))),
  )
  return { ...known, everywhere: [...known.everywhere, may] }
}

/**
 * What a census comes to is arbitrary here: it is made of what the handler reads (of which each word is claimed to be equal in both
 * runs) and of its own cells, so it is equal, too. What its contract says of memory, SMRAM included, says nothing of that.
 */
const ofAnyResult = (known: Action): Action => ({
  ...known,
  everywhere: known.everywhere.filter((q) => !variables([q.term]).some((v) => variableOf(v) === snap)),
})

/** x87 and SSE registers are the software's own outside SMM, and neither SMI nor RSM changes them (APM 10.3.5). */
const usesVectors = action(
  'software uses vector registers',
  { actor: 'hypervisor', cite: 'APM 10.3.5', parameters: { t: thread, value: bvSort(KEY_BITS) } },
  ({ t, value }) => ({ guard: runs(t), cases: { changed: [vectors.set(t, value)] } }),
)

const made = new Map<string, System>()
export function secrecySystem(switches: Switches = ALL_ON, tagging: TaggingSwitches = CAREFUL): System {
  const key = JSON.stringify([switches, tagging])
  const known = made.get(key) ?? build(switches, tagging)
  made.set(key, known)
  return known
}

function build(switches: Switches, tagging: TaggingSwitches): System {
  const composed = handlerSystem(switches)
  return {
    name: `${composed.name}, with a key`,
    domains: [...composed.domains, tagged],
    variables: [...composed.variables, ...taggingVariables, seen, collected],
    facts: [...composed.facts, ...taggingFacts],
    initial: composed.initial,
    actions: [
      ...composed.actions.map((a) => withSight(additions[a.name]?.(composed, a, switches) ?? a)),
      ...taggingSteps(tagging),
      usesVectors,
    ],
  }
}
