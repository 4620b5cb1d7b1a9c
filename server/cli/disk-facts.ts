/**
 * What this machine knows of its disks, from `/sys` and `/proc` (the kernel's Documentation/ABI: sysfs-block): enough for a person to
 * tell one stick from another, and for `disk-rules.ts` to refuse what must not be erased. Only reads; nothing is opened.
 */

import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { mountsIn, swapsIn } from './disk-uses.ts'

export interface DiskFacts {
  /** As the kernel calls it: `sdb`. */
  readonly name: string
  /** Major and minor number: `8:16`. */
  readonly device: string
  readonly bytes: number
  readonly model: string
  /** Empty: it tells none. */
  readonly serial: string
  readonly isReadOnly: boolean
  /** Removable, on USB, or a memory card: what media are written to. */
  readonly isExternal: boolean
  /** Made of other devices or of memory; a file behind a loop device is a disk as any other. */
  readonly isVirtual: boolean
  /** Another number for each disk that was ever plugged in; empty with kernels before 5.15. */
  readonly sequence: string
  /** Who works with it, in words: `/dev/sdb1 is mounted on /media/stick`. */
  readonly uses: readonly string[]
}

/** Not worth a line when somebody looks for a stick. */
const neverShown = /^(?:loop|ram|zram|sr|fd|mtdblock|dm-|md)\d|^mmcblk\d+(?:boot\d|rpmb)/

export async function readShownDisks(root = '/'): Promise<DiskFacts[]> {
  const names = await namesIn(join(root, 'sys/block'))
  const found = await Promise.all(
    names.filter((name) => !neverShown.test(name)).map((name) => readDiskFacts(name, root)),
  )
  return found.filter(({ bytes }) => bytes > 0).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** All of them, for who else has the same serial number. */
export async function readOtherDisks({ name }: DiskFacts, root = '/'): Promise<DiskFacts[]> {
  return (await readShownDisks(root)).filter((disk) => disk.name !== name)
}

export type FoundBlockDevice =
  | { readonly kind: 'disk'; readonly name: string }
  | { readonly kind: 'partition'; readonly name: string; readonly disk: string }

/** By its numbers, since a path may be any link to it. */
export async function findBlockDevice(device: string, root = '/'): Promise<FoundBlockDevice | undefined> {
  const place = await realpath(join(root, 'sys/dev/block', device)).catch(() => undefined)
  if (place === undefined) return undefined
  const name = deviceName(basename(place))
  const isPartition = (await textIn(place, 'partition')) !== ''
  return isPartition
    ? { kind: 'partition', name, disk: deviceName(basename(join(place, '..'))) }
    : { kind: 'disk', name }
}

export async function readDiskFacts(name: string, root = '/'): Promise<DiskFacts> {
  const folder = join(root, 'sys/block', name.replaceAll('/', '!'))
  const place = await realpath(folder).catch(() => folder)
  const isOnUsb = /\/usb\d/.test(place)
  const isCard = (await textIn(folder, 'device/type')) === 'SD'
  return {
    name,
    device: await textIn(folder, 'dev'),
    // Sizes in sysfs count 512-octet sectors whatever the disk's own are.
    bytes: Number(await textIn(folder, 'size')) * 512,
    model: (await firstOf(folder, ['device/model', 'device/name'])).replaceAll(/\s+/g, ' '),
    serial: await serialOf(folder, place, isOnUsb),
    isReadOnly: (await textIn(folder, 'ro')) === '1',
    isExternal: isOnUsb || isCard || (await textIn(folder, 'removable')) === '1',
    isVirtual: place.includes('/devices/virtual/') && !/^loop\d/.test(name),
    sequence: await textIn(folder, 'diskseq'),
    uses: await usesOf(folder, root),
  }
}

/** Of USB it is the stick's own, not that of the chip that translates. */
async function serialOf(folder: string, place: string, isOnUsb: boolean): Promise<string> {
  if (isOnUsb) {
    for (let above = place; /\/usb\d/.test(above); above = join(above, '..')) {
      const found = await textIn(above, 'idVendor')
      if (found !== '') return textIn(above, 'serial')
    }
  }
  const told = await firstOf(folder, ['device/serial', 'serial'])
  if (told !== '') return told
  // "Unit Serial Number" of SCSI: four octets in front (SPC-4 section 7.8.15).
  const page = await readFile(join(folder, 'device/vpd_pg80')).catch(() => Buffer.alloc(0))
  return page
    .toString('latin1', 4)
    .replaceAll(/[^ -~]/g, '')
    .trim()
}

/** Of the disk, of its partitions, and of everything that is made of them. */
async function usesOf(folder: string, root: string): Promise<string[]> {
  const own = basename(folder)
  const partitions = (await namesIn(folder)).filter((name) => name.startsWith(own))
  const mounts = mountsIn(await textIn(root, 'proc/self/mountinfo'))
  const swaps = swapsIn(await textIn(root, 'proc/swaps'))
  const found: string[] = []
  const looked = new Set<string>()
  const look = async (place: string, shown: string): Promise<void> => {
    const name = deviceName(basename(place))
    if (looked.has(name)) return
    looked.add(name)
    const numbers = await textIn(place, 'dev')
    for (const { device, source, on } of mounts) {
      if (device === numbers || source === `/dev/${name}`) found.push(`${shown} is mounted on ${on}`)
    }
    if (swaps.includes(`/dev/${name}`)) found.push(`${shown} is swap space`)
    for (const holder of await namesIn(join(place, 'holders'))) {
      found.push(`${shown} is part of /dev/${deviceName(holder)}`)
      await look(join(root, 'sys/block', holder), `/dev/${deviceName(holder)} on it`)
    }
  }
  await look(folder, `/dev/${deviceName(own)}`)
  for (const name of partitions) await look(join(folder, name), `/dev/${deviceName(name)}`)
  return found
}

/** sysfs writes `/` of a device name as `!`. */
function deviceName(name: string): string {
  return name.replaceAll('!', '/')
}

async function firstOf(folder: string, files: readonly string[]): Promise<string> {
  for (const file of files) {
    const text = await textIn(folder, file)
    if (text !== '') return text
  }
  return ''
}

async function textIn(folder: string, file: string): Promise<string> {
  return (await readFile(join(folder, file), 'utf8').catch(() => '')).trim()
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
