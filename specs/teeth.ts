// What each defence of the walker is for: with it off, the claim falls, and the entries that fool the handler are shown.
import { teeth, tooth } from 'smmcheck'

export default teeth.map(tooth)
