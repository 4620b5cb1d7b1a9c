/**
 * The Debian packages that each command of the project needs on the machine it runs on, and installing those that
 * are missing. What goes into boot images is not here: the image builder downloads that without installing it
 * (media/boot-image/debian-packages.ts).
 */

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { getuid } from 'node:process'
import { promisify } from 'node:util'

export const packageSets = ['start', 'test', 'demo', 'bench'] as const
export type PackageSet = (typeof packageSets)[number]

export type PackageReport =
  | { readonly kind: 'complete'; readonly installed: readonly string[] }
  /** Nothing was changed; `command` would install what is missing, `consequences` says what does not work until then. */
  | {
      readonly kind: 'incomplete'
      readonly missing: readonly string[]
      readonly command: string
      readonly consequences: readonly string[]
    }

interface Need {
  readonly package: string
  /** What cannot be done without it. */
  readonly for: string
}

const machines: readonly Need[] = [
  { package: 'qemu-system-x86', for: 'starting virtual machines' },
  { package: 'ipxe-qemu', for: 'network start of virtual machines' },
  { package: 'ovmf', for: 'virtual machines with UEFI' },
  { package: 'iproute2', for: 'private networks between virtual machines and the server' },
  { package: 'mmdebstrap', for: 'building the operating system image that is deployed' },
  { package: 'uidmap', for: 'building that image without root' },
]

/** `dpkg`, `apt` and `tar`, which the image builder calls, are on every Debian system. */
const needs: Readonly<Record<PackageSet, readonly Need[]>> = {
  start: [],
  bench: [
    { package: 'iproute2', for: 'measuring over a network of its own' },
    { package: 'dnsmasq-base', for: 'comparing TFTP and DHCP with dnsmasq' },
    { package: 'tftpd-hpa', for: 'comparing TFTP with tftpd-hpa' },
    { package: 'libwrap0', for: 'comparing TFTP with atftpd' },
    { package: 'libpcre2-8-0', for: 'comparing TFTP with atftpd' },
    { package: 'ethtool', for: 'a network card that cannot cut datagrams' },
    { package: 'kea-dhcp4-server', for: 'comparing DHCP with Kea' },
    { package: 'nginx-light', for: 'comparing HTTP with nginx' },
  ],
  demo: machines,
  test: [
    ...machines,
    { package: 'cpio', for: 'judging our initramfs archives' },
    { package: 'chromium', for: 'tests of the console in a browser' },
    { package: 'curl', for: 'TFTP and HTTP by an independent client' },
    { package: 'tftp-hpa', for: 'TFTP by an independent client' },
    { package: 'atftp', for: 'TFTP with options by an independent client' },
    { package: 'dnsmasq-base', for: 'another DHCP server on the same network' },
    { package: 'isc-dhcp-relay', for: 'DHCP through a relay' },
    { package: 'udhcpc', for: 'DHCP by an independent client' },
    { package: 'kea-admin', for: 'many DHCP exchanges by an independent client (perfdhcp)' },
    { package: 'tshark', for: 'an independent decoder of our packets' },
    { package: 'nginx-light', for: 'a proxy before the server' },
    { package: 'xorriso', for: 'judging ISO images' },
    { package: 'genisoimage', for: 'judging ISO images (isoinfo)' },
    { package: '7zip', for: 'unpacking images of media by an independent reader' },
    { package: 'mtools', for: 'judging FAT file systems' },
    { package: 'dosfstools', for: 'checking FAT file systems' },
    { package: 'e2fsprogs', for: 'checking ext4 file systems' },
    { package: 'gdisk', for: 'checking partition tables' },
    { package: 'fdisk', for: 'writing partition tables' },
    { package: 'grub-common', for: 'judging the menus of media' },
    { package: 'wimtools', for: 'applying and capturing WIM images' },
    { package: 'ntfs-3g', for: 'volumes of Windows' },
    { package: 'attr', for: 'judging what a captured image keeps' },
    { package: 'acl', for: 'judging what a captured image keeps' },
    { package: 'zstd', for: 'an independent decoder of images' },
    { package: 'cifs-utils', for: 'connecting shared folders' },
    { package: 'nfs-common', for: 'connecting NFS exports' },
    { package: 'busybox-static', for: 'what the boot image calls, asked on this machine' },
    { package: 'python3-minimal', for: 'command lines in Python' },
    { package: 'xz-utils', for: 'content that comes as an xz archive' },
    { package: 'cryptsetup-bin', for: 'encrypted volumes' },
    { package: 'libcap2-bin', for: 'judging what a captured image keeps' },
    { package: 'samba', for: 'a server of shared folders' },
    { package: 'nfs-ganesha-vfs', for: 'a server of NFS exports, without a kernel that has one' },
    { package: 'swtpm', for: 'a TPM in a virtual machine' },
    { package: 'kmod', for: 'drivers in an applied system' },
  ],
}

