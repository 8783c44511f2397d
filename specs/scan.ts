// D1: the search of memory for VMCBs finds every page from which VMRUN starts a guest, and says truly why it refuses others.
import { scanClaims } from 'smmcheck'

export default scanClaims
