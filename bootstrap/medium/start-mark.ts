/**
 * Where GRUB's menu on the medium looks (media/medium/boot-menu.ts): a machine that was set up from a medium which stays in it goes
 * on to its disk, while that is where it is to go on. A machine may have several disks that this medium set up, one after the
 * other. So each mark says of which run it is, by a number that is greater than that of every mark before on this machine, and
 * the greatest counts: nothing has to be changed on disks that the run is not about. The clock alone would not do, because
 * machines forget the time.
 *
 * It is an environment block, the one format whose values GRUB compares without running what is on a disk.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  diskMarkFolder,
  diskMarkName,
  diskMarkOrderDigits,
  diskMarkVariables,
} from '../../server/contract/disk-mark.ts'
import type { MediumId } from '../../server/contract/medium.ts'
import { makeOwnerOnlyFolder, readOwnFile, replaceFile } from '../durable-file.ts'
import { lookOnDisks } from '../find-unfinished-run.ts'
import type { FixedDisk } from '../fixed-disks.ts'
import { isPlainPath } from '../target-files.ts'

export interface StartMark {
  readonly mediumId: MediumId
  /** Of the run (`startOrderOn`). */
  readonly order: number
  /** `medium`: the run is not finished there, or failed. */
  readonly next: 'disk' | 'medium'
}

/**
 * The first is kept while an operating system is applied. The others are for a disk whose system is encrypted: its kernel, or its
 * EFI system partition, which is empty while it is not mounted, and stays so.
 */
const folders = [diskMarkFolder, 'boot', 'boot/efi/EFI'] as const
/** GNU GRUB's manual, section "load_env": it begins so, and has 1,024 octets. */
const signature = '# GRUB Environment Block\n'
const markBytes = 1_024

export function writeStartMark(root: string, { mediumId, order, next }: StartMark): void {
  const { orderOf, nextOf } = diskMarkVariables
  const lines = `${signature}${orderOf}=${String(order).padStart(diskMarkOrderDigits, '0')}\n${nextOf}=${next}\n`
  if (isPlainPath(root, diskMarkFolder)) makeOwnerOnlyFolder(join(root, diskMarkFolder))
  for (const folder of folders) {
    if (!isPlainPath(root, folder) || !existsSync(join(root, folder))) continue
    replaceFile(join(root, folder, diskMarkName(mediumId)), lines.padEnd(markBytes, '#'))
  }
}

/** For a run that begins now: greater than every mark of this medium that the disks of this machine have. */
export async function startOrderOn(
  { disks, scratchFolder }: { readonly disks: readonly FixedDisk[]; readonly scratchFolder: string },
  mediumId: MediumId,
  nowMs = Date.now(),
): Promise<number> {
  const found = await lookOnDisks(disks, join(scratchFolder, 'look'), (root) => readOrder(root, mediumId))
  return Math.max(0, Math.floor(nowMs / 1_000), ...found.map(({ value }) => value + 1))
}

/** Below a root, or a partition of kernels; undefined: there is none. */
function readOrder(root: string, mediumId: MediumId): number | undefined {
  const orders = [diskMarkFolder, 'boot', ''].flatMap((folder) => {
    if (folder !== '' && !isPlainPath(root, folder)) return []
    const text = readOwnFile(join(root, folder, diskMarkName(mediumId)), markBytes)?.toString('latin1') ?? ''
    const digits = new RegExp(`^${diskMarkVariables.orderOf}=([0-9]{${diskMarkOrderDigits}})$`, 'm').exec(text)?.[1]
    return digits === undefined || !text.startsWith(signature) ? [] : [Number(digits)]
  })
  return orders.length === 0 ? undefined : Math.max(...orders)
}
