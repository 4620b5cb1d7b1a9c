/**
 * Which boot image architectures a platform can start (S6-030 step 4).
 *
 * BIOS firmware sends 0 in option 93 whether its processor is 32 or 64 bits wide. It is taken for 64 bits, as every
 * machine of the last fifteen years is, until iPXE has asked the processor (`longMode`). A 32-bit machine is thus
 * offered a loader at first and gets the true answer with its iPXE script.
 */

import type { BootArchitecture } from '../site/boot-image.ts'
import type { Platform } from './pxe-client.ts'

/** Undefined: nobody here can serve it, so it gets no file at all (peers.md D05, PX-08). */
export function bootArchitectureOf(platform: Platform): BootArchitecture | undefined {
  const { architecture, firmware } = platform
  if (firmware === 'bios') {
    if (architecture !== 'x86' && architecture !== 'x64') return undefined
    return platform.longMode === false ? 'x86' : 'x64'
  }
  return architecture === 'arm32' || architecture === 'other' ? undefined : architecture
}

/** The exact architecture first, then those that also run. */
export function compatibleArchitectures(platform: Platform): readonly BootArchitecture[] {
  const architecture = bootArchitectureOf(platform)
  return architecture === undefined ? [] : compatible[platform.firmware][architecture]
}

/** For messages: `x64 UEFI`, `BIOS`, `architecture 31`. */
export function printPlatform(platform: Platform): string {
  const architecture = bootArchitectureOf(platform)
  if (architecture === undefined) return `architecture ${platform.code}`
  if (platform.firmware === 'uefi') return `${architecture} UEFI`
  return platform.longMode === undefined ? 'BIOS' : `${architecture} BIOS`
}

const compatible = {
  bios: { x64: ['x64', 'x86'], x86: ['x86'], arm64: [] },
  uefi: { x64: ['x64'], x86: ['x86'], arm64: ['arm64'] },
} as const satisfies Record<Platform['firmware'], Record<BootArchitecture, readonly BootArchitecture[]>>
