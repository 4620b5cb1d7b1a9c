/**
 * How firmware starts from a disc: a catalog of images (El Torito 1.0 section 2), for BIOS with its loader, for UEFI
 * with a FAT volume (UEFI 2.10 section 13.3.2.1), both without emulation. Also what BIOS loaders want to find in
 * themselves: where on the disc they are.
 */

import { assert } from '../../server/assert.ts'
import { blockBytes } from './both-byte-orders.ts'

/**
 * Whose the image for BIOS is. Both loaders read the boot information table; GRUB (`cdboot.img` with its core behind it) also has a list
 * of blocks in its second part, for when it is started from a stick.
 */
export type BiosLoader = 'grub' | 'isolinux'

export interface BootCatalog {
  /** Where the images are; one of them at least. */
  readonly bios?: { readonly block: number }
  readonly efi?: { readonly block: number; readonly bytes: number }
}

/** "Platform ID"; UEFI added its own. */
const platforms = { x86: 0, efi: 0xef } as const
const entryBytes = 32
const virtualSectorBytes = 512
/** What loaders expect the BIOS to have read of them: themselves read the rest. */
const biosSectors = 4

export function encodeBootCatalog({ bios, efi }: BootCatalog): Uint8Array {
  const octets = new Uint8Array(blockBytes)
  octets.set(encodeValidationEntry(bios === undefined ? platforms.efi : platforms.x86))
  const efiEntry = efi === undefined ? undefined : encodeEntry(efi.block, efiSectors(efi.bytes))
  const biosEntry = bios === undefined ? undefined : encodeEntry(bios.block, biosSectors)
  const first = biosEntry ?? efiEntry
  assert(first !== undefined, 'a boot catalog has an image')
  octets.set(first, entryBytes)
  if (biosEntry !== undefined && efiEntry !== undefined) {
    octets.set([0x91, platforms.efi, 1, 0], 2 * entryBytes) // Section Header: the last one, with one entry
    octets.set(efiEntry, 3 * entryBytes)
  }
  return octets
}

/** The image as it must be on the disc when it begins at this block. */
export function patchBiosImage(image: Uint8Array, loader: BiosLoader, block: number): Uint8Array {
  assert(image.length > 64, 'a loader is longer than what is written into it')
  const octets = Uint8Array.from(image)
  const view = new DataView(octets.buffer)
  // GRUB, `grub-core/boot/i386/pc/diskboot.S`: the last block list of the sector behind `cdboot.img`, which has 2,048 octets.
  if (loader === 'grub') {
    assert(image.length >= 2_560, 'an image of GRUB has its core behind cdboot.img')
    view.setBigUint64(2_548, BigInt(sectorOfBlock(block) + 5), true)
  }
  // The boot information table, as mkisofs began it ("-boot-info-table"): octets 8 to 63.
  octets.fill(0, 8, 64)
  view.setUint32(8, 16, true) // the primary volume descriptor
  view.setUint32(12, block, true)
  view.setUint32(16, image.length, true)
  view.setUint32(20, sumOfWords(octets.subarray(64)), true)
  return octets
}

/** Where the boot code of a stick says which sector it goes on with; GRUB's comes in behind `cdboot.img`, which is for discs. */
export function patchMasterBootCode(bootCode: Uint8Array, loader: BiosLoader, block: number): Uint8Array {
  const octets = new Uint8Array(Math.max(bootCode.length, 440))
  octets.set(bootCode)
  const sector = sectorOfBlock(block) + (loader === 'grub' ? 4 : 0)
  new DataView(octets.buffer).setBigUint64(432, BigInt(sector), true)
  return octets
}

/** Sectors of disks are a quarter of a block. */
export function sectorOfBlock(block: number): number {
  return block * (blockBytes / virtualSectorBytes)
}

/** Figure 2. The sum of its words is 0. */
function encodeValidationEntry(platform: number): Uint8Array {
  const octets = new Uint8Array(entryBytes)
  const view = new DataView(octets.buffer)
  octets.set([1, platform])
  octets.set([0x55, 0xaa], 30)
  let sum = 0
  for (let offset = 0; offset < entryBytes; offset += 2) sum += view.getUint16(offset, true)
  view.setUint16(28, -sum & 0xffff, true)
  return octets
}

/** Figures 3 and 5: bootable, no emulation, the usual load segment. */
function encodeEntry(block: number, sectors: number): Uint8Array {
  const octets = new Uint8Array(entryBytes)
  const view = new DataView(octets.buffer)
  view.setUint8(0, 0x88)
  view.setUint16(6, sectors, true) // Sector count
  view.setUint32(8, block, true) // Load RBA
  return octets
}

/** A volume that is too large for the field reaches to the end of the disc (UEFI 2.10 section 13.3.2.1), and says itself how large it is. */
function efiSectors(bytes: number): number {
  const sectors = Math.ceil(bytes / virtualSectorBytes)
  return sectors > 0xffff ? 0 : sectors
}

function sumOfWords(octets: Uint8Array): number {
  const whole = new Uint8Array(Math.ceil(octets.length / 4) * 4)
  whole.set(octets)
  const view = new DataView(whole.buffer)
  let sum = 0
  for (let offset = 0; offset < whole.length; offset += 4) sum = (sum + view.getUint32(offset, true)) >>> 0
  return sum
}
