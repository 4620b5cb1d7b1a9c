/**
 * Which file a machine is given first: the network bootstrap program of exactly its firmware and architecture, taken
 * from the boot image's content, or our script when it runs iPXE already (PX-15). When the right file is missing the
 * answer is a sentence and no file: a machine never gets another architecture's program (peers.md D05, PX-08).
 */

import { bootImageFiles, type BootImage } from '../site/boot-image.ts'
import { bootImageFilePath, bootImageTftpName, discoveryScriptPath } from '../site/boot-paths.ts'
import type { BootDecision } from './boot-decision.ts'
import { printPlatform } from './platform-architecture.ts'
import type { Platform, PxeClient } from './pxe-client.ts'

export type NetworkBootProgram =
  /** A TFTP name. */
  | { readonly kind: 'tftp'; readonly file: string }
  /** A path below the server's URL: UEFI HTTP boot. */
  | { readonly kind: 'http'; readonly path: string }
  /** A path below the server's URL: iPXE takes a script. */
  | { readonly kind: 'script'; readonly path: string }
  | { readonly kind: 'none'; readonly reason: string }

/** Without a deployment no file is offered at all: some ROMs leak memory when there is nothing to do (D23). */
export function networkBootProgram(client: PxeClient, decision: BootDecision): NetworkBootProgram {
  const bootImage = loaderSource(decision)
  if (bootImage === undefined) return { kind: 'none', reason: decision.reason }
  if (client.stage !== 'firmware') return { kind: 'script', path: discoveryScriptPath }
  return firmwareProgram(client.platform, bootImage)
}

function loaderSource(decision: BootDecision): BootImage | undefined {
  switch (decision.kind) {
    case 'boot':
      return decision.bootImage
    case 'continue-to-local-disk':
      return decision.shownBy
    case 'ignore':
      return undefined
    default:
      return decision satisfies never
  }
}

function firmwareProgram(platform: Platform, bootImage: BootImage): NetworkBootProgram {
  const file = loaders[platform.firmware][platform.transport][platform.architecture]
  const image = `boot image ${bootImage.id} (${bootImage.name})`
  const { content } = bootImage
  if (file === undefined || content === undefined || !content.files.some(({ name }) => name === file)) {
    const machine = `${printPlatform(platform)} over ${platform.transport}`
    const reason =
      file === undefined
        ? `no loader exists for ${machine}; ${image} is not sent`
        : `${image} holds no ${file}, the loader for ${machine}`
    return { kind: 'none', reason }
  }
  return platform.transport === 'tftp'
    ? { kind: 'tftp', file: bootImageTftpName(bootImage.id, content.version, file) }
    : { kind: 'http', path: bootImageFilePath(bootImage.id, content.version, file) }
}

type LoaderTable = Record<
  Platform['firmware'],
  Record<Platform['transport'], Partial<Record<Platform['architecture'], string>>>
>

const uefiLoaders = {
  x64: bootImageFiles.uefiX64Loader,
  x86: bootImageFiles.uefiX86Loader,
  arm64: bootImageFiles.uefiArm64Loader,
}

/** BIOS has one loader for 32 and 64 bits; its HTTP boot (code 20) exists on paper and has none. */
const loaders: LoaderTable = {
  bios: { tftp: { x86: bootImageFiles.biosLoader, x64: bootImageFiles.biosLoader }, http: {} },
  uefi: { tftp: uefiLoaders, http: uefiLoaders },
}
