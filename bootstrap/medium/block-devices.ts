/**
 * Where a medium may be: discs, disks and partitions of this machine (Linux, `/sys/class/block`), those that somebody plugged
 * in first. What a device begins with says whether a medium's file system is on it: a stick that an image of a disc was written
 * to has tables of partitions as well, and tools that guess one type then guess differently.
 */

import { open, readdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'

export interface BlockDevice {
  /** Such as `/dev/sdb1`. */
  readonly device: string
  readonly place: 'disc' | 'removable' | 'fixed'
}

export interface MediumFileSystem {
  /** As `mount -t` knows it. */
  readonly name: string
  readonly magic: string
  readonly offset: number
}

/** ECMA-119 section 8.1.2 at block 16; Microsoft's FAT specification section 3.1 for FAT32, and for small volumes. */
export const mediumFileSystems: readonly MediumFileSystem[] = [
  { name: 'iso9660', magic: 'CD001', offset: 32_769 },
  { name: 'vfat', magic: 'FAT32   ', offset: 82 },
  { name: 'vfat', magic: 'FAT16   ', offset: 54 },
  { name: 'vfat', magic: 'FAT12   ', offset: 54 },
]

/** What is no disk of this machine, or is made up of others. */
const neverMedia = /^(?:loop|ram|zram|fd|mtdblock|dm-|md|nbd)\d|^mmcblk\d+(?:boot\d|rpmb)/
const placesInOrder = ['disc', 'removable', 'fixed'] as const

export async function readBlockDevices(root = '/'): Promise<readonly BlockDevice[]> {
  const folder = join(root, 'sys/class/block')
  const names = (await readdir(folder).catch(() => [])).filter((name) => !neverMedia.test(name)).sort()
  const devices = await Promise.all(names.map((name) => readBlockDevice(folder, name)))
  return placesInOrder.flatMap((place) => devices.filter((device) => device.place === place))
}

async function readBlockDevice(folder: string, name: string): Promise<BlockDevice> {
  const path = await realpath(join(folder, name)).catch(() => '')
  // A partition has no flag of its own: its disk is the folder above.
  const flags = [join(folder, name, 'removable'), join(path, '../removable')]
  const texts = await Promise.all(flags.map((flag) => readFile(flag, 'utf8').catch(() => '')))
  const isRemovable = /\/usb\d/.test(path) || texts.some((text) => text.trim() === '1')
  return {
    device: `/dev/${name.replaceAll('!', '/')}`,
    place: /^sr\d/.test(name) ? 'disc' : isRemovable ? 'removable' : 'fixed',
  }
}

/** Undefined: none that a medium has, or nothing is in the drive. */
export async function fileSystemOn(
  device: string,
  fileSystems: readonly MediumFileSystem[] = mediumFileSystems,
): Promise<string | undefined> {
  const file = await open(device, 'r').catch(() => undefined)
  if (file === undefined) return undefined
  try {
    for (const { name, magic, offset } of fileSystems) {
      const octets = Buffer.alloc(magic.length)
      await file.read(octets, 0, octets.length, offset)
      if (octets.toString('latin1') === magic) return name
    }
    return undefined
  } catch {
    // A disc with scratches, an empty drive: nothing of ours can be read from it.
    return undefined
  } finally {
    await file.close()
  }
}
