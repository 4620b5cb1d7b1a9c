/**
 * Capture media (S7-009): a boot image and a sequence of the product's own, for one machine whose installed system becomes an image
 * in a folder of the network. It asks the person for the folder and its account; there is nothing to seal, so no password, and
 * nobody is spared the questions (7.1). The site is not asked, the network is needed.
 */

import { z } from 'zod'
import { parsePackageId } from '../../../address/identifiers.ts'
import { assert } from '../../../assert.ts'
import { captureSequence, captureVariables } from '../../../sequence/capture-sequence.ts'
import { packageId } from '../fields.ts'
import { commonMediumFields } from './medium-fields.ts'
import type { MadeMedium, MediumMaking } from './medium-maker.ts'
import { faultsOfStart, partsWithoutSite } from './medium-policy.ts'
import { bootImageOf } from './medium-sources.ts'

const { label, description, startsAtMs, sizeLimit, password, generatePassword, variables, prestart } =
  commonMediumFields

export const captureDraft = z.strictObject({
  kind: z.literal('capture'),
  label,
  description,
  startsAtMs,
  sizeLimit,
  password,
  generatePassword,
  variables,
  prestart,
  bootImageId: packageId,
})
type CaptureDraft = z.output<typeof captureDraft>

/** No task sequence of the site: it never has this number (identifiers.ts). */
const sequenceNumber = 'FFFF'

export async function makeCapture({ dependencies }: MediumMaking, draft: CaptureDraft): Promise<MadeMedium> {
  const { store, site } = dependencies
  const bootImage = await bootImageOf(store, draft.bootImageId)
  const refused = (['variables', 'prestart', 'startsAtMs'] as const).filter((name) => isGiven(draft, name))
  const faults = [
    ...bootImage.faults,
    ...faultsOfStart(bootImage, 'bootImageId'),
    ...refused.map((path) => ({ path, message: 'is nothing that capture media have' })),
    ...(typeof draft.password === 'string' || draft.generatePassword === true
      ? [{ path: 'password', message: 'is nothing that capture media have: they hold no secret. Say null' }]
      : []),
  ]
  if (faults.length > 0 || bootImage.found === undefined) return { kind: 'faults', faults }
  const taskSequenceId = parsePackageId(`${site.siteCode}0${sequenceNumber}`)
  assert(taskSequenceId !== undefined, 'the number is one of a package')
  const parts = partsWithoutSite({
    bootImage: bootImage.found,
    policy: {
      taskSequenceId,
      taskSequenceRevision: 1,
      sequence: captureSequence,
      siteCode: site.siteCode,
      bootImageId: bootImage.found.id,
      ...(site.organization === undefined ? {} : { organizationName: site.organization }),
    },
    variables: captureVariables,
    content: [],
    unattended: false,
  })
  return { kind: 'made', parts }
}

function isGiven(draft: CaptureDraft, name: 'variables' | 'prestart' | 'startsAtMs'): boolean {
  const value = draft[name]
  return Array.isArray(value) ? value.length > 0 : value !== undefined
}