const run = promisify(execFile)

export async function ensureSystemPackages(set: PackageSet): Promise<PackageReport> {
  const missing = await missingNeeds(needs[set])
  if (missing.length === 0) return { kind: 'complete', installed: [] }
  const names = missing.map((need) => need.package)
  const words = ['install', '--yes', '--no-install-recommends', ...names]
  if (getuid?.() !== 0) {
    return {
      kind: 'incomplete',
      missing: names,
      command: `sudo apt-get ${words.join(' ')}`,
      consequences: missing.map((need) => `without ${need.package}: no ${need.for}`),
    }
  }
  console.log(`Installing Debian packages: ${names.join(' ')}`)
  // Lists of a fresh machine are empty, and those of an old one name files that are gone.
  await aptGet(['update'])
  await withoutStartingServices(() => aptGet(words))
  return { kind: 'complete', installed: names }
}

/** What a person without the right to install should read. */
export function printIncomplete(report: Extract<PackageReport, { kind: 'incomplete' }>): string {
  return [
    'Some Debian packages are missing, and only root may install them:',
    ...report.consequences.map((line) => `  ${line}`),
    `This command installs them: ${report.command}`,
  ].join('\n')
}

async function missingNeeds(wanted: readonly Need[]): Promise<Need[]> {
  if (wanted.length === 0) return []
  const present = installedPackages(await queryPackages(wanted.map((need) => need.package)))
  return wanted.filter((need) => !present.has(need.package))
}

/** Names in lines of `name status`, where the status begins with `ii` for what is installed. */
export function installedPackages(text: string): Set<string> {
  return new Set(text.split('\n').flatMap((line) => /^(\S+) ii/.exec(line)?.[1] ?? []))
}

async function queryPackages(names: readonly string[]): Promise<string> {
  try {
    // eslint-disable-next-line no-template-curly-in-string -- the fields are dpkg-query's, not ours
    const { stdout } = await run('dpkg-query', ['--show', '--showformat=${Package} ${db:Status-Abbrev}\n', ...names])
    return stdout
  } catch (error) {
    // It fails when one of the names was never heard of, and has answered for the others all the same.
    if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string') return error.stdout
    throw error
  }
}

async function aptGet(words: readonly string[]): Promise<void> {
  const child = spawn('apt-get', ['--quiet=2', ...words], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  const [code]: unknown[] = await once(child, 'close')
  if (code !== 0) throw new Error(`apt-get ${words.join(' ')} ended with ${String(code)}`)
}

const servicePolicyFile = '/usr/sbin/policy-rc.d'

/**
 * Packages of servers start them when they are installed, and a second DHCP or TFTP server on a real network does harm;
 * here they only ever run inside private networks. Debian asks this file first. One that is there already stands.
 */
async function withoutStartingServices(install: () => Promise<void>): Promise<void> {
  if (existsSync(servicePolicyFile)) return install()
  await writeFile(servicePolicyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
  try {
    await install()
  } finally {
    await rm(servicePolicyFile, { force: true })
  }
}
