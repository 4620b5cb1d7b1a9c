/** Archives that become the files of a package: each a real tar, most of them hostile, none of which leaves anything behind. */

import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import { keepContentTree } from '../../server/content/keep-content-tree.ts'
import { tarOf, type TestEntry } from '../support/root-archive.ts'
import { openTestLibrary, sha256Of } from './open-test-library.ts'

async function keep(t: ExecutionContext, octets: Uint8Array) {
  const { library, directory } = await openTestLibrary(t)
  const archive = await library.spool(one(octets))
  const kept = await keepContentTree(archive, library)
  await archive.close()
  return { kept, blobs: await library.list(), incoming: await readdir(join(directory, 'incoming')) }
}

async function* one(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield octets
}

async function faultsOf(t: ExecutionContext, octets: Uint8Array): Promise<readonly string[]> {
  const { kept, blobs, incoming } = await keep(t, octets)
  t.deepEqual([blobs, incoming], [[], []], 'nothing of a refused archive stays')
  return kept.kind === 'refused' ? kept.faults : []
}

const tree: readonly TestEntry[] = [
  { name: './', type: 'directory' },
  { name: './setup.sh', text: '#!/bin/sh\n', mode: 0o755 },
  { name: './data/', type: 'directory' },
  { name: './data/empty', text: '' },
  { name: './data/Read me.txt', text: 'hello', mode: 0o644 },
]

const compressions = [
  ['none', (octets: Buffer) => octets],
  ['gzip', (octets: Buffer) => gzipSync(octets)],
  ['zstd', (octets: Buffer) => zstdCompressSync(octets)],
  ['xz', (octets: Buffer) => execFileSync('xz', ['--stdout'], { input: octets })],
] as const

for (const [compression, compress] of compressions) {
  test(`a tree (compression: ${compression}) becomes named files, programs marked as such`, async (t) => {
    const archive = await tarOf(tree)
    const { kept, blobs, incoming } = await keep(t, compress(archive))
    t.deepEqual(kept, {
      kind: 'kept',
      files: [
        { name: 'setup.sh', sha256: sha256Of('#!/bin/sh\n'), bytes: 10, executable: true },
        { name: 'data/empty', sha256: sha256Of(''), bytes: 0 },
        { name: 'data/Read me.txt', sha256: sha256Of('hello'), bytes: 5 },
      ],
      unpackedBytes: archive.length,
    })
    t.is(blobs.length, 3)
    t.deepEqual(incoming, [])
  })

  test(`a tree that is cut off (compression: ${compression}) is refused`, async (t) => {
    const octets = compress(await tarOf(tree))
    t.regex((await faultsOf(t, octets.subarray(0, octets.length - 200))).join(), /cut off|no tar archive/)
  })

  test(`E03: a bomb (compression: ${compression}) is refused where no honest archive would go on`, async (t) => {
    const bomb = compress(await tarOf([{ name: 'zeros', text: Buffer.alloc(80 * 1024 ** 2) }]))
    if (compression === 'none') t.is((await keep(t, bomb)).kept.kind, 'kept')
    else t.regex((await faultsOf(t, bomb)).join(), /unpacks to more than 67108864 octets/)
  })
}

