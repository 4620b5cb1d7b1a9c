/**
 * From the partitions a step asks for to sectors on a disk, and to the script that `sfdisk` reads (sfdisk(8), "Script
 * header fields"). Pure: the same disk and step give the same layout. Everything starts at a full MiB, as other tools do.
 * Logical partitions follow one another in the extended one, each behind a MiB that holds its own table.
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
  const lastMiB = Math.floor((disk.bytes - (diskType === 'gpt' ? gptEndBytes : 0)) / mebibyte)
  const outer = placeIn(
    partitions.filter(({ use }) => use !== 'logical'),
    { firstMiB: 1, lastMiB, tableMiB: 0 },
  )
  const extended = [...outer].find(([{ use }]) => use === 'extended')?.[1]
  const inner = placeIn(
    partitions.filter(({ use }) => use === 'logical'),
    { firstMiB: extended?.startMiB ?? 0, lastMiB: (extended?.startMiB ?? 0) + (extended?.sizeMiB ?? 0), tableMiB: 1 },
  )
  const sectorsPerMiB = mebibyte / disk.sectorBytes
  const numbers = numberPartitions(partitions)
  const placed: PlacedPartition[] = []
  for (const [index, partition] of partitions.entries()) {
    const { startMiB, sizeMiB, refusal } = outer.get(partition) ?? inner.get(partition) ?? nowhere
    if (refusal !== undefined) return { kind: 'refused', reason: `partition ${index + 1} ${refusal}` }
    const startSector = startMiB * sectorsPerMiB
    const sectors = sizeMiB * sectorsPerMiB
    if (diskType === 'mbr' && startSector + sectors > mbrSectorsMax) {
      return { kind: 'refused', reason: `partition ${index + 1} ends beyond what an MBR can describe: use GPT` }
    }
    const number = numbers[index] ?? 0
    placed.push({ partition, number, startSector, sectors, type: typeOf(diskType, partition) })
  }
  return { kind: 'layout', label: diskType === 'mbr' ? 'dos' : 'gpt', partitions: placed }
}

interface Room {
  readonly firstMiB: number
  /** The first that is not free any more. */
  readonly lastMiB: number
  /** What each partition needs before it. */
  readonly tableMiB: number
}

interface Extent {
  readonly startMiB: number
  readonly sizeMiB: number
  readonly refusal?: string
}

const nowhere: Extent = { startMiB: 0, sizeMiB: 0, refusal: 'lies in no extended partition' }

/** One after another; percentages are of what the fixed sizes leave. */
function placeIn(partitions: readonly Partition[], room: Room): ReadonlyMap<Partition, Extent> {
  const { firstMiB, lastMiB, tableMiB } = room
  const usableMiB = lastMiB - firstMiB - tableMiB * partitions.length
  const fixedMiB = sum(partitions.map(({ size }) => ('megabytes' in size ? size.megabytes : 0)))
  const placed = new Map<Partition, Extent>()
  let nextMiB = firstMiB
  for (const partition of partitions) {
    const { size } = partition
    const share = 'percentOfRemaining' in size ? size.percentOfRemaining : 0
    const sizeMiB = 'megabytes' in size ? size.megabytes : Math.floor(((usableMiB - fixedMiB) * share) / 100)
    const startMiB = nextMiB + tableMiB
    const fits = sizeMiB >= 1 && startMiB + sizeMiB <= lastMiB
    const where = tableMiB === 0 ? 'disk' : 'extended partition'
    const refusal = `does not fit: the ${where} has ${usableMiB} MiB, ${fixedMiB} MiB are fixed sizes`
    placed.set(partition, { startMiB, sizeMiB, ...(fits ? {} : { refusal }) })
    nextMiB = startMiB + sizeMiB
  }
  return placed
}

/** Logical ones count from 5, whatever comes before them. */
function numberPartitions(partitions: readonly Partition[]): readonly number[] {
  const counts = { outer: 0, logical: 4 }
  return partitions.map(({ use }) => (counts[use === 'logical' ? 'logical' : 'outer'] += 1))
}

