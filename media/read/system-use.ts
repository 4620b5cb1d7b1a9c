/** What Rock Ridge adds to a record (RRIP 1.12 in the frame of SUSP 1.12), of it what a reader of files needs: names, and folders that were moved. */

import { blockBytes } from '../iso/both-byte-orders.ts'
import { readRecord } from './iso-records.ts'
import { octetsIn, type OctetRange, type OctetSource, readInside, UnreadableImageError } from './octet-source.ts'

export interface SystemUse {
  readonly name?: string
  /** Of a folder that stands elsewhere because it would be too deep: where it is. */
  readonly movedTo?: OctetRange
  readonly isMoved?: boolean
}

/** A name of 255 octets needs two. */
const continuationsMax = 8
const nameOctetsMax = 1_024

/** How many octets stand in front of the entries of every record (SUSP 5.3); undefined: there is no Rock Ridge. */
export async function systemUseSkip(source: OctetSource, root: OctetRange): Promise<number | undefined> {
  const block = await readInside(source, { offset: root.offset, length: blockBytes }, 'the first folder of the disc')
  const { systemUse } = readRecord(block, 0, 'the first folder of the disc')
  // Some discs have octets of another system in front of it (CD-ROM XA: fourteen).
  for (const at of [0, 14]) {
    if (systemUse.byteLength < at + 7) continue
    const isThere = systemUse.getUint16(at) === 0x5350 && systemUse.getUint16(at + 4) === 0xbeef
    if (isThere) return systemUse.getUint8(at + 6)
  }
  return undefined
}

export async function readSystemUse(source: OctetSource, first: Uint8Array): Promise<SystemUse> {
  const name: number[] = []
  let found: SystemUse = {}
  let octets: Uint8Array | undefined = first
  for (let count = 0; octets !== undefined; count++) {
    if (count > continuationsMax) throw new UnreadableImageError('a record of the disc goes on without an end')
    let next: OctetRange | undefined
    for (const { signature, view } of entriesIn(octets)) {
      if (signature === 'NM' && view.byteLength > 5) name.push(...octetsIn(view, 5, 255))
      if (signature === 'RE') found = { ...found, isMoved: true }
      if (signature === 'CL' && view.byteLength >= 12)
        found = { ...found, movedTo: await movedFolder(source, view.getUint32(4, true)) }
      if (signature === 'CE' && view.byteLength >= 28) next = continuationOf(view)
    }
    if (name.length > nameOctetsMax) throw new UnreadableImageError('a name on the disc has no end')
    octets =
      next === undefined
        ? undefined
        : octetsIn(await readInside(source, next, 'what continues a record'), 0, next.length)
  }
  return name.length === 0 ? found : { ...found, name: new TextDecoder().decode(Uint8Array.from(name)) }
}

function* entriesIn(
  octets: Uint8Array,
): Generator<{ readonly signature: string; readonly view: DataView }, void, undefined> {
  for (let at = 0; at + 4 <= octets.length; ) {
    const length = octets[at + 2] ?? 0
    const signature = String.fromCharCode(octets[at] ?? 0, octets[at + 1] ?? 0)
    if (length < 4 || at + length > octets.length || signature === 'ST') return
    yield { signature, view: new DataView(octets.buffer, octets.byteOffset + at, length) }
    at += length
  }
}

function continuationOf(entry: DataView): OctetRange {
  const length = entry.getUint32(20, true)
  if (length > blockBytes) throw new UnreadableImageError('a record of the disc goes on for longer than a block')
  return { offset: entry.getUint32(4, true) * blockBytes + entry.getUint32(12, true), length }
}

/** The record that a folder has of itself says how long it is. */
async function movedFolder(source: OctetSource, block: number): Promise<OctetRange> {
  const what = 'a folder that was moved'
  const view = await readInside(source, { offset: block * blockBytes, length: blockBytes }, what)
  return { offset: block * blockBytes, length: readRecord(view, 0, what).range.length }
}
