/**
 * A planned medium becomes an image, as a disc or as a stick, each of which starts on BIOS and UEFI. It is laid out with names
 * in the places of its files; what is around them then goes into the manifest, and the files go to their places. So the site signs
 * every octet of an image, and the list of files in it is the same for each format.
 */

import type { KeyObject } from 'node:crypto'
import {
  mediumFiles,
  type MediumManifest,
  printMediumManifest,
  type SignedImage,
  signedManifestPrefix,
} from '../../server/contract/medium.ts'
import { mediaLoaderFiles } from '../../server/site/boot-image.ts'
import type { ContentFile } from '../../server/site/content.ts'
import { biosBootPartition, efiSystemPartition } from '../disk/guid.ts'
import { layOutGptDisk, layOutMbrDisk, partitionSectors } from '../disk/lay-out-disk.ts'
import { mbrPartitionTypes } from '../disk/master-boot-record.ts'
import { fatFileBytesMax, layOutFat } from '../fat/lay-out-fat.ts'
import type { BiosStart } from '../iso/iso-volume.ts'
import { layOutIso } from '../iso/lay-out-iso.ts'
import { emptyLayout, fillSources, type Layout, layOutBytes, layOutSource } from '../layout/layout.ts'
import { printLayoutFault } from '../layout/layout-fault.ts'
import { blankImage, signedImageOf } from '../signed/outside-files.ts'
import { signText } from '../signed/site-key.ts'
import { calendarTimeOf, guidOf, numberOf, volumeLabel } from './medium-names.ts'
import type {
  MediumFormat,
  MediumSpec,
  PlannedFile,
  PlannedMedium,
  PlannedVolume,
  RefusedMedium,
} from './medium-spec.ts'
import { contentName, generatedFile, menuPaths } from './plan-medium.ts'

export interface MadeOnce {
  /** `Variables.dat`, sealed for the files of the first volume. */
  readonly variables: Uint8Array
  readonly signingKey: KeyObject
  /** Octets of a small file of the boot image: code of loaders that lies outside of files. */
  readonly readBootFile: (file: ContentFile) => Promise<Uint8Array>
}

export interface LaidOutMedium {
  readonly kind: 'laid-out'
  readonly layout: Layout
  readonly manifest: MediumManifest
}

/** `number`: which volume, from 1. */
export async function layOutMedium(
  planned: PlannedMedium,
  { number, format }: { readonly number: number; readonly format: MediumFormat },
  made: MadeOnce,
): Promise<LaidOutMedium | RefusedMedium> {
  const volume = planned.volumes[number - 1]
  if (volume === undefined) return refused(`There are ${planned.volumes.length} volumes.`)
  const faults = whyNotIn(format, planned)
  if (faults.length > 0) return { kind: 'refused', faults }
  const starts = number === 1 ? await readBiosCode(planned.spec, made) : undefined
  const named = signedFiles(planned, volume, { ...made, image: blankImage }).files
  const outline = layOutAs[format](planned.spec, named.map(nameOnly), starts)
  if (outline.kind === 'refused') return outline
  const { files, manifest } = signedFiles(planned, volume, { ...made, image: signedImageOf(outline.layout) })
  const contents = new Map(files.map(({ path, content }) => [path, content]))
  const layout = fillSources(outline.layout, (path) => contents.get(path) ?? emptyLayout)
  return { kind: 'laid-out', layout, manifest }
}

type PlacedFile = Pick<PlannedFile, 'path' | 'content'>

function nameOnly({ path, bytes }: PlannedFile): PlacedFile {
  return { path, content: layOutSource(path, bytes) }
}

/** S7-013: FAT32 holds no file over 4 GiB, and a stick has one volume. */
function whyNotIn(format: MediumFormat, { spec, volumes }: PlannedMedium): string[] {
  const isPrestaged = spec.manifest.kind === 'prestaged'
  if (isPrestaged !== (format === 'disk')) {
    return [isPrestaged ? 'Prestaged media are images of disks.' : 'Only prestaged media are images of disks.']
  }
  if (format === 'iso') return []
  if (volumes.length > 1) {
    return ['It was made as a set of discs. For a stick, make it again without a limit of size.']
  }
  const tooLarge = volumes.flatMap(({ files }) => files.filter(({ bytes }) => bytes > fatFileBytesMax))
  return tooLarge.map(({ sha256, bytes }) => {
    const name = contentName(spec, sha256)
    const instead = isPrestaged ? 'Leave it to be downloaded.' : 'Use the ISO image: it starts from a stick as well.'
    return `${name} has ${bytes} octets, and FAT32 holds files below 4 GiB. ${instead}`
  })
}

