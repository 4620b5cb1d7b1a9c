/** Fields that packages, applications, upgrade packages and driver packages share, as schemas with the limits of `site/`. */

import { z } from 'zod'
import { bootArchitectures } from '../../site/boot-image.ts'
import type { FieldFault } from '../../site/field-fault.ts'
import {
  exitCodeRange,
  objectDescriptionCharactersMax,
  objectListMax,
  objectNameCharactersMax,
  programCommandLineCharactersMax,
  programSuccessCodesMax,
  runTimeMinutesDefault,
  runTimeMinutesMax,
  shortTextCharactersMax,
} from '../../site/object-limits.ts'
import { systemFamilies } from '../../site/platform.ts'
import { label } from './fields.ts'

export const objectName = label(objectNameCharactersMax).min(1)
export const objectDescription = label(objectDescriptionCharactersMax).default('')
export const shortText = label(shortTextCharactersMax)
export const architecture = z.enum(bootArchitectures)
export const systemFamily = z.enum(systemFamilies)
/** Several lines are a script, which belongs into a file. */
export const commandLine = label(programCommandLineCharactersMax)
export const runTimeMinutes = z.number().int().min(0).max(runTimeMinutesMax).default(runTimeMinutesDefault)
export const successCodes = z
  .array(z.number().int().min(exitCodeRange.min).max(exitCodeRange.max))
  .min(1)
  .max(programSuccessCodesMax)
  .default([0])

export function shortList<T extends z.ZodType>(item: T) {
  return z.array(item).max(objectListMax)
}

/** Hands what a pure check of `site/` found to the schema, so that it is listed with the other faults. */
export function addFaults(faults: readonly FieldFault[], context: z.RefinementCtx): void {
  for (const { path, message } of faults) context.addIssue({ code: 'custom', path: [...path], message })
}
