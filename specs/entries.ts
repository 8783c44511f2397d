// I10: the handler reads every entry of every paging format as the hardware does.
import { i10All } from 'smmcheck'

export default i10All
