/** Images of media before tools that are not ours: every file is there, as the signed list says. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { layOutMedium } from '../../../media/medium/lay-out-medium.ts'
import { folderReader } from '../../../media/signed/folder-reader.ts'
import { verifyFiles, verifyManifest } from '../../../media/signed/verify-medium.ts'
import { mediumContentPath, mediumFiles } from '../../../server/contract/medium.ts'
import { makeFolder } from '../../bootstrap/loop-disk.ts'
import {
  contentOf,
  laidOutOf,
  type Library,
  madeOf,
  openLibrary,
  plannedOf,
  siteKey,
  testMediumId,
  tryToLayOut,
  writeImageOf,
} from '../../support/built-medium.ts'
import { unpackWithXorriso } from '../../support/iso-judges.ts'

const nowMs = Date.UTC(2026, 10, 24)

function twoPackages(library: Library) {
  const shared = library.add('readme.txt', Buffer.from('read me\n'))
  const large = library.add('bin/setup', Buffer.from('setup '.repeat(100_000)))
  return [contentOf('RVL00002', 'First', [shared, large]), contentOf('RVL00003', 'Second', [shared])]
}

for (const format of ['iso', 'usb'] as const) {
  test(`S7-036, S7-037: the ${format} image has all of its files, and one signed list that is right for them`, async (t) => {
    const library = openLibrary(t)
    const planned = plannedOf({ library, contents: twoPackages(library) })
    const { layout } = await laidOutOf(planned, library, { format })
    const folder = makeFolder(t)
    const image = await writeImageOf(layout, library, join(folder, `medium.${format}`))
    const unpacked = join(folder, 'unpacked')
    mkdirSync(unpacked)
    if (format === 'iso') await unpackWithXorriso(image, unpacked)
    else execFileSync('mcopy', ['-s', '-n', '-Q', '-i', `${image}@@1M`, '::/', unpacked])

    const reader = folderReader(unpacked)
    const verified = await verifyManifest(reader, { siteKey, mediumId: testMediumId, nowMs })
    if (verified.kind === 'refused') throw new Error(verified.reason)
    t.deepEqual(await verifyFiles(reader, verified.manifest), [])
    const paths = verified.manifest.files.map(({ path }) => path)
    t.deepEqual(
      [
        'EFI/BOOT/BOOTX64.EFI',
        'EFI/BOOT/grubx64.efi',
        mediumFiles.kernel,
        mediumFiles.initramfs,
        mediumFiles.variables,
      ].filter((path) => !paths.includes(path)),
      [],
    )
    t.is(readFileSync(join(unpacked, mediumFiles.label), 'latin1'), 'label=Medium of a test\r\n')
    t.is(
      readFileSync(join(unpacked, mediumFiles.settings), 'latin1'),
      '[MediaInfo]\r\nMediaType=BootMedia\r\nPasswordRequired=false\r\nUnattended=false\r\n',
    )
    const menu = readFileSync(join(unpacked, 'boot/grub/grub.cfg'), 'utf8')
    t.regex(menu, new RegExp(`linux /boot/vmlinuz console=tty0 reveille.media=${testMediumId} reveille.media-key=`))
    // Content that two packages share is there once.
    const content = paths.filter((path) => path.startsWith('SMS/content/'))
    t.is(content.length, 2)

    writeFileSync(join(unpacked, 'autorun.inf'), 'not ours')
    t.deepEqual(await verifyFiles(reader, verified.manifest), ['autorun.inf does not belong to it'])
  })
}

test('S7-031: a prestaged medium is the image of a disk with room behind it, and of nothing else', async (t) => {
  const library = openLibrary(t)
  const planned = plannedOf({ library, manifest: { kind: 'prestaged' }, contents: twoPackages(library) })
  for (const format of ['iso', 'usb'] as const)
    t.is((await tryToLayOut(planned, library, { number: 1, format })).kind, 'refused')
  const bootable = plannedOf({ library })
  t.is((await tryToLayOut(bootable, library, { number: 1, format: 'disk' })).kind, 'refused')

  const { layout } = await laidOutOf(planned, library, { format: 'disk' })
  const folder = makeFolder(t)
  const disk = await writeImageOf(layout, library, join(folder, 'disk.img'))
  truncateSync(disk, 2 * 1024 ** 3)
  execFileSync('sgdisk', ['--move-second-header', disk], { stdio: 'ignore' })
  t.regex(execFileSync('sgdisk', ['--verify', disk], { encoding: 'utf8' }), /No problems found/)
  const table = JSON.parse(execFileSync('sfdisk', ['--json', disk], { encoding: 'utf8' })).partitiontable
  t.deepEqual(
    table.partitions.map(({ type, name }: { type: string; name: string }) => [name, type]),
    [
      ['BIOS boot', '21686148-6449-6E6F-744E-656564454649'],
      ['EFI system partition', 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'],
    ],
  )
  const start = table.partitions[1].start * 512
  const unpacked = join(folder, 'unpacked')
  mkdirSync(unpacked)
  execFileSync('mcopy', ['-s', '-n', '-Q', '-i', `${disk}@@${start}`, '::/', unpacked])
  const verified = await verifyManifest(folderReader(unpacked), { siteKey, nowMs })
  if (verified.kind === 'refused') throw new Error(verified.reason)
  t.deepEqual(await verifyFiles(folderReader(unpacked), verified.manifest), [])
})

test('the same medium has the same octets every time', async (t) => {
  const library = openLibrary(t)
  const contents = twoPackages(library)
  const hashOf = async (): Promise<string> => {
    const planned = plannedOf({ library, contents })
    const variables = Buffer.from('sealed once, and kept')
    const made = { ...(await madeOf(planned, library)), variables }
    const laidOut = await layOutMedium(planned, { number: 1, format: 'iso' }, made)
    if (laidOut.kind === 'refused') throw new Error(laidOut.faults.join('\n'))
    const file = await writeImageOf(laidOut.layout, library, join(makeFolder(t), 'medium.iso'))
    return execFileSync('sha256sum', [file], { encoding: 'utf8' }).slice(0, 64)
  }
  t.is(await hashOf(), await hashOf())
})

test('S7-014, A7-03: what does not fit onto one disc goes onto several, and each says which one it is', async (t) => {
  const library = openLibrary(t)
  const files = Array.from({ length: 9 }, (_, index) =>
    library.add(`part ${index}`, Buffer.alloc(1_000_000, index + 1)),
  )
  const volumeBytesMax = 7 * 1024 * 1024
  const planned = plannedOf({ library, contents: [contentOf('RVL00002', 'Large', files)], volumeBytesMax })
  t.true(planned.volumes.length > 2)
  const seen: string[] = []
  for (const { number } of planned.volumes) {
    const { layout, manifest } = await laidOutOf(planned, library, { number })
    t.true(layout.length <= volumeBytesMax)
    t.deepEqual(manifest.volume, { number, count: planned.volumes.length })
    for (const file of files) if (manifest.volumeOf?.[file.sha256] === number) seen.push(file.name)
    const folder = makeFolder(t)
    const unpacked = join(folder, 'unpacked')
    mkdirSync(unpacked)
    await unpackWithXorriso(await writeImageOf(layout, library, join(folder, 'disc.iso')), unpacked)
    t.deepEqual(await verifyFiles(folderReader(unpacked), manifest), [])
  }
  t.deepEqual(seen.toSorted(), files.map(({ name }) => name).toSorted())
  const stick = await tryToLayOut(planned, library, { number: 1, format: 'usb' })
  t.is(stick.kind, 'refused')
})

test('A7-03, S7-013: a file that FAT32 cannot hold is refused for a stick by its name, and not for a disc', async (t) => {
  const library = openLibrary(t)
  const small = library.add('install.wim', Buffer.from('the octets of a test'))
  const contents = [contentOf('RVL00002', 'Windows', [{ ...small, bytes: 5 * 1024 ** 3 }])]
  const planned = plannedOf({ library, contents })
  const stick = await tryToLayOut(planned, library, { number: 1, format: 'usb' })
  t.is(stick.kind, 'refused')
  if (stick.kind === 'refused')
    t.regex(stick.faults.join('\n'), /^“install\.wim” of Windows \(RVL00002\) has 5368709120 octets/)
  const disc = await laidOutOf(planned, library, { format: 'iso' })
  t.true(disc.layout.length > 5 * 1024 ** 3)
  t.true(disc.manifest.files.some(({ path }) => path === mediumContentPath(small.sha256)))
})
