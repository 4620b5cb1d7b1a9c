/** Apply Data Image (S2-059): an image of files onto a partition; nothing is made to start from there. */

import type { ValuesOf } from '../field.ts'
import { flag, reference, wholeNumber } from '../fields.ts'
import type { Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { checkDestination, destinationFields, imageIndexMax } from './destination.ts'

const fields = {
  imageId: reference('The image with the data: an operating system image of either format.', 'operating-system-image'),
  imageIndex: wholeNumber('Which image of the file; an archive holds one.', {
    min: 1,
    max: imageIndexMax,
    absent: 1,
    variable: 'OSDDataImageIndex',
  }),
  ...destinationFields,
  deleteContentFirst: flag(
    'Everything on the partition goes before; otherwise files stay, and those of the same name are replaced.',
    true,
    'OSDWipeDestinationPartition',
  ),
}

export const applyDataImage = defineStepType({
  type: 'apply-data-image',
  title: 'Apply Data Image',
  about: 'Puts the files of an image onto a partition, without making it start.',
  category: 'images',
  runsIn: 'boot-image',
  xmlName: 'ApplyDataImageAction',
  fields,
  together: { settle },
})

export type ApplyDataImage = ActionOf<typeof applyDataImage>

function settle(settings: ValuesOf<typeof fields>, place: Place): ValuesOf<typeof fields> {
  checkDestination(settings, place)
  return settings
}
