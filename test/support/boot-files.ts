/** Boot files for tests: from memory, or of any size and made while they are read. Folded names, as the site does. */

import type { BootFile, BootFileSource } from '../../server/listen/boot-file-source.ts'
import { caseBlindName } from '../../server/tftp/requested-name.ts'

export interface CountedFiles extends BootFileSource {
  readonly opened: readonly string[]
  readonly reads: { count: number }
  /** From now on the name stands for other octets. */
  replace(name: string, octets: Uint8Array): void
}

interface Entry {
  readonly bytes: number
  readonly version: string
  readonly read: (offset: number, length: number) => Uint8Array | Promise<Uint8Array>
}

export function bootFiles(contents: Readonly<Record<string, Uint8Array | Entry>>): CountedFiles {
  const opened: string[] = []
  const reads = { count: 0 }
  const entries = new Map<string, Entry>()
  const put = (name: string, content: Uint8Array | Entry): void => {
    entries.set(caseBlindName(name), content instanceof Uint8Array ? inMemory(content) : content)
  }
  for (const [name, content] of Object.entries(contents)) put(name, content)
  const open = async (name: string): Promise<BootFile | undefined> => {
    opened.push(name)
    const entry = entries.get(caseBlindName(name))
    if (entry === undefined) return undefined
    const read: BootFile['read'] = (offset, length) => {
      reads.count++
      return entry.read(offset, length)
    }
    return { bytes: entry.bytes, version: entry.version, read, close: () => undefined }
  }
  return { open, opened, reads, replace: put }
}

let versions = 0

function inMemory(octets: Uint8Array): Entry {
  return {
    bytes: octets.length,
    version: `version ${versions++}`,
    read: (offset, length) => octets.subarray(offset, offset + length),
  }
}

/** A file of any size without a disk: the octet at each place follows from the place. */
export function generated(bytes: number): Entry {
  return {
    bytes,
    version: `generated ${bytes}`,
    read: (offset, length) => pattern(offset, Math.min(length, bytes - offset)),
  }
}

/** No period divides a block, so that a block in the wrong place is noticed. */
export function pattern(offset: number, length: number): Uint8Array {
  const octets = new Uint8Array(length)
  for (let at = 0; at < length; at++) octets[at] = ((offset + at) * 31 + Math.floor((offset + at) / 251)) & 255
  return octets
}
