// The library: what specs import from 'smmcheck'. Terms and procedures to write models with, claims about them, and the
// verification conditions of procedures.

export * from './model/sort.ts'
export * from './model/term.ts'
export * from './model/cell.ts'
export * from './model/invariant.ts'
export * from './model/layout.ts'
export { show } from './model/show.ts'
export * from './model/position.ts'
export * from './model/procedure.ts'
export type { Chance, Sampler, Start } from './model/sampler.ts'
export * from './model/successor.ts'
export * from './model/system.ts'
export { but, type Setting, type Switchboard, switchboard } from './model/switchboard.ts'
export * from './model/builder.ts'
export * from './model/evaluate.ts'
export * from './model/interpreter.ts'
export { sizeOf, substitute, Substitution, variables, visit } from './model/traverse.ts'
export {
  type BuiltIn,
  type Claim,
  claim,
  type GalleryRow,
  type KnownAttack,
  type Refutation,
  type Refuted,
  type Replay,
  type Residual,
  type Verdict,
} from './prover/claim.ts'
export { conditionsOf, type Mode } from './prover/conditions.ts'
export type { Scenario, Slot } from './prover/scenario.ts'
export { type ScenarioClaim, scenarioClaim, type SystemClaim, systemClaim } from './prover/system-claim.ts'
export type { Wording } from './prover/wording.ts'
export type { Axiom, ConditionKind, Hypothesis, Obligation, Origin } from './prover/obligation.ts'

// The claims about the handler, as functions of its switches; and the hardware they speak of.
export { type CensusClaim, censusClaim, censusClaims } from './properties/census.ts'
export { type ControlClaim, conditionsOfControl, controlClaim, controlClaims, controlOf } from './properties/control.ts'
export { type ControlTooth, controlTeeth, controlTooth } from './properties/control-teeth.ts'
export { type MeetingClaim, meetingClaim, meetingClaims } from './properties/meeting-claims.ts'
export { type Theorem, theorems, theoremWithout } from './properties/theorem.ts'
export { secrecyClaim, secrecyClaims, taggingClaim } from './properties/secrecy-claims.ts'
export { type Leak, leakClaim, leakClaims, leaks } from './properties/secrecy-leaks.ts'
export { i10, i10All } from './properties/i10.ts'
export { i11 } from './properties/i11.ts'
export { scanClaims, scanParts } from './properties/scan.ts'
export { defended, type Tooth, teeth, tooth } from './properties/teeth.ts'
export { type Part, conditionsOfHandler, conditionsOfPart, handlerOf } from './properties/handler.ts'
export { replay } from './properties/replay.ts'
export { ALL_ON, type Switches } from './smm/switches.ts'
export { bootMap, config } from './smm/cells.ts'
export { saved } from './smm/thread-cells.ts'
export * from './x86/address.ts'
export * from './x86/npt.ts'
export * from './x86/paging.ts'
export {
  adversary,
  anSmi,
  type AttackRow,
  handOver,
  happens,
  type PlatformAttack,
  platformPair,
} from './properties/attack-pair.ts'
export {
  type HandlerSwitch,
  type MeetingAttack,
  type MeetingMissing,
  meetingPair,
  meetingScenario,
} from './properties/meeting-pair.ts'
export type { Honest } from './properties/meeting-scenario.ts'
export type { MeetingStatement } from './properties/meeting-statements.ts'
export { type StepAttack, stepPair, type WalkAttack, walkPair } from './properties/handler-pair.ts'
export { invariant } from './properties/platform.ts'
export { addressesAreCells, chipsetRaisesSmis } from './properties/platform-statements.ts'
export { triggerPair } from './properties/trigger-pair.ts'
export { platformWording } from './properties/platform-wording.ts'
export { exampleMachine, type MachineChoice } from './x86/example-machine.ts'
export type { MeetingMachine } from './smm/example-meeting.ts'
export type { MeetingSwitch } from './smm/system-profile.ts'
export { smiTable } from './properties/smi-table.ts'
export { type PlatformClaim, platformClaim, platformClaimIds, platformClaims } from './properties/platform-claims.ts'
export { platform } from './x86/platform.ts'
export {
  assumptionsOf,
  hardened,
  legacy,
  on,
  type Profile as PlatformProfile,
  singleOff,
  switchMeaning,
  type SwitchName,
  switchNames,
} from './x86/profile.ts'
export { type Leaf, type Sample, sample, type SamplePlatform, type SampleVm, type VmcbChoice } from './measure/sample.ts'
export { type ReportAttack, reportAttack, reportAttacks } from './properties/report-attacks.ts'
export { type ReportPath, reportPair } from './properties/report-pair.ts'
export { reportClaim, reportClaimIds, reportClaims } from './properties/report-claims.ts'
export type { ReportClaim } from './properties/report.ts'
export { protectedBut, reportSwitchMeaning, reportSwitchNames, type ReportSwitch } from './protocol/switches.ts'
export { networkClaim } from './properties/network.ts'
export {
  type FreshnessAttack,
  freshnessAttack,
  freshnessClaims,
  freshnessPair,
  nothingAccepted,
  settings as freshnessSettings,
} from './properties/freshness.ts'
export { freshnessSwitchNames, type FreshnessSwitch } from './protocol/freshness-state.ts'
export { knownAttacks } from './properties/known-attacks.ts'
export { notModelled, residual } from './properties/residual.ts'
export { counterSwitchMeaning, type CounterSwitch } from './protocol/nic-counters.ts'
