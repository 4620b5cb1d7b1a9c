/**
 * NTFS volumes in files: one with everything that a WIM must keep of it, and what is on any of them, read by ntfs-3g, so that
 * two volumes are compared as text. Needs root and FUSE, but no loop devices. What takes long is waited for: other machines are
 * watched meanwhile.
 */

import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { createCipheriv } from 'node:crypto'
import { linkSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { listTree } from '../bootstrap/tree-listing.ts'

const run = promisify(execFile)
const volumeBytes = 64 * 1_048_576

/** The volume is captured as a volume, by wimlib itself, and not through a mount. */
export function makeVolumeWithOddities(file: string): void {
  writeFileSync(file, '')
  truncateSync(file, volumeBytes)
  execFileSync('mkntfs', ['--quick', '--force', '--label', 'Source', file], { stdio: 'pipe' })
  withMounted(file, 'rw', fill)
}

export async function captureVolume(volume: string, file: string, form: readonly string[] = []): Promise<void> {
  await run('wimlib-imagex', ['capture', volume, file, 'Volume', ...form])
}

/** Names, kinds, hashes, hard links, named streams, attributes, access lists, short names, and times but that of the last change. */
export function listVolume(file: string): readonly string[] {
  return withMounted(file, 'ro', (folder) => [
    ...listTree(folder),
    ...['attrib_be', 'acl', 'dos_name', 'times_be'].flatMap((name) => listAttribute(folder, name)),
  ])
}

function listAttribute(folder: string, name: string): readonly string[] {
  const words = ['--recursive', '--physical', '--no-dereference', '--encoding=hex', `--name=system.ntfs_${name}`, '.']
  // Most files have no short name, which ends it with 1.
  const { stdout } = spawnSync('getfattr', words, { cwd: folder, encoding: 'utf8', maxBuffer: 16 * 1_048_576 })
  const entries = stdout.split('\n\n').map((entry) => entry.trim().replace('\n', ' '))
  // Created, written, read; then when the record of the file was changed, which is when it was applied.
  return entries
    .filter((entry) => entry !== '')
    .map((entry) => (name === 'times_be' ? entry.slice(0, -16) : entry))
    .sort()
}

function withMounted<Seen>(file: string, how: 'ro' | 'rw', look: (folder: string) => Seen): Seen {
  const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim()
  execFileSync('ntfs-3g', ['-o', how, file, folder])
  try {
    return look(folder)
  } finally {
    execFileSync('umount', [folder])
    execFileSync('rmdir', [folder])
  }
}

/** Others may read it only; the usual one gives everybody everything. */
const readOnlyAccess =
  '0x0100048014000000240000000000000034000000010200000000000520000000200200000102000000000005200000002002000002001c00010000000003140089001200010100000000000100000000'

function fill(folder: string): void {
  const at = (name: string): string => join(folder, name)
  const attribute = (path: string, name: string, value: string): void => {
    execFileSync('setfattr', ['--name', name, '--value', value, at(path)])
  }
  for (const name of ['Windows/System32', 'Empty folder', 'deep/ü ñ/日本語']) mkdirSync(at(name), { recursive: true })
  writeFileSync(at('Windows/explorer.exe'), 'MZ'.repeat(10_000))
  writeFileSync(at('Windows/System32/large.bin'), noise(16 * 1_048_576))
  writeFileSync(at('empty'), '')
  writeFileSync(at(" a space before, 100% & $HOME `x` 'quoted'; ").trimEnd(), 'odd')
  writeFileSync(at('deep/ü ñ/日本語/😀.txt'), 'not in the first plane')
  writeFileSync(at(`${'long '.repeat(40)}name`), 'long')
  writeFileSync(at('deep/same content'), 'MZ'.repeat(10_000))
  linkSync(at('Windows/explorer.exe'), at('deep/hard link.exe'))
  symlinkSync('ü ñ/日本語', at('deep/symbolic link'))
  attribute('Windows/explorer.exe', 'user.Zone.Identifier', '[ZoneTransfer]')
  attribute('empty', 'user.only in a stream', 'text')
  attribute('Empty folder', 'user.of a folder', 'text')
  attribute('Empty folder', 'system.ntfs_dos_name', 'EMPTYF~1')
  // Read-only, hidden, system.
  attribute('deep/same content', 'system.ntfs_attrib_be', '0x00000007')
  attribute('Windows/explorer.exe', 'system.ntfs_acl', readOnlyAccess)
  utimesSync(at('empty'), new Date('1999-12-31T23:59:59.123Z'), new Date('2050-01-02T03:04:05.678Z'))
  // 1970 as NTFS counts.
  attribute('empty', 'system.ntfs_crtime_be', '0x019db1ded53e8000')
  utimesSync(at('Empty folder'), 1, 2)
}

/** The same each time, and nothing that could be compressed. */
function noise(bytes: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(bytes))
}
