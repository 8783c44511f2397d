// The handler's procedures by name, each with what its proof may assume: the census, the steps around it, the search of memory.

import { assumptions } from '../smm/assumptions.ts'
import { classifierOf } from '../smm/scan.ts'
import { viewDefinitions } from '../smm/scan-cells.ts'
import type { Switches } from '../smm/switches.ts'
import { controlOf } from './control.ts'
import { handlerOf, type Part } from './handler.ts'
import { scanParts } from './scan.ts'

/** @returns undefined when the handler has no procedure of that name */
export function procedureOf(name: string, switches: Switches): Part | undefined {
  const classifier: Part = { procedure: classifierOf(switches), axioms: [...assumptions, ...viewDefinitions] }
  const all = [...controlOf(switches), ...handlerOf(switches), classifier, ...scanParts]
  return all.find(({ procedure }) => procedure.name === name)
}
