// Where an access of a thread goes now: the decode of routing.ts over the registers of the thread and its core.
//
// Covers: the current registers as input of the decode; the fixed range of an address.
// Leaves out: the decode itself.
// Manual: APM volume 2, 7.7.2 (fixed ranges), 7.9, 10.2.5; 15.30.3 (SMM_CTL lets a thread see SMRAM as SMM does).

import { type Bool, type Bv, bv, ite } from '../model/term.ts'
import { rigid } from '../model/system.ts'
import { fabricMmio } from './physical.ts'
import { on } from './profile.ts'
import * as r from './registers.ts'
import { type Route, type RoutingParameters, route } from './routing.ts'
import { coreOf } from './topology.ts'
import { comparedBits } from './tseg.ts'

const laterIorr = rigid.flag('later IORR wins')
export const routeVariables = [laterIorr] as const

export const routingParameters: RoutingParameters = {
  tomWins: on('P_TOM_WINS'),
  tsegBits: comparedBits.now,
  laterIorrWins: laterIorr.now,
  windowsTakeFetches: on('P_WINDOW_FETCH'),
}

/** Eight ranges of 64 KiB, sixteen of 16 KiB, 64 of 4 KiB (APM 7.7.2). */
export const fixedRangeOf = (address: Bv<string>): Bv =>
  ite(
    address.bit(19).not(),
    bv(4, 0).concat(address.bits(18, 16)),
    ite(
      address.bit(18).not(),
      address.bits(17, 14).zext(7).as<'bits'>().plus(8),
      address.bits(17, 12).zext(7).as<'bits'>().plus(24),
    ),
  )

/** @param smmView the access is SMM's; a thread that entered the mapping by SMM_CTL has the same view. */
export function routeOf(t: Bv<string>, address: Bv<string>, kind: 'fetch' | 'data', write: boolean, smmView: Bool): Route {
  const c = coreOf(t)
  return route(
    { address: address.as<'host address'>(), kind, write, smm: smmView.or(r.smmMapped.at(t)) },
    {
      SMMADDR: r.smmAddr.at(c),
      SMMMASK: r.smmMask.at(c),
      TOP_MEM: r.topMem.at(c),
      TOM2: r.tom2.at(c),
      SYSCFG: r.sysCfg.at(c),
      IORR: [
        { base: r.iorrBase0.at(c), mask: r.iorrMask0.at(c) },
        { base: r.iorrBase1.at(c), mask: r.iorrMask1.at(c) },
      ],
      fixedMtrr: (at) => {
        const range = r.rangeOf(c, fixedRangeOf(at))
        return { rd: r.readDram.at(range), wr: r.writeDram.at(range) }
      },
      APIC_BASE: r.apicBase.at(t),
      MMIO_CFG_BASE: r.mmioCfgBase.at(c),
      fabricMmio: fabricMmio.at(address.bits(51, 12)),
    },
    routingParameters,
  )
}
