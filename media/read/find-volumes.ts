/**
 * The volumes of an image: the disc, what El Torito starts from, and FAT in partitions (GPT, MBR) or without any. A hybrid has
 * several: firmware starts from one and people see another one, so whoever judges a medium looks at all.
 */

import { blockBytes } from '../iso/both-byte-orders.ts'
import type { FoundVolume } from './found-files.ts'
import { octetsIn, type OctetRange, type OctetSource, partOf, readInside, requireInside } from './octet-source.ts'
import { readFat } from './read-fat.ts'
import { readIso } from './read-iso.ts'
import { ReadingBounds } from './reading-bounds.ts'

const sectorBytes = 512
/** The GPT has 128 as a rule. */
const partitionsMax = 256
const entryBytesMax = 512
const efiPlatform = 0xef

/** The disc first. */
export async function findVolumes(source: OctetSource): Promise<FoundVolume[]> {
  const bounds = new ReadingBounds()
  const disc = await readIso(source, bounds)
  const places = [...(disc === undefined ? [] : await startedFrom(source)), ...(await partitionsOf(source))]
  const plain = disc === undefined && places.length === 0 ? [{ offset: 0, length: source.length }] : []
  const volumes: FoundVolume[] = disc === undefined ? [] : [disc]
  const seen = new Set<number>()
  for (const place of [...plain, ...places]) {
    if (seen.has(place.offset)) continue
    seen.add(place.offset)
    requireInside(source, place, 'a partition')
    const volume = await readFat(partOf(source, place), bounds)
    if (volume !== undefined) volumes.push(volume)
  }
  return volumes
}

/** What UEFI finds by El Torito (its specification, 2.0): a catalog says only roughly how long it is, and FAT says it exactly. */
async function startedFrom(source: OctetSource): Promise<OctetRange[]> {
  const record = await readInside(source, { offset: 17 * blockBytes, length: blockBytes }, 'the boot record')
  if (record.getUint8(0) !== 0 || !textOf(record, 7, 23).startsWith('EL TORITO SPECIFICATION')) return []
  const offset = record.getUint32(71, true) * blockBytes
  const catalog = await readInside(source, { offset, length: blockBytes }, 'the boot catalog')
  const found: OctetRange[] = []
  let platform = catalog.getUint8(1)
  for (let at = 32; at + 32 <= blockBytes; at += 32) {
    const indicator = catalog.getUint8(at)
    if (indicator === 0x90 || indicator === 0x91) platform = catalog.getUint8(at + 1)
    else if (indicator === 0x88 && platform === efiPlatform) {
      const start = catalog.getUint32(at + 8, true) * blockBytes
      found.push({ offset: start, length: Math.max(0, source.length - start) })
    }
  }
  return found
}

async function partitionsOf(source: OctetSource): Promise<OctetRange[]> {
  if (source.length < 2 * sectorBytes) return []
  const head = await readInside(source, { offset: 0, length: 2 * sectorBytes }, 'the master boot record')
  if (head.getUint16(510) !== 0x55aa) return []
  return textOf(head, sectorBytes, 8) === 'EFI PART' ? readGpt(source, head) : readMbr(source, head)
}

async function readGpt(source: OctetSource, head: DataView): Promise<OctetRange[]> {
  const first = Number(head.getBigUint64(sectorBytes + 72, true)) * sectorBytes
  const count = Math.min(head.getUint32(sectorBytes + 80, true), partitionsMax)
  const entryBytes = head.getUint32(sectorBytes + 84, true)
  if (entryBytes < 128 || entryBytes > entryBytesMax) return []
  const array = await readInside(source, { offset: first, length: count * entryBytes }, 'the table of partitions')
  return Array.from({ length: count }, (_, index) => index * entryBytes)
    .filter((at) => octetsIn(array, at, 16).some((octet) => octet !== 0))
    .map((at) => {
      const [start, end] = [array.getBigUint64(at + 32, true), array.getBigUint64(at + 40, true)].map(Number)
      return { offset: (start ?? 0) * sectorBytes, length: ((end ?? 0) - (start ?? 0) + 1) * sectorBytes }
    })
}

function readMbr(source: OctetSource, head: DataView): OctetRange[] {
  const entries = [446, 462, 478, 494].map((at) => ({
    isActive: head.getUint8(at),
    type: head.getUint8(at + 4),
    offset: head.getUint32(at + 8, true) * sectorBytes,
    length: head.getUint32(at + 12, true) * sectorBytes,
  }))
  // A FAT volume without a table has octets of its own here.
  if (entries.some(({ isActive }) => isActive !== 0 && isActive !== 0x80)) return []
  return entries
    .filter(({ type, offset, length }) => type !== 0 && type !== 0xee && offset > 0 && offset + length <= source.length)
    .map(({ offset, length }) => ({ offset, length }))
}

function textOf(view: DataView, offset: number, length: number): string {
  return String.fromCharCode(...octetsIn(view, offset, length))
}
