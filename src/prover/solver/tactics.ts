// How z3 5.2 is told to check, by the logic of the script.
// Sources: the measurements in docs/adr/0003-solver-children.md (a walker condition over an SMT array takes 12 s by
// default, 1 s as functions, Ackermannised and bit-blasted) and z3's own description of its tactics (help-tactic).

const firstPasses = 'simplify propagate-values solve-eqs'
const ackermannised = `simplify ackermannize_bv ${firstPasses}`
const bitBlasted = 'elim-uncnstr simplify max-bv-sharing bit-blast sat'

/** A tactic that cannot handle a goal fails at once, then the next one has it. */
const tactics: ReadonlyMap<string, string> = new Map([
  ['QF_BV', `(then ${firstPasses} ${bitBlasted})`],
  ['QF_UFBV', `(or-else (then ${firstPasses} ${ackermannised} ${bitBlasted}) qfufbv)`],
  ...['QF_ABV', 'QF_AUFBV'].map(
    (logic) => [logic, `(or-else (then ${firstPasses} bvarray2uf ${ackermannised} ${bitBlasted}) qfaufbv)`] as const,
  ),
])

/** elim-uncnstr and ackermannize_bv do not track which assertions they used. */
const tracking: ReadonlyMap<string, string> = new Map([['QF_BV', `(then ${firstPasses} bit-blast sat)`]])

const using = (tactic: string | undefined) => (tactic === undefined ? '(check-sat)' : `(check-sat-using ${tactic})`)

export const checkCommand = (logic: string | undefined): string => using(tactics.get(logic ?? ''))
export const trackingCheckCommand = (logic: string | undefined): string => using(tracking.get(logic ?? ''))
/** Whether a core costs next to nothing; otherwise it is worth to have the verdict first. */
export const tracksCheaply = (logic: string | undefined): boolean => tracking.has(logic ?? '')

/** Changes whenever an answer may. */
export const tacticsText: string = [...tactics, ...tracking].flat().join(' ')
