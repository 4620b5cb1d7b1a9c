/** Apply Operating System Image (S2-053 to S2-058): for Linux, an archive of the root file system. */

import { optional, reference, variableName } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

export const applyOperatingSystemImage = defineStepType({
  type: 'apply-operating-system-image',
  title: 'Apply Operating System Image',
  about: 'Empties a partition and puts an operating system there.',
  category: 'images',
  runsIn: 'boot-image',
  xmlName: 'ApplyOperatingSystemAction',
  outputs: ['OSDTargetSystemDrive', 'OSDTargetSystemRoot'],
  fields: {
    imageId: reference('The operating system image.', 'operating-system-image'),
    destinationVariable: optional(
      variableName('The variable with the partition; left out: the first formatted primary partition.', 'read'),
    ),
  },
})

export type ApplyOperatingSystemImage = ActionOf<typeof applyOperatingSystemImage>
