/** The system on the first partition of a raw disk, looked at or laid out while no machine has the disk. Needs root. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { operatingSystemArchive } from '../../scripts/prepare-images.ts'
import { findPartition } from './take-partition.ts'

/** As it is after somebody installed the prepared Debian, but that no loader is there: nothing starts from it. */
export async function layOutDebian(
  disk: string,
  megabytes: number,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  writeFileSync(disk, '')
  truncateSync(disk, megabytes * 1024 * 1024)
  execFileSync('sfdisk', ['--quiet', disk], { input: 'label: dos\n- - L *\n' })
  const { startBytes, bytes } = await findPartition(disk, 1)
  execFileSync('mkfs.ext4', ['-q', '-F', '-E', `offset=${startBytes}`, disk, `${Math.floor(bytes / 1024)}k`])
  await withSystem(disk, 'rw', (root) => {
    execFileSync('tar', ['--zstd', '--numeric-owner', '-xf', operatingSystemArchive, '-C', root])
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
  })
}

export async function withSystem<T>(disk: string, access: 'rw' | 'ro,noload', look: (root: string) => T): Promise<T> {
  const { startBytes } = await findPartition(disk, 1)
  const root = mkdtempSync(join(tmpdir(), 'reveille-system-'))
  execFileSync('mount', ['-o', `loop,${access},offset=${startBytes}`, disk, root])
  try {
    return look(root)
  } finally {
    execFileSync('umount', [root])
    rmdirSync(root)
  }
}
