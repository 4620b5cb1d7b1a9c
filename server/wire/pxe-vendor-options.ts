/**
 * What PXE puts into option 43 (Preboot Execution Environment 2.1, section 2.2.4) and iPXE into option 175: the
 * sub-options that are read or written here, by name.
 */

import { encodeText } from './ascii.ts'
import { decodeSuboptions, encodeSuboptions, type Suboptions } from './suboptions.ts'

export const PxeSuboption = {
  discoveryControl: 6,
  bootMenu: 9,
  menuPrompt: 10,
  bootItem: 71,
} as const

/** Bits of sub-option 6. Bit 3: use the boot file of this very answer, with no search and no menu (R08, PX-05). */
export const discoveryControl = { noBroadcast: 1, noMulticast: 2, listedServersOnly: 4, useBootFile: 8 } as const

export interface BootMenuItem {
  readonly type: number
  readonly description: string
}

export function decodePxeOptions(octets: Uint8Array): Suboptions | undefined {
  return decodeSuboptions(octets, true)
}

/** Ends with 255 inside, as the PXE text demands. */
export function encodePxeOptions(suboptions: Suboptions): Uint8Array {
  return encodeSuboptions(suboptions, true)
}

/** Sub-option 9: type, length of the text, text; one item after another. */
export function encodeBootMenu(items: readonly BootMenuItem[]): Uint8Array {
  return Uint8Array.from(
    items.flatMap(({ type, description }) => [type >> 8, type & 255, description.length, ...encodeText(description)]),
  )
}

/** Sub-option 10: seconds, then the text to the end. 0: boot the first item at once; 255: wait for a choice (PX-06). */
export function encodeMenuPrompt(seconds: number, text: string): Uint8Array {
  return Uint8Array.of(seconds, ...encodeText(text))
}

/** Sub-options of 175. 16 to 79 announce a feature each; their value is a version and plays no part. */
const IpxeSuboption = { noProxyDhcp: 176, version: 235 } as const
export const IpxeFeature = { pxe: 33, http: 19, bzImage: 24, menu: 39, efi: 36 } as const
const firstFeature = 16
const lastFeature = 79

/** Features that this iPXE was built with; undefined when the option has another form (D14, D16). */
export function decodeIpxeFeatures(octets: Uint8Array): ReadonlySet<number> | undefined {
  const suboptions = decodeSuboptions(octets, true)
  if (suboptions === undefined) return undefined
  return new Set([...suboptions.keys()].filter((code) => code >= firstFeature && code <= lastFeature))
}

/** Tells iPXE not to wait for a proxyDHCP server (R26). */
export function encodeNoProxyDhcp(): Uint8Array {
  return encodeSuboptions(new Map([[IpxeSuboption.noProxyDhcp, Uint8Array.of(1)]]), false)
}
