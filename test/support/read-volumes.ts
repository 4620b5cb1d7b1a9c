/** What our own readers find on an image, in the form in which trees say what they should. */

import { findVolumes } from '../../media/read/find-volumes.ts'
import type { FoundVolume } from '../../media/read/found-files.ts'
import { sourceOf } from '../../media/read/octet-source.ts'

export async function volumesOf(image: Uint8Array): Promise<FoundVolume[]> {
  return findVolumes(sourceOf(image))
}

/** As `MediaTree.expected`: folders only where nothing is in them. */
export async function contentsOf({ files, folders }: FoundVolume): Promise<Map<string, Uint8Array | undefined>> {
  const found = new Map<string, Uint8Array | undefined>()
  for (const [path, { read }] of files) found.set(path, await joined(read()))
  const parents = new Set(
    [...files.keys(), ...folders].flatMap((path) => path.slice(0, Math.max(path.lastIndexOf('/'), 0))),
  )
  for (const path of folders) if (!parents.has(path)) found.set(path, undefined)
  return found
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const piece of pieces) parts.push(piece)
  return new Uint8Array(Buffer.concat(parts))
}
