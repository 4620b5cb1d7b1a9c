/**
 * The files that TFTP serves: boot images of the site under the names of site/boot-paths.ts, the first iPXE script, and the
 * administrator's own files. A name is looked up, never joined into a path (security C06).
 */

import { parsePackageId } from '../address/identifiers.ts'
import type { PackageId } from '../address/identifiers.ts'
import type { Ipv4Address } from '../address/ipv4-address.ts'
import { discoveryScriptPath } from '../site/boot-paths.ts'
import type { ContentFile, Sha256 } from '../site/content.ts'
import type { BootFile, BootFileSource } from './boot-file-source.ts'

export interface SiteBootFilesOptions {
  readonly bootImageFiles: (id: PackageId, version: number) => Promise<readonly ContentFile[] | undefined>
  readonly openBlob: (sha256: Sha256) => Promise<OpenFile | undefined>
  readonly findExtra: (name: string) => Promise<ExtraFile | undefined>
  /** Script that sends iPXE on to the script of its machine; the address is ours towards this client. */
  readonly discoveryScript: (client: Ipv4Address) => string
}

interface OpenFile {
  readonly bytes: number
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

interface ExtraFile {
  readonly sha256: Sha256
  readonly bytes: number
  open(): Promise<{ read(offset: number, length: number): Promise<Uint8Array>; close(): Promise<void> }>
}

const bootImageName = /^boot\/([A-Z0-9]{8})\/([1-9][0-9]{0,8})\/(.+)$/i
const discoveryNames: ReadonlySet<string> = new Set([discoveryScriptPath.slice(1), 'autoexec.ipxe'])

export function siteBootFiles(options: SiteBootFilesOptions): BootFileSource {
  return {
    async open(name, { address }) {
      // iPXE looks for its script at the root and beside the loader (H15).
      const lowerCase = name.toLowerCase()
      if (discoveryNames.has(lowerCase) || lowerCase.endsWith('/autoexec.ipxe')) {
        return generatedFile(options.discoveryScript(address))
      }
      const [, id = '', version = '', file = ''] = bootImageName.exec(name) ?? []
      const packageId = parsePackageId(id.toUpperCase())
      if (packageId !== undefined) return openBootImageFile(options, { packageId, version: Number(version), file })
      const extra = await options.findExtra(name)
      return extra && libraryFile(extra.sha256, { bytes: extra.bytes, ...(await extra.open()) })
    },
  }
}

interface Wanted {
  readonly packageId: PackageId
  readonly version: number
  readonly file: string
}

/** Firmware changes the case of names at will (T17), and no two files of a version differ by it alone. */
async function openBootImageFile(
  options: SiteBootFilesOptions,
  { packageId, version, file }: Wanted,
): Promise<BootFile | undefined> {
  const files = await options.bootImageFiles(packageId, version)
  const found = files?.find(({ name }) => name.toLowerCase() === file.toLowerCase())
  const blob = found && (await options.openBlob(found.sha256))
  return found && blob && libraryFile(found.sha256, blob)
}

function libraryFile(sha256: Sha256, file: OpenFile): BootFile {
  return {
    bytes: file.bytes,
    version: sha256,
    read: (offset, length) => file.read(offset, length),
    close: () => void file.close(),
  }
}

function generatedFile(text: string): BootFile {
  const bytes = new TextEncoder().encode(text)
  return {
    bytes: bytes.length,
    version: `generated:${text}`,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    close: () => undefined,
  }
}
