/** Exit codes that count as success (S1-018): the field of the steps that run what an administrator wrote. */

import type { Field } from '../field.ts'
import { list, wholeNumber } from '../fields.ts'
import { restartExitCode } from '../restart-request.ts'

const successCodesMax = 100

/** Codes of the field are 32 bits wide, and are written with and without a sign. Each is listed once. */
export function successCodes(): Field<readonly number[]> {
  const code = wholeNumber('An exit code.', { min: -0x8000_0000, max: 0xffff_ffff })
  const codes = list('Exit codes that count as success; they replace the usual 0 and 3010.', code, {
    min: 1,
    max: successCodesMax,
    absent: [0, restartExitCode],
  })
  return { ...codes, read: (place) => [...new Set(codes.read(place))] }
}
