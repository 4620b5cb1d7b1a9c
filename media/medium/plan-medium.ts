/**
 * Which files a medium has, and on which volume of a set (S7-014, S7-036). Content stays in the library: its files are ranges
 * named by their SHA-256. Every file has one hash whatever the format, so one signed list is right for a disc and for a stick.
 */

import { createHash } from 'node:crypto'
import { mediumContentPath, mediumFiles, printMediumSettings } from '../../server/contract/medium.ts'
import { bootImageFiles, mediaLoaderFiles } from '../../server/site/boot-image.ts'
import { type ContentFile, parseSha256 } from '../../server/site/content.ts'
import { layOutBytes, layOutSource } from '../layout/layout.ts'
import { markerPath, printBootMenu } from './boot-menu.ts'
import type { MediumSpec, PlannedFile, PlannedMedium, PlannedVolume, RefusedMedium } from './medium-spec.ts'

/** Where UEFI looks on what it does not know (UEFI 2.10 section 3.5.1.1), and the names by which shim looks for what follows. */
const efiFiles = [
  { name: mediaLoaderFiles.uefiX64Shim, path: 'EFI/BOOT/BOOTX64.EFI' },
  { name: mediaLoaderFiles.uefiX64Grub, path: 'EFI/BOOT/grubx64.efi' },
  { name: mediaLoaderFiles.uefiX64Keys, path: 'EFI/BOOT/mmx64.efi' },
  { name: mediaLoaderFiles.uefiArm64Shim, path: 'EFI/BOOT/BOOTAA64.EFI' },
  { name: mediaLoaderFiles.uefiArm64Grub, path: 'EFI/BOOT/grubaa64.efi' },
  { name: mediaLoaderFiles.uefiArm64Keys, path: 'EFI/BOOT/mmaa64.efi' },
] as const

export const menuPaths = { grub: 'boot/grub/grub.cfg', efi: 'EFI/BOOT/grub.cfg' } as const

/** Descriptors, tables, directories and the list of files, generously: measured at 300 octets a file, and 1.2 MB without any. */
const overheadBytes = { volume: 4 * 1024 * 1024, file: 1_024 } as const
const blockBytes = 2_048

export function planMedium(spec: MediumSpec): PlannedMedium | RefusedMedium {
  const missing = missingBootFiles(spec)
  if (missing !== undefined) return { kind: 'refused', faults: [missing] }
  const common = startFiles(spec)
  const content = contentFiles(spec, common)
  if (spec.volumeBytesMax === undefined) return planned(spec, [volumeOf(1, [...common, ...content])])
  const spread = spreadFiles(spec, content, { common, volumeBytesMax: spec.volumeBytesMax })
  if ('faults' in spread) return spread
  const volumes = spread.map((files, index) => {
    const number = index + 1
    return volumeOf(number, [...(number === 1 ? common : labelFiles(spec)), ...files])
  })
  return planned(spec, volumes)
}

/** What somebody calls the content with this hash: a person knows names. */
export function contentName({ manifest }: MediumSpec, sha256: string): string {
  for (const { id, name, files } of manifest.contents) {
    const file = files.find((each) => each.sha256 === sha256)
    if (file !== undefined) return `“${file.name}” of ${name} (${id})`
  }
  return sha256
}

function planned(spec: MediumSpec, volumes: readonly PlannedVolume[]): PlannedMedium {
  const places = volumes.flatMap(({ number, files }) => files.map(({ sha256 }) => [sha256, number] as const))
  return { kind: 'planned', spec, volumes, volumeOf: volumes.length === 1 ? new Map() : new Map(places) }
}

function volumeOf(number: number, files: readonly PlannedFile[]): PlannedVolume {
  return { number, files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) }
}

function missingBootFiles({ manifest: { bootImage }, bootFiles }: MediumSpec): string | undefined {
  const has = (name: string): boolean => bootFiles.some((file) => file.name === name)
  const image = `Boot image ${bootImage.id}, version ${bootImage.version},`
  if (!has(bootImageFiles.kernel) || !has(bootImageFiles.initramfs)) {
    return `${image} has no Linux kernel and initramfs: media start those only. Choose another boot image.`
  }
  const startsUefi = efiFiles.some(({ name }) => name.includes('shim') && has(name))
  const startsBios = has(mediaLoaderFiles.biosCore)
  if (startsUefi || startsBios) return undefined
  return `${image} has no loaders for media. Build it anew, as this version of Reveille does at its start.`
}

