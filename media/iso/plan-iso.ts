/**
 * Gives everything on a disc its blocks: descriptors, catalog, path tables and directories of both trees, images to start
 * from, files. Lengths of directories do not depend on what stands in them, so they are encoded once without places to be measured.
 */

import { filesOf, foldersOf, type TreeFile, type TreeFolder } from '../layout/file-tree.ts'
import { blockBytes, blocksOf } from './both-byte-orders.ts'
import { buildHierarchy, encodeFolder, encodePathTable, type Hierarchy, type Places } from './hierarchy.ts'
import { nameJoliet, namePrimary } from './identifiers.ts'
import type { IsoVolume } from './iso-volume.ts'
import { firstDescriptorBlock } from './volume-descriptors.ts'

export interface IsoPlan {
  readonly descriptors: number
  /** Absent: nothing starts from this disc. */
  readonly catalogBlock: number | undefined
  readonly primary: PlannedHierarchy
  readonly joliet: PlannedHierarchy
  readonly biosBlock: number | undefined
  readonly efiBlock: number | undefined
  readonly fileBlocks: ReadonlyMap<TreeFile, number>
  readonly blocks: number
}

export interface PlannedHierarchy {
  readonly hierarchy: Hierarchy
  readonly pathTable: { readonly bytes: number; readonly littleEndianBlock: number; readonly bigEndianBlock: number }
  readonly places: Places
}

/** As partitions of sticks: a whole mebibyte. */
const efiAlignmentBlocks = 512
/** Drives that burned a disc in one go return no data near its end (mkisofs' "-pad"); nothing of value stands there. */
const paddingBlocks = 150

export function planIso({ bios, efi, hybrid, time }: IsoVolume, root: TreeFolder): IsoPlan {
  const files = filesOf(root)
  const serialNumbers = new Map([...foldersOf(root), ...files].map((entry, index) => [entry, index + 1]))
  const isBootable = bios !== undefined || efi !== undefined
  const descriptors = isBootable ? 4 : 3
  let next = firstDescriptorBlock + descriptors
  const take = (octets: number): number => {
    const block = next
    next += blocksOf(octets)
    return block
  }
  const fileBlocks = new Map<TreeFile, number>()
  const file = (of: TreeFile) => ({ block: fileBlocks.get(of) ?? 0, serialNumber: serialNumbers.get(of) ?? 0 })

  const planHierarchy = (hierarchy: Hierarchy): PlannedHierarchy => {
    const nowhere: Places = {
      folder: () => ({ block: 0, bytes: 0, serialNumber: 0 }),
      file: () => ({ block: 0, serialNumber: 0 }),
    }
    const { length: bytes } = encodePathTable(hierarchy, nowhere, true)
    const pathTable = { bytes, littleEndianBlock: take(bytes), bigEndianBlock: take(bytes) }
    const folders = new Map<TreeFolder, { readonly block: number; readonly bytes: number }>()
    for (const folder of hierarchy.folders) {
      const { directory, continuation } = encodeFolder(folder, hierarchy.isPosix, nowhere, time)
      const block = take(directory.length)
      take(continuation.length)
      folders.set(folder.folder, { block, bytes: directory.length })
    }
    const folder = (of: TreeFolder) => ({
      ...(folders.get(of) ?? { block: 0, bytes: 0 }),
      serialNumber: serialNumbers.get(of) ?? 0,
    })
    return { hierarchy, pathTable, places: { folder, file } }
  }

  const catalogBlock = isBootable ? take(blockBytes) : undefined
  const primary = planHierarchy(buildHierarchy(root, namePrimary, true))
  const joliet = planHierarchy(buildHierarchy(root, nameJoliet, false))
  const biosBlock = bios === undefined ? undefined : take(bios.image.length)
  if (efi !== undefined) next = Math.ceil(next / efiAlignmentBlocks) * efiAlignmentBlocks
  const efiBlock = efi === undefined ? undefined : take(efi.length)
  // A file without octets is nowhere.
  for (const one of files) if (one.content.length > 0) fileBlocks.set(one, take(one.content.length))
  next += paddingBlocks
  if (hybrid !== undefined) next = Math.ceil(next / efiAlignmentBlocks) * efiAlignmentBlocks
  return { descriptors, catalogBlock, primary, joliet, biosBlock, efiBlock, fileBlocks, blocks: next }
}
