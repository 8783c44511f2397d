// C43 A table that refers to itself. A small tree presents astronomically many leaves: the walk never ends, or a count wraps.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C43',
  name: 'A table that refers to itself',
  reference: 'facts C43, 6.5',
  year: 2013,
  off: 'S_BOUND',
  machine: { level: 2, entries: [1], frames: 1n },
  breaks: /^W4 work within budget/,
})
