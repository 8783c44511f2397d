// C29 NXE confusion. The host runs without EFER.NXE, where bit 63 of an entry is reserved and what has it set never translates.
// A handler that takes it for NX counts such entries.
import { and, type Arr, type Cell, saved, stepPair } from 'smmcheck'

export default stepPair({
  id: 'C29',
  name: 'NXE confusion',
  reference: 'AMD64 APM volume 2, 5.6.1, 15.25.3; facts C29',
  year: 2003,
  off: 'S_MODE_HW',
  procedure: 'recognise',
  breaks: /^I9 what is walked/,
  given: {
    that: 'the host has paging on, with four levels',
    holds: (params) => {
      const of = (word: Cell<Arr>) => word.now.at(params.get('t')!)
      const [cr4, efer] = [of(saved.hostCr4), of(saved.hostEfer)]
      return and(of(saved.hostCr0).bit(31), cr4.bit(5), cr4.bit(12).not(), efer.bit(10))
    },
  },
})
