/** What of an unpacked system goes into a boot image. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { ImageTree } from '../../../media/boot-image/image-tree.ts'

test('a link that leads through /bin brings what is in /usr/bin', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'reveille-tree-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  for (const folder of ['usr/bin', 'usr/sbin']) mkdirSync(join(root, folder), { recursive: true })
  symlinkSync('usr/bin', join(root, 'bin'))
  writeFileSync(join(root, 'usr/bin/ntfs-3g'), 'program')
  symlinkSync('/bin/ntfs-3g', join(root, 'usr/sbin/mount.ntfs-3g'))
  symlinkSync('mount.ntfs-3g', join(root, 'usr/sbin/mount.ntfs'))
  const tree = new ImageTree()
  await tree.copy(root, '/usr/sbin/mount.ntfs')
  t.deepEqual(
    tree.entries().map(({ kind, name }) => `${kind} ${name}`),
    [
      'directory usr',
      'directory usr/bin',
      'file usr/bin/ntfs-3g',
      'directory usr/sbin',
      'link usr/sbin/mount.ntfs',
      'link usr/sbin/mount.ntfs-3g',
    ],
  )
})
