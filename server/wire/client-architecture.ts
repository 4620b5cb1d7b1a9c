/**
 * Option 93 (RFC 4578 section 2.1, RFC 5970) and the numbers of the IANA "Processor Architecture Types" registry.
 * Only what the numbers are called; what can be booted on them is decided in dhcp/platform.ts.
 */

import { decodeText } from './ascii.ts'

/** One or more 16-bit numbers, the preferred one first. An odd length is no such list (D03, PX-07). */
export function decodeClientArchitectures(octets: Uint8Array): readonly number[] | undefined {
  if (octets.length === 0 || octets.length % 2 !== 0) return undefined
  const codes: number[] = []
  for (let at = 0; at < octets.length; at += 2) codes.push((octets[at] ?? 0) * 256 + (octets[at + 1] ?? 0))
  return codes
}

/** The number inside option 60, `PXEClient:Arch:00007:UNDI:003016`: the fallback where option 93 is missing (D01). */
export function architectureInVendorClass(vendorClass: Uint8Array): number | undefined {
  const match = /^[A-Z]{3,4}Client:Arch:(\d{5})(?::|\0|$)/.exec(decodeText(vendorClass.subarray(0, 64)))
  const code = Number(match?.[1] ?? Number.NaN)
  return code <= 0xffff ? code : undefined
}

const names: ReadonlyMap<number, string> = new Map([
  [0, 'x86 BIOS'],
  [1, 'NEC PC-98'],
  [2, 'Itanium'],
  [3, 'DEC Alpha'],
  [4, 'Arc x86'],
  [5, 'Intel Lean Client'],
  [6, 'x86 UEFI'],
  [7, 'x64 UEFI'],
  [8, 'XScale EFI'],
  [9, 'EFI byte code'],
  [10, '32-bit ARM UEFI'],
  [11, '64-bit ARM UEFI'],
  [12, 'PowerPC Open Firmware'],
  [13, 'PowerPC ePAPR'],
  [14, 'POWER OPAL v3'],
  [15, 'x86 UEFI HTTP'],
  [16, 'x64 UEFI HTTP'],
  [17, 'EFI byte code HTTP'],
  [18, '32-bit ARM UEFI HTTP'],
  [19, '64-bit ARM UEFI HTTP'],
  [20, 'x86 BIOS HTTP'],
  [21, '32-bit ARM U-Boot'],
  [22, '64-bit ARM U-Boot'],
  [23, '32-bit ARM U-Boot HTTP'],
  [24, '64-bit ARM U-Boot HTTP'],
  [25, '32-bit RISC-V UEFI'],
  [26, '32-bit RISC-V UEFI HTTP'],
  [27, '64-bit RISC-V UEFI'],
  [28, '64-bit RISC-V UEFI HTTP'],
  [29, '128-bit RISC-V UEFI'],
  [30, '128-bit RISC-V UEFI HTTP'],
  [31, 's390 Basic'],
  [32, 's390 Extended'],
  [33, '32-bit MIPS UEFI'],
  [34, '64-bit MIPS UEFI'],
  [35, '32-bit Sunway UEFI'],
  [36, '64-bit Sunway UEFI'],
  [37, '32-bit LoongArch UEFI'],
  [38, '32-bit LoongArch UEFI HTTP'],
  [39, '64-bit LoongArch UEFI'],
  [40, '64-bit LoongArch UEFI HTTP'],
  [41, 'ARM Raspberry Pi boot'],
])

export function architectureName(code: number): string {
  return names.get(code) ?? 'unregistered'
}
