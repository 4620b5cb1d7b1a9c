/** Archives that become operating system images, and those that are sent back: each a real tar, some of them hostile. */

import { gzipSync, zstdCompressSync } from 'node:zlib'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { entriesMax, inspectRootArchive } from '../../server/content/inspect-root-archive.ts'
import { elfHeader, rootArchive, systemEntries, tarOf, type TestEntry } from '../support/root-archive.ts'
import { openTestLibrary } from './open-test-library.ts'

async function inspect(t: ExecutionContext, octets: Uint8Array) {
  const { library } = await openTestLibrary(t)
  const { sha256 } = await library.add(one(octets))
  const blob = await library.open(sha256)
  if (blob === undefined) throw new Error('the blob was added')
  try {
    return await inspectRootArchive(blob)
  } finally {
    await blob.close()
  }
}

async function* one(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield octets
}

async function faultsOf(t: ExecutionContext, octets: Uint8Array): Promise<readonly string[]> {
  const inspection = await inspect(t, octets)
  return inspection.kind === 'refused' ? inspection.faults : []
}

const withSystem = async (...entries: readonly TestEntry[]): Promise<Buffer> =>
  tarOf([...systemEntries('Test GNU/Linux 1'), ...entries])

const compressions = [
  ['none', (octets: Buffer) => octets],
  ['gzip', (octets: Buffer) => gzipSync(octets)],
  ['zstd', (octets: Buffer) => zstdCompressSync(octets)],
] as const

for (const [compression, compress] of compressions) {
  test(`a root archive (compression: ${compression}) tells its system, architecture and kernel`, async (t) => {
    const archive = await rootArchive()
    t.deepEqual(await inspect(t, compress(archive)), {
      kind: 'inspected',
      facts: {
        operatingSystem: 'Test GNU/Linux 1',
        architecture: 'x64',
        kernel: true,
        compression,
        entries: systemEntries('').length,
        unpackedBytes: archive.length,
      },
      warnings: [],
    })
  })

  test(`an archive that is cut off (compression: ${compression}) is refused`, async (t) => {
    const octets = compress(await rootArchive())
    t.regex((await faultsOf(t, octets.subarray(0, octets.length - 200))).join(), /cut off|no tar archive/)
  })
}

test('an archive of several zstd frames, some to be skipped, is read to its end', async (t) => {
  const archive = await rootArchive()
  const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7])
  const frames = [
    skipped,
    zstdCompressSync(archive.subarray(0, 3_000)),
    skipped,
    zstdCompressSync(archive.subarray(3_000)),
  ]
  t.like(await inspect(t, Buffer.concat(frames)), { kind: 'inspected', facts: { kernel: true } })
  t.regex((await faultsOf(t, Buffer.concat([...frames, Buffer.from('and more')]))).join(), /damaged/)
})

test('an archive without a kernel is taken with a warning', async (t) => {
  const entries = systemEntries('Test').filter(({ name }) => !name.includes('vmlinuz'))
  t.like(await inspect(t, await tarOf(entries)), {
    kind: 'inspected',
    facts: { kernel: false },
    warnings: ['no kernel: Setup Windows and ConfigMgr will fail'],
  })
})

test('the architecture comes from the shell, else from the loader; a foreign one is named', async (t) => {
  const etc: TestEntry = { name: 'etc/hostname', text: 'x' }
  const loader: TestEntry = { name: 'usr/lib/ld-linux-aarch64.so.1', text: elfHeader(183) }
  const shell: TestEntry = { name: 'bin/busybox', text: elfHeader(243) }
  t.like(await inspect(t, await tarOf([etc, loader])), { facts: { architecture: 'arm64' } })
  t.like(await inspect(t, await tarOf([etc, loader, shell])), { facts: { architecture: 'riscv64' } })
  t.like(await inspect(t, await tarOf([etc, { ...shell, text: '#!/bin/sh' }])), { facts: { architecture: undefined } })
})

test('what xz compressed is not inspected, and that is said', async (t) => {
  const xz = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0, 0])
  t.deepEqual(await inspect(t, xz), {
    kind: 'not-inspected',
    reason: 'It is compressed with xz, which only the machine that applies it can read.',
  })
})

const notArchives = [
  ['text', Buffer.from('root file system'), /^It is no tar archive\. Expected is a tar/],
  ['nothing', Buffer.alloc(0), /^The archive is empty\. Expected is a tar/],
  ['zeros', Buffer.alloc(10_240), /^The archive is empty/],
  ['compressed text', gzipSync('root file system'), /^It is no tar archive compressed with gzip\. Expected/],
  ['a WIM image', Buffer.from('MSWIM\0\0\0'), /^It is a WIM image/],
  ['a qcow2 image', Buffer.from('QFI\xfb', 'latin1'), /^It is a qcow2 disk image/],
  ['a zip archive', Buffer.from('PK\x03\x04'), /^It is a zip archive/],
] as const
for (const [what, octets, message] of notArchives) {
  test(`E04: ${what} is told from a root archive by its octets, and the message says what is expected`, async (t) => {
    const faults = await faultsOf(t, octets)
    t.is(faults.length, 1)
    t.regex(faults.join(), message)
  })
}

