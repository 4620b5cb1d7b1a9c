/** A `/sys` and a `/proc` with the disks that a test is about, as the kernel shows them. */

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export interface SysfsDisk {
  readonly name: string
  readonly device: string
  readonly bytes: number
  /** In `/sys/devices`, up to the disk's own folder. */
  readonly place: string
  /** Below the disk's own folder. */
  readonly files?: Readonly<Record<string, string>>
  readonly partitions?: readonly {
    readonly name: string
    readonly device: string
    readonly holders?: readonly string[]
  }[]
  /** Of the USB device that the disk is part of. */
  readonly usb?: { readonly folder: string; readonly serial?: string }
}

export function writeDiskFacts(
  root: string,
  disks: readonly SysfsDisk[],
  { mountinfo = '', swaps = '' }: { readonly mountinfo?: string; readonly swaps?: string } = {},
): void {
  put(root, 'proc/self/mountinfo', mountinfo)
  put(root, 'proc/swaps', `Filename Type Size Used Priority\n${swaps}`)
  for (const disk of disks) writeDisk(root, disk)
}

function writeDisk(root: string, { name, device, bytes, place, files = {}, partitions = [], usb }: SysfsDisk): void {
  const folder = `sys/devices/${place}/block/${name}`
  const known = { dev: device, size: String(bytes / 512), removable: '0', ro: '0', diskseq: '7', ...files }
  for (const [file, text] of Object.entries(known)) put(root, `${folder}/${file}`, `${text}\n`)
  link(root, `sys/block/${name}`, folder)
  link(root, `sys/dev/block/${device}`, folder)
  for (const partition of partitions) {
    const below = `${folder}/${partition.name}`
    put(root, `${below}/dev`, `${partition.device}\n`)
    put(root, `${below}/partition`, '1\n')
    for (const holder of partition.holders ?? []) link(root, `${below}/holders/${holder}`, `sys/block/${holder}`)
    link(root, `sys/dev/block/${partition.device}`, below)
  }
  if (usb !== undefined) {
    put(root, `sys/devices/${usb.folder}/idVendor`, '0781\n')
    if (usb.serial !== undefined) put(root, `sys/devices/${usb.folder}/serial`, `${usb.serial}\n`)
  }
}

function put(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text, 'latin1')
}

function link(root: string, path: string, to: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  symlinkSync(relative(dirname(join(root, path)), join(root, to)), join(root, path))
}
