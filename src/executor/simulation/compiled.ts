// A system with the statements that are to hold, compiled: functions over one machine.

import { type Action, type Domain, type Quantified, type System, type Table, variableOf } from '../../model/system.ts'
import { type Bool, type Bv, bvVar, type Term } from '../../model/term.ts'
import { variables, visit } from '../../model/traverse.ts'
import { ProgramWriter, wide } from './code.ts'
import type { Key } from './keys.ts'
import { DENSE, Layout, limbsOfWidth, type Place } from './layout.ts'
import { keyOf, Machine } from './machine.ts'
import type { Chance, Guide, Reading } from '../../model/sampler.ts'
import { RepairWriter } from './repair.ts'

export interface CompiledAction {
  readonly action: Action
  readonly places: readonly Place[]
  /** Parameters that are indices of sparse tables. */
  readonly mentions: readonly { readonly slot: number; readonly space: number; readonly limbs: number }[]
  readonly hasTables: boolean
  /** Numbers that its parameters take. */
  readonly slots: number
  /** What the guard says without parameters. */
  readonly possible: () => boolean
  readonly enabled: () => boolean
  /** Tries to choose parameters that satisfy the guard; by case: and its condition. */
  readonly aim: () => void
  readonly aimAt: readonly (() => void)[]
  /** Takes the step: the number of the case. Only where the action is enabled. */
  readonly step: () => number
  /** Which parameters are what the action's code leaves behind. */
  readonly computed: ReadonlySet<Place>
  /** Puts what the code leaves behind into these, where the other parameters are chosen. */
  readonly compute: () => void
}

export interface CompiledStatement {
  readonly quantified: Quantified
  /** All instances hold; otherwise `machine.F` has the identifiers of one that does not. */
  readonly holds: () => boolean
  /** The same for the entries of the sparse domain that were touched. */
  readonly holdsNear: (() => boolean) | undefined
  /** Variables (a bit each) after whose change all instances must be looked at; with the others, touched entries suffice. */
  readonly global: Int32Array
  /** Key spaces whose new entries make new instances. */
  readonly spaces: readonly number[]
}

export interface SimulatedSystem {
  readonly system: System
  readonly invariant: readonly Quantified[]
  /** Conditions on the constants that hold in the runs asked for: switches and the like. */
  readonly profile: readonly Bool[]
  readonly guide?: Guide
}

interface Generated {
  readonly possible: readonly (() => boolean)[]
  readonly enabled: readonly (() => boolean)[]
  readonly aim: readonly (() => void)[]
  readonly aimAt: readonly (readonly (() => void)[])[]
  readonly step: readonly (() => number)[]
  readonly invariant: readonly (() => boolean)[]
  readonly near: readonly ((() => boolean) | undefined)[]
  readonly facts: readonly (() => boolean)[]
  readonly initial: readonly (() => boolean)[]
  readonly profile: () => boolean
  readonly counts: readonly ((() => number) | undefined)[]
  readonly chooseSizes: () => void
  readonly chooseConstants: () => void
  readonly chooseState: () => void
}

export class CompiledSystem {
  readonly subject: SimulatedSystem
  readonly layout: Layout
  readonly machine: Machine
  readonly actions: readonly CompiledAction[]
  readonly invariant: readonly CompiledStatement[]
  /** The machine's state, as guides read it. */
  readonly now: Reading
  private readonly generated: Generated
  private readonly random: Chance

  /** @throws TypeError when the system uses what generated code cannot do (terms.ts says what). */
  constructor(given: SimulatedSystem, random: Chance) {
    const subject = { ...given, system: withCode(given.system, given.guide) }
    this.subject = subject
    this.random = random
    this.layout = new Layout(subject.system, subject.invariant, subject.guide?.alike)
    this.machine = new Machine(this.layout)
    const program = new ProgramWriter(this.layout)
    const result = write(program, this.layout, subject)
    const { machine, layout } = this
    this.now = { value: (v) => machine.get(layout.place(v)), at: (table, index) => machine.at(layout.tableOf(table), index) }
    const { S, M, N, F, spaces, columns } = this.machine
    const below = (n: number) => random.below(n)
    const host = { S, M, N, F, spaces, columns, below, identifier: (domain: number) => this.identifier(domain) }
    this.generated = (new Function('host', program.source(result)) as (h: object) => Generated)(host)
    const g = this.generated
    this.actions = subject.system.actions.map((action, i) => ({
      action,
      ...this.parametersOf(action),
      ...this.codeOf(action),
      possible: g.possible[i]!,
      enabled: g.enabled[i]!,
      aim: g.aim[i]!,
      aimAt: g.aimAt[i]!,
      step: g.step[i]!,
    }))
    this.invariant = subject.invariant.map((quantified, i) => ({
      quantified,
      holds: g.invariant[i]!,
      holdsNear: g.near[i],
      ...this.dependencies(quantified),
    }))
  }

