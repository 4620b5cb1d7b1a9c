/**
 * The disk that receives the operating system: mounting its partitions under one folder, and letting go of them before
 * a restart. While something is mounted, the run's state lies on it too. It knows mounting, not what is copied there.
 */

import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pause } from './back-off.ts'
import { runCommand } from './command.ts'
import type { FormattedPartition } from './formatted-partitions.ts'
import { makeTargetFolder } from './target-files.ts'

export class MountFault extends Error {
  override readonly name = 'MountFault'
}

const releaseTriesMax = 300
const releasePauseMs = 100

export class TargetSystem {
  /** `/target` in the boot image. */
  readonly root: string
  readonly #onMounted: (root: string) => void
  readonly #onReleasing: () => void
  /** Places below the root, in the order they were mounted; '' is the root itself. */
  #mounted: { readonly place: string; readonly device: string }[] = []

  /**
   * `onMounted` is told as soon as files can be kept on the root partition, `onReleasing` before that ends without a
   * restart.
   */
  constructor(root: string, onMounted: (root: string) => void, onReleasing: () => void = () => {}) {
    this.root = root
    this.#onMounted = onMounted
    this.#onReleasing = onReleasing
  }

  get isMounted(): boolean {
    return this.#mounted.length > 0
  }

  /** Of the root; undefined while there is none. */
  get device(): string | undefined {
    return this.#mounted[0]?.device
  }

  /** For a program that writes to the partition itself. The state of the run leaves it first. */
  async release(): Promise<void> {
    const device = this.device
    if (device === undefined) return
    this.#onReleasing()
    await this.unmountBelow()
    for (let tries = 1; ; tries += 1) {
      const { exitCode, tail } = await runCommand({ program: 'umount', arguments: [this.root] })
      if (exitCode === 0) break
      // The journal is closed a moment after it has moved, and a busy machine has long moments.
      if (tries === releaseTriesMax) throw new MountFault(`${device} cannot be written to: ${tail}`)
      await pause(releasePauseMs)
    }
    this.#mounted = []
  }

  async mountRoot(partition: FormattedPartition): Promise<void> {
    const device = await deviceOf(partition)
    if (this.#mounted[0]?.device === device) return
    if (this.isMounted)
      throw new MountFault(`${this.#mounted[0]?.device} is the target already; one run has one target system`)
    await this.#mount('', device, partition.fileSystem)
    this.#onMounted(this.root)
  }

  /** A partition below the root, such as `boot/efi`. */
  async mountBelow(place: string, partition: FormattedPartition): Promise<void> {
    const device = await deviceOf(partition)
    if (this.#mounted.some((mounted) => mounted.device === device)) return
    await this.#mount(place, device, partition.fileSystem)
  }

  /** For a root that was found mounted, with an unfinished run on it. */
  adopt(device: string): void {
    this.#mounted = [{ place: '', device }]
  }

  /** What a program inside the applied system expects to find there. */
  async bindSystemFolders(): Promise<void> {
    for (const place of ['proc', 'sys', 'dev', 'run']) {
      if (this.#mounted.some((mounted) => mounted.place === place)) continue
      await mount(['--bind', `/${place}`, await makeTargetFolder(this.root, place)])
      this.#mounted.push({ place, device: `/${place}` })
    }
  }

  /** All but the root itself. */
  async unmountBelow(): Promise<void> {
    await this.#unmount(this.#mounted.filter(({ place }) => place !== ''))
    this.#mounted = this.#mounted.filter(({ place }) => place === '')
  }

  async unmountAll(): Promise<void> {
    await this.#unmount(this.#mounted)
    this.#mounted = []
  }

  async #unmount(places: readonly { readonly place: string }[]): Promise<void> {
    for (const { place } of places.toReversed()) {
      const path = join(this.root, place)
      const { exitCode } = await runCommand({ program: 'umount', arguments: [path] })
      // A process that still holds a file keeps it busy; everything is flushed, and the machine restarts anyway.
      if (exitCode !== 0) await runCommand({ program: 'umount', arguments: ['-l', path] })
    }
  }

  async #mount(place: string, device: string, fileSystem: FormattedPartition['fileSystem']): Promise<void> {
    mkdirSync(this.root, { recursive: true })
    const path = await makeTargetFolder(this.root, place)
    await mount([...mountOptions[fileSystem], device, path])
    this.#mounted.push({ place, device })
  }
}

/**
 * How each file system is mounted. NTFS with owners and modes, as ntfs-3g maps them to access lists, so that the state
 * of a run is for its owner alone there too.
 */
export const mountOptions = {
  ext4: ['-t', 'ext4'],
  xfs: ['-t', 'xfs'],
  fat32: ['-t', 'vfat'],
  ntfs: ['-t', 'ntfs-3g', '-o', 'permissions'],
  none: [],
} as const satisfies Record<FormattedPartition['fileSystem'], readonly string[]>

export async function mount(words: readonly string[]): Promise<void> {
  const { exitCode, tail } = await runCommand({ program: 'mount', arguments: words })
  if (exitCode !== 0) throw new MountFault(`mount ${words.join(' ')}: ${tail === '' ? `exit code ${exitCode}` : tail}`)
}

/** Devices and places of everything that is mounted or swapped to now. */
export async function readMountedDevices(): Promise<ReadonlyMap<string, string>> {
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  const swaps = await readFile('/proc/swaps', 'utf8').catch(() => '')
  const pairs = mounts.split('\n').map((line) => line.split(' '))
  const inUse = new Map(pairs.map(([device = '', place = '']) => [device, place]))
  for (const line of swaps.split('\n').slice(1)) inUse.set(line.split(/\s+/)[0] ?? '', 'swap')
  inUse.delete('')
  return inUse
}

/** By UUID when there is one: after a restart the kernel may name the disk otherwise. */
export async function deviceOf({ device, uuid }: Pick<FormattedPartition, 'device' | 'uuid'>): Promise<string> {
  if (uuid === undefined) return device
  const { stdout, exitCode } = await runCommand({
    program: 'blkid',
    arguments: ['-c', '/dev/null', '-t', `UUID=${uuid}`, '-o', 'device'],
  })
  const found = stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
  if (found.includes(device)) return device
  if (exitCode !== 0 || found[0] === undefined)
    throw new MountFault(`no partition has the UUID ${uuid} (it was ${device})`)
  if (found.length > 1) throw new MountFault(`several partitions have the UUID ${uuid}: ${found.join(', ')}`)
  return found[0]
}
