/** "Retry this step if computer unexpectedly restarts" (S1-019, S2-033, S2-038). The engine counts. */

import type { Field } from '../field.ts'
import { wholeNumber } from '../fields.ts'

/** The field's own page offers 1 to 5; 0 is the box that is not ticked. */
export function retryUnexpectedRestarts(): Field<number> {
  return wholeNumber('How often the step runs again when the machine restarts by itself; 0: never.', {
    min: 0,
    max: 5,
    absent: 2,
  })
}
