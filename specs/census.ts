// The census of nested address spaces: W1 no-hide, W2 no-inflate, W3 exact counts, W4 bounded and confined, U1 useful, I11.
import { censusClaims, i11 } from 'smmcheck'

export default [i11(), ...censusClaims()]
