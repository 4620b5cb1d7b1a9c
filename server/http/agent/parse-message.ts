/** A message of an agent through its schema; faults come back with their paths under the code `invalid`. */

import type { z } from 'zod'
import { faultsOf } from '../api/route.ts'
import { Problem } from '../problem.ts'

export function parseMessage<T extends z.ZodType>(schema: T, document: unknown): z.output<T> {
  const result = schema.safeParse(document)
  if (!result.success) throw new Problem(422, { code: 'invalid', faults: faultsOf(result.error) })
  return result.data
}