test('an archive that holds no system, or holds it in a directory, is refused with what is wrong', async (t) => {
  t.regex((await faultsOf(t, await tarOf([{ name: 'readme.txt', text: 'x' }]))).join(), /no root file system/)
  const below = systemEntries('Test').map((entry) => ({ ...entry, name: `debian/${entry.name}` }))
  t.regex((await faultsOf(t, await tarOf(below))).join(), /lies below "debian"/)
})

test('E01: entries that climb out, and links that do, are all named', async (t) => {
  const long = `${'deep/'.repeat(60)}../../x`
  const hostile = await withSystem(
    { name: '../outside', text: 'x' },
    { name: 'etc/../../outside', text: 'x' },
    { name: '/etc/passwd', text: 'x' },
    { name: long, text: 'x' },
    { name: 'usr/shadow', type: 'link', linkname: '../../etc/shadow' },
    { name: 'usr/passwd', type: 'link', linkname: '/etc/passwd' },
  )
  t.deepEqual(await faultsOf(t, hostile), [
    '../outside: its name climbs out with ".."',
    'etc/../../outside: its name climbs out with ".."',
    '/etc/passwd: its name is absolute',
    `${long.slice(0, 200)}…: its name climbs out with ".."`,
    'usr/shadow: it is a hard link out of the archive, to ../../etc/shadow',
    'usr/passwd: it is a hard link out of the archive, to /etc/passwd',
  ])
})

test('E02: nothing lies below a symbolic link, and no hard link goes through one', async (t) => {
  const hostile = await withSystem(
    { name: 'etc/out', type: 'symlink', linkname: '/' },
    { name: './etc//out/passwd', text: 'x' },
    { name: 'usr/shadow', type: 'link', linkname: 'etc/out/etc/shadow' },
  )
  t.deepEqual(await faultsOf(t, hostile), [
    './etc//out/passwd: it lies below etc/out, which is a symbolic link',
    'usr/shadow: it is a hard link through the symbolic link etc/out',
  ])
})

test('symbolic links may point anywhere, for the installed system resolves them in its own root', async (t) => {
  const archive = await withSystem(
    { name: 'etc/localtime', type: 'symlink', linkname: '/usr/share/zoneinfo/UTC' },
    { name: 'etc/mtab', type: 'symlink', linkname: '../proc/self/mounts' },
  )
  t.is((await inspect(t, archive)).kind, 'inspected')
})

test('E01: the usual devices below dev/ are taken, and no others', async (t) => {
  const hostile = await withSystem(
    { name: 'dev/console', type: 'character-device', devmajor: 5, devminor: 1 },
    { name: 'dev/sda', type: 'block-device', devmajor: 8, devminor: 0 },
    { name: 'dev/mem', type: 'character-device', devmajor: 1, devminor: 1 },
    { name: 'home/null', type: 'character-device', devmajor: 1, devminor: 3 },
  )
  t.deepEqual(await faultsOf(t, hostile), [
    'dev/sda: it is a block device',
    'dev/mem: it is a device (1:1) that a root file system does not need',
    'home/null: it is a device (1:3) that a root file system does not need',
  ])
})

test('D14: a hostile name is shown on one line', async (t) => {
  const faults = await faultsOf(t, await withSystem({ name: '../a\n\u001b[2Jb', text: 'x' }))
  t.deepEqual(faults, ['../a\\n\\u001b[2Jb: its name climbs out with ".."'])
})

test('many faults are counted, and not all listed', async (t) => {
  const faults = await faultsOf(
    t,
    await withSystem(...Array.from({ length: 60 }, (_, index) => ({ name: `../${index}` }))),
  )
  t.is(faults.length, 51)
  t.is(faults.at(-1), 'and 10 more entries are refused')
})

for (const [compression, compress] of compressions.slice(1)) {
  test(`E03: a bomb (compression: ${compression}) is refused where no honest archive would go on`, async (t) => {
    const bomb = compress(Buffer.concat([await rootArchive(), Buffer.alloc(80 * 1024 ** 2)]))
    t.regex((await faultsOf(t, bomb)).join(), /unpacks to more than 67108864 octets/)
  })
}

test('E03: entries are counted, and too many refused', async (t) => {
  const header = (await tarOf([{ name: 'usr/empty', text: '' }])).subarray(0, 512)
  const faults = await faultsOf(t, Buffer.alloc(512 * (entriesMax + 1), header))
  t.deepEqual(faults, [`The archive holds more than ${entriesMax} entries.`])
})

test('E03: extended headers of an entry are bounded', async (t) => {
  const entry = { name: 'usr/x', text: 'x', pax: { comment: 'x'.repeat(1_100_000) } }
  t.regex((await faultsOf(t, await withSystem(entry))).join(), /extended headers of 1\d+ characters/)
  t.regex(
    (await faultsOf(t, await withSystem({ name: `usr/${'x'.repeat(5_000)}`, text: '' }))).join(),
    /more than 4096/,
  )
})
