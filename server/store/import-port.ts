/** Importing devices (S9-001 to S9-004): many records at once, all of them or none. */

import type { CollectionId } from '../address/identifiers.ts'
import type { Device } from '../site/device.ts'
import type { Draft } from './ports.ts'

export interface DeviceImport {
  readonly devices: readonly ImportedDevice[]
  /**
   * What becomes of a device that the site has, by name or by any identifier (S9-003): refuse the import, leave it, give its
   * record what it lacks, or replace what the row says.
   */
  readonly existing: 'refuse' | 'skip' | 'merge' | 'overwrite'
  /** Who is in them besides. */
  readonly collections: readonly CollectionId[]
  /** Nothing is kept. */
  readonly isPreview: boolean
}

/** Marks are of the site's own making. */
export type ImportedDevice = Pick<Draft<Device>, 'name' | 'macAddresses' | 'smbiosGuid' | 'serialNumber' | 'variables'>

export interface ImportedRow {
  readonly outcome: 'created' | 'merged' | 'overwritten' | 'skipped'
  readonly device: Device
}

export type ImportAnswer =
  /** In the order of the rows. */
  | { readonly kind: 'imported' | 'previewed'; readonly rows: readonly ImportedRow[] }
  /** Rows count from 0. */
  | { readonly kind: 'refused'; readonly faults: readonly { readonly row: number; readonly message: string }[] }
  | { readonly kind: 'no-collection'; readonly id: CollectionId; readonly reason: string }

export interface DeviceImports {
  importDevices(wanted: DeviceImport): Promise<ImportAnswer>
}
