// How z3 5.2 is told to check, by the logic of the script.
// A tactic that cannot handle a goal gives up at once (`incomplete`), and the plain check has its turn.
// Sources: the measurements in docs/adr/0003-solver-children.md (a walker condition over an SMT array takes 12 s by
// default, 1 s as functions, Ackermannised and bit-blasted) and z3's own description of its tactics (help-tactic).

const firstPasses = 'simplify propagate-values solve-eqs'
const ackermannised = `simplify ackermannize_bv ${firstPasses}`
/** Without in-processing, with false as the first guess, and few early restarts: a third of the time on the obligations of table walks. */
const options = ':elim_vars false :asymm_branch false :subsumption false :probing false :phase always_false :restart.initial 50'
const search = `(using-params sat ${options})`
const blasting = 'elim-uncnstr simplify max-bv-sharing bit-blast'
/** And-inverter graphs find gates that are the same; comparisons of one chain share theirs. They do not track assertions. */
const bitBlasted = `${blasting} aig ${search}`
/** For a model that is expected to be there: on sets of hypotheses, two thirds of the time of the above. */
const modelSearch = `(using-params sat ${options.replace('always_false', 'caching')})`
const arrays = `(then ${firstPasses} bvarray2uf ${ackermannised} ${bitBlasted})`

const tactics: ReadonlyMap<string, string> = new Map([
  ['QF_BV', `(then ${firstPasses} ${bitBlasted})`],
  ['QF_UFBV', `(then ${firstPasses} ${ackermannised} ${bitBlasted})`],
  ['QF_ABV', arrays],
  ['QF_AUFBV', arrays],
])

/** For a model that is expected to be there. */
const seeking: ReadonlyMap<string, string> = new Map([['QF_BV', `(then ${firstPasses} ${blasting} ${modelSearch})`]])

/** For a core. */
const tracked: ReadonlyMap<string, string> = new Map([['QF_BV', `(then ${firstPasses} ${blasting} ${search})`]])

export const plainCheck = '(check-sat)'
const using = (tactic: string | undefined) => (tactic === undefined ? plainCheck : `(check-sat-using ${tactic})`)

export const checkCommand = (logic: string | undefined, expected?: 'sat'): string =>
  using((expected === 'sat' ? seeking.get(logic ?? '') : undefined) ?? tactics.get(logic ?? ''))

/** The check with a core, for logics where that costs next to nothing; ackermannize_bv does not track assertions. */
export const coreCommand = (logic: string | undefined): string | undefined =>
  tracked.has(logic ?? '') ? using(tracked.get(logic ?? '')) : undefined

/** Changes whenever an answer may. */
export const tacticsText: string = [...tactics, ...seeking, ...tracked].flat().join(' ')
