/** A disk that a medium is to be written to: looked at before a medium is made for it. */

import type { MediumFormat } from '../../media/medium/medium-spec.ts'
import { judgeDisk } from './write-device.ts'

export interface DeviceTarget {
  readonly kind: 'device'
  readonly device: string
  readonly format: MediumFormat
  /** The serial number of the disk, as whoever holds it read it. */
  readonly yesErase: string | undefined
}

/** Rejects with a CliError that says why the disk is not erased; how large it must be is known later. */
export async function chooseDevice(
  device: string,
  { format = 'usb', yesErase }: { readonly format: MediumFormat | undefined; readonly yesErase: string | undefined },
): Promise<DeviceTarget> {
  await judgeDisk({ path: device, length: 0, ...(yesErase === undefined ? {} : { yesErase }) })
  return { kind: 'device', device, format, yesErase }
}
