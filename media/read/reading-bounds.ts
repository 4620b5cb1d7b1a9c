/**
 * What it may cost to read the folders of an image, of all its volumes together. Folders and volumes of an image that was made to
 * mislead overlap: a few megabytes of it would be read for days, or fill the memory. Media stay far below each bound.
 */

import { blockBytes } from '../iso/both-byte-orders.ts'
import { type OctetSource, UnreadableImageError } from './octet-source.ts'

/** Files, folders, and records that are passed over. */
const entriesMax = 500_000
/** Half a million files with names as long as those of content take 100 MB, on discs as on sticks. */
const folderOctetsMax = 256 * 1024 * 1024
/** All paths together. */
const pathCharactersMax = 64 * 1024 * 1024
/** PATH_MAX of Linux, which would have names of 32 characters in that many folders. */
const depthMax = 128
/** Media have two at most. */
const volumesMax = 16

export class ReadingBounds {
  #entries = 0
  #folderOctets = 0
  #pathCharacters = 0
  #volumes = 0

  volume(): void {
    this.#volumes += 1
    if (this.#volumes > volumesMax) refuse(`there are more than ${volumesMax} volumes`)
  }

  entry(): void {
    this.#entries += 1
    if (this.#entries > entriesMax) refuse(`there are more than ${entriesMax} files and folders`)
  }

  path(path: string): void {
    this.#pathCharacters += path.length
    if (this.#pathCharacters > pathCharactersMax) refuse('the names are longer than any that are written')
  }

  folder(path: string): void {
    this.path(path)
    if (path.split('/').length > depthMax) refuse(`folders are deeper than ${depthMax}`)
  }

  /** For whatever is read to find files: folders, what continues their records, the table of clusters. */
  counted(source: OctetSource): OctetSource {
    return {
      ...source,
      read: async (offset, length) => {
        this.#folderOctets += Math.max(length, blockBytes)
        if (this.#folderOctets > folderOctetsMax)
          refuse(`its folders have more than ${folderOctetsMax} octets: they lie over each other`)
        return source.read(offset, length)
      },
    }
  }
}

function refuse(reason: string): never {
  throw new UnreadableImageError(reason)
}
