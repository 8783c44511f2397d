// How z3 5.2 is told to check, by the logic of the script.
// A tactic that cannot handle a goal gives up at once (`incomplete`), and the plain check has its turn.
// Sources: the measurements in docs/adr/0003-solver-children.md (a walker condition over an SMT array takes 12 s by
// default, 1 s as functions, Ackermannised and bit-blasted) and z3's own description of its tactics (help-tactic).

const firstPasses = 'simplify propagate-values solve-eqs'
const ackermannised = `simplify ackermannize_bv ${firstPasses}`
/** Without in-processing, and with false as the first guess: half the time on the obligations of table walks. */
const search = '(using-params sat :elim_vars false :asymm_branch false :subsumption false :probing false :phase always_false)'
const bitBlasted = `elim-uncnstr simplify max-bv-sharing bit-blast ${search}`
const arrays = `(then ${firstPasses} bvarray2uf ${ackermannised} ${bitBlasted})`

const tactics: ReadonlyMap<string, string> = new Map([
  ['QF_BV', `(then ${firstPasses} ${bitBlasted})`],
  ['QF_UFBV', `(then ${firstPasses} ${ackermannised} ${bitBlasted})`],
  ['QF_ABV', arrays],
  ['QF_AUFBV', arrays],
])

export const plainCheck = '(check-sat)'
const using = (tactic: string | undefined) => (tactic === undefined ? plainCheck : `(check-sat-using ${tactic})`)

export const checkCommand = (logic: string | undefined): string => using(tactics.get(logic ?? ''))

/** Whether the tactic tracks assertions, so that a core costs next to nothing; ackermannize_bv does not. */
export const tracksCheaply = (logic: string | undefined): boolean => logic === 'QF_BV'

/** Changes whenever an answer may. */
export const tacticsText: string = [...tactics].flat().join(' ')
