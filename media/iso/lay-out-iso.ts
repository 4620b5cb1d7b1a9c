/**
 * The image of a disc, as a layout: ISO 9660 with files of any size (ECMA-119, interchange level 3), with the true names for
 * Linux (Rock Ridge) and for Windows (Joliet), that starts on BIOS and UEFI (El Torito), and from a stick too when it is a
 * hybrid. Folders are generated, and files stay where they are.
 */

import { assert } from '../../server/assert.ts'
import type { CalendarTime } from '../layout/calendar-time.ts'
import { buildFileTree, foldersOf, type TreeFolder } from '../layout/file-tree.ts'
import { type Layout, layOutBytes, type Placement, placeLayouts } from '../layout/layout.ts'
import { type LayoutFault, type Refused, refuse } from '../layout/layout-fault.ts'
import { blockBytes } from './both-byte-orders.ts'
import { encodeBootCatalog, patchBiosImage } from './el-torito.ts'
import { encodeFolder, encodePathTable } from './hierarchy.ts'
import { placeHybridTables } from './hybrid.ts'
import type { IsoVolume } from './iso-volume.ts'
import { type IsoPlan, type PlannedHierarchy, planIso } from './plan-iso.ts'
import {
  encodeBootRecord,
  encodeJolietDescriptor,
  encodePrimaryDescriptor,
  encodeTerminator,
  firstDescriptorBlock,
} from './volume-descriptors.ts'

export interface LaidOutIso {
  readonly kind: 'iso'
  readonly layout: Layout
}

/** A parent's number has 16 bits in path tables (ECMA-119 section 9.4.4). */
const foldersMax = 0xffff
const blocksMax = 0xffff_ffff

export function layOutIso(volume: IsoVolume): LaidOutIso | Refused {
  const { year } = volume.time
  assert(year >= 1_900 && year <= 2_155, `a disc has no year ${year}`)
  const root = buildFileTree(volume.entries)
  if (root.kind === 'refused') return root
  const faults = faultsOf(volume.volumeId, root)
  if (faults.length > 0) return refuse(...faults)
  const plan = planIso(volume, root)
  const bytes = plan.blocks * blockBytes
  if (plan.blocks > blocksMax) return refuse({ kind: 'volume-too-large', bytes, bytesMax: blocksMax * blockBytes })
  const placements = [
    ...(volume.hybrid === undefined ? [] : placeHybridTables(volume, volume.hybrid, plan)),
    ...placeDescriptors(volume, plan),
    ...placeHierarchy(plan.primary, volume.time),
    ...placeHierarchy(plan.joliet, volume.time),
    ...placeStarts(volume, plan),
    ...Array.from(plan.fileBlocks, ([{ content }, block]) => at(block, content)),
  ]
  return { kind: 'iso', layout: placeLayouts(bytes, placements) }
}

function faultsOf(volumeId: string, root: TreeFolder): LayoutFault[] {
  const faults: LayoutFault[] = []
  // A space is none of ECMA-119's d-characters; every reader takes it, and half of all discs have one.
  if (!/^[A-Z0-9_](?:[A-Z0-9_ ]{0,30}[A-Z0-9_])?$/.test(volumeId)) {
    faults.push({ kind: 'label-not-possible', label: volumeId, charactersMax: 32 })
  }
  const folders = foldersOf(root).length
  if (folders > foldersMax) faults.push({ kind: 'too-many-folders', folders, foldersMax })
  return faults
}

/** El Torito's record is the second one, where its specification wants it (section 2, figure 7: sector 17). */
function placeDescriptors({ volumeId, time }: IsoVolume, plan: IsoPlan): Placement[] {
  const fieldsOf = ({ hierarchy, pathTable, places }: PlannedHierarchy) => {
    const [root] = hierarchy.folders
    assert(root !== undefined, 'a tree has a root')
    const { block, bytes } = places.folder(root.folder)
    return { volumeId, time, blocks: plan.blocks, pathTable, root: { block, bytes } }
  }
  return [
    encodePrimaryDescriptor(fieldsOf(plan.primary)),
    ...(plan.catalogBlock === undefined ? [] : [encodeBootRecord(plan.catalogBlock)]),
    encodeJolietDescriptor(fieldsOf(plan.joliet)),
    encodeTerminator(),
  ].map((octets, index) => at(firstDescriptorBlock + index, layOutBytes(octets)))
}

function placeHierarchy({ hierarchy, pathTable, places }: PlannedHierarchy, time: CalendarTime): Placement[] {
  const { littleEndianBlock, bigEndianBlock } = pathTable
  return [
    at(littleEndianBlock, layOutBytes(encodePathTable(hierarchy, places, true))),
    at(bigEndianBlock, layOutBytes(encodePathTable(hierarchy, places, false))),
    ...hierarchy.folders.flatMap((folder) => {
      const { directory, continuation } = encodeFolder(folder, hierarchy.isPosix, places, time)
      const { block } = places.folder(folder.folder)
      const behind = block + directory.length / blockBytes
      return [at(block, layOutBytes(directory)), at(behind, layOutBytes(continuation))]
    }),
  ]
}

function placeStarts({ bios, efi }: IsoVolume, { catalogBlock, biosBlock, efiBlock }: IsoPlan): Placement[] {
  if (catalogBlock === undefined) return []
  const catalog = encodeBootCatalog({
    ...(biosBlock === undefined ? {} : { bios: { block: biosBlock } }),
    ...(efi === undefined || efiBlock === undefined ? {} : { efi: { block: efiBlock, bytes: efi.length } }),
  })
  return [
    at(catalogBlock, layOutBytes(catalog)),
    ...(bios === undefined || biosBlock === undefined
      ? []
      : [at(biosBlock, layOutBytes(patchBiosImage(bios.image, bios.loader, biosBlock)))]),
    ...(efi === undefined || efiBlock === undefined ? [] : [at(efiBlock, efi)]),
  ]
}

function at(block: number, layout: Layout): Placement {
  return { offset: block * blockBytes, layout }
}