  /** Limbs of an arbitrary identifier that there is. */
  identifier(domain: number): Key {
    const { space, domain: of } = this.layout.domains[domain]!
    if (of.count !== undefined) return [this.random.below(Math.max(1, this.machine.N[domain]!)), 0, 0, 0]
    if (space === undefined) return [this.random.below(2 ** of.width), 0, 0, 0]
    const known = this.machine.spaces[space]!
    return known.keyOf(this.random.below(known.count))
  }

  /** Reads the number of elements of counted domains from the constants; the first that is too large for a run. */
  count(): { readonly domain: string; readonly size: number } | undefined {
    for (const [i, count] of this.generated.counts.entries()) {
      const size = count?.() ?? 0
      const { name, width } = this.layout.domains[i]!.domain
      if (size > Math.min(DENSE, 2 ** width)) return { domain: name, size }
      this.machine.N[i] = size
    }
    return undefined
  }
  /** The first fact, part of the profile or initial condition that does not hold. */
  startFailure(): string | undefined {
    const { facts, initial, profile } = this.generated
    const { system } = this.subject
    if (!profile()) return 'the profile'
    const fact = facts.findIndex((f) => !f())
    if (fact >= 0) return `the fact "${system.facts[fact]!.name}"`
    const condition = initial.findIndex((f) => !f())
    return condition >= 0 ? `the initial condition "${system.initial[condition]!.name}"` : undefined
  }
  /** The statement held when the machine last settled: looks only at what may have changed since. */
  stillHolds({ global, spaces, holds, holdsNear = holds }: CompiledStatement): boolean {
    const { M, spaces: all } = this.machine
    for (let i = 0; i < M.length; i++) if ((M[i]! & global[i]!) !== 0) return holds()
    for (const space of spaces) if (all[space]!.touched.length > 0) return holdsNear()
    return true
  }
  chooseConstants(): void {
    this.generated.chooseConstants()
  }
  /** Tries to make counted domains as large as `machine.N` says. */
  chooseSizes(): void {
    this.generated.chooseSizes()
  }
  chooseState(): void {
    this.generated.chooseState()
  }

  private parametersOf(action: Action): Pick<CompiledAction, 'places' | 'slots' | 'mentions' | 'hasTables'> {
    const places = this.layout.parameterPlaces(action)
    const slots = places.reduce((n, p) => n + (p.kind === 'scalar' ? limbsOfWidth(p.width) : 0), 0)
    const mentions = action.parameters.flatMap(({ domain }, n) => {
      const place = places[n]!
      const space = domain === undefined || domain.count !== undefined ? undefined : this.layout.domainOf(domain).space
      return space === undefined || place.kind === 'table' ? [] : [{ slot: place.slot, space, limbs: limbsOfWidth(place.width) }]
    })
    return { places, slots, mentions, hasTables: places.some((p) => p.kind === 'table') }
  }
  private codeOf(action: Action): Pick<CompiledAction, 'computed' | 'compute'> {
    const { machine, layout } = this
    const code = this.subject.guide?.computed[action.name]
    if (code === undefined) return { computed: new Set(), compute: () => undefined }
    const places = layout.parameterPlaces(action)
    const left = code.parameters.map((name) => [name, places[action.parameters.findIndex((p) => p.name === name)]!] as const)
    return {
      computed: new Set(left.map(([, place]) => place)),
      compute: () => {
        const result = code.run(this.now)
        for (const [domain, identifiers] of result.mentions) {
          const { space } = layout.domainOf(domain)
          if (space !== undefined) for (const i of identifiers) machine.spaces[space]!.mention(...keyOf(i))
        }
        for (const [name, place] of left) {
          if (place.kind === 'table') machine.spaces[place.space!]!.clear()
          machine.set(place, result.left[name]!)
        }
      },
    }
  }
  private dependencies(q: Quantified): Pick<CompiledStatement, 'global' | 'spaces'> {
    const global = new Int32Array(this.machine.M.length)
    const near = pointwise(q)
    for (const term of variables([q.term])) {
      const variable = variableOf(term)
      if (variable === undefined || near?.has(variable as Table)) continue
      const n = this.layout.number(variable)
      global[n >> 5]! |= 1 << (n & 31)
    }
    const spaces = q.over.flatMap(({ domain }) => {
      const { space } = this.layout.domainOf(domain)
      return domain.count === undefined && space !== undefined ? [space] : []
    })
    return { global, spaces }
  }
}

/** Where an action's code is run, its contract is what to expect of it, not a condition. @throws Error when it has no such parameter. */
function withCode(system: System, guide: Guide | undefined): System {
  const actions = system.actions.map((action): Action => {
    const code = guide?.computed[action.name]
    if (code === undefined) return action
    const left = code.parameters.map((name) => action.parameters.find((p) => p.name === name)?.term.id)
    if (left.includes(undefined)) throw new Error(`${action.name} lacks a parameter of its code: ${code.parameters.join(', ')}`)
    return { ...action, everywhere: action.everywhere.filter((q) => !variables([q.term]).some((v) => left.includes(v.id))) }
  })
  return { ...system, actions }
}