function signedFiles(
  { spec, volumes, volumeOf }: PlannedMedium,
  { number, files }: PlannedVolume,
  { variables, signingKey, image }: Pick<MadeOnce, 'variables' | 'signingKey'> & { readonly image: SignedImage },
): { readonly files: readonly PlannedFile[]; readonly manifest: MediumManifest } {
  const own = number === 1 ? [...files, generatedFile(mediumFiles.variables, variables)] : files
  const listed = own.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const manifest: MediumManifest = {
    ...spec.manifest,
    volume: { number, count: volumes.length },
    ...(volumeOf.size === 0 ? {} : { volumeOf: Object.fromEntries(volumeOf) }),
    contents: number === 1 ? spec.manifest.contents : [],
    files: listed.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
    image,
  }
  const octets = Buffer.from(printMediumManifest(manifest))
  const signature = signText(Buffer.concat([Buffer.from(signedManifestPrefix), octets]), signingKey)
  const signed = [
    generatedFile(mediumFiles.manifest, octets),
    generatedFile(mediumFiles.signature, Buffer.from(`${signature}\n`)),
  ]
  return { files: [...listed, ...signed], manifest }
}

interface BiosCode {
  readonly disc: Uint8Array
  readonly stick: Uint8Array
  readonly hybrid: Uint8Array
  readonly core: Uint8Array
}

/** Undefined: the boot image is for machines without BIOS. */
async function readBiosCode({ bootFiles }: MediumSpec, { readBootFile }: MadeOnce): Promise<BiosCode | undefined> {
  const read = async (name: string): Promise<Uint8Array | undefined> => {
    const file = bootFiles.find((each) => each.name === name)
    return file === undefined ? undefined : readBootFile(file)
  }
  const { biosDisc, biosStick, biosHybrid, biosCore } = mediaLoaderFiles
  const [disc, stick, hybrid, core] = await Promise.all([biosDisc, biosStick, biosHybrid, biosCore].map(read))
  const isWhole = disc !== undefined && stick !== undefined && hybrid !== undefined && core !== undefined
  return isWhole ? { disc, stick, hybrid, core } : undefined
}

type LaidOut = { readonly kind: 'laid-out'; readonly layout: Layout } | RefusedMedium

function layOutDisc({ manifest }: MediumSpec, files: readonly PlacedFile[], bios: BiosCode | undefined): LaidOut {
  const { mediumId, label, createdAtMs } = manifest
  const time = calendarTimeOf(createdAtMs)
  const efiFiles = files.filter(({ path }) => path.startsWith('EFI/') || path === menuPaths.grub)
  const isStarted = efiFiles.length > 0
  const efi = layOutFat({
    entries: entriesOf(efiFiles),
    label: 'REVEILLE',
    volumeId: numberOf(mediumId, 'efi volume'),
    time,
  })
  if (efi.kind === 'refused') return refused(...efi.faults.map(printLayoutFault))
  const iso = layOutIso({
    entries: entriesOf(files),
    volumeId: volumeLabel(label, 32),
    time,
    ...(bios === undefined ? {} : { bios: biosStart(bios) }),
    ...(isStarted ? { efi: efi.layout } : {}),
    hybrid: { diskId: guidOf(mediumId, 'disk'), efiPartitionId: guidOf(mediumId, 'efi partition') },
  })
  return iso.kind === 'refused'
    ? refused(...iso.faults.map(printLayoutFault))
    : { kind: 'laid-out', layout: iso.layout }
}

function biosStart({ disc, core, hybrid }: BiosCode): BiosStart {
  return { image: Buffer.concat([disc, core]), loader: 'grub', masterBootCode: hybrid }
}

