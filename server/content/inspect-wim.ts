/**
 * Looks into a WIM file before it becomes content (MS-WIM, and wimlib's pipable form of it): is it one, is it whole, which
 * images does it hold. Header and list of images are read, within bounds; nothing is unpacked. That each file in it is
 * undamaged is seen by the machine that applies it.
 */

import type { BootArchitecture } from '../site/boot-image.ts'
import type { OpenBlob } from './open-blob.ts'

export type WimInspection =
  | { readonly kind: 'inspected'; readonly facts: WimFacts; readonly warnings: readonly string[] }
  | { readonly kind: 'refused'; readonly faults: readonly string[] }

export interface WimFacts {
  /** Can be applied while it arrives. */
  readonly pipable: boolean
  readonly images: readonly WimImage[]
}

export interface WimImage {
  /** Counts from 1. */
  readonly index: number
  readonly name: string
  readonly description?: string
  /** Of all its files, unpacked. */
  readonly bytes?: number
  readonly architecture?: BootArchitecture
  /** Such as `Professional`. */
  readonly edition?: string
}

const headerBytes = 208
/** A file with 30 editions has some 100 KB. */
const listBytesMax = 4 * 1024 * 1024
const imagesMax = 1_000
const textCharactersMax = 255

const magics: Readonly<Record<string, 'plain' | 'pipable'>> = { 'MSWIM\0\0\0': 'plain', 'WLPWM\0\0\0': 'pipable' }

export async function inspectWim(blob: Pick<OpenBlob, 'bytes' | 'read'>): Promise<WimInspection> {
  const form = magics[latin1(await blob.read(0, 8))]
  if (form === undefined) return refused('It is no WIM file: expected is one that begins with MSWIM.')
  const cutOff = refused(`The WIM file is cut off: it has ${blob.bytes} octets.`)
  if (blob.bytes < headerBytes) return cutOff
  // A pipable file says where its list is only at its end.
  const header = viewOf(await blob.read(form === 'pipable' ? blob.bytes - headerBytes : 0, headerBytes))
  if (latin1(header, 8) !== (form === 'pipable' ? 'WLPWM\0\0\0' : 'MSWIM\0\0\0')) return cutOff
  if (header.getUint32(8, true) !== headerBytes) return refused('The header of the WIM file has an unknown size.')
  const parts = header.getUint16(42, true)
  if (parts !== 1) {
    return refused(`It is part ${header.getUint16(40, true)} of ${parts}: join the parts first (wimlib-imagex join).`)
  }
  const list = resourceAt(header, 72)
  if (list.isCompressed || list.bytes < 2 || list.bytes > listBytesMax) {
    return refused('The list of images in the WIM file cannot be read.')
  }
  if (list.offset + list.bytes > blob.bytes) return cutOff
  const images = parseImages(new TextDecoder('utf-16le').decode(await blob.read(list.offset, list.bytes)))
  const count = header.getUint32(44, true)
  if (images.length !== count || count === 0) {
    return refused(`The header of the WIM file says ${count} images, and its list has ${images.length}.`)
  }
  return { kind: 'inspected', facts: { pipable: form === 'pipable', images }, warnings: warningsOf(form) }
}

function warningsOf(form: 'plain' | 'pipable'): readonly string[] {
  if (form === 'pipable') return []
  return [
    'The WIM file is not pipable, so a machine needs room to keep it while it is applied: a further partition, or memory. ' +
      'wimlib-imagex optimize --pipable image.wim makes one that needs none.',
  ]
}

interface Resource {
  readonly offset: number
  readonly bytes: number
  readonly isCompressed: boolean
}

/** MS-WIM 2.2.3: 56 bits of size in the file, 8 of flags, offset, original size. */
function resourceAt(header: DataView, at: number): Resource {
  const bytes = Number(header.getBigUint64(at, true) & 0x00ff_ffff_ffff_ffffn)
  const flags = header.getUint8(at + 7)
  return { offset: Number(header.getBigUint64(at + 8, true)), bytes, isCompressed: (flags & 0x04) !== 0 }
}

/** Written by programs, so the elements that matter are found without a parser for all of XML. */
function parseImages(xml: string): readonly WimImage[] {
  const images: WimImage[] = []
  for (const [, index = '', body = ''] of xml.matchAll(/<IMAGE INDEX="(\d{1,5})"\s*>([^]*?)<\/IMAGE>/g)) {
    if (images.length === imagesMax) break
    const description = elementOf(body, 'DESCRIPTION')
    const bytes = Number(elementOf(body, 'TOTALBYTES') ?? Number.NaN)
    const windows = elementOf(body, 'WINDOWS', listBytesMax) ?? ''
    const architecture = architectures.get(elementOf(windows, 'ARCH') ?? '')
    const edition = elementOf(windows, 'EDITIONID')
    images.push({
      index: Number(index),
      name: elementOf(body, 'DISPLAYNAME') ?? elementOf(body, 'NAME') ?? '',
      ...(description === undefined ? {} : { description }),
      ...(Number.isSafeInteger(bytes) ? { bytes } : {}),
      ...(architecture === undefined ? {} : { architecture }),
      ...(edition === undefined ? {} : { edition }),
    })
  }
  return images
}

/** PROCESSOR_ARCHITECTURE of Windows. */
const architectures: ReadonlyMap<string, BootArchitecture> = new Map([
  ['0', 'x86'],
  ['9', 'x64'],
  ['12', 'arm64'],
])

function elementOf(xml: string, name: string, charactersMax = textCharactersMax): string | undefined {
  const start = xml.indexOf(`<${name}>`)
  const end = start < 0 ? -1 : xml.indexOf(`</${name}>`, start)
  if (end < 0) return undefined
  const text = xml.slice(start + name.length + 2, end)
  if (charactersMax !== textCharactersMax) return text
  return text
    .replaceAll(/&(lt|gt|quot|apos|amp);/g, (_all, entity: string) => entities[entity] ?? '')
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, charactersMax)
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function refused(fault: string): WimInspection {
  return { kind: 'refused', faults: [fault] }
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
}

function latin1(octets: Uint8Array | DataView, length = octets.byteLength): string {
  const bytes = new Uint8Array(octets.buffer, octets.byteOffset, length)
  return String.fromCharCode(...bytes)
}
