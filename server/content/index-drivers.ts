/**
 * Looks into the files of a driver package for what hardware they are for (S2-068). Nothing is run and nothing is trusted: it
 * is a plain scan for text, in files of bounded size, that keeps what looks like a hardware id.
 */

import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import type { ContentFile } from '../site/content.ts'
import {
  type DriverIndex,
  hardwareIdCharactersMax,
  type IndexedDriver,
  indexedHardwareIdsMax,
} from '../site/driver-index.ts'
import type { SystemFamily } from '../site/platform.ts'
import type { ContentLibrary } from './content-library.ts'

/** The largest `.inf` files, those of graphics cards, have 2 MB. */
const informationBytesMax = 8 * 1024 ** 2
/** amdgpu has 20 MB with everything. */
const moduleBytesMax = 64 * 1024 ** 2

const decompressZstd = promisify(zstdDecompress)

export async function indexDrivers(
  system: SystemFamily,
  files: readonly ContentFile[],
  library: Pick<ContentLibrary, 'open'>,
): Promise<DriverIndex> {
  const drivers: IndexedDriver[] = []
  const unread: string[] = []
  let left = indexedHardwareIdsMax
  for (const file of files) {
    const reader = readers[system].find(({ names }) => names.test(file.name))
    if (reader === undefined) continue
    const found = file.bytes > reader.bytesMax ? undefined : await reader.read(await octetsOf(file, library))
    if (found === undefined || left === 0) {
      unread.push(file.name)
      continue
    }
    const hardwareIds = [...new Set(found)].slice(0, left)
    left -= hardwareIds.length
    const kernelRelease = system === 'linux' ? kernelReleaseOf(file.name) : undefined
    drivers.push({ file: file.name, ...(kernelRelease === undefined ? {} : { kernelRelease }), hardwareIds })
  }
  return { drivers, unread }
}

interface Reader {
  readonly names: RegExp
  readonly bytesMax: number
  /** Undefined: it cannot be read. */
  readonly read: (octets: Buffer) => Promise<readonly string[] | undefined>
}

const readers: Readonly<Record<SystemFamily, readonly Reader[]>> = {
  windows: [{ names: /\.inf$/i, bytesMax: informationBytesMax, read: async (octets) => hardwareIdsOf(decode(octets)) }],
  linux: [
    { names: /\.ko$/, bytesMax: moduleBytesMax, read: async (octets) => aliasesOf(octets) },
    { names: /\.ko\.zst$/, bytesMax: moduleBytesMax, read: readCompressedModule },
    { names: /\.ko\.(?:xz|gz)$/, bytesMax: moduleBytesMax, read: async () => undefined },
  ],
}

async function octetsOf({ sha256, bytes }: ContentFile, library: Pick<ContentLibrary, 'open'>): Promise<Buffer> {
  const blob = await library.open(sha256)
  if (blob === undefined) return Buffer.alloc(0)
  try {
    return Buffer.from(await blob.read(0, bytes))
  } finally {
    await blob.close()
  }
}

async function readCompressedModule(octets: Buffer): Promise<readonly string[] | undefined> {
  try {
    return aliasesOf(await decompressZstd(octets, { maxOutputLength: moduleBytesMax }))
  } catch {
    // Damaged, or larger than anybody looks: somebody else's file, and only a help is missing.
    return undefined
  }
}

/** By their first octets; without any they are in some code page whose ASCII is all that ids have. */
function decode(octets: Buffer): string {
  if (octets[0] === 0xff && octets[1] === 0xfe) return octets.toString('utf16le', 2)
  if (octets[0] === 0xfe && octets[1] === 0xff) return new TextDecoder('utf-16be').decode(octets)
  return octets.toString('latin1')
}

/** `PCI\VEN_8086&DEV_15B7`, `USB\VID_0BDA&PID_8153`, `*PNP0501`. */
const hardwareId = /^(?:[A-Za-z0-9_]{2,40}\\[^\s"\\%]+(?:\\[^\s"\\%]+)?|\*[A-Za-z0-9]{4,12})$/

/** Lines of a models section: `%Description% = InstallSection, HardwareId, CompatibleId…`. */
function hardwareIdsOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/).flatMap((line) => {
    const [code = ''] = line.split(';', 1)
    const equals = code.indexOf('=')
    if (equals < 0) return []
    const [, ...ids] = code.slice(equals + 1).split(',')
    return ids.map((id) => id.trim()).filter((id) => id.length <= hardwareIdCharactersMax && hardwareId.test(id))
  })
}

const aliasMark = Buffer.from('\0alias=')

/** The `.modinfo` section is texts between zero octets, and nothing else in a module looks so. */
function aliasesOf(octets: Buffer): readonly string[] {
  const aliases: string[] = []
  for (let at = octets.indexOf(aliasMark); at >= 0; at = octets.indexOf(aliasMark, at + 1)) {
    const start = at + aliasMark.length
    const end = octets.indexOf(0, start)
    const alias = octets.toString('latin1', start, end < 0 ? start : Math.min(end, start + hardwareIdCharactersMax))
    // Aliases without a colon name modules, not hardware.
    if (/^[a-z0-9_-]+\*?:[\x21-\x7e]+$/i.test(alias) && aliases.length < indexedHardwareIdsMax) aliases.push(alias)
  }
  return aliases
}

function kernelReleaseOf(name: string): string | undefined {
  return name.split('/').find((segment) => /^\d+\.\d+[\w.+~-]*$/.test(segment) && !segment.includes('.ko'))
}
