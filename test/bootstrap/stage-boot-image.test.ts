/** The boot image on the disk of an installed system, and GRUB's way to it. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import {
  printStagedStart,
  removeStagedBootImage,
  stageBootImage,
  stagedArguments,
} from '../../bootstrap/stage-boot-image.ts'
import { serveContents, contentOf } from './image-server.ts'
import { makeFolder } from './loop-disk.ts'

const own = "set timeout=2\nmenuentry 'Linux' {\n}\n"
const files = { vmlinuz: Buffer.from('kernel'), 'initrd.img': Buffer.from('initramfs') }

test('S1-043: the boot image starts as long as it lies there, with what it was started with', async (t) => {
  const root = makeFolder(t)
  mkdirSync(join(root, 'boot/grub'), { recursive: true })
  mkdirSync(join(root, 'var/lib/reveille'), { recursive: true })
  writeFileSync(join(root, 'boot/grub/grub.cfg'), own)
  writeFileSync(
    join(root, 'var/lib/reveille/boot-arguments'),
    'BOOT_IMAGE=/a initrd=x BOOTIF=01-52-54-00-00-00-01 console=ttyS0 reveille.server=http://10.0.0.9 a;b $(c) "d e"\n',
  )
  const content = [{ ...contentOf('RVL00001', files), kind: 'boot-image' as const }]
  const bases = [await serveContents(t, { RVL00001: files })]
  const download = { bases, token: () => 'token', onFault: () => {} }
  const { signal } = new AbortController()
  const staging = { root, content, download, server: ['http://10.0.0.1:8080'], signal }
  for (let times = 1; times <= 2; times += 1) {
    await stageBootImage(staging)
    t.is(
      readFileSync(join(root, 'boot/grub/grub.cfg'), 'utf8'),
      `# Reveille: the boot image, as long as it is there.
if [ -f /boot/reveille-boot-image/initrd.img ]; then
  linux /boot/reveille-boot-image/vmlinuz BOOTIF=01-52-54-00-00-00-01 console=ttyS0 reveille.server=http://10.0.0.1:8080
  initrd /boot/reveille-boot-image/initrd.img
  boot
fi
# Reveille: the system itself.
${own}`,
    )
  }
  t.is(readFileSync(join(root, 'boot/reveille-boot-image/initrd.img'), 'utf8'), 'initramfs')
  await removeStagedBootImage(root)
  t.false(existsSync(join(root, 'boot/reveille-boot-image')))
  await removeStagedBootImage(root)
})

test('S1-043: without a boot image, or without GRUB, it is said', async (t) => {
  const root = makeFolder(t)
  const download = { bases: [], token: () => '', onFault: () => {} }
  const { signal } = new AbortController()
  const staging = { root, content: [], download, server: [], signal }
  await t.throwsAsync(stageBootImage(staging), { message: /no boot image/ })
  const content = [{ ...contentOf('RVL00001', files), kind: 'boot-image' as const }]
  await t.throwsAsync(stageBootImage({ ...staging, content }), { message: /does not start by GRUB/ })
})

test('B08: no word of a command line is read by GRUB', (t) => {
  t.deepEqual(stagedArguments('quiet a=b ;reboot x=`y` "q" initrd=z', []), ['quiet', 'a=b'])
  t.regex(printStagedStart('/reveille-boot-image', ['quiet']), /^ {2}linux \/reveille-boot-image\/vmlinuz quiet$/m)
})
