/**
 * Reads what is on a disc (ECMA-119), whoever wrote it: by Rock Ridge where it is there, else by Joliet, else as it is. Folders
 * are followed once each, and nothing is believed that is not inside the image.
 */

import { blockBytes } from '../iso/both-byte-orders.ts'
import { fileOf, FoundFiles, type FoundVolume, pathBelow } from './found-files.ts'
import { type IsoRecord, recordsIn } from './iso-records.ts'
import {
  octetsIn,
  type OctetRange,
  type OctetSource,
  readInside,
  requireInside,
  UnreadableImageError,
} from './octet-source.ts'
import type { ReadingBounds } from './reading-bounds.ts'
import { readSystemUse, systemUseSkip } from './system-use.ts'

type Naming = 'rock-ridge' | 'joliet' | 'plain'

interface Descriptors {
  readonly primary: DataView
  readonly joliet: DataView | undefined
}

const firstDescriptorBlock = 16
/** There are four as a rule, and a terminator. */
const descriptorsMax = 32
/** Far more than 65,535 folders in one folder take. */
const folderBytesMax = 64 * 1024 * 1024
const rootRecordOffset = 156

/** Undefined: this is no disc. */
export async function readIso(source: OctetSource, bounds: ReadingBounds): Promise<FoundVolume | undefined> {
  const descriptors = await readDescriptors(source)
  if (descriptors === undefined) return undefined
  const { primary, joliet } = descriptors
  if (primary.getUint16(128, true) !== blockBytes)
    throw new UnreadableImageError('the disc has blocks of another size than 2048')
  const bytes = primary.getUint32(80, true) * blockBytes
  if (bytes > source.length) {
    throw new UnreadableImageError(`the disc has ${bytes} octets, and only ${source.length} are there`)
  }
  const skip = await systemUseSkip(source, rootOf(primary))
  const naming: Naming = skip !== undefined ? 'rock-ridge' : joliet !== undefined ? 'joliet' : 'plain'
  const root = rootOf(naming === 'joliet' && joliet !== undefined ? joliet : primary)
  const found = await findFiles(source, root, { naming, skip: skip ?? 0, bounds })
  const label = textOf(octetsIn(primary, 40, 32)).trimEnd()
  return { kind: 'ISO 9660', label, files: found.files, folders: found.folders }
}

async function readDescriptors(source: OctetSource): Promise<Descriptors | undefined> {
  let primary: DataView | undefined
  let joliet: DataView | undefined
  for (let index = 0; index < descriptorsMax; index++) {
    const offset = (firstDescriptorBlock + index) * blockBytes
    if (offset + blockBytes > source.length) break
    const view = await readInside(source, { offset, length: blockBytes }, 'a descriptor of the disc')
    if (textOf(octetsIn(view, 1, 5)) !== 'CD001') break
    const type = view.getUint8(0)
    if (type === 1) primary ??= view
    // The escape sequences of UCS-2, levels 1 to 3 (Joliet specification, "SVD Escape Sequences").
    else if (type === 2 && /^%\/[@CE]/.test(textOf(octetsIn(view, 88, 3)))) joliet ??= view
    else if (type === 255) break
  }
  return primary === undefined ? undefined : { primary, joliet }
}

async function findFiles(
  source: OctetSource,
  root: OctetRange,
  { naming, skip, bounds }: { readonly naming: Naming; readonly skip: number; readonly bounds: ReadingBounds },
): Promise<FoundFiles> {
  const found = new FoundFiles(bounds)
  const folderSource = bounds.counted(source)
  const folders = [{ path: '', range: root }]
  found.addFolder('', root.offset)
  for (const { path, range } of folders) {
    let begun: { readonly path: string; readonly sections: OctetRange[] } | undefined
    for await (const record of recordsOf(folderSource, path, range)) {
      bounds.entry()
      const known =
        naming === 'rock-ridge' ? await readSystemUse(folderSource, octetsIn(record.systemUse, skip, 255)) : {}
      // What was moved up because it was too deep is found where it belongs (RRIP 4.1.5).
      if (known.isMoved === true) continue
      const name = known.name ?? nameOf(record, naming)
      const below = pathBelow(path, name)
      const folder = known.movedTo ?? (record.isFolder ? record.range : undefined)
      if (folder !== undefined) {
        found.addFolder(below, folder.offset)
        folders.push({ path: below, range: folder })
        continue
      }
      if (begun !== undefined && begun.path !== below) throw new UnreadableImageError(`${begun.path} does not go on`)
      begun ??= { path: below, sections: [] }
      requireInside(source, record.range, below)
      begun.sections.push(record.range)
      if (record.goesOn) continue
      addFile(source, found, begun)
      begun = undefined
    }
    if (begun !== undefined) throw new UnreadableImageError(`${begun.path} does not go on`)
  }
  return found
}

function addFile(
  source: OctetSource,
  found: FoundFiles,
  { path, sections }: { readonly path: string; readonly sections: readonly OctetRange[] },
): void {
  const bytes = sections.reduce((total, { length }) => total + length, 0)
  found.addFile(
    path,
    fileOf(source, { path, bytes }, () => sections),
  )
}

async function* recordsOf(
  source: OctetSource,
  path: string,
  range: OctetRange,
): AsyncGenerator<IsoRecord, void, undefined> {
  const what = `the folder /${path}`
  if (range.length > folderBytesMax) throw new UnreadableImageError(`${what} is larger than any that is written`)
  requireInside(source, range, what)
  for (let at = 0; at < range.length; at += blockBytes) {
    const length = Math.min(blockBytes, range.length - at)
    yield* recordsIn(await readInside(source, { offset: range.offset + at, length }, what), what)
  }
}

function rootOf(descriptor: DataView): OctetRange {
  const block = descriptor.getUint32(rootRecordOffset + 2, true)
  return { offset: block * blockBytes, length: descriptor.getUint32(rootRecordOffset + 10, true) }
}

function nameOf({ identifier }: IsoRecord, naming: Naming): string {
  const text = naming === 'joliet' ? new TextDecoder('utf-16be').decode(identifier) : textOf(identifier)
  return text.replace(/;\d+$/, '').replace(/\.$/, '')
}

function textOf(octets: Uint8Array): string {
  return String.fromCharCode(...octets)
}
