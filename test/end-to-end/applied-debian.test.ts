/** Steps in a real Debian, applied to a loop device: its own depmod and update-initramfs. No machine starts. Needs root. */

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { applyDriverPackage } from '../../bootstrap/steps/apply-driver-package.ts'
import { operatingSystemArchive } from '../../scripts/prepare-images.ts'
import { makeTarget } from '../bootstrap/applied-system.ts'
import { makeContent, serveContent } from '../bootstrap/content-server.ts'

test('S2-068, S2-069: a driver goes before the one of the kernel, in the system and in its RAM disk, and firmware is there', async (t) => {
  const context = await makeTarget(t, {}, 1_536)
  const { root } = context.target
  execFileSync('tar', ['--zstd', '-xf', operatingSystemArchive, '-C', root])
  const [release = ''] = readdirSync(join(root, 'usr/lib/modules'))
  const inside = (...words: readonly string[]) => execFileSync('chroot', [root, ...words], { encoding: 'utf8' }).trim()
  const before = inside('modinfo', '-k', release, '-n', 'virtio_net')
  t.regex(before, /\/kernel\/drivers\/net\/virtio_net\.ko$/)
  const module = readFileSync(join(root, before))
  const files = {
    [`${release}/net/virtio_net.ko`]: { text: module },
    'firmware/acme/card.bin': { text: 'firmware' },
  }
  // The network namespace of these tests is new.
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
  const { download } = await serveContent(t, { RVL00004: files })
  const content = [makeContent('RVL00004', files, { kind: 'driver-package', driverSystem: 'linux' })]
  const action = { type: 'apply-driver-package', packageId: 'RVL00004', recurse: false, additionalOptions: '' } as const
  const result = await applyDriverPackage(action, { ...context, content, download })
  t.is(result.exitCode, 0, context.lines.join('\n'))
  const path = `/lib/modules/${release}/updates/reveille-RVL00004/net/virtio_net.ko`
  t.is(inside('modinfo', '-k', release, '-n', 'virtio_net'), path)
  const packed = inside('lsinitramfs', `/boot/initrd.img-${release}`).split('\n')
  const drivers = packed.filter((name) => name.endsWith('/virtio_net.ko'))
  t.deepEqual(drivers, [`usr${path}`])
  t.is(readFileSync(join(root, 'lib/firmware/updates/acme/card.bin'), 'utf8'), 'firmware')
})
