/** The questions about records of devices that are one machine, or several (site/merge-devices.ts). */

import type { CollectionId, DeviceId } from '../address/identifiers.ts'
import type { Device } from '../site/device.ts'
import type { MergeChoice, TakenOut } from '../site/merge-devices.ts'

export interface DeviceMerge {
  readonly id: DeviceId
  /** Its record goes into the other one. */
  readonly from: DeviceId
  readonly force: MergeChoice
  /** Nothing is kept. */
  readonly isPreview: boolean
}

export interface DeviceSplit extends TakenOut {
  readonly id: DeviceId
  /** Of the new record. */
  readonly name: string
  /** Whether the new record is listed by the same collections. */
  readonly inSameCollections: boolean
  readonly isPreview: boolean
}

export type RecordsAnswer =
  | {
      readonly kind: 'done' | 'previewed'
      readonly device: Device
      /** The record that is gone, or the new one. */
      readonly other: Device
      /** That list a device by name and are changed. */
      readonly collections: readonly CollectionId[]
      /** Runs that belong to another record now. */
      readonly runs: number
    }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'not-possible'; readonly reason: string }

export interface DeviceRecords {
  /** Refused where they are two machines, unless it is said whose identifiers are right, and while a run goes on on `from`. */
  mergeDevices(wanted: DeviceMerge): Promise<RecordsAnswer>
  /** Marks of required deployments are of both afterwards. Refused while a run goes on. */
  splitDevice(wanted: DeviceSplit): Promise<RecordsAnswer>
}
