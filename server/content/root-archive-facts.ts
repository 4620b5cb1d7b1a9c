/**
 * What an archive of a root file system tells about itself: the name in os-release(5), the machine field of a program's ELF
 * header, and whether there is a kernel. All of it are guesses of what is inside; only faults decide (judge-entry.ts).
 */

import type { BootArchitecture } from '../site/boot-image.ts'

/** Of one file, as far as anybody looks. */
export const lookedAtBytesMax = 64 * 1024
const nameCharactersMax = 200

const osReleasePaths = ['etc/os-release', 'usr/lib/os-release']
/** `sh` is often a link to one of the others. */
const shellPath = /^(?:usr\/)?bin\/(?:sh|dash|bash|busybox)$/
const loaderPath = /^(?:usr\/)?lib(?:32|64)?\/(?:[a-z0-9_-]+\/)?ld-(?:linux|musl)[^/]*$/
const kernelPath =
  /^(?:boot\/(?:vmlinu[xz]|Image|zImage|bzImage|kernel)[^/]*|(?:usr\/)?lib\/modules\/[^/]+\/vmlinuz|boot\/efi\/EFI\/Linux\/[^/]+\.efi)$/i

/** ELF `e_machine`; others are shown by their number. */
const elfMachines: ReadonlyMap<number, string> = new Map<number, BootArchitecture | 'arm' | 'riscv64'>([
  [3, 'x86'],
  [40, 'arm'],
  [62, 'x64'],
  [183, 'arm64'],
  [243, 'riscv64'],
])

export interface SystemFacts {
  /** As its makers call it: `Debian GNU/Linux 13 (trixie)`. */
  readonly operatingSystem?: string
  /** `x86`, `x64`, `arm64`, or the name of one that Reveille does not boot. */
  readonly architecture?: string
  readonly kernel: boolean
}

export class FactCollector {
  readonly #osReleases = new Map<string, string>()
  #shellMachine: string | undefined
  #loaderMachine: string | undefined
  #kernel = false

  /** True: `take` wants the first octets of this regular file. */
  wants(path: string): boolean {
    this.#kernel ||= kernelPath.test(path)
    if (osReleasePaths.includes(path)) return true
    if (this.#shellMachine !== undefined) return false
    return shellPath.test(path) || (this.#loaderMachine === undefined && loaderPath.test(path))
  }

  take(path: string, octets: Uint8Array): void {
    if (osReleasePaths.includes(path)) this.#osReleases.set(path, new TextDecoder().decode(octets))
    else if (shellPath.test(path)) this.#shellMachine ??= elfMachine(octets)
    else this.#loaderMachine ??= elfMachine(octets)
  }

  facts(): SystemFacts {
    const osRelease = osReleasePaths.map((path) => this.#osReleases.get(path)).find((text) => text !== undefined)
    const operatingSystem = osRelease === undefined ? undefined : systemName(osRelease)
    // A system may hold loaders of several architectures; its shell is of its own.
    const architecture = this.#shellMachine ?? this.#loaderMachine
    return {
      ...(operatingSystem === undefined ? {} : { operatingSystem }),
      ...(architecture === undefined ? {} : { architecture }),
      kernel: this.#kernel,
    }
  }
}

function systemName(osRelease: string): string | undefined {
  const fields = new Map<string, string>()
  for (const line of osRelease.split('\n')) {
    const [, key, value] = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim()) ?? []
    if (key !== undefined && value !== undefined) fields.set(key, value.replace(/^(["'])(.*)\1$/, '$2'))
  }
  const name = fields.get('PRETTY_NAME') ?? fields.get('NAME') ?? fields.get('ID')
  return name?.replaceAll(/\p{Cc}/gu, ' ').slice(0, nameCharactersMax)
}

/** `e_machine` is at octet 18 in files of either class; octet 5 says in which order its two octets stand. */
export function elfMachine(octets: Uint8Array): string | undefined {
  const isElf = [0x7f, 0x45, 0x4c, 0x46].every((octet, index) => octets[index] === octet)
  if (!isElf || octets.length < 20) return undefined
  const machine = new DataView(octets.buffer, octets.byteOffset, octets.length).getUint16(18, octets[5] !== 2)
  return elfMachines.get(machine) ?? `machine ${machine}`
}
