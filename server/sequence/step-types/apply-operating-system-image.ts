/**
 * Apply Operating System Image (S2-053 to S2-058): a WIM, or for Linux an archive of the root file system; or the image in
 * an operating system upgrade package.
 */

import type { ValuesOf } from '../field.ts'
import { flag, optional, reference, text, wholeNumber } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { checkDestination, destinationFields, imageIndexMax } from './destination.ts'

const fields = {
  imageId: optional(reference('The operating system image.', 'operating-system-image')),
  upgradePackageId: optional(
    reference(
      'Instead of an image: the package whose sources/install.wim is applied.',
      'operating-system-upgrade-package',
    ),
  ),
  imageIndex: wholeNumber('Which image of the file; an archive holds one.', {
    min: 1,
    max: imageIndexMax,
    absent: 1,
    variable: 'OSDImageIndex',
  }),
  ...destinationFields,
  answerFilePackageId: optional(reference('The package with the answer file, for Windows.', 'package')),
  answerFileName: text('Name of the answer file in its package, such as unattend.xml.', {
    max: 255,
    absent: '',
    variable: 'OSDConfigFileName',
  }),
  accessContentDirectly: flag(
    'Changes nothing here: an image always streams from the distribution point, and its hash is always verified.',
    false,
  ),
}

type Settings = ValuesOf<typeof fields>

export const applyOperatingSystemImage = defineStepType({
  type: 'apply-operating-system-image',
  title: 'Apply Operating System Image',
  about: 'Empties a partition and puts an operating system there.',
  category: 'images',
  runsIn: 'boot-image',
  xmlName: 'ApplyOperatingSystemAction',
  inputs: ['_SMSTSUserStatePath'],
  outputs: ['OSDTargetSystemDrive', 'OSDTargetSystemRoot'],
  fields,
  together: { settle },
})

export type ApplyOperatingSystemImage = ActionOf<typeof applyOperatingSystemImage>

function settle(settings: Settings, place: Place): Settings {
  const { imageId, upgradePackageId, answerFilePackageId, answerFileName } = settings
  if (imageId === undefined && upgradePackageId === undefined) {
    fault(memberOf(place, 'imageId'), 'missing', 'Give the id of an operating system image, or upgradePackageId.')
  }
  if (imageId !== undefined && upgradePackageId !== undefined) {
    fault(memberOf(place, 'upgradePackageId'), 'contradiction', 'Give imageId or upgradePackageId, not both.')
  }
  if (answerFilePackageId === undefined && answerFileName !== '') {
    fault(memberOf(place, 'answerFilePackageId'), 'missing', 'Give the package that holds the answer file.')
  }
  checkDestination(settings, place)
  return settings
}
