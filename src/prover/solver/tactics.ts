// How z3 5.2 is told to check, by the logic of the script.
// A tactic that cannot handle a goal gives up at once (`incomplete`), and the plain check has its turn.
// Sources: the measurements in docs/adr/0003-solver-children.md (a walker condition over an SMT array takes 12 s by
// default, 1 s as functions, Ackermannised and bit-blasted) and z3's own description of its tactics (help-tactic).

const firstPasses = 'simplify propagate-values solve-eqs'
const ackermannised = `simplify ackermannize_bv ${firstPasses}`
const bitBlasted = 'elim-uncnstr simplify max-bv-sharing bit-blast sat'
const arrays = `(then ${firstPasses} bvarray2uf ${ackermannised} ${bitBlasted})`

const tactics: ReadonlyMap<string, string> = new Map([
  ['QF_BV', `(then ${firstPasses} ${bitBlasted})`],
  ['QF_UFBV', `(then ${firstPasses} ${ackermannised} ${bitBlasted})`],
  ['QF_ABV', arrays],
  ['QF_AUFBV', arrays],
])

/** elim-uncnstr and ackermannize_bv do not track which assertions they used. */
const tracking: ReadonlyMap<string, string> = new Map([['QF_BV', `(then ${firstPasses} bit-blast sat)`]])

export const plainCheck = '(check-sat)'
const using = (tactic: string | undefined) => (tactic === undefined ? plainCheck : `(check-sat-using ${tactic})`)

export const checkCommand = (logic: string | undefined): string => using(tactics.get(logic ?? ''))
export const trackingCheckCommand = (logic: string | undefined): string => using(tracking.get(logic ?? ''))
/** Whether a core costs next to nothing; otherwise it is worth to have the verdict first. */
export const tracksCheaply = (logic: string | undefined): boolean => tracking.has(logic ?? '')

/** Changes whenever an answer may. */
export const tacticsText: string = [...tactics, ...tracking].flat().join(' ')
