/** Names of variables in a task sequence document (S1-051, S1-058); spaces around them do not count. */

import { refuseName } from './environment.ts'
import { fault, type Place } from './read-document.ts'

/** `set`: the step writes the variable, so read-only names are faults. */
export function parseVariableName(place: Place, use: 'read' | 'set'): string {
  const { value } = place
  if (typeof value !== 'string') {
    fault(place, value === undefined ? 'missing' : 'wrong-type', 'Give the name of a task sequence variable.')
    return ''
  }
  const refusal = refuseName(value, use === 'set' ? 'step' : 'engine')
  if (refusal?.code === 'read-only-variable') fault(place, 'read-only-variable', refusal.message)
  else if (refusal !== undefined) fault(place, 'bad-variable-name', refusal.message)
  return value.trim()
}
