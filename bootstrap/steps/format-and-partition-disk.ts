/**
 * Format and Partition Disk (S2-042 to S2-044): one fixed disk gets a new partition table and file systems. It refuses,
 * and says why, before it touches a disk that is not a fixed disk, is in use, is read-only or too small, or holds a part
 * of something larger. Old signatures
 * go with the old table, so that nothing on the disk is taken for a RAID member or file system of the past.
 */

import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import type { FormatAndPartitionDisk } from '../../server/sequence/step-types/format-and-partition-disk.ts'
import { stateStorePathVariable } from '../../server/sequence/step-types/state-store-path.ts'
import { pause } from '../back-off.ts'
import { runCommand } from '../command.ts'
import type { Disks, FixedDisk } from '../fixed-disks.ts'
import { eraseForeignVolumesVariable, findForeignVolume } from '../foreign-volumes.ts'
import {
  type FormattedPartition,
  formattedPartitionsVariable,
  mergePartitions,
  parseFormattedPartitions,
  printFormattedPartitions,
} from '../formatted-partitions.ts'
import { formatVolume } from '../format-volume.ts'
import { layOutPartitions, type PlacedPartition, partitionDevice, printSfdiskScript } from '../partition-layout.ts'
import { runTool } from '../step-command.ts'
import { type StepContext, StepFailed, type StepResult, variable } from '../step-context.ts'
import { readMountedDevices } from '../target-system.ts'

export async function formatAndPartitionDisk(
  action: FormatAndPartitionDisk,
  context: StepContext,
): Promise<StepResult> {
  const disk = context.disks[action.diskNumber]
  if (disk === undefined)
    throw new StepFailed(noSuchDisk(action.diskNumber, { fixed: context.disks, others: context.otherDisks }))
  const layout = layOutPartitions(action, disk)
  if (layout.kind === 'refused') throw new StepFailed(`${disk.device}: ${layout.reason}`)
  const holdsRun = await holdsRunOf(context, disk)
  const inUse = (await reasonInUse(disk, holdsRun)) ?? (holdsRun === undefined ? undefined : reasonKept(context))
  if (inUse !== undefined) throw new StepFailed(`disk ${action.diskNumber} (${disk.device}) is not erased: ${inUse}`)

  const foreign = mayErase(context) ? undefined : await findForeignVolume(await devicesOf(disk))
  if (foreign !== undefined) {
    const option = `the variable ${eraseForeignVolumesVariable}, set to true before this step, has it erased`
    throw new StepFailed(`disk ${action.diskNumber} (${disk.device}) is not erased: ${foreign} (${option})`)
  }

  // The run goes on in memory until the new system has a disk again.
  if (holdsRun !== undefined) await context.target.release()
  const total = layout.partitions.length + 1
  context.progress({ text: `Partitioning ${disk.device}`, done: 0, total, unit: 'items' })
  await clearOldSignatures(disk, context)
  await runTool(
    context,
    ['sfdisk', '--quiet', '--wipe', 'always', '--wipe-partitions', 'always', disk.device],
    printSfdiskScript(layout),
  )
  await showPartitions(disk, layout.partitions, context)

  const formatted: FormattedPartition[] = []
  for (const placed of layout.partitions) {
    const device = partitionDevice(disk.device, placed.number)
    context.progress({ text: `Formatting ${device}`, done: formatted.length + 1, total, unit: 'items' })
    formatted.push(await formatPartition(device, placed, context))
  }
  context.progress({ text: `Formatted ${disk.device}`, done: total, total, unit: 'items' })
  const all = mergePartitions(
    parseFormattedPartitions(context.variable(formattedPartitionsVariable)),
    formatted,
    disk.device,
  )
  return { exitCode: 0, message: '', variables: variablesOf(action, formatted, all) }
}

function variablesOf(
  action: FormatAndPartitionDisk,
  formatted: readonly FormattedPartition[],
  all: readonly FormattedPartition[],
): StepResult['variables'] {
  const named = action.partitions.flatMap(({ variable: name }, index) =>
    name === undefined || name === '' ? [] : [variable(name, formatted[index]?.device ?? '')],
  )
  return [...named, variable(formattedPartitionsVariable, printFormattedPartitions(all))]
}

