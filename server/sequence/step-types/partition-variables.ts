/**
 * Partitions that variables describe instead of the step (S1-059, S2-043, S2-044): OSDPartitions0Type,
 * OSDPartitions0Size, ... counted from 0 up to the first without a type; and the EFI system partition that OSDGPTBootDisk
 * asks for. The result is a document, which format-and-partition-disk.ts judges.
 */

import type { Written } from '../step-type.ts'

/** More than any disk has; the definition says what is too many. */
const partitionsMax = 256
/** Ours: room for the loaders of several systems. */
const efiPartition = { use: 'efi', name: 'EFI', size: { megabytes: 512 } }

type Variable = (name: string) => string

export function partitionsFromVariables(variable: Variable, written: Written): Written {
  const described = arrayOf(variable)
  const partitions = described.length > 0 ? described : listOf(written['partitions'])
  const wantsEfi = isTrue(variable('OSDGPTBootDisk')) && written['diskType'] !== 'mbr'
  if (wantsEfi && !partitions.some((partition) => useOf(partition) === 'efi')) {
    return { partitions: [efiPartition, ...partitions] }
  }
  return described.length > 0 ? { partitions } : {}
}

function arrayOf(variable: Variable): readonly unknown[] {
  const partitions: Written[] = []
  for (let index = 0; index < partitionsMax; index += 1) {
    const member = (name: string): string => variable(`OSDPartitions${index}${name}`).trim()
    if (member('Type') === '') break
    partitions.push(partitionOf(member))
  }
  return partitions
}

function partitionOf(member: Variable): Written {
  const use = member('Type').toLowerCase()
  const fileSystem = member('FileSystem').toLowerCase()
  const variable = member('VolumeLetterVariable')
  // S2-043: without a file system it is not formatted; some uses have one of their own.
  const isPlain = ['primary', 'logical', 'hidden'].includes(use)
  return {
    use,
    name: member('VolumeName'),
    ...sizeOf(member('Size'), member('SizeUnits').toLowerCase()),
    ...(fileSystem !== '' ? { fileSystem } : isPlain ? { fileSystem: 'none' } : {}),
    ...flagOf('bootable', member('Bootable')),
    ...flagOf('quickFormat', member('QuickFormat')),
    ...(variable === '' ? {} : { variable }),
  }
}

/** MB unless something else is said. Without a size it is all that remains, or what is usual for the use. */
function sizeOf(text: string, units: string): Written {
  if (text === '') return {}
  const size = /^[0-9]{1,12}$/.test(text) ? Number(text) : text
  if (units === 'percent' || units === '%') return { size: { percentOfRemaining: size } }
  return { size: { megabytes: units === 'gb' && typeof size === 'number' ? size * 1_024 : size } }
}

function flagOf(name: string, text: string): Written {
  if (text === '') return {}
  return { [name]: isTrue(text) ? true : text.toLowerCase() === 'false' ? false : text }
}

function isTrue(text: string): boolean {
  return text.trim().toLowerCase() === 'true'
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function useOf(partition: unknown): unknown {
  return typeof partition === 'object' && partition !== null && 'use' in partition ? partition.use : undefined
}
