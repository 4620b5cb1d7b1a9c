/**
 * The machine's fixed disks, from `/sys/block`, in an order that is the same at every start: that of the place
 * where each is plugged in, not of the kernel's names, which change with the order of discovery. Disk numbers of
 * task sequences count over this list. A disk that may belong to somebody else is none, and stands in a second list
 * with the reason: removable ones, those on USB or in a storage network, and what other devices make up. Read-only
 * disks are counted, so that the numbers of the others stay; the step refuses to erase them.
 */

import { readFile, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { HardwareDisk } from '../server/contract/agent.ts'
import { readDiskConnection, reasonNotFixed } from './disk-connection.ts'

export interface FixedDisk extends HardwareDisk {
  /** Such as `/dev/sda`. */
  readonly device: string
  readonly sectorBytes: number
}

/** A disk that this machine sees and no step erases. */
export interface OtherDisk {
  readonly name: string
  readonly bytes: number
  /** A sentence without its full stop. */
  readonly reason: string
}

export interface Disks {
  readonly fixed: readonly FixedDisk[]
  readonly others: readonly OtherDisk[]
}

interface FoundDisk {
  readonly place: string
  readonly disk: FixedDisk
  readonly worldWideName: string | undefined
  readonly reason: string | undefined
}

/** Not worth a word when somebody looks for a disk. */
const neverDisks = /^(?:loop|ram|zram|sr|fd|mtdblock)\d|^mmcblk\d+(?:boot\d|rpmb)/

export async function readDisks(root = '/'): Promise<Disks> {
  const folder = join(root, 'sys/block')
  const names = (await readdir(folder).catch(() => [])).filter((name) => !neverDisks.test(name))
  const found = await Promise.all(names.map((name) => readDisk(root, name)))
  const disks = found.filter((disk) => disk !== undefined).sort((one, other) => comparePlaces(one.place, other.place))
  const judged = disks.map((found) => ({ ...found, reason: found.reason ?? reasonSeveralPaths(found, disks) }))
  return {
    fixed: judged.filter(({ reason }) => reason === undefined).map(({ disk }) => disk),
    others: judged.flatMap(({ disk: { name, bytes }, reason }) =>
      reason === undefined ? [] : [{ name, bytes, reason }],
    ),
  }
}

async function readDisk(root: string, name: string): Promise<FoundDisk | undefined> {
  const folder = join(root, 'sys/block', name)
  const text = async (file: string): Promise<string> =>
    (await readFile(join(folder, file), 'utf8').catch(() => '')).trim()
  // Sizes in sysfs count 512-octet sectors whatever the disk's own are.
  const bytes = Number(await text('size')) * 512
  // `hidden` marks the paths below a multipath NVMe disk, which appear a second time.
  if (!(bytes > 0) || (await text('hidden')) === '1') return undefined
  const place = await realpath(folder)
  const removable = (await text('removable')) === '1'
  const reason = reasonNotFixed(await readDiskConnection(root, name))
  const model = await text('device/model')
  const sectorBytes = Number(await text('queue/logical_block_size')) || 512
  // sysfs writes `/` of a device name as `!`.
  const device = `/dev/${name.replaceAll('!', '/')}`
  const wwid = (await text('device/wwid')) || (await text('wwid'))
  // Other forms are made of what the maker wrote, and several disks may share them.
  const worldWideName = /^(?:naa|eui)\./.test(wwid) ? wwid : undefined
  const disk = { name, bytes, removable, device, sectorBytes, ...(model === '' ? {} : { model }) }
  return { place, disk, worldWideName, reason }
}

/** Disks with two ways to them are shared more often than not, and the kernel shows them once for each way. */
function reasonSeveralPaths({ worldWideName }: FoundDisk, disks: readonly FoundDisk[]): string | undefined {
  if (worldWideName === undefined) return undefined
  const names = disks.filter((other) => other.worldWideName === worldWideName).map(({ disk }) => disk.name)
  return names.length > 1 ? `it is seen by several paths (${names.join(', ')})` : undefined
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
