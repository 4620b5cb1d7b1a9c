/**
 * The machine's fixed disks, from `/sys/block`, in an order that is the same at every start: that of the place
 * where each is plugged in, not of the kernel's names, which change with the order of discovery. Disk numbers of
 * task sequences count over this list. Removable disks, disks on USB and memory cards are not fixed disks: a stick
 * somebody forgot must never be "disk 0". Loop, memory, optical and composed devices are left out too.
 */

import { readFile, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { HardwareDisk } from '../server/contract/agent.ts'

export interface FixedDisk extends HardwareDisk {
  /** Such as `/dev/sda`. */
  readonly device: string
  readonly sectorBytes: number
}

const notDisks = /^(?:loop|ram|zram|dm-|md|sr|fd|nbd|mtdblock|zd|drbd|rbd)\d|^mmcblk\d+(?:boot\d|rpmb)/

export async function readFixedDisks(root = '/'): Promise<readonly FixedDisk[]> {
  const folder = join(root, 'sys/block')
  const names = (await readdir(folder).catch(() => [])).filter((name) => !notDisks.test(name))
  const found = await Promise.all(names.map((name) => readDisk(join(folder, name), name)))
  return found
    .filter((disk) => disk !== undefined)
    .sort((one, other) => comparePlaces(one.place, other.place))
    .map(({ disk }) => disk)
}

async function readDisk(folder: string, name: string): Promise<{ place: string; disk: FixedDisk } | undefined> {
  const text = async (file: string): Promise<string> =>
    (await readFile(join(folder, file), 'utf8').catch(() => '')).trim()
  const place = await realpath(folder)
  // Sizes in sysfs count 512-octet sectors whatever the disk's own are.
  const bytes = Number(await text('size')) * 512
  const removable = (await text('removable')) === '1'
  const isMemoryCard = (await text('device/type')) === 'SD'
  // `hidden` marks the paths below a multipath NVMe disk, which appear a second time.
  const hidden = (await text('hidden')) === '1'
  if (!(bytes > 0) || removable || isMemoryCard || hidden || /\/usb\d/.test(place)) return undefined
  const model = await text('device/model')
  const sectorBytes = Number(await text('queue/logical_block_size')) || 512
  // sysfs writes `/` of a device name as `!`.
  const device = `/dev/${name.replaceAll('!', '/')}`
  return { place, disk: { name, bytes, removable, device, sectorBytes, ...(model === '' ? {} : { model }) } }
}

/**
 * Counting names compare by their number, so that `ata10` follows `ata9`; PCI addresses are hexadecimal and of equal
 * length, so they compare as they are.
 */
function comparePlaces(one: string, other: string): number {
  const [first, second] = [one, other].map((place) =>
    place.replaceAll(
      /([a-z]{2,}|[g-z])(\d+)/gi,
      (_all, word: string, digits: string) => word + digits.padStart(8, '0'),
    ),
  )
  return (first ?? '') < (second ?? '') ? -1 : 1
}
