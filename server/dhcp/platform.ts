/**
 * From the numbers of option 93 to what a machine can execute. Every number of the registry has its place: what is
 * not listed as bootable is `other`, for which the decision names the number and refuses. Nothing is ever taken for
 * a BIOS machine by default (D05, PX-08).
 */

import type { Platform } from '../boot/pxe-client.ts'

const bootable: ReadonlyMap<number, Omit<Platform, 'code'>> = new Map([
  [0, { architecture: 'x86', firmware: 'bios', transport: 'tftp' }],
  [6, { architecture: 'x86', firmware: 'uefi', transport: 'tftp' }],
  [7, { architecture: 'x64', firmware: 'uefi', transport: 'tftp' }],
  // The printed RFC 4578 swaps 7 and 9, and some x64 firmware follows the print (D04).
  [9, { architecture: 'x64', firmware: 'uefi', transport: 'tftp' }],
  [10, { architecture: 'arm32', firmware: 'uefi', transport: 'tftp' }],
  [11, { architecture: 'arm64', firmware: 'uefi', transport: 'tftp' }],
  [15, { architecture: 'x86', firmware: 'uefi', transport: 'http' }],
  [16, { architecture: 'x64', firmware: 'uefi', transport: 'http' }],
  [18, { architecture: 'arm32', firmware: 'uefi', transport: 'http' }],
  [19, { architecture: 'arm64', firmware: 'uefi', transport: 'http' }],
  [20, { architecture: 'x86', firmware: 'bios', transport: 'http' }],
])

/** HTTP numbers that are registered but not bootable here: they still want a URL, never a name (UH-03). */
const otherHttp: ReadonlySet<number> = new Set([17, 23, 24, 26, 28, 30, 38, 40])

/** The first number that can be booted; else the first number, as `other` (D03). */
export function platformOf(codes: readonly number[]): Platform {
  for (const code of codes) {
    const known = bootable.get(code)
    if (known !== undefined) return { ...known, code }
  }
  return otherPlatform(codes[0] ?? 0)
}

export function otherPlatform(code: number): Platform {
  return { architecture: 'other', firmware: 'uefi', transport: otherHttp.has(code) ? 'http' : 'tftp', code }
}