function noSuchDisk(number: number, { fixed, others }: Disks): string {
  const list = fixed.map((disk, index) => `${index}: ${printSize(disk)}`).join('; ')
  const left = others.map((disk) => `${printSize(disk)}: ${disk.reason}`).join('; ')
  const has = list === '' ? ', and no other either' : ` (it has ${list})`
  return `this machine has no fixed disk ${number}${has}${left === '' ? '' : `; never erased are ${left}`}`
}

function printSize({ name, bytes }: { readonly name: string; readonly bytes: number }): string {
  return `${name}, ${Math.round(bytes / 1e9)} GB`
}

/**
 * The partition of the old system that the run came from, when it is on this disk: a run that began in an installed system
 * and is to replace it lies there.
 */
async function holdsRunOf({ where, target }: StepContext, disk: FixedDisk): Promise<string | undefined> {
  const { device } = target
  if (where !== 'boot-image' || device === undefined) return undefined
  return (await devicesOf(disk)).includes(device) ? device : undefined
}

/** What people had was captured onto this disk, and is on no other. Network folders are mounted below `/run`. */
function reasonKept(context: StepContext): string | undefined {
  const place = context.variable(stateStorePathVariable)
  if (!place.startsWith('/') || place.startsWith('/run/')) return undefined
  return `it holds the files of its users, which this run captured into ${place}`
}

/** Undefined when the disk may be erased; `released` is let go of before. */
async function reasonInUse(disk: FixedDisk, released: string | undefined): Promise<string | undefined> {
  const folder = `/sys/class/block/${disk.name}`
  if ((await readFile(`${folder}/ro`, 'utf8').catch(() => '0')).trim() === '1') return 'it is read-only'
  const partitions = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(disk.name))
  const mounted = await readMountedDevices()
  for (const name of [disk.name, ...partitions]) {
    const place = mounted.get(`/dev/${name}`)
    if (place !== undefined && `/dev/${name}` !== released) return `/dev/${name} is in use as ${place}`
    const holders = await readdir(`/sys/class/block/${name}/holders`).catch(() => [])
    if (holders.length > 0) return `/dev/${name} belongs to ${holders.join(', ')}`
  }
  return undefined
}

/** A file system inside an old partition would be found again if a new one starts at the same place. */
async function clearOldSignatures(disk: FixedDisk, context: StepContext): Promise<void> {
  for (const device of await devicesOf(disk)) {
    if (existsSync(device)) await runTool(context, ['wipefs', '--all', '--quiet', '--force', device])
  }
}

/** The partitions that the kernel sees, then the disk. */
async function devicesOf(disk: FixedDisk): Promise<readonly string[]> {
  const names = (await readdir(`/sys/class/block/${disk.name}`)).filter((name) => name.startsWith(disk.name))
  return [...names.map((name) => `/dev/${name}`), disk.device]
}

function mayErase(context: StepContext): boolean {
  return context.variable(eraseForeignVolumesVariable).trim().toLowerCase() === 'true'
}

const showTriesMax = 100
const showPauseMs = 100

/** The kernel needs a moment; where it does not read partition tables by itself, `partx` tells it. */
async function showPartitions(
  disk: FixedDisk,
  partitions: readonly PlacedPartition[],
  context: StepContext,
): Promise<void> {
  const missing = (): readonly number[] =>
    partitions.map(({ number }) => number).filter((number) => !existsSync(partitionDevice(disk.device, number)))
  for (let tries = 1; tries <= showTriesMax; tries += 1) {
    if (missing().length === 0) return
    if (tries % 10 === 1) await runCommand({ program: 'partx', arguments: ['--update', disk.device] })
    // It stops at the gap before logical partitions.
    for (const number of tries % 10 === 1 ? missing() : []) {
      await runCommand({ program: 'partx', arguments: ['--add', '--nr', String(number), disk.device] })
    }
    if (missing().length > 0) await pause(showPauseMs, context.signal)
  }
  const devices = missing().map((number) => partitionDevice(disk.device, number))
  throw new StepFailed(
    `the partitions of ${disk.device} were written, but the kernel does not show ${devices.join(', ')}`,
  )
}

async function formatPartition(
  device: string,
  { partition }: PlacedPartition,
  context: StepContext,
): Promise<FormattedPartition> {
  const { use, fileSystem } = partition
  const uuid = await formatVolume(device, partition, context)
  return { device, use, fileSystem, ...(uuid === '' ? {} : { uuid }) }
}