const isSparse = (domain: Domain): boolean => domain.count === undefined && 2 ** domain.width > DENSE

/** Tables that the statement reads at its one sparse identifier only; undefined when it has none, or several. */
function pointwise({ over, term }: Quantified): ReadonlySet<Table> | undefined {
  const sparse = over.filter(({ domain }) => isSparse(domain))
  const [only] = sparse
  if (only === undefined || sparse.length > 1) return undefined
  const here = new Set<Table>()
  const elsewhere = new Set<Table>()
  visit([term], ({ op, args }) => {
    const table = op === 'select' ? variableOf(args[0]!) : undefined
    if (table?.kind !== 'table') return
    const isHere = Object.is(args[1], only.bound) && Object.is(table.domain, only.domain)
    ;(isHere ? here : elsewhere).add(table)
  })
  return new Set([...here].filter((t) => !elsewhere.has(t)))
}

/** Writes every function; the expression that gathers them. */
function write(program: ProgramWriter, layout: Layout, { system, invariant, profile }: SimulatedSystem): string {
  const list = (names: readonly string[]) => `[${names.join(', ')}]`
  const { actions, facts, initial } = system
  const statement = (name: string, q: Quantified, only: 'all' | 'touched' = 'all'): string => {
    program.statement(name, q, only)
    return name
  }
  const statements = (prefix: string, all: readonly Quantified[]) => list(all.map((q, i) => statement(`${prefix}${i}`, q)))

  const parts: string[] = []
  const say = (key: keyof Generated, text: string) => void parts.push(`${key}: ${text}`)
  say('invariant', statements('invariant', invariant))
  say('facts', statements('fact', facts))
  say('initial', statements('initial', initial))
  say('near', list(invariant.map((q, i) => (pointwise(q) === undefined ? 'undefined' : statement(`near${i}`, q, 'touched')))))
  program.truth('profile', profile)
  say('profile', 'profile')
  const counts = layout.domains.map(({ domain }, i) => {
    if (domain.count === undefined) return 'undefined'
    program.amount(`count${i}`, domain.count() as Bv)
    return `count${i}`
  })
  say('counts', list(counts))

  const repair = (of: (term: Term) => boolean) => new RepairWriter(program, layout, of)
  const sizes = layout.domains.flatMap(({ domain, number }) => {
    const count = domain.count?.()
    if (count === undefined) return []
    const wanted = bvVar(`@${domain.name}`, count.width)
    return [{ condition: count.eq(wanted), wanted, limbs: wide(`N[${number}]`, count.width) }]
  })
  const isA = (change: 'state' | 'constant') => (term: Term) => variableOf(term)?.change === change
  const given = sizes.map(({ wanted, limbs }) => [wanted, limbs] as const)
  repair(isA('constant')).write(
    'chooseSizes',
    sizes.map((s) => s.condition),
    [],
    given,
  )
  say('chooseSizes', 'chooseSizes')
  repair(isA('constant')).write('chooseConstants', profile, facts)
  say('chooseConstants', 'chooseConstants')
  repair(isA('state')).write('chooseState', [], initial)
  say('chooseState', 'chooseState')

  for (const [i, { guard, everywhere, parameters, cases }] of actions.entries()) {
    const own = new Set(parameters.map((p) => p.term.id))
    const isOwn = (term: Term) => own.has(term.id)
    const conditions = guard.op === 'and' ? (guard.args as readonly Bool[]) : [guard]
    program.truth(
      `possible${i}`,
      conditions.filter((c) => !variables([c]).some(isOwn)),
    )
    const exist = parameters.flatMap(({ term, domain }) => {
      if (domain?.count === undefined) return []
      return [`${program.number(term as Bv)} < N[${layout.domainOf(domain).number}]`]
    })
    const more = everywhere.map((q, k) => `${statement(`everywhere${i}_${k}`, q)}()`)
    program.truth(`enabled${i}`, [guard], [...exist, ...more])
    program.step(`step${i}`, actions[i]!)
    // What the action reads of the state stands in statements without identifiers, and depends on what the guard chooses.
    const readings = everywhere.flatMap((q) => (q.over.length === 0 ? [q.term] : []))
    repair(isOwn).parameters(`aim${i}`, [guard], readings)
    for (const [k, c] of cases.entries()) repair(isOwn).parameters(`aim${i}_${k}`, [guard, c.when], readings)
  }
  const each = (prefix: string) => list(actions.map((_, i) => `${prefix}${i}`))
  for (const key of ['possible', 'enabled', 'step', 'aim'] as const) say(key, each(key))
  say('aimAt', list(actions.map(({ cases }, i) => list(cases.map((_, k) => `aim${i}_${k}`)))))
  return `{ ${parts.join(', ')} }`
}
