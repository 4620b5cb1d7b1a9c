/** The action of a step in a task sequence document: its type, and the fields of that type (S2). */

import { readRecord } from './fields.ts'
import { fault, type Place, peek } from './read-document.ts'
import { type Action, isActionType, stepTypes } from './step-types.ts'
import type { StepType } from './step-type.ts'

export function parseAction(place: Place): Action | undefined {
  const type = peek(place, 'type')
  if (typeof type === 'string' && isActionType(type)) return readAction(stepTypes[type], place)
  const missing = place.value === undefined || type === undefined
  const at = place.value === undefined ? place : { ...place, path: `${place.path}.type` }
  const known = Object.keys(stepTypes).join(', ')
  fault(at, missing ? 'missing' : 'not-allowed', `Give an action whose type is one of ${known}.`)
  return undefined
}

function readAction({ type, fields, together }: StepType, place: Place): Action {
  // The table of step types ties each type to its fields, which the compiler cannot follow through `type`.
  return { type, ...readRecord(place, fields, { ...together, more: ['type'] }) } as Action
}
