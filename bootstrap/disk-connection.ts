/**
 * How a disk is connected, as sysfs tells it (the kernel's Documentation/ABI: sysfs-block, sysfs-class-nvme,
 * sysfs-bus-pci `removable`), and whether that makes it a disk of this machine alone. A storage network shows a machine
 * disks that others work with, and nothing on such a disk says so.
 */

import { readFile, readdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface DiskConnection {
  readonly name: string
  /** The device's own folder in sysfs, from `/sys` on. */
  readonly place: string
  readonly isRemovable: boolean
  readonly isMemoryCard: boolean
  /** The kernel says so of a device on the way to the disk: Thunderbolt and USB4. */
  readonly isExternal: boolean
  /** Classes that the disk's SCSI host belongs to, of those that mean a network. */
  readonly hostClasses: readonly string[]
  /** Of every NVMe controller that leads to it: `pcie`, `tcp`, `rdma`, `fc`, `loop`. */
  readonly nvmeTransports: readonly string[]
  /** The device-mapper device that uses this disk as one of several paths. */
  readonly multipath: string | undefined
}

const networkHosts = { iscsi_host: 'iSCSI', fc_host: 'Fibre Channel', srp_host: 'SRP' } as const

/** NVMe without a network between: Apple's own controllers are the second. */
const localNvmeTransports = ['pcie', 'apple-nvme']

export async function readDiskConnection(root: string, name: string): Promise<DiskConnection> {
  const folder = join(root, 'sys/block', name)
  const place = await realpath(folder)
  const sys = join(await realpath(root), 'sys')
  return {
    name,
    place: place.slice(sys.length),
    isRemovable: (await textOf(join(folder, 'removable'))) === '1',
    isMemoryCard: (await textOf(join(folder, 'device/type'))) === 'SD',
    isExternal: await hasRemovableAbove(place, sys),
    hostClasses: await hostClassesOf(place, sys),
    nvmeTransports: name.startsWith('nvme') ? await nvmeTransportsOf(folder) : [],
    multipath: await multipathOf(folder),
  }
}

/** Undefined for a fixed disk. */
export function reasonNotFixed(disk: DiskConnection): string | undefined {
  const { name, place, hostClasses, nvmeTransports, multipath } = disk
  const network = networkOf(place, hostClasses)
  if (network !== undefined) return `it is on a storage network (${network})`
  if (name.startsWith('nvme')) {
    const remote = nvmeTransports.find((transport) => !localNvmeTransports.includes(transport))
    if (remote !== undefined) return `it is on a storage network (NVMe over ${remote})`
    if (nvmeTransports.length === 0) return 'the kernel does not tell how it is connected'
  } else if (place.startsWith('/devices/virtual/') || /^(?:rbd|drbd|nbd)\d/.test(name)) {
    return 'it is made of other devices, or on the network'
  }
  if (/\/usb\d/.test(place)) return 'it is a USB disk'
  if (/\/fw\d/.test(place)) return 'it is a FireWire disk'
  if (disk.isMemoryCard) return 'it is a memory card'
  if (disk.isRemovable) return 'it is removable'
  if (disk.isExternal) return 'it is in an external enclosure'
  return multipath === undefined ? undefined : `it is one path of ${multipath}`
}

function networkOf(place: string, hostClasses: readonly string[]): string | undefined {
  if (/\/session\d+\//.test(place)) return networkHosts.iscsi_host
  if (/\/rport-\d/.test(place)) return 'Fibre Channel or SRP'
  return Object.entries(networkHosts).find(([name]) => hostClasses.includes(name))?.[1]
}

async function hostClassesOf(place: string, sys: string): Promise<readonly string[]> {
  const host = /\/(host\d+)\//.exec(place)?.[1]
  if (host === undefined) return []
  const hosts = await Promise.all(Object.keys(networkHosts).map((name) => namesIn(join(sys, 'class', name))))
  return Object.keys(networkHosts).filter((_name, index) => hosts[index]?.includes(host))
}

/** `device` is the controller, or, where the kernel joins paths by itself, a subsystem with its controllers in it. */
async function nvmeTransportsOf(folder: string): Promise<readonly string[]> {
  const device = join(folder, 'device')
  const controllers = (await namesIn(device)).filter((name) => /^nvme\d+$/.test(name))
  const files = [device, ...controllers.map((name) => join(device, name))].map((place) => join(place, 'transport'))
  return (await Promise.all(files.map(textOf))).filter((text) => text !== '')
}

async function multipathOf(folder: string): Promise<string | undefined> {
  for (const holder of await namesIn(join(folder, 'holders'))) {
    if ((await textOf(join(folder, 'holders', holder, 'dm/uuid'))).startsWith('mpath-')) return holder
  }
  return undefined
}

async function hasRemovableAbove(place: string, sys: string): Promise<boolean> {
  for (let folder = dirname(place); folder.startsWith(sys); folder = dirname(folder)) {
    if ((await textOf(join(folder, 'removable'))) === 'removable') return true
  }
  return false
}

async function textOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).trim()
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => [])
}
