/**
 * Which volume group an LVM physical volume belongs to, read from the volume itself, because boot images hold no LVM
 * (the format: `lib/format_text/layout.h` of LVM2; all numbers little-endian). Nothing of it is checked by checksums: it
 * answers only whether other disks belong to the group, and what cannot be read counts as such.
 */

import { type FileHandle, open } from 'node:fs/promises'

export interface LogicalVolumeMember {
  /** Of this physical volume; '' when there is no label. Without the hyphens that people read. */
  readonly id: string
  /** Ids of all physical volumes of its group, none for a volume in no group; undefined when they cannot be read. */
  readonly groupIds: readonly string[] | undefined
}

const sectorBytes = 512
/** The label is in one of the first four sectors. */
const labelSectors = 4
const idCharacters = 32
/** Far more than the metadata of any group: the default area is 1 MiB. */
const metadataBytesMax = 16 * 1024 * 1024
const ignoredFlag = 1

export async function readLogicalVolumeMember(device: string): Promise<LogicalVolumeMember> {
  const file = await open(device)
  try {
    const start = await readAt(file, 0, labelSectors * sectorBytes)
    const label = Array.from({ length: labelSectors }, (_, sector) => start.subarray(sector * sectorBytes)).find(
      (sector) => sector.toString('latin1', 0, 8) === 'LABELONE',
    )
    if (label === undefined) return { id: '', groupIds: undefined }
    const header = label.subarray(label.readUInt32LE(20))
    return { id: header.toString('latin1', 0, idCharacters), groupIds: await readGroupIds(file, header) }
  } catch (error) {
    // An offset that leads nowhere.
    if (error instanceof RangeError) return { id: '', groupIds: undefined }
    throw error
  } finally {
    await file.close()
  }
}

/** The list of data areas and that of metadata areas follow the id and the size, each ended by a zero. */
async function readGroupIds(file: FileHandle, header: Buffer): Promise<readonly string[] | undefined> {
  let place = idCharacters + 8
  while (header.readBigUInt64LE(place) !== 0n) place += 16
  const area = Number(header.readBigUInt64LE(place + 16))
  // A volume that leaves the metadata to the others of its group.
  if (area === 0) return undefined
  const areaHeader = await readAt(file, area, sectorBytes)
  if (areaHeader.toString('latin1', 4, 20) !== ' LVM2 x[5A%r0N*>') return undefined
  const [areaBytes, offset, bytes] = [32, 40, 48].map((at) => Number(areaHeader.readBigUInt64LE(at)))
  if (areaBytes === undefined || offset === undefined || bytes === undefined) return undefined
  if ((areaHeader.readUInt32LE(60) & ignoredFlag) !== 0 || bytes > metadataBytesMax) return undefined
  if (offset === 0) return []
  // The text goes on behind the area's header when it reaches the end.
  const first = Math.min(bytes, areaBytes - offset)
  const parts = [await readAt(file, area + offset, first), await readAt(file, area + sectorBytes, bytes - first)]
  return idsIn(Buffer.concat(parts).toString('latin1'))
}

function idsIn(text: string): readonly string[] | undefined {
  const [, after = ''] = text.split(/\bphysical_volumes\s*\{/)
  const [section = ''] = after.split(/\blogical_volumes\s*\{/)
  const ids = [...section.matchAll(/\bpv\d+\s*\{\s*id\s*=\s*"([^"]+)"/g)].map(([, id = '']) => id.replaceAll('-', ''))
  return ids.length === 0 ? undefined : ids
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, position)
  return buffer.subarray(0, bytesRead)
}
