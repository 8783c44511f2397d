// The steps around the census, for any number of threads: entry, barrier, check of the configuration, devices stopped, caches
// flushed, discovery of what each thread was doing. Each procedure by itself, whatever happens between its steps.
import { controlClaims } from 'smmcheck'

export default controlClaims()
