// The platform: one transition system of all that threads, devices and firmware can do, with the hypervisor, the guest and the
// devices as adversaries.
//
// Covers: the state, facts and actions of the other files, put together.
// Leaves out: what each of them leaves out.

import type { System } from '../model/system.ts'
import { accessActions } from './accesses.ts'
import { bootActions, bootVariables, initial } from './boot.ts'
import { cpuFacts, cpuVariables } from './cpu.ts'
import { deviceActions, deviceVariables } from './devices.ts'
import { memoryFacts, memoryVariables } from './dram.ts'
import { tlbVariables, translation } from './guest-tlb.ts'
import { initActions } from './init.ts'
import { modeVariables } from './modes.ts'
import { wrmsrActions } from './msr.ts'
import { fabricMmio, frame, word } from './physical.ts'
import { switches } from './profile.ts'
import { fixedRange, registerVariables } from './registers.ts'
import { saveParameterVariables } from './save-parameters.ts'
import { smiVariables } from './smi-state.ts'
import { smmActions, smmVariables } from './smm.ts'
import { svmActions } from './svm.ts'
import { svmVariables } from './svm-state.ts'
import { routeVariables } from './thread-route.ts'
import { core, thread, topology, topologyVariables } from './topology.ts'
import { tsegFacts, tsegVariables } from './tseg.ts'

export const platform: System = {
  name: 'platform',
  domains: [thread, core, word, frame, fixedRange, translation],
  variables: [
    ...[...topologyVariables, ...switches, ...cpuVariables, ...saveParameterVariables, ...routeVariables, ...tsegVariables],
    ...[...modeVariables, ...registerVariables, ...smiVariables, ...svmVariables, ...smmVariables, ...bootVariables],
    ...[...memoryVariables, ...tlbVariables, ...deviceVariables, fabricMmio],
  ],
  facts: [...topology, ...cpuFacts, ...memoryFacts, ...tsegFacts],
  initial,
  actions: [...bootActions, ...wrmsrActions, ...svmActions, ...accessActions, ...deviceActions, ...initActions, ...smmActions],
}