function layOutStick({ manifest }: MediumSpec, files: readonly PlacedFile[], bios: BiosCode | undefined): LaidOut {
  const { mediumId, label, createdAtMs } = manifest
  const [hiddenSectors = 0] = partitionSectors([0])
  const fat = layOutFat({
    entries: entriesOf(files),
    label: volumeLabel(label, 11),
    volumeId: numberOf(mediumId, 'volume'),
    time: calendarTimeOf(createdAtMs),
    hiddenSectors,
  })
  if (fat.kind === 'refused') return refused(...fat.faults.map(printLayoutFault))
  const type = fat.bits === 32 ? mbrPartitionTypes.fat32 : mbrPartitionTypes.fat16
  const layout = layOutMbrDisk({
    signature: numberOf(mediumId, 'disk'),
    ...(bios === undefined ? {} : { bootCode: forDisks(bios.stick), behindBootCode: bios.core }),
    partitions: [{ type, isActive: true, content: fat.layout }],
  })
  return { kind: 'laid-out', layout }
}

/** What is free on the EFI system partition, for the loader of the operating system to come. */
const efiRoomBytes = 64 * 1024 * 1024

/** A GPT, with the core of GRUB in a partition of its own: the operating system's loader finds its places as on any disk. */
function layOutFixedDisk({ manifest }: MediumSpec, files: readonly PlacedFile[], bios: BiosCode | undefined): LaidOut {
  const { mediumId, label, createdAtMs } = manifest
  const core = layOutBytes(bios === undefined ? new Uint8Array(512) : coreInPartition(bios.core))
  const [coreSector = 0, hiddenSectors = 0] = partitionSectors([core.length, 0])
  const volume = {
    entries: entriesOf(files),
    label: volumeLabel(label, 11),
    volumeId: numberOf(mediumId, 'volume'),
    time: calendarTimeOf(createdAtMs),
    hiddenSectors,
  }
  const smallest = layOutFat(volume)
  const fat =
    smallest.kind === 'refused' ? smallest : layOutFat({ ...volume, bytes: smallest.layout.length + efiRoomBytes })
  if (fat.kind === 'refused') return refused(...fat.faults.map(printLayoutFault))
  const partition = (what: string, type: string, content: Layout) => ({
    type,
    id: guidOf(mediumId, what),
    name: what,
    content,
  })
  const layout = layOutGptDisk({
    id: guidOf(mediumId, 'disk'),
    ...(bios === undefined ? {} : { bootCode: withCoreAt(forDisks(bios.stick), coreSector) }),
    partitions: [
      partition('BIOS boot', biosBootPartition, core),
      partition('EFI system partition', efiSystemPartition, fat.layout),
    ],
  })
  return { kind: 'laid-out', layout }
}

/** `GRUB_BOOT_MACHINE_KERNEL_SECTOR`, 64 bits: where the boot code goes on. */
function withCoreAt(bootCode: Uint8Array, sector: number): Uint8Array {
  const octets = Uint8Array.from(bootCode)
  new DataView(octets.buffer).setBigUint64(0x5c, BigInt(sector), true)
  return octets
}

/** The core's first sector says where its second one is, in its last list of blocks (`grub-core/boot/i386/pc/diskboot.S`). */
function coreInPartition(core: Uint8Array): Uint8Array {
  const octets = Uint8Array.from(core)
  const [sector = 0] = partitionSectors([core.length])
  new DataView(octets.buffer).setBigUint64(500, BigInt(sector + 1), true)
  return octets
}

/**
 * As `grub-bios-setup` does for disks: some BIOS says a wrong number of the drive, and the code that corrects it is jumped over in the
 * template (`grub-core/boot/i386/pc/boot.S`, `boot_drive_check`).
 */
function forDisks(bootCode: Uint8Array): Uint8Array {
  const octets = Uint8Array.from(bootCode)
  octets.set([0x90, 0x90], 0x66)
  return octets
}

const layOutAs = { iso: layOutDisc, usb: layOutStick, disk: layOutFixedDisk } as const satisfies Record<
  MediumFormat,
  unknown
>

function entriesOf(files: readonly PlacedFile[]) {
  return files.map(({ path, content }) => ({ kind: 'file', path, content }) as const)
}

function refused(...faults: readonly string[]): RefusedMedium {
  return { kind: 'refused', faults }
}