/** Input of `sfdisk`: one line a partition, numbered. */
export function printSfdiskScript(layout: Extract<Layout, { kind: 'layout' }>): string {
  // The extended partition comes before those in it, wherever it was asked for.
  const inOrder = layout.partitions.toSorted((a, b) => a.number - b.number)
  const lines = inOrder.map(({ partition, number, startSector, sectors, type }) => {
    const fields = [`start=${startSector}`, `size=${sectors}`, `type=${type}`]
    if (layout.label === 'gpt' && partition.use === 'hidden') fields.push(hiddenAttributes)
    if (layout.label === 'gpt' && partition.name !== '') fields.push(`name="${partition.name}"`)
    if (layout.label === 'dos' && partition.bootable) fields.push('bootable')
    return `${number} : ${fields.join(', ')}`
  })
  return [`label: ${layout.label}`, 'unit: sectors', '', ...lines, ''].join('\n')
}

/** [MS-DISK] of basic data partitions: hidden, and without a drive letter. */
const hiddenAttributes = 'attrs="GUID:62,63"'

/** `/dev/sda` has `/dev/sda1`; names that end in a digit put a `p` between. */
export function partitionDevice(diskDevice: string, number: number): string {
  return /\d$/.test(diskDevice) ? `${diskDevice}p${number}` : `${diskDevice}${number}`
}

function refusePartitions(diskType: 'mbr' | 'gpt', partitions: readonly Partition[]): string | undefined {
  if (partitions.length === 0) return 'no partition is asked for'
  const logical = partitions.filter(({ use }) => use === 'logical')
  const outer = partitions.filter(({ use }) => use !== 'logical')
  if (diskType === 'mbr' && outer.length > 4) return 'an MBR disk holds four partitions: use GPT for more'
  if (partitions.length > 128) return 'a GPT disk holds 128 partitions'
  for (const group of [outer, logical]) {
    const percent = sum(group.map(({ size }) => ('percentOfRemaining' in size ? size.percentOfRemaining : 0)))
    if (percent > 100) return `the percentages add up to ${percent}`
  }
  if (partitions.filter(({ use }) => use === 'efi').length > 1) return 'a disk has one EFI system partition'
  if (partitions.filter(({ use }) => use === 'extended').length > 1) return 'a disk has one extended partition'
  for (const { name, use, fileSystem } of partitions) {
    // 36 characters are the GPT's limit; the others would end the field in the script.
    if (!/^[A-Za-z0-9 ._+()-]{0,36}$/.test(name))
      return `"${name.replaceAll(/[^\x20-\x7e]/g, '?')}" cannot be the name of a partition`
    if (use === 'efi' && fileSystem !== 'fat32') return 'an EFI system partition has the file system fat32'
    if (use === 'bios-boot' && diskType === 'mbr') return 'a BIOS boot partition exists on GPT disks only'
    if (partitionTypes[use][diskType] === '') return `a partition used as ${use} does not exist on ${diskType} disks`
    if (plainUses[use] === undefined && use !== 'efi' && fileSystem !== 'none')
      return `a ${use} partition has no file system`
  }
  return undefined
}

function typeOf(diskType: 'mbr' | 'gpt', { use, fileSystem }: Partition): string {
  const isWindows = fileSystem === 'ntfs' || fileSystem === 'fat32'
  if (use === 'hidden' && diskType === 'mbr') return isWindows ? hiddenMbrTypes[fileSystem] : partitionTypes.hidden.mbr
  const key = plainUses[use] !== undefined && isWindows ? fileSystem : use
  return partitionTypes[key][diskType]
}

/** Those that hold whatever file system is asked for. */
const plainUses: Partial<Record<Partition['use'], true>> = { primary: true, logical: true, hidden: true }

const linuxData = '0FC63DAF-8483-4772-8E79-3D69D8477DE4'
const basicData = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7'

/** UEFI 2.10 section 5.3.3, the Discoverable Partitions Specification, and the usual one-octet types. */
const partitionTypes = {
  primary: { gpt: linuxData, mbr: '83' },
  logical: { gpt: '', mbr: '83' },
  extended: { gpt: '', mbr: '0f' },
  hidden: { gpt: linuxData, mbr: '93' },
  fat32: { gpt: basicData, mbr: '0c' },
  ntfs: { gpt: basicData, mbr: '07' },
  efi: { gpt: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', mbr: 'ef' },
  msr: { gpt: 'E3C9E316-0B5C-4DB8-817D-F92DF00215AE', mbr: '' },
  swap: { gpt: '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F', mbr: '82' },
  'bios-boot': { gpt: '21686148-6449-6E6F-744E-656564454649', mbr: '' },
} as const satisfies Record<Partition['use'] | 'fat32' | 'ntfs', { readonly gpt: string; readonly mbr: string }>

const hiddenMbrTypes = { ntfs: '17', fat32: '1c' } as const

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
