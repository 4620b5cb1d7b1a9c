/**
 * Where an image goes (S2-055): the next partition that no Apply step has used yet, a partition by its numbers, or one
 * that a variable names. Drive letters do not exist where the steps run: a variable does what they are for.
 */

import type { ValuesOf } from '../field.ts'
import { optional, record, variableName, wholeNumber } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'

/** Of the SDK. */
const diskNumberMax = 99
const partitionNumberMax = 99

export const destinationFields = {
  destination: optional(
    record('A partition by its place; it needs a file system, and need not be one of this run.', {
      diskNumber: wholeNumber("Counts from 0 over the machine's fixed disks.", {
        min: 0,
        max: diskNumberMax,
        absent: 0,
      }),
      partitionNumber: wholeNumber('Counts from 1, as in the partition table.', { min: 1, max: partitionNumberMax }),
    }),
  ),
  destinationVariable: optional(
    variableName(
      'The variable with the partition; _OSDDetectedWinDrive: that of the existing system, which an operating system image replaces. Without it and destination: the next formatted primary partition.',
      'read',
    ),
  ),
}

export type Destination = ValuesOf<typeof destinationFields>

export function checkDestination({ destination, destinationVariable }: Destination, place: Place): void {
  if (destination === undefined || destinationVariable === undefined) return
  const message = 'Give destination or destinationVariable, not both.'
  fault(memberOf(place, 'destinationVariable'), 'contradiction', message)
}

/** Of an image file with several; a WIM counts them with 16 bits. */
export const imageIndexMax = 65_535
