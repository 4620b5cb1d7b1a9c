/** The kinds of media, each with its schema and its function. */

import { z } from 'zod'
import { bootableDraft, makeBootable } from './make-bootable.ts'
import { captureDraft, makeCapture } from './make-capture.ts'
import { makePrestaged, prestagedDraft } from './make-prestaged.ts'
import { makeStandAlone, standAloneDraft } from './make-stand-alone.ts'
import type { MadeMedium, MediumMaking } from './medium-maker.ts'

export const mediumDraft = z.discriminatedUnion('kind', [bootableDraft, standAloneDraft, prestagedDraft, captureDraft])
export type MediumDraft = z.output<typeof mediumDraft>

export async function makeParts(making: MediumMaking, draft: MediumDraft): Promise<MadeMedium> {
  switch (draft.kind) {
    case 'bootable':
      return makeBootable(making, draft)
    case 'stand-alone':
      return makeStandAlone(making, draft)
    case 'prestaged':
      return makePrestaged(making, draft)
    case 'capture':
      return makeCapture(making, draft)
    default:
      return draft satisfies never
  }
}