const hostile: readonly (readonly [what: string, entries: readonly TestEntry[], fault: RegExp])[] = [
  ['an absolute name', [{ name: '/etc/passwd', text: 'x' }], /^\/etc\/passwd: its name is absolute$/],
  ['a name that climbs out', [{ name: 'a/../../b', text: 'x' }], /climbs out with "\.\."/],
  ['a folder that climbs out', [{ name: '../b/', type: 'directory' }], /climbs out with "\.\."/],
  ['a name of Windows', [{ name: 'a\\b', text: 'x' }], /none that every system can hold/],
  ['a name with a line end', [{ name: 'a\nb', text: 'x' }], /^a\\nb: its name is none that/],
  ['a name that is too long', [{ name: 'a'.repeat(300), text: 'x' }], /none that every system can hold/],
  ['a symbolic link inside', [{ name: 'a', type: 'symlink', linkname: 'b' }], /it is a symbolic link/],
  ['a symbolic link outside', [{ name: 'a', type: 'symlink', linkname: '/etc/passwd' }], /it is a symbolic link/],
  ['a hard link', [{ name: 'a', type: 'link', linkname: 'b' }], /it is a hard link/],
  ['a device', [{ name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }], /neither a file nor a folder/],
  ['a pipe', [{ name: 'pipe', type: 'fifo' }], /neither a file nor a folder/],
  [
    'a name twice',
    [
      { name: 'a', text: '1' },
      { name: './a', text: '2' },
    ],
    /^\.\/a: it is there twice$/,
  ],
  [
    'names that differ in case',
    [
      { name: 'd/a', text: '1' },
      { name: 'D/A', text: '2' },
    ],
    /differs from d\/a in case only/,
  ],
  [
    'a file below a file',
    [
      { name: 'a', text: '1' },
      { name: 'A/b', text: '2' },
    ],
    /it lies below a, which is a file/,
  ],
  [
    'a file where a folder is',
    [
      { name: 'a/b', text: '1' },
      { name: 'a', text: '2' },
    ],
    /^a: it is there twice$/,
  ],
  [
    'a folder where a file is',
    [
      { name: 'a', text: '1' },
      { name: 'a/', type: 'directory' },
    ],
    /it is there twice/,
  ],
  ['a way too deep', [{ name: `${'d/'.repeat(64)}f`, text: '1' }], /more than 64 folders deep/],
]

for (const [what, entries, fault] of hostile) {
  test(`E01, E02: ${what} is refused, and nothing is kept`, async (t) => {
    const faults = await faultsOf(t, await tarOf([{ name: 'first', text: 'kept?' }, ...entries]))
    t.is(faults.length, 1)
    t.regex(faults[0] ?? '', fault)
  })
}

test('every fault of an archive is named, as long as anybody would read them', async (t) => {
  const entries = Array.from({ length: 60 }, (_, index) => ({ name: `../${index}`, text: '' }))
  const faults = await faultsOf(t, await tarOf(entries))
  t.is(faults.length, 51)
  t.is(faults.at(-1), 'and 10 more entries are refused')
})

test('E03: files are counted, and too many refused', async (t) => {
  const entries = Array.from({ length: 10_002 }, (_, index) => ({ name: `f${index}`, text: '' }))
  t.deepEqual(await faultsOf(t, await tarOf(entries)), [
    'f10000: there are 10000 files before it, and more are not taken',
    'f10001: there are 10000 files before it, and more are not taken',
  ])
})

test('what is no archive, and one without files, is refused with what is expected', async (t) => {
  t.regex((await faultsOf(t, Buffer.from('MZ this is a program'))).join(), /^It is no tar archive\. Expected is/)
  t.regex((await faultsOf(t, Buffer.from([0x50, 0x4b, 3, 4]))).join(), /^It is a zip archive\. Expected is/)
  t.regex((await faultsOf(t, Buffer.alloc(0))).join(), /no tar archive|holds no files/)
  t.regex((await faultsOf(t, await tarOf([{ name: 'd/', type: 'directory' }]))).join(), /^The archive holds no files\./)
})

test.serial('without the program xz an archive that needs it is refused with what to do', async (t) => {
  const archive = execFileSync('xz', ['--stdout'], { input: await tarOf(tree) })
  const { PATH } = process.env
  process.env['PATH'] = '/nowhere'
  t.teardown(() => {
    process.env['PATH'] = PATH
  })
  t.regex((await faultsOf(t, archive)).join(), /this server has no program xz \(Debian package xz-utils\)/)
})

test('a library that is full keeps nothing, and the fault is not the archive’s', async (t) => {
  const octets = await tarOf([
    { name: 'a', text: Buffer.alloc(3_000, 1) },
    { name: 'b', text: Buffer.alloc(3_000, 2) },
  ])
  const { library } = await openTestLibrary(t, { bytesMax: octets.length + 4_000 })
  const archive = await library.spool(one(octets))
  await t.throwsAsync(keepContentTree(archive, library), { name: 'ContentError', code: 'full' })
  await archive.close()
  const again = await library.spool(one(octets))
  t.is(again.bytes, octets.length, 'there is room again')
  await again.close()
  await t.throwsAsync(library.spool(one(Buffer.alloc(octets.length + 4_001))), { code: 'full' })
})
