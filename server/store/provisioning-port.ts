/** The questions about the settings of the site (site/site-settings.ts), and what becomes of an unknown computer by them. */

import type { CollectionId } from '../address/identifiers.ts'
import type { Device } from '../site/device.ts'
import type { SiteSettings } from '../site/site-settings.ts'
import type { Edit } from './ports.ts'

export interface SiteSettingsStore {
  siteSettings(): Promise<SiteSettings>
  /** What is absent stays as it is. */
  changeSiteSettings(change: Partial<SiteSettings>): Promise<Edit<SiteSettings>>
}

export interface KeptEvents {
  readonly acknowledged: number
  /** The device that the unknown computer of the run is from now on. */
  readonly provisioned?: Provisioned
}

export interface Provisioned {
  readonly device: Device
  /** It is well since then (targeting/healthy-machine.ts). */
  readonly atMs: number
  readonly collections: readonly CollectionId[]
}
