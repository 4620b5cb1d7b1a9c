/**
 * Drivers as files (S2-068, S2-069). For Linux: modules (`*.ko`, `*.ko.xz`, `*.ko.zst`) below a folder with the name of the
 * kernel's release, and firmware below `firmware/`. For Windows: folders with `.inf` files.
 */

import type { ContentVersion } from './content.ts'
import type { PackageId } from '../address/identifiers.ts'
import { type FieldFault, findRepeated } from './field-fault.ts'
import type { SystemFamily } from './platform.ts'

export interface DriverPackage {
  readonly id: PackageId
  readonly name: string
  readonly description: string
  readonly version: string
  readonly system: SystemFamily
  /** Only enabled ones are offered to *Auto Apply Drivers* (S2-068). */
  readonly enabled: boolean
  /** Machines it is made for; empty: any. */
  readonly models: readonly MachineModel[]
  /** A step may ask for any of some categories. */
  readonly categories: readonly string[]
  readonly content?: ContentVersion
  readonly revision: number
}

/** As SMBIOS tells them; without a model every machine of the manufacturer. */
export interface MachineModel {
  readonly manufacturer: string
  readonly model?: string
}

/** How well a package fits a machine, from the best to the poorest; `device`: made for no model, and for a device in it. */
export const driverFits = ['model', 'device', 'manufacturer', 'any'] as const
export type DriverFit = (typeof driverFits)[number]

export function findDriverPackageFaults(draft: Pick<DriverPackage, 'models' | 'categories'>): readonly FieldFault[] {
  const models = draft.models.map(({ manufacturer, model }) => [manufacturer, model].filter((text) => text).join(' '))
  return [
    ...findRepeated(models, (index) => ['models', index]),
    ...findRepeated(draft.categories, (index) => ['categories', index]),
  ]
}
