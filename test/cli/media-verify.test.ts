/** `media verify`: a medium as image, device's octets or folder; what is said is what a person can act on. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'ava'
import { verifyPath } from '../../server/cli/media-verify-command.ts'
import { mediumFiles } from '../../server/contract/medium.ts'
import { layOutGptDisk } from '../../media/disk/lay-out-disk.ts'
import { efiSystemPartition } from '../../media/disk/guid.ts'
import type { MediaEntry } from '../../media/layout/file-tree.ts'
import { layOutBytes, type Layout } from '../../media/layout/layout.ts'
import { makeSigningKey } from '../../media/signed/site-key.ts'
import { root } from '../../scripts/root.ts'
import { makeFolder } from '../bootstrap/loop-disk.ts'
import { fatOf } from '../support/fat-judges.ts'
import { isoOf } from '../support/iso-judges.ts'
import { writeImage } from '../support/media-trees.ts'
import { entriesOfMedium, makeSmallMedium, smallMediumMadeMs } from '../support/small-medium.ts'

const signingKey = makeSigningKey()
const nowMs = smallMediumMadeMs + 1
const diskId = '6d2f8c1e-0000-4000-8000-000000000001'

function stickOf(entries: readonly MediaEntry[]): Layout {
  const { layout: content } = fatOf({ entries, bytes: 40e6 })
  return layOutGptDisk({ id: diskId, partitions: [{ type: efiSystemPartition, id: diskId, name: 'x', content }] })
}

test('a stick, a disc and a folder are each what the site made', async (t) => {
  const folder = makeFolder(t)
  const medium = await makeSmallMedium({ signingKey })
  const { siteKey, manifest } = medium
  for (const layout of [stickOf(entriesOfMedium(medium)), isoOf({ entries: entriesOfMedium(medium) })]) {
    const { faults, notLookedAt, ...verified } = await verifyPath(await writeImage(layout, folder), { siteKey, nowMs })
    t.deepEqual([faults, verified.manifest], [[], manifest])
    t.regex(notLookedAt.join('\n'), /boot code.*The version of Reveille that made it did not sign them$/)
  }
  const mounted = join(folder, 'mounted')
  for (const [path, octets] of medium.files) {
    mkdirSync(dirname(join(mounted, path)), { recursive: true })
    writeFileSync(join(mounted, path), octets)
  }
  const ofFolder = await verifyPath(mounted, { siteKey, nowMs })
  t.deepEqual([ofFolder.faults, ofFolder.manifest], [[], manifest])
  t.regex(ofFolder.notLookedAt.join('\n'), /boot code.*They are not in a folder: verify the image/)
  writeFileSync(join(mounted, 'autorun.inf'), 'x')
  writeFileSync(join(mounted, mediumFiles.kernel), 'x')
  t.deepEqual((await verifyPath(mounted, { siteKey, nowMs })).faults, [
    'boot/vmlinuz has 1 octets instead of 1500',
    'autorun.inf does not belong to it',
  ])
})

test('what firmware starts from on a disc is looked at as well', async (t) => {
  const folder = makeFolder(t)
  const medium = await makeSmallMedium({ signingKey })
  const { siteKey } = medium
  const loader = (octets: Uint8Array, path = 'EFI/BOOT/BOOTX64.EFI'): MediaEntry => ({
    kind: 'file',
    path,
    content: layOutBytes(octets),
  })
  const right = medium.files.get('EFI/BOOT/BOOTX64.EFI') ?? new Uint8Array()
  const hybrid = { diskId, efiPartitionId: '6d2f8c1e-0000-4000-8000-000000000002' }
  const verified = async (entries: readonly MediaEntry[], isHybrid: boolean) => {
    const efi = fatOf({ entries }).layout
    const layout = isoOf({ entries: entriesOfMedium(medium), efi, ...(isHybrid ? { hybrid } : {}) })
    return (await verifyPath(await writeImage(layout, folder), { siteKey, nowMs })).faults
  }
  for (const isHybrid of [true, false]) {
    t.deepEqual(await verified([loader(right)], isHybrid), [])
    t.deepEqual(await verified([loader(Uint8Array.from(right).fill(0, 0, 4))], isHybrid), [
      'in its FAT12 volume REVEILLE: EFI/BOOT/BOOTX64.EFI was altered',
    ])
    t.deepEqual(await verified([loader(right), loader(right, 'EFI/evil.efi')], isHybrid), [
      'in its FAT12 volume REVEILLE: EFI/evil.efi does not belong to it',
    ])
  }
})

test('S7-019 S7-020 a medium before its date, after it, and of another site is refused with the reason', async (t) => {
  const folder = makeFolder(t)
  const dates = { startsAtMs: nowMs, expiresAtMs: nowMs + 1_000 }
  const medium = await makeSmallMedium({ signingKey, dates })
  const { siteKey } = medium
  const image = await writeImage(stickOf(entriesOfMedium(medium)), folder)
  const faultsAt = async (ms: number, key = siteKey) =>
    (await verifyPath(image, { siteKey: key, nowMs: ms })).faults.join('\n')
  t.is(await faultsAt(nowMs), '')
  t.regex(await faultsAt(nowMs - 1), /may not be used before/)
  t.regex(await faultsAt(nowMs + 1_000), /expired at/)
  const { siteKey: otherKey } = await makeSmallMedium({ signingKey: makeSigningKey() })
  t.regex(await faultsAt(nowMs, otherKey), /not signed by the site/)
})

test('S7-040 with the password the medium opens, and with another one it does not', async (t) => {
  const folder = makeFolder(t)
  const medium = await makeSmallMedium({ signingKey, password: 'Grüße 1' })
  const { siteKey } = medium
  const image = await writeImage(isoOf({ entries: entriesOfMedium(medium) }), folder)
  t.deepEqual((await verifyPath(image, { siteKey, nowMs, password: 'Grüße 1' })).faults, [])
  t.deepEqual((await verifyPath(image, { siteKey, nowMs, password: 'wrong' })).faults, [
    'the password does not open it',
  ])
})

test('what is no medium is said to be none', async (t) => {
  const folder = makeFolder(t)
  const { siteKey } = await makeSmallMedium({ signingKey })
  const path = join(folder, 'x.img')
  writeFileSync(path, Buffer.alloc(5_000, 7))
  t.deepEqual(await verifyPath(path, { siteKey, nowMs }), {
    faults: ['it cannot be read as a medium: it is neither a disc nor a disk with a FAT volume'],
    notLookedAt: [],
  })
  const empty = await writeImage(isoOf({ entries: [] }), folder)
  t.deepEqual((await verifyPath(empty, { siteKey, nowMs })).faults, ['it has no signed list of its files'])
  await t.throwsAsync(verifyPath(join(folder, 'nothing'), { siteKey, nowMs }), { name: 'CliError', message: /ENOENT/ })
})

test('the command says it in words and by its exit code, and takes the key from a file', async (t) => {
  const folder = makeFolder(t)
  const medium = await makeSmallMedium({ signingKey, label: 'Stick \u001b[31m' })
  const image = await writeImage(stickOf(entriesOfMedium(medium)), folder)
  const key = join(folder, 'site.key')
  writeFileSync(key, `${medium.siteKey}\n`)
  const verify = (...words: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'server/cli.ts'), 'media', 'verify', image, ...words], { encoding: 'utf8' })
  const right = verify('--key', key)
  t.deepEqual([right.status, right.stderr], [0, ''])
  t.regex(
    right.stdout,
    /is what the site RVL made: bootable medium “Stick \?\[31m” \(00112233445566778899aabbccddeeff\), 7 files\n {2}not looked at: what is outside of its files.*\n {2}not looked at: whether it was revoked/,
  )
  const other = verify('--key', Buffer.alloc(32, 1).toString('base64'))
  t.is(other.status, 1)
  t.regex(other.stdout, /is not what the site made:\n {2}the list of its files is not signed by the site/)
  const wrong = verify('--key', 'abc')
  t.is(wrong.status, 1)
  t.regex(wrong.stderr, /neither a key of 32 octets in base64 nor a file/)
})
