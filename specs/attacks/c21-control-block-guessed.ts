// C21 A control block guessed in host mode. No guest ran, so nothing records a control block. A handler that takes one all the
// same, from the save area, from RAX or from the host save area, takes what the hypervisor put there.
import { and, bootMap, bv, config, saved, stepPair } from 'smmcheck'

export default stepPair({
  id: 'C21',
  name: 'A control block guessed in host mode',
  reference: 'AMD64 APM volume 2, 15.30.4 (VM_HSAVE_PA); facts C21',
  year: 2005,
  off: 'S_IN_GUEST',
  procedure: 'recognise',
  breaks: /^C1 a host/,
  given: {
    that: 'the field holds the address of a page of DRAM',
    holds: (params) => {
      const vmcb = saved.vmcb.now.at(params.get('t')!)
      const [first, last] = [bootMap.first, bootMap.last].map((c) => c.now.at(bv(16, 0)))
      const frame = vmcb.bits(51, 12)
      const encrypted = frame.bitand(config.cBit.now.bits(51, 12))
      return and(
        ...[bootMap.ranges.now.eq(1), first!.ule(frame), frame.ule(last!), encrypted.isZero()],
        ...[vmcb.bits(11, 0).isZero(), vmcb.bits(63, 52).isZero()],
      )
    },
  },
})
