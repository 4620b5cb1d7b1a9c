/** The kinds of media that can be made, each with its schema and its function. */

import { z } from 'zod'
import { Problem } from '../../problem.ts'
import { bootableDraft, makeBootable } from './make-bootable.ts'
import { captureDraft, makeCapture } from './make-capture.ts'
import { makeStandAlone, standAloneDraft } from './make-stand-alone.ts'
import { commonMediumFields } from './medium-fields.ts'
import type { MadeMedium, MediumMaking } from './medium-maker.ts'

/** Kinds that are not built yet: the answer says so, whatever else was sent. */
const notYet = z.looseObject({ ...commonMediumFields, kind: z.enum(['prestaged']) })

export const mediumDraft = z.discriminatedUnion('kind', [bootableDraft, standAloneDraft, captureDraft, notYet])
export type MediumDraft = z.output<typeof mediumDraft>

export async function makeParts(making: MediumMaking, draft: MediumDraft): Promise<MadeMedium> {
  switch (draft.kind) {
    case 'bootable':
      return makeBootable(making, draft)
    case 'stand-alone':
      return makeStandAlone(making, draft)
    case 'capture':
      return makeCapture(making, draft)
    case 'prestaged':
      throw new Problem(400, { detail: `Media of the kind ${draft.kind} cannot be made yet.`, code: 'not-yet' })
    default:
      return draft satisfies never
  }
}
