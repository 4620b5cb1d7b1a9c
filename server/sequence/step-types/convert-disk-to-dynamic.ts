/** Convert Disk to Dynamic (row 15 of the S2 table): the SDK has it, the editor of today has it no more. */

import { wholeNumber } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

export const convertDiskToDynamic = defineStepType({
  type: 'convert-disk-to-dynamic',
  title: 'Convert Disk to Dynamic',
  about: 'Windows only, and kept for sequences brought over: makes a basic disk a dynamic one.',
  category: 'disks',
  runsIn: 'both',
  xmlName: 'ConvertDiskAction',
  fields: {
    diskNumber: wholeNumber('The disk, counted from 0.', {
      min: 0,
      max: 255,
      absent: 0,
      variable: 'OSDConvertDiskIndex',
    }),
  },
})

export type ConvertDiskToDynamic = ActionOf<typeof convertDiskToDynamic>
