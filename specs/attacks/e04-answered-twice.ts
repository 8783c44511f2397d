// E04 One challenge, many answers. The handler is made to answer one challenge again and again, until a sample comes out well.
import { reportPair } from 'smmcheck'

export default reportPair({
  id: 'E04',
  name: 'One challenge, many answers',
  reference: 'facts E04',
  year: 2026,
  without: 'S_MONO',
  breaks: 'R2',
})