function startFiles(spec: MediumSpec): PlannedFile[] {
  const { manifest, bootFiles, siteKey, kernelArguments } = spec
  const taken = (name: string, path: string): PlannedFile[] => {
    const file = bootFiles.find((each) => each.name === name)
    return file === undefined ? [] : [sourceFile(path, file)]
  }
  const menu = printBootMenu({ mediumId: manifest.mediumId, label: manifest.label, siteKey, kernelArguments })
  return [
    ...taken(bootImageFiles.kernel, mediumFiles.kernel),
    ...taken(bootImageFiles.initramfs, mediumFiles.initramfs),
    ...efiFiles.flatMap(({ name, path }) => taken(name, path)),
    textFile(menuPaths.grub, menu),
    textFile(menuPaths.efi, menu),
    textFile(markerPath(manifest.mediumId), `${manifest.mediumId}\n`),
    textFile('.disk/info', `Reveille: ${manifest.label}\n`),
    ...labelFiles(spec),
  ]
}

/** On each volume. */
function labelFiles({ manifest }: MediumSpec): PlannedFile[] {
  return [
    textFile(mediumFiles.label, `label=${manifest.label}\r\n`),
    textFile(mediumFiles.settings, printMediumSettings(manifest)),
  ]
}

/** Kernel and initramfs are where the medium starts from, and once is enough. */
function contentFiles({ manifest }: MediumSpec, common: readonly PlannedFile[]): PlannedFile[] {
  const there = new Set(common.map(({ sha256 }) => sha256))
  const files = manifest.contents.flatMap((content) => content.files)
  const byHash = new Map(files.filter(({ sha256 }) => !there.has(sha256)).map((file) => [file.sha256, file]))
  return [...byHash.values()].map((file) => sourceFile(mediumContentPath(file.sha256), file))
}

/** In the order of the content, so that what belongs together stays together; a volume is filled before the next one begins. */
function spreadFiles(
  spec: MediumSpec,
  content: readonly PlannedFile[],
  { common, volumeBytesMax }: { readonly common: readonly PlannedFile[]; readonly volumeBytesMax: number },
): PlannedFile[][] | RefusedMedium {
  const roomOf = (files: readonly PlannedFile[]): number =>
    volumeBytesMax - overheadBytes.volume - files.reduce((sum, file) => sum + roomFor(file), 0)
  const thanADisc = `more than fit onto a disc of ${volumeBytesMax}. Choose a larger size.`
  const faults = content
    .filter((file) => roomFor(file) > volumeBytesMax - overheadBytes.volume)
    .map(({ sha256, bytes }) => `${contentName(spec, sha256)} has ${bytes} octets, ${thanADisc}`)
  let room = roomOf(common)
  if (room < 0) faults.push(`The boot image alone does not fit into ${volumeBytesMax} octets. Choose a larger size.`)
  if (faults.length > 0) return { kind: 'refused', faults }
  const volumes: PlannedFile[][] = [[]]
  for (const file of content) {
    if (roomFor(file) > room) {
      volumes.push([])
      room = volumeBytesMax - overheadBytes.volume
    }
    volumes.at(-1)?.push(file)
    room -= roomFor(file)
  }
  return volumes
}

function roomFor({ bytes }: PlannedFile): number {
  return Math.ceil(bytes / blockBytes) * blockBytes + overheadBytes.file
}

function sourceFile(path: string, { sha256, bytes }: ContentFile): PlannedFile {
  return { path, sha256, bytes, content: layOutSource(sha256, bytes) }
}

function textFile(path: string, text: string): PlannedFile {
  return generatedFile(path, Buffer.from(text))
}

export function generatedFile(path: string, octets: Uint8Array): PlannedFile {
  const sha256 = parseSha256(createHash('sha256').update(octets).digest('hex'))
  if (sha256 === undefined) throw new Error('a SHA-256 has 64 digits')
  return { path, sha256, bytes: octets.length, content: layOutBytes(octets) }
}
