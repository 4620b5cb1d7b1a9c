/**
 * What is in an image file, on a device or in a folder, as a medium: `verifyManifest` and `verifyFiles` (`media/signed/`) read
 * it. Of several volumes the one with a manifest is the medium; the others are what firmware starts from.
 */

import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { mediumFiles } from '../../server/contract/medium.ts'
import { folderReader } from '../signed/folder-reader.ts'
import type { MediumReader } from '../signed/verify-medium.ts'
import { findVolumes } from './find-volumes.ts'
import type { FoundVolume } from './found-files.ts'
import { type OctetSource, UnreadableImageError } from './octet-source.ts'
import type { ImageOctets } from './verify-outside-files.ts'

export interface OpenedImage {
  /** `ISO 9660`, `FAT32`, `folder`. */
  readonly kind: FoundVolume['kind'] | 'folder'
  readonly label: string
  readonly reader: MediumReader
  /** Besides the medium's own. */
  readonly otherVolumes: readonly FoundVolume[]
  /** Absent: it is a folder. */
  readonly image?: ImageOctets
  readonly close: () => Promise<void>
}

/** Throws UnreadableImageError with what is the matter. */
export async function openImage(path: string): Promise<OpenedImage> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if ((await handle.stat()).isDirectory()) {
      await handle.close()
      return { kind: 'folder', label: '', reader: folderReader(path), otherVolumes: [], close: async () => {} }
    }
    const source = await sourceOfFile(handle)
    const volumes = await findVolumes(source)
    const medium = volumes.find(({ files }) => files.has(mediumFiles.manifest)) ?? volumes[0]
    if (medium === undefined) throw new UnreadableImageError('it is neither a disc nor a disk with a FAT volume')
    return {
      kind: medium.kind,
      label: medium.label,
      reader: readerOf(medium),
      otherVolumes: volumes.filter((volume) => volume !== medium),
      image: { source, volumes, isDisk: (await handle.stat()).isBlockDevice() },
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

export function readerOf({ files }: FoundVolume): MediumReader {
  return { list: async () => [...files.keys()], read: async (path) => files.get(path)?.read() }
}

async function sourceOfFile(handle: FileHandle): Promise<OctetSource> {
  const stats = await handle.stat()
  if (!stats.isFile() && !stats.isBlockDevice())
    throw new UnreadableImageError('it is neither a file, a disk nor a folder')
  return {
    start: 0,
    length: stats.isFile() ? stats.size : await bytesOfDevice(handle),
    read: async (offset, length) => {
      const octets = new Uint8Array(length)
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle.read(octets, done, length - done, offset + done)
        if (bytesRead === 0) return octets.subarray(0, done)
        done += bytesRead
      }
      return octets
    },
  }
}

/** `stat` says 0 of devices; the last octet that can be read is found by halves. */
async function bytesOfDevice(handle: FileHandle): Promise<number> {
  const isThere = async (offset: number): Promise<boolean> =>
    (await handle.read(new Uint8Array(1), 0, 1, offset).catch(() => ({ bytesRead: 0 }))).bytesRead === 1
  let [low, high] = [0, 2 ** 50]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await isThere(middle)) low = middle + 1
    else high = middle
  }
  return low
}
