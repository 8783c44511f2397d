// Census records made up for tests.
import { type Census, CENSUS_SCHEMA, type CountedSpace, type UncountedSpace } from '../../src/report/census.ts'

export const COUNTED: CountedSpace = {
  root: '0x111586000',
  status: 'complete',
  levels: 4,
  nestedPaging: true,
  vmcbs: ['0x10fd65000', '0x10fcaf000'],
  threads: [0, 3],
  evidence: 'save-state',
  innerGuestOf: null,
  leafEntries: { '4K': 16134, '2M': 12, '1G': 0 },
  mappedBytes: 16134 * 4096 + 12 * 2 ** 21,
  distinctFrames: 22270,
  distinctFramesCertain: 22264,
  framesMappedMoreThanOnce: 5,
  extraMappings: 8,
  reservedBitEntries: 64,
  foreignLeaves: 2,
  beyondGuestWidth: 0,
  tablePages: 36,
  framesSharedWithOtherSpaces: 1000,
  mappedTables: 1,
  smramLeaves: 0,
  leafPermissions: { 'r-x': 50, 'r--': 0, rwx: 16096 },
}

export const UNCOUNTED: UncountedSpace = {
  root: '0x2c31000',
  status: 'foreign-table',
  levels: 5,
  nestedPaging: true,
  vmcbs: ['0x2c2c000'],
  threads: [],
  evidence: 'candidate',
  innerGuestOf: '0x111586000',
  leafEntries: null,
  mappedBytes: null,
  distinctFrames: null,
  distinctFramesCertain: null,
  framesMappedMoreThanOnce: null,
  extraMappings: null,
  reservedBitEntries: null,
  foreignLeaves: null,
  beyondGuestWidth: null,
  tablePages: null,
  framesSharedWithOtherSpaces: null,
  mappedTables: null,
  smramLeaves: null,
  leafPermissions: null,
}

export const SHADOW: UncountedSpace = {
  ...UNCOUNTED,
  root: '0x0',
  status: 'shadow-paging',
  levels: null,
  nestedPaging: false,
  threads: [1],
  evidence: 'save-state',
  innerGuestOf: null,
}

const QUIET: CountedSpace = {
  ...COUNTED,
  root: '0x2dd2000',
  levels: 5,
  vmcbs: [],
  threads: [],
  evidence: 'candidate',
  leafEntries: { '4K': 0, '2M': 0, '1G': 3 },
  mappedBytes: 3 * 2 ** 30,
  distinctFrames: 3 * 2 ** 18,
  distinctFramesCertain: 3 * 2 ** 18,
  framesMappedMoreThanOnce: 0,
  extraMappings: 0,
  reservedBitEntries: 0,
  foreignLeaves: 0,
  tablePages: 4,
  framesSharedWithOtherSpaces: 0,
  mappedTables: 0,
  leafPermissions: { rwx: 3 },
}

const FOUND: Pick<Census['candidates'][number], 'startable' | 'refusedFor' | 'rootState' | 'inside'> = {
  startable: true,
  refusedFor: [],
  rootState: 'table',
  inside: null,
}
const candidates: Census['candidates'] = [
  { vmcb: '0x10fcaf000', root: '0x111586000', asid: 2, nestedPaging: true, state: 'running', ...FOUND },
  { vmcb: '0x2dbf000', root: '0x2dd2000', asid: 1, nestedPaging: true, state: 'idle', ...FOUND },
  {
    vmcb: '0x2c26000',
    root: '0x0',
    asid: 0,
    nestedPaging: true,
    state: 'never-run',
    ...FOUND,
    startable: false,
    refusedFor: ['ASID 0'],
    rootState: 'none',
  },
  { vmcb: '0x17f47000', root: '0x0', asid: 2, nestedPaging: false, state: 'nested-paging-off', ...FOUND, rootState: 'none' },
]

export const COMPLETE: Census = {
  schema: CENSUS_SCHEMA,
  status: 'complete',
  spaces: [COUNTED, QUIET],
  distinctFrames: 808_702,
  distinctFramesRunning: 22_270,
  scan: { frames: 98_304, absentFrames: 12, startable: 2, startableIfCached: 7, shaped: 4, listFull: false },
  candidates,
}

export const INCOMPLETE: Census = {
  schema: CENSUS_SCHEMA,
  status: 'foreign-table',
  spaces: [COUNTED, UNCOUNTED, SHADOW],
  distinctFrames: null,
  distinctFramesRunning: null,
  scan: null,
  candidates,
}

export const NOTHING: Census = {
  schema: CENSUS_SCHEMA,
  status: 'complete',
  spaces: [],
  distinctFrames: 0,
  distinctFramesRunning: 0,
  scan: null,
  candidates: [],
}
