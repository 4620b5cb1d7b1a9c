/**
 * The disk of a prestaged medium (S7-031, S7-033): beside what starts it there is free room, and the operating system goes there. Nothing
 * of the disk is erased: one partition is added behind the others, and kept when it is there already. The step that partitions
 * disks is left out by the generated sequences, and refuses a disk whose medium is in use. A stick that the image was written to is
 * refused: it belongs to a person, and no step installs onto one either.
 */

import { existsSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Variable } from '../server/sequence/environment.ts'
import { pause } from './back-off.ts'
import { type CommandResult, runCommand } from './command.ts'
import type { Disks } from './fixed-disks.ts'
import {
  type FormattedPartition,
  formattedPartitionsVariable,
  printFormattedPartitions,
} from './formatted-partitions.ts'

/** As the table of partitions calls it: found again by it. */
const systemPartitionName = 'Reveille system'
const linuxData = '0FC63DAF-8483-4772-8E79-3D69D8477DE4'
const efiSystem = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'
const biosBoot = '21686148-6449-6E6F-744E-656564454649'
const roomBytesMin = 1024 ** 3

export class PrestagedDiskError extends Error {
  override readonly name = 'PrestagedDiskError'
}

/**
 * `medium`: the mounted partition, such as `/dev/sda2`. Gives the variables by which later steps find the partitions, as Format and
 * Partition Disk would. Rejects with a `PrestagedDiskError` that says what to do.
 */
export async function preparePrestagedDisk(medium: string, disks: Disks): Promise<readonly Variable[]> {
  const disk = await diskOf(medium)
  requireFixed(disk, disks)
  let partitions = await readPartitions(disk)
  const isNew = !partitions.some(isSystem)
  if (isNew) {
    await addSystemPartition(disk, partitions)
    partitions = await readPartitions(disk)
  }
  const system = partitions.find(isSystem)
  if (system === undefined) throw new PrestagedDiskError(`${disk} does not keep the partition that was added to it.`)
  await showPartition(disk, system.node)
  // One that was made before a restart may be empty; a new one may lie where an old file system did.
  if (isNew || (await probe(system.node, 'TYPE')) === '') await format(system.node)
  const made: FormattedPartition[] = []
  for (const { node, type, name } of partitions) {
    const kind = usesOf(type, name)
    if (kind !== undefined) made.push({ device: node, ...kind, ...(await uuidOf(node)) })
  }
  return [{ name: formattedPartitionsVariable, value: printFormattedPartitions(made), secret: false }]
}

interface TablePartition {
  readonly node: string
  readonly start: number
  readonly size: number
  readonly type: string
  readonly name?: string
}

function isSystem({ name }: TablePartition): boolean {
  return name === systemPartitionName
}

function usesOf(type: string, name: string | undefined): Pick<FormattedPartition, 'use' | 'fileSystem'> | undefined {
  if (type === efiSystem) return { use: 'efi', fileSystem: 'fat32' }
  if (type === biosBoot) return { use: 'bios-boot', fileSystem: 'none' }
  return name === systemPartitionName ? { use: 'primary', fileSystem: 'ext4' } : undefined
}

async function diskOf(partition: string): Promise<string> {
  const place = await realpath(`/sys/class/block/${basename(partition)}`)
  if (!existsSync(`${place}/partition`)) throw new PrestagedDiskError(`${partition} is no partition of a disk.`)
  return `/dev/${basename(dirname(place))}`
}

function requireFixed(device: string, { fixed, others }: Disks): void {
  if (fixed.some((disk) => disk.device === device)) return
  const name = basename(device)
  const reason = others.find((disk) => disk.name === name)?.reason ?? 'the machine does not count it among its disks'
  throw new PrestagedDiskError(
    `This prestaged medium is on ${device}, and no operating system is installed there: ${reason}. It belongs onto a disk in the machine.`,
  )
}

async function readPartitions(disk: string): Promise<readonly TablePartition[]> {
  const { stdout } = await mustRun(['sfdisk', '--json', disk])
  const { partitiontable } = JSON.parse(stdout) as {
    readonly partitiontable: { readonly label: string; readonly partitions?: readonly TablePartition[] }
  }
  if (partitiontable.label !== 'gpt') throw new PrestagedDiskError(`${disk} has no GPT: it is no prestaged disk.`)
  return partitiontable.partitions ?? []
}

async function addSystemPartition(disk: string, partitions: readonly TablePartition[]): Promise<void> {
  await requireRoom(disk, partitions)
  // The image was as large as what is on it; the backup table belongs to the end of this disk.
  await mustRun(['sfdisk', '--relocate', 'gpt-bak-std', '--no-reread', disk])
  const line = `type=${linuxData}, name="${systemPartitionName}"\n`
  await mustRun(['sfdisk', '--quiet', '--append', '--no-reread', '--force', disk], line)
}

/** `device`: as the table calls it, because a new partition has the first number that is free. */
async function showPartition(disk: string, device: string): Promise<void> {
  for (let tries = 1; tries <= 50 && !existsSync(device); tries += 1) {
    // The kernel reads no table anew while a partition of it is mounted.
    const number = device.slice(disk.length).replace('p', '')
    await runCommand({ program: 'partx', arguments: ['--add', '--nr', number, disk] })
    await pause(100)
  }
  if (!existsSync(device)) throw new PrestagedDiskError(`${device} was made, but the kernel does not show it. Restart.`)
}

async function format(device: string): Promise<void> {
  await mustRun(['mkfs.ext4', '-q', '-F', '-L', 'Reveille system', device])
}

async function requireRoom(disk: string, partitions: readonly TablePartition[]): Promise<void> {
  const sectorBytes = Number(await readFile(`/sys/class/block/${basename(disk)}/queue/logical_block_size`, 'utf8'))
  // Always in units of 512 octets.
  const bytes = Number(await readFile(`/sys/class/block/${basename(disk)}/size`, 'utf8')) * 512
  const end = Math.max(0, ...partitions.map(({ start, size }) => start + size)) * sectorBytes
  if (bytes - end >= roomBytesMin) return
  const free = Math.max(0, Math.floor((bytes - end) / 1e6))
  throw new PrestagedDiskError(`${disk} has ${free} MB behind its last partition, and an operating system needs 1 GB.`)
}

async function uuidOf(device: string): Promise<{ readonly uuid?: string }> {
  const uuid = await probe(device, 'UUID')
  return uuid === '' ? {} : { uuid }
}

async function probe(device: string, what: 'TYPE' | 'UUID'): Promise<string> {
  const words = ['-c', '/dev/null', '-o', 'value', '-s', what, device]
  return (await runCommand({ program: 'blkid', arguments: words })).stdout.trim()
}

async function mustRun([program, ...words]: readonly [string, ...string[]], input = ''): Promise<CommandResult> {
  const result = await runCommand({ program, arguments: words, input })
  if (result.exitCode === 0) return result
  throw new PrestagedDiskError(`${program} ${words.join(' ')}: ${result.tail || `exit code ${result.exitCode}`}`)
}
