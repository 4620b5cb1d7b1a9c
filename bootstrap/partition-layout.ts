/**
 * From the partitions a step asks for to sectors on a disk, and to the script that `sfdisk` reads (sfdisk(8), "Script
 * header fields"). Pure: the same disk and step give the same layout. Everything starts at a full MiB, as other tools do.
 * Extended and logical partitions do not exist here; whoever needs more than four uses GPT.
 */

import type { FormatAndPartitionDisk, Partition } from '../server/sequence/step-types/format-and-partition-disk.ts'

export interface PlacedPartition {
  readonly partition: Partition
  /** Counts from 1. */
  readonly number: number
  readonly startSector: number
  readonly sectors: number
  /** As sfdisk takes it: two hexadecimal digits, or a GUID. */
  readonly type: string
}

export type Layout =
  | { readonly kind: 'layout'; readonly label: 'dos' | 'gpt'; readonly partitions: readonly PlacedPartition[] }
  | { readonly kind: 'refused'; readonly reason: string }

export interface DiskSize {
  readonly bytes: number
  readonly sectorBytes: number
}

const mebibyte = 1024 * 1024
/** UEFI 2.10 section 5.3: header and 16 KiB of entries at the end; a MiB covers it for every sector size. */
const gptEndBytes = mebibyte
/** Start and size are 32-bit numbers in an MBR. */
const mbrSectorsMax = 0xffffffff

export function layOutPartitions(action: FormatAndPartitionDisk, disk: DiskSize): Layout {
  const { diskType, partitions } = action
  const reason = refusePartitions(diskType, partitions)
  if (reason !== undefined) return { kind: 'refused', reason }
  const usableMiB = Math.floor((disk.bytes - (diskType === 'gpt' ? gptEndBytes : 0)) / mebibyte) - 1
  const fixedMiB = sum(partitions.map(({ size }) => ('megabytes' in size ? size.megabytes : 0)))
  const freeMiB = usableMiB - fixedMiB
  const sectorsPerMiB = mebibyte / disk.sectorBytes
  let nextMiB = 1
  const placed: PlacedPartition[] = []
  for (const [index, partition] of partitions.entries()) {
    const { size } = partition
    const sizeMiB = 'megabytes' in size ? size.megabytes : Math.floor((freeMiB * size.percentOfRemaining) / 100)
    if (sizeMiB < 1 || nextMiB + sizeMiB > usableMiB + 1) {
      return {
        kind: 'refused',
        reason: `partition ${index + 1} does not fit: the disk has ${usableMiB} MiB, ${fixedMiB} MiB are fixed sizes`,
      }
    }
    const startSector = nextMiB * sectorsPerMiB
    const sectors = sizeMiB * sectorsPerMiB
    if (diskType === 'mbr' && startSector + sectors > mbrSectorsMax) {
      return { kind: 'refused', reason: `partition ${index + 1} ends beyond what an MBR can describe: use GPT` }
    }
    placed.push({ partition, number: index + 1, startSector, sectors, type: typeOf(diskType, partition) })
    nextMiB += sizeMiB
  }
  return { kind: 'layout', label: diskType === 'mbr' ? 'dos' : 'gpt', partitions: placed }
}

/** Input of `sfdisk`: one line a partition, numbered. */
export function printSfdiskScript(layout: Extract<Layout, { kind: 'layout' }>): string {
  const lines = layout.partitions.map(({ partition, number, startSector, sectors, type }) => {
    const fields = [`start=${startSector}`, `size=${sectors}`, `type=${type}`]
    if (layout.label === 'gpt' && partition.name !== '') fields.push(`name="${partition.name}"`)
    if (layout.label === 'dos' && partition.bootable) fields.push('bootable')
    return `${number} : ${fields.join(', ')}`
  })
  return [`label: ${layout.label}`, 'unit: sectors', '', ...lines, ''].join('\n')
}

/** `/dev/sda` has `/dev/sda1`; names that end in a digit put a `p` between. */
export function partitionDevice(diskDevice: string, number: number): string {
  return /\d$/.test(diskDevice) ? `${diskDevice}p${number}` : `${diskDevice}${number}`
}

function refusePartitions(diskType: 'mbr' | 'gpt', partitions: readonly Partition[]): string | undefined {
  if (partitions.length === 0) return 'no partition is asked for'
  if (diskType === 'mbr' && partitions.length > 4) return 'an MBR disk holds four partitions: use GPT for more'
  if (partitions.length > 128) return 'a GPT disk holds 128 partitions'
  const percent = sum(partitions.map(({ size }) => ('percentOfRemaining' in size ? size.percentOfRemaining : 0)))
  if (percent > 100) return `the percentages add up to ${percent}`
  if (partitions.filter(({ use }) => use === 'efi').length > 1) return 'a disk has one EFI system partition'
  for (const { name, use, fileSystem } of partitions) {
    // 36 characters are the GPT's limit; the others would end the field in the script.
    if (!/^[A-Za-z0-9 ._+()-]{0,36}$/.test(name))
      return `"${name.replaceAll(/[^\x20-\x7e]/g, '?')}" cannot be the name of a partition`
    if (use === 'efi' && fileSystem !== 'fat32') return 'an EFI system partition has the file system fat32'
    if (use === 'bios-boot' && diskType === 'mbr') return 'a BIOS boot partition exists on GPT disks only'
    if ((use === 'bios-boot' || use === 'swap') && fileSystem !== 'none') return `a ${use} partition has no file system`
  }
  return undefined
}

function typeOf(diskType: 'mbr' | 'gpt', { use, fileSystem }: Partition): string {
  const isWindows = fileSystem === 'ntfs' || fileSystem === 'fat32'
  const key = use === 'primary' && isWindows ? fileSystem : use
  return partitionTypes[key][diskType]
}

/** UEFI 2.10 section 5.3.3, the Discoverable Partitions Specification, and the usual one-octet types. */
const partitionTypes = {
  primary: { gpt: '0FC63DAF-8483-4772-8E79-3D69D8477DE4', mbr: '83' },
  fat32: { gpt: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7', mbr: '0c' },
  ntfs: { gpt: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7', mbr: '07' },
  efi: { gpt: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', mbr: 'ef' },
  swap: { gpt: '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F', mbr: '82' },
  'bios-boot': { gpt: '21686148-6449-6E6F-744E-656564454649', mbr: '' },
} as const satisfies Record<Partition['use'] | 'fat32' | 'ntfs', { readonly gpt: string; readonly mbr: string }>

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
