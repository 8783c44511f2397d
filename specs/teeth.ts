// What each defence of the handler is for: with it off, the claim falls, and what fools the handler is shown.
import { controlTeeth, controlTooth, teeth, tooth } from 'smmcheck'

export default [...teeth.map(tooth), ...controlTeeth.map(controlTooth)]
