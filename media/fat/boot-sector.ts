/**
 * The first sectors of a FAT volume (Microsoft FAT specification 1.03, "Boot Sector and BPB" and "FSInfo Sector
 * Structure"). There is no loader in them: firmware reads the files itself, and a stick's boot code is in front of the volume.
 */

import { encodeAscii } from '../layout/text-octets.ts'
import { type FatGeometry, fatCount, sectorBytes } from './fat-geometry.ts'

export interface BootSectorFields {
  /** Up to 11 characters. */
  readonly label: string
  readonly volumeId: number
  /** BPB_HiddSec: what is in front of the volume on its disk. */
  readonly hiddenSectors: number
}

/** BPB_FSInfo and BPB_BkBootSec. */
export const fsInfoSector = 1
export const backupBootSector = 6
/** The root of FAT32 begins in the first cluster there is. */
export const rootCluster = 2

/** BPB_Media: "fixed", and what is said of sticks as well. */
export const mediaDescriptor = 0xf8
/** Tells the BIOS that nothing starts from here, so that it goes on (`int 0x18`), and waits when the BIOS does not. */
const nothingToStart = [0xcd, 0x18, 0xf4, 0xeb, 0xfd]
/** Of the many answers that BIOS gives, the usual one of disks over 8 GB; only BIOS loaders ever asked. */
const sectorsPerTrack = 63
const heads = 255

export function encodeBootSector(geometry: FatGeometry, fields: BootSectorFields): Uint8Array {
  const octets = new Uint8Array(sectorBytes)
  const view = new DataView(octets.buffer)
  const isFat32 = geometry.bits === 32
  const isShort = !isFat32 && geometry.sectors < 0x1_0000
  const extended = isFat32 ? 64 : 36
  octets.set([0xeb, extended + 24, 0x90]) // BS_jmpBoot, over the fields
  octets.set(encodeAscii('REVEILLE'), 3) // BS_OEMName
  view.setUint16(11, sectorBytes, true) // BPB_BytsPerSec
  view.setUint8(13, geometry.sectorsPerCluster) // BPB_SecPerClus
  view.setUint16(14, geometry.reservedSectors, true) // BPB_RsvdSecCnt
  view.setUint8(16, fatCount) // BPB_NumFATs
  view.setUint16(17, geometry.rootEntries, true) // BPB_RootEntCnt
  view.setUint16(19, isShort ? geometry.sectors : 0, true) // BPB_TotSec16
  view.setUint8(21, mediaDescriptor)
  view.setUint16(22, isFat32 ? 0 : geometry.sectorsPerFat, true) // BPB_FATSz16
  view.setUint16(24, sectorsPerTrack, true) // BPB_SecPerTrk
  view.setUint16(26, heads, true) // BPB_NumHeads
  view.setUint32(28, fields.hiddenSectors, true) // BPB_HiddSec
  view.setUint32(32, isShort ? 0 : geometry.sectors, true) // BPB_TotSec32
  if (isFat32) {
    view.setUint32(36, geometry.sectorsPerFat, true) // BPB_FATSz32; BPB_ExtFlags and BPB_FSVer are 0
    view.setUint32(44, rootCluster, true) // BPB_RootClus
    view.setUint16(48, fsInfoSector, true) // BPB_FSInfo
    view.setUint16(50, backupBootSector, true) // BPB_BkBootSec
  }
  view.setUint8(extended, 0x80) // BS_DrvNum
  view.setUint8(extended + 2, 0x29) // BS_BootSig: the next three fields are there
  view.setUint32(extended + 3, fields.volumeId, true) // BS_VolID
  octets.set(encodeAscii(fields.label, 11), extended + 7) // BS_VolLab
  octets.set(encodeAscii(`FAT${geometry.bits}`, 8), extended + 18) // BS_FilSysType
  octets.set(nothingToStart, extended + 26)
  octets.set([0x55, 0xaa], 510)
  return octets
}

export function encodeFsInfo(freeClusters: number, nextFreeCluster: number): Uint8Array {
  const octets = new Uint8Array(sectorBytes)
  const view = new DataView(octets.buffer)
  view.setUint32(0, 0x4161_5252, true) // FSI_LeadSig
  view.setUint32(484, 0x6141_7272, true) // FSI_StrucSig
  view.setUint32(488, freeClusters, true) // FSI_Free_Count
  view.setUint32(492, freeClusters === 0 ? 0xffff_ffff : nextFreeCluster, true) // FSI_Nxt_Free
  view.setUint32(508, 0xaa55_0000, true) // FSI_TrailSig
  return octets
}
