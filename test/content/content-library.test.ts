/** Blobs arrive whole or not at all, are what their hash says, and are opened by nothing but their hash. */

import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { ContentLibrary, youngBlobMs } from '../../server/content/content-library.ts'
import { blobPath, broken, chunks, openTestLibrary, sha256Of, temporaryDirectory } from './open-test-library.ts'

test('I6: what was added is found by its hash, and read by position, by range and as a whole', async (t) => {
  const { library, directory } = await openTestLibrary(t)
  const added = await library.add(chunks('hello ', 'world'))
  t.deepEqual(added, { sha256: sha256Of('hello world'), bytes: 11 })
  const blob = await library.open(added.sha256)
  t.truthy(blob)
  if (blob === undefined) return
  t.is(blob.bytes, 11)
  t.is(text(await blob.read(6, 5)), 'world')
  t.is(text(await blob.read(6, 500)), 'world')
  t.is(text(await blob.read(50, 5)), '')
  t.is(await collect(blob.stream()), 'hello world')
  t.is(await collect(blob.stream({ start: 2, end: 4 })), 'llo')
  t.is(text(await blob.read(0, 5)), 'hello')
  await blob.close()
  t.is((await stat(blobPath(directory, added.sha256))).mode & 0o777, 0o444)
  t.is(await library.verify(added.sha256), 'good')
  t.is(await library.open(sha256Of('other')), undefined)
  t.is(await library.verify(sha256Of('other')), 'missing')
})

test('S8-001: the same octets are kept once, also when they arrive twice at the same time', async (t) => {
  const { library, directory } = await openTestLibrary(t)
  const first = await library.add(chunks('same'))
  const before = await stat(blobPath(directory, first.sha256))
  await Promise.all([library.add(chunks('sa', 'me')), library.add(chunks('same')), library.add(chunks(''))])
  t.is((await stat(blobPath(directory, first.sha256))).ino, before.ino)
  t.deepEqual(
    (await library.list()).map((blob) => blob.bytes).toSorted((a, b) => a - b),
    [0, 4],
  )
  t.deepEqual(await readdir(join(directory, 'incoming')), [])
})

test('I6: an interrupted upload leaves nothing, and so does one that is not what was announced', async (t) => {
  const { library, directory } = await openTestLibrary(t)
  await t.throwsAsync(library.add(broken('half')), { message: 'the connection broke' })
  await t.throwsAsync(library.add(chunks('x'), sha256Of('y')), { name: 'ContentError', code: 'hash-mismatch' })
  t.deepEqual(await library.list(), [])
  t.deepEqual(await readdir(join(directory, 'incoming')), [])
  t.is((await library.add(chunks('y'), sha256Of('y'))).bytes, 1)
})

test('what a killed server was receiving is gone when the library is opened again', async (t) => {
  const { library, directory } = await openTestLibrary(t)
  await library.add(chunks('kept'))
  await writeFile(join(directory, 'incoming', 'half'), 'half')
  const again = await ContentLibrary.open({ directory })
  t.deepEqual(await readdir(join(directory, 'incoming')), [])
  t.is(await again.verify(sha256Of('kept')), 'good')
})

test('C07: a link in the place of a blob or of its directory is not served', async (t) => {
  const { library, directory } = await openTestLibrary(t)
  const secret = join(directory, '..', 'secret')
  await writeFile(secret, 'canary')
  const { sha256 } = await library.add(chunks('public'))
  const path = blobPath(directory, sha256)
  await rm(path)
  await symlink(secret, path)
  t.is(await library.open(sha256), undefined)
  t.is(await library.verify(sha256), 'damaged')
  await rm(path)
  await mkdir(path)
  t.is(await library.open(sha256), undefined)
  const shard = join(path, '..')
  await rename(shard, join(directory, 'elsewhere'))
  await symlink(join(directory, 'elsewhere'), shard)
  await rm(join(directory, 'elsewhere', sha256), { recursive: true })
  await writeFile(join(directory, 'elsewhere', sha256), 'canary')
  t.is(await library.open(sha256), undefined)
  t.deepEqual(await library.list(), [])
})

const notHashes = [
  '../../../etc/passwd',
  '..',
  '',
  'a'.repeat(63),
  'A'.repeat(64),
  `${'a'.repeat(64)}/..`,
  `\0${'a'.repeat(63)}`,
  '%2e%2e%2f',
]
for (const name of notHashes) {
  test(`C06: ${JSON.stringify(name)} never becomes a path`, async (t) => {
    const { library } = await openTestLibrary(t)
    // Nothing that is not a SHA-256 can have this type; this asks what happens if it did.
    const asked = JSON.parse(JSON.stringify(name)) as ReturnType<typeof sha256Of>
    await t.throwsAsync(library.open(asked), { name: 'AssertionError' })
  })
}

test('I6: a changed or shortened blob is found damaged, and adding the octets again mends a shortened one', async (t) => {
  const { library, directory } = await openTestLibrary(t)
  const { sha256 } = await library.add(chunks('original'))
  const path = blobPath(directory, sha256)
  await chmod(path, 0o644)
  await writeFile(path, 'orIginal')
  t.is(await library.verify(sha256), 'damaged')
  await truncate(path, 3)
  t.is(await library.verify(sha256), 'damaged')
  await library.add(chunks('original'))
  t.is(await library.verify(sha256), 'good')
})

