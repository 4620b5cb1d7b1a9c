/**
 * A medium as an image: which files are on it, and a disc or a stick that holds them. Its octets follow from what it is made of,
 * its `Variables.dat` and the site's key, and from nothing else.
 */

import { createHash, type KeyObject } from 'node:crypto'
import {
  mediumContentPath,
  type MediumFile,
  mediumFiles,
  type MediumManifest,
  printMediumManifest,
  printMediumSettings,
  signedManifestPrefix,
} from '../../server/contract/medium.ts'
import { bootImageFiles } from '../../server/site/boot-image.ts'
import { parseSha256, type Sha256 } from '../../server/site/content.ts'
import { assert } from '../../server/assert.ts'
import { layOutMbrDisk } from '../disk/lay-out-disk.ts'
import { mbrPartitionTypes } from '../disk/master-boot-record.ts'
import { layOutFat } from '../fat/lay-out-fat.ts'
import { layOutIso } from '../iso/lay-out-iso.ts'
import type { CalendarTime } from '../layout/calendar-time.ts'
import type { MediaEntry } from '../layout/file-tree.ts'
import { type Layout, layOutBytes, layOutSource } from '../layout/layout.ts'
import { printLayoutFault } from '../layout/layout-fault.ts'
import { signText } from '../signed/site-key.ts'
import type { MediumFormat, MediumSpec } from './medium-spec.ts'

export interface PlannedMedium {
  readonly kind: 'planned'
  readonly spec: MediumSpec
  readonly volumes: readonly PlannedVolume[]
}

interface PlannedVolume {
  readonly number: number
  /** All but Variables.dat, the manifest and its signature. */
  readonly files: readonly MediumFile[]
  readonly contents: ReadonlyMap<string, Layout>
}

interface Refusal {
  readonly kind: 'refused'
  /** Sentences for the administrator. */
  readonly faults: string[]
}

export function planMedium(spec: MediumSpec): PlannedMedium | Refusal {
  const names = new Set(spec.bootFiles.map(({ name }) => name))
  const missing = [bootImageFiles.kernel, bootImageFiles.initramfs].filter((name) => !names.has(name))
  if (missing.length > 0) {
    const { id } = spec.manifest.bootImage
    return { kind: 'refused', faults: missing.map((name) => `Boot image ${id} has no ${name}. Build it again.`) }
  }
  const placed = [...generatedFiles(spec), ...bootFiles(spec), ...packageFiles(spec)]
  const bytes = placed.reduce((sum, { file }) => sum + file.bytes, 0)
  if (spec.volumeBytesMax !== undefined && bytes > spec.volumeBytesMax) {
    const fault = `The medium needs ${bytes} octets, and a volume may have ${spec.volumeBytesMax}. Choose a larger size.`
    return { kind: 'refused', faults: [fault] }
  }
  const files = placed.map(({ file }) => file).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const contents = new Map(placed.map(({ file, content }) => [file.path, content]))
  return { kind: 'planned', spec, volumes: [{ number: 1, files, contents }] }
}

export async function layOutMedium(
  { spec, volumes }: PlannedMedium,
  volume: number,
  format: MediumFormat,
  { variables, signingKey }: { readonly variables: Uint8Array; readonly signingKey: KeyObject },
): Promise<{ kind: 'laid-out'; layout: Layout } | Refusal> {
  const planned = volumes.find(({ number }) => number === volume)
  assert(planned !== undefined, `the medium has a volume ${volume}`)
  const sealed = generated(mediumFiles.variables, variables)
  const manifest: MediumManifest = {
    ...spec.manifest,
    volume: { number: volume, count: volumes.length },
    files: [...planned.files, sealed.file],
  }
  const text = printMediumManifest(manifest)
  const entries: MediaEntry[] = [
    ...planned.contents,
    [mediumFiles.variables, sealed.content] as const,
    [mediumFiles.manifest, layOutBytes(Buffer.from(text))] as const,
    [mediumFiles.signature, layOutBytes(Buffer.from(signText(signedManifestPrefix + text, signingKey)))] as const,
  ].map(([path, content]) => ({ kind: 'file', path, content }))
  return layOutImage(spec, entries, format)
}

function layOutImage(
  { manifest }: MediumSpec,
  entries: readonly MediaEntry[],
  format: MediumFormat,
): { kind: 'laid-out'; layout: Layout } | Refusal {
  const time = calendarTime(manifest.createdAtMs)
  const volumeId = volumeLabel(manifest.label)
  if (format === 'iso') {
    const iso = layOutIso({ entries, volumeId, time })
    if (iso.kind === 'refused') return { kind: 'refused', faults: iso.faults.map(printLayoutFault) }
    return { kind: 'laid-out', layout: iso.layout }
  }
  const signature = Number.parseInt(manifest.mediumId.slice(0, 8), 16)
  const fat = layOutFat({ entries, label: volumeId, volumeId: signature, time, hiddenSectors: 2_048 })
  if (fat.kind === 'refused') return { kind: 'refused', faults: fat.faults.map(printLayoutFault) }
  const partitions = [{ type: mbrPartitionTypes.fat32, isActive: true, content: fat.layout }]
  return { kind: 'laid-out', layout: layOutMbrDisk({ signature, partitions }) }
}

interface Placed {
  readonly file: MediumFile
  readonly content: Layout
}

function generatedFiles({ manifest, kernelArguments }: MediumSpec): Placed[] {
  return [
    generated(mediumFiles.label, Buffer.from(`label=${manifest.label}\r\n`)),
    generated(mediumFiles.settings, Buffer.from(printMediumSettings(manifest))),
    generated('boot/arguments.txt', Buffer.from(`${kernelArguments.join(' ')}\n`)),
  ]
}

function bootFiles(spec: MediumSpec): Placed[] {
  return spec.bootFiles.map(({ name, sha256, bytes }) => placedSource(`boot/${name}`, sha256, bytes))
}

function packageFiles({ manifest }: MediumSpec): Placed[] {
  const files = manifest.contents.flatMap((content) => content.files)
  const once = [...new Map(files.map((file) => [file.sha256, file])).values()]
  return once.map(({ sha256, bytes }) => placedSource(mediumContentPath(sha256), sha256, bytes))
}

function placedSource(path: string, sha256: Sha256, bytes: number): Placed {
  return { file: { path, bytes, sha256 }, content: layOutSource(sha256, bytes) }
}

function generated(path: string, octets: Uint8Array): Placed {
  const sha256 = parseSha256(createHash('sha256').update(octets).digest('hex'))
  assert(sha256 !== undefined, 'a SHA-256 is 64 hexadecimal digits')
  return { file: { path, bytes: octets.length, sha256 }, content: layOutBytes(octets) }
}

function volumeLabel(label: string): string {
  const text = label
    .toUpperCase()
    .replaceAll(/[^A-Z0-9_ ]/g, '_')
    .slice(0, 11)
    .trim()
  return text === '' ? 'REVEILLE' : text
}

function calendarTime(ms: number): CalendarTime {
  const date = new Date(ms)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  }
}
