/**
 * Is what an image has outside of its files what the site signed? Where the files lie is taken from the image itself: the hash says
 * whether that is true. With it and every file verified, each octet of the image is the site's, whatever else reads it.
 */

import { mediumFiles, type MediumManifest, type SignedImage } from '../../server/contract/medium.ts'
import { OutsideFiles } from '../signed/outside-files.ts'
import type { FoundFile, FoundVolume } from './found-files.ts'
import { type OctetRange, type OctetSource, readPieces } from './octet-source.ts'

export interface ImageOctets {
  readonly source: OctetSource
  readonly volumes: readonly FoundVolume[]
  /** What an image was written to may go on behind it; a file may not. */
  readonly isDisk: boolean
}

export interface VerifiedOctets {
  readonly faults: readonly string[]
  /** What nobody has judged. */
  readonly notLookedAt: readonly string[]
}

const altered =
  'outside of its files it is not the image that the site made: boot code, tables, folders or names were altered, and be it by a system that wrote to it. Write it anew'

/** `image` absent: the medium is a folder. */
export async function verifyOutsideFiles(
  image: ImageOctets | undefined,
  manifest: MediumManifest,
): Promise<VerifiedOctets> {
  const signed = manifest.image
  const what = 'what is outside of its files: boot code, tables, and the names that other systems see'
  if (image === undefined)
    return unseen(`${what}. They are not in a folder: verify the image, or the disk that it was written to`)
  if (signed === undefined) return unseen(`${what}. The version of Reveille that made it did not sign them`)
  const { source, isDisk } = image
  const bytes = Number(signed.bytes)
  const behind = source.length - bytes
  if (behind < 0 || (behind > 0 && !isDisk))
    return {
      faults: [`it has ${source.length} octets, and the image that the site made has ${bytes}`],
      notLookedAt: [],
    }
  const found = await imageFound(image, manifest, bytes)
  const faults = found?.bytes === signed.bytes && found.outsideFiles === signed.outsideFiles ? [] : [altered]
  return { faults, notLookedAt: behind === 0 ? [] : [`${behind} octets of the disk, behind the medium`] }
}

interface Place extends OctetRange {
  readonly path: string
}

/** Undefined: files lie as no image of ours has them. */
async function imageFound(
  { source, volumes }: ImageOctets,
  manifest: MediumManifest,
  bytes: number,
): Promise<SignedImage | undefined> {
  const places = await placesOf(volumes, manifest)
  const outside = new OutsideFiles()
  let position = 0
  for (const { path, offset, length } of places ?? []) {
    if (offset < position || offset + length > bytes) return undefined
    await addOctets(outside, source, { offset: position, length: offset - position })
    outside.file(path, length)
    position = offset + length
  }
  await addOctets(outside, source, { offset: position, length: bytes - position })
  return places === undefined ? undefined : outside.end()
}

async function addOctets(outside: OutsideFiles, source: OctetSource, range: OctetRange): Promise<void> {
  for await (const piece of readPieces(source, range, 'what is between files')) outside.octets(piece)
}

async function placesOf(
  volumes: readonly FoundVolume[],
  { files }: MediumManifest,
): Promise<readonly Place[] | undefined> {
  const paths = [...files.map(({ path }) => path), mediumFiles.manifest, mediumFiles.signature]
  const places: Place[] = []
  for (const volume of volumes) {
    for (const path of paths) {
      const file = volume.files.get(path)
      if (file === undefined || file.bytes === 0) continue
      const place = await placeOf(file)
      if (place === undefined) return undefined
      places.push({ path, ...place })
    }
  }
  return places.sort((a, b) => a.offset - b.offset)
}

/** Undefined: it is in several pieces, which no file of ours is. */
async function placeOf(file: FoundFile): Promise<OctetRange | undefined> {
  let whole: OctetRange | undefined
  for await (const { offset, length } of file.places()) {
    if (whole !== undefined && whole.offset + whole.length !== offset) return undefined
    whole = { offset: whole?.offset ?? offset, length: (whole?.length ?? 0) + length }
  }
  return whole
}

function unseen(what: string): VerifiedOctets {
  return { faults: [], notLookedAt: [what] }
}