test('garbage collection keeps what is wanted, what is young and what is being read', async (t) => {
  const { library, directory } = await openTestLibrary(t)
  const wanted = await library.add(chunks('wanted'))
  const old = await library.add(chunks('old'))
  const young = await library.add(chunks('young'))
  const nowMs = Date.UTC(2030, 0, 1)
  const longAgo = new Date(nowMs - youngBlobMs)
  for (const { sha256 } of [wanted, old]) await utimes(blobPath(directory, sha256), longAgo, longAgo)
  const justNow = new Date(nowMs - youngBlobMs + 1_000)
  await utimes(blobPath(directory, young.sha256), justNow, justNow)
  const reader = await library.open(old.sha256)
  t.deepEqual(await library.collectGarbage(new Set([wanted.sha256]), nowMs), { removed: [old.sha256], bytes: 3 })
  t.deepEqual(
    (await library.list()).map((blob) => blob.sha256),
    [wanted.sha256, young.sha256].toSorted(),
  )
  t.is(text((await reader?.read(0, 3)) ?? new Uint8Array()), 'old')
  await reader?.close()
  t.is(await library.open(old.sha256), undefined)
})

test('a blob that is renewed is young again; one that is not there is not renewed', async (t) => {
  const { library, directory } = await openTestLibrary(t)
  const { sha256 } = await library.add(chunks('old'))
  const nowMs = Date.now()
  await utimes(blobPath(directory, sha256), 0, 0)
  t.true(await library.renew(sha256))
  t.deepEqual((await library.collectGarbage(new Set(), nowMs)).removed, [])
  await utimes(blobPath(directory, sha256), 0, 0)
  t.deepEqual((await library.collectGarbage(new Set(), nowMs)).removed, [sha256])
  t.false(await library.renew(sha256))
})

test('the library does not grow beyond its limit, and says so; what is freed can be used', async (t) => {
  const { library, directory } = await openTestLibrary(t, { bytesMax: 10 })
  await library.add(chunks('12345'))
  await t.throwsAsync(library.add(chunks('abc', 'def')), { name: 'ContentError', code: 'full', message: /10 bytes/ })
  t.deepEqual(await readdir(join(directory, 'incoming')), [])
  await library.add(chunks('abcde'))
  await library.add(chunks(''))
  t.is((await library.collectGarbage(new Set(), Date.now() + 2 * youngBlobMs)).bytes, 10)
  await library.add(chunks('1234567890'))
  const again = await ContentLibrary.open({ directory, bytesMax: 10 })
  await t.throwsAsync(again.add(chunks('x')), { code: 'full' })
})

test('scenario 18: when the disk is full during an upload the part is removed, and the message says how it ended', async (t) => {
  const directory = join(await temporaryDirectory(t), 'content')
  const program = new URL('./filling-upload.ts', import.meta.url).pathname
  // The limit on the size of a file is a full disk that needs no privileges; `ulimit -f` counts 512 octets.
  const command = 'ulimit -f 200; exec "$0" "$1" "$2"'
  const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, program, directory])
  t.regex(stdout, /^full The disk of the content library is full: nothing was kept of the \d+ bytes received\n$/)
  t.deepEqual(await readdir(join(directory, 'incoming')), [])
  t.deepEqual(
    (await (await ContentLibrary.open({ directory })).list()).map((blob) => blob.sha256),
    [sha256Of('small')],
  )
})

test('I6: a fetch that broke off goes on at its octet, also after the library was opened again', async (t) => {
  const { library, directory } = await openTestLibrary(t)
  const blob = { sha256: sha256Of('1234567890'), bytes: 10 }
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('1234')
    throw new Error('the line was cut')
  }
  await t.throwsAsync(library.resume(blob, broken), { message: 'the line was cut' })
  t.is(await library.open(blob.sha256), undefined, 'a part is no blob')
  const again = await ContentLibrary.open({ directory })
  const positions: number[] = []
  const rest = (position: number): AsyncIterable<Uint8Array> => {
    positions.push(position)
    return chunks('567', '890')
  }
  await again.resume(blob, rest)
  t.deepEqual(positions, [4])
  t.is(await again.verify(blob.sha256), 'good')
  t.deepEqual(await readdir(join(directory, 'partial')), [])
})

test('I6: parts count against the limit; a wrong one and those that nobody wants are removed', async (t) => {
  const { library, directory } = await openTestLibrary(t, { bytesMax: 10 })
  const blob = { sha256: sha256Of('1234567890'), bytes: 10 }
  await t.throwsAsync(
    library.resume(blob, () => chunks('1234')),
    { message: '6 octets are missing' },
  )
  await t.throwsAsync(library.add(chunks('1234567')), { code: 'full' })
  await t.throwsAsync(
    library.resume(blob, () => chunks('xxxxxx')),
    { code: 'hash-mismatch' },
  )
  t.deepEqual(await readdir(join(directory, 'partial')), [])
  await t.throwsAsync(
    library.resume(blob, () => chunks('1234567', 'too long')),
    { code: 'full' },
  )
  await library.dropPartials(new Set([blob.sha256]))
  t.deepEqual(await readdir(join(directory, 'partial')), [blob.sha256])
  await library.dropPartials(new Set())
  t.deepEqual(await readdir(join(directory, 'partial')), [])
  await library.resume(blob, () => chunks('1234567890'))
  await library.drop(blob.sha256)
  t.is(await library.verify(blob.sha256), 'missing')
  await library.add(chunks('abcdefghij'))
})

function text(octets: Uint8Array): string {
  return new TextDecoder().decode(octets)
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let all = ''
  for await (const chunk of stream) all += text(chunk)
  return all
}
