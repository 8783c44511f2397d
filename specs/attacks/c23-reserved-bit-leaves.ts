// C23 Leaves with reserved bits. A present leaf with a reserved bit set never translates. A handler that looks at P alone counts
// it.
import { walkPair } from 'smmcheck'

export default walkPair({
  id: 'C23',
  name: 'Leaves with reserved bits',
  reference: 'Linux KVM: marks of emulated MMIO (arch/x86/kvm/mmu/spte.c)',
  year: 2013,
  off: 'S_RSVD',
  machine: { level: 1, entries: [1] },
  breaks: /^W3 mapped pages/,
})
