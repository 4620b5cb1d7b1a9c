/**
 * Which installed system is captured: the one this run applied or was found on, or else the only one on the fixed disks. A
 * machine with several is not guessed about.
 */

import { readdir } from 'node:fs/promises'
import type { FormattedPartition } from './formatted-partitions.ts'
import { parseFormattedPartitions } from './formatted-partitions.ts'
import { isLinuxSystem } from './general-system.ts'
import { readPartition } from './image-destination.ts'
import { withMounted } from './mounted-partition.ts'
import { targetPartitionVariable } from './require-target.ts'
import { type StepContext, StepFailed } from './step-context.ts'

export type CapturedSystem =
  /** Mounted as the target. */
  | { readonly kind: 'linux' }
  /** `isTarget`: it was mounted as the target, and is so again afterwards. */
  | { readonly kind: 'windows'; readonly partition: FormattedPartition; readonly isTarget: boolean }

export async function findCapturedSystem(context: StepContext): Promise<CapturedSystem> {
  const { target } = context
  const [applied] = parseFormattedPartitions(context.variable(targetPartitionVariable))
  if (!target.isMounted && applied !== undefined) await target.mountRoot(applied)
  if (target.isMounted) return mountedSystem(context)
  const systems = await findSystems(context)
  const [system, ...more] = systems
  if (system === undefined) throw new StepFailed('there is no installed system on the fixed disks of this machine')
  if (more.length > 0) {
    const devices = systems.map(({ partition }) => partition.device).join(', ')
    throw new StepFailed(`there are several installed systems (${devices}), and which one is meant is not known`)
  }
  if (system.kind === 'windows') return { ...system, isTarget: false }
  await target.mountRoot(system.partition)
  return { kind: 'linux' }
}

async function mountedSystem({ target }: StepContext): Promise<CapturedSystem> {
  const kind = await kindOf(target.root)
  if (kind === 'linux') return { kind }
  if (kind === undefined || target.device === undefined) {
    throw new StepFailed(`the volume of this run (${target.device ?? 'none'}) holds no installed system`)
  }
  return { kind, partition: await readPartition(target.device), isTarget: true }
}

interface Found {
  readonly kind: 'linux' | 'windows'
  readonly partition: FormattedPartition
}

async function findSystems(context: StepContext): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const disk of context.disks) {
    const names = await readdir(`/sys/class/block/${disk.name}`).catch(() => [])
    for (const name of names.filter((each) => each.startsWith(disk.name)).sort()) {
      const partition = await readPartition(`/dev/${name}`).catch(() => undefined)
      if (partition === undefined || partition.use === 'efi') continue
      const place = { scratchFolder: context.scratchFolder, mountWords: ['-o', 'ro'] }
      const kind = await withMounted(partition, place, kindOf).catch(() => undefined)
      if (kind !== undefined) found.push({ kind, partition })
    }
  }
  return found
}

async function kindOf(root: string): Promise<Found['kind'] | undefined> {
  if (await isLinuxSystem(root)) return 'linux'
  const names = (await readdir(root)).map((name) => name.toLowerCase())
  return names.includes('windows') ? 'windows' : undefined
}
