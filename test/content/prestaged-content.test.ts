/** Prestaged content files (S8-008): made and taken in again, and whatever else somebody may carry to a distribution point. */

import { createHash, randomBytes } from 'node:crypto'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import * as fc from 'fast-check'
import { parsePackageId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import { ContentLibrary } from '../../server/content/content-library.ts'
import { type ImportedPrestaged, importPrestagedContent } from '../../server/content/import-prestaged-content.ts'
import { openBlob } from '../../server/content/open-blob.ts'
import {
  prestagedBytes,
  type PrestagedContent,
  type PrestagedManifest,
  printManifest,
  writePrestagedContent,
} from '../../server/content/prestaged-content.ts'
import { parseSha256, type Sha256 } from '../../server/site/content.ts'
import { tarOf, type TestEntry } from '../support/root-archive.ts'
import { temporaryDirectory } from './open-test-library.ts'

interface Point {
  readonly blobFolder: string
  readonly library: ContentLibrary
  take(file: Uint8Array, isWanted?: (content: PrestagedContent) => boolean): Promise<ImportedPrestaged>
  /** Hash by hash; rejects when one is not what its name says. */
  blobs(): Promise<readonly string[]>
}

async function openPoint(t: ExecutionContext): Promise<Point> {
  const directory = await temporaryDirectory(t)
  const library = await ContentLibrary.open({ directory: join(directory, 'content') })
  return {
    library,
    blobFolder: join(directory, 'content/blobs'),
    async take(file, isWanted = () => true) {
      const path = join(directory, 'prestaged.pkgx')
      await writeFile(path, file)
      const waiting = await ContentLibrary.open({ directory: join(directory, 'importing') })
      const blob = await openBlob(await open(path))
      try {
        return await importPrestagedContent(blob, { waiting, library, isWanted })
      } finally {
        await blob.close()
        for (const { sha256 } of await waiting.list()) await waiting.drop(sha256)
      }
    },
    async blobs() {
      const all = await library.list()
      for (const { sha256 } of all) if ((await library.verify(sha256)) !== 'good') throw new Error(`${sha256} is wrong`)
      return all.map(({ sha256 }) => sha256)
    },
  }
}

interface Source {
  readonly library: ContentLibrary
  readonly manifest: PrestagedManifest
}

const id = (text: string) => {
  const found = parsePackageId(text)
  assert(found !== undefined, 'the id is one')
  return found
}

/** Two contents; one file is in both. */
async function openSource(t: ExecutionContext, files: Readonly<Record<string, Uint8Array>> = {}): Promise<Source> {
  const library = await ContentLibrary.open({ directory: join(await temporaryDirectory(t), 'content') })
  const add = async (name: string, octets: Uint8Array) => ({ name, ...(await library.add(chunk(octets))) })
  const shared = await add('shared.bin', randomOctets(70_000, 1))
  const more = await Promise.all(Object.entries(files).map(async ([name, octets]) => add(name, octets)))
  return {
    library,
    manifest: {
      siteCode: 'RVL',
      contents: [
        {
          id: id('RVL00001'),
          kind: 'package',
          name: 'One',
          version: 3,
          files: [shared, await add('empty', new Uint8Array())],
        },
        {
          id: id('RVL00002'),
          kind: 'driver package',
          name: 'Two',
          version: 1,
          files: [
            { ...shared, name: 'deep/same.bin' },
            { ...(await add('run.sh', Buffer.from('true\n'))), executable: true },
            ...more,
          ],
        },
      ],
    },
  }
}

async function* chunk(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield octets
}

/** The same for the same seed. */
function randomOctets(length: number, seed: number): Buffer {
  const parts: Buffer[] = []
  for (let part = 0; part * 32 < length; part += 1) {
    parts.push(createHash('sha256').update(`${seed} ${part}`).digest())
  }
  return Buffer.concat(parts).subarray(0, length)
}

const written = async ({ library, manifest }: Source, compression: 'zstd' | 'none') =>
  buffer(writePrestagedContent(manifest, library, compression))

const sha256Of = (octets: Uint8Array): Sha256 => {
  const found = parseSha256(createHash('sha256').update(octets).digest('hex'))
  assert(found !== undefined, 'a SHA-256 is one')
  return found
}

test('S8-008: what a prestaged content file was made of comes out of it, each file once, and the same octets each time', async (t) => {
  const source = await openSource(t)
  const [plain, packed] = [await written(source, 'none'), await written(source, 'zstd')]
  t.is(plain.length, prestagedBytes(source.manifest))
  t.true(zstdDecompressSync(packed).equals(plain))
  t.true((await written(source, 'zstd')).equals(packed))
  for (const file of [plain, packed]) {
    const point = await openPoint(t)
    const result = await point.take(file)
    t.is(result.kind, 'imported')
    if (result.kind !== 'imported') return
    t.deepEqual(result.taken, source.manifest.contents)
    t.deepEqual(result.left, [])
    t.is(result.added.length, 3)
    t.deepEqual(
      await point.blobs(),
      (await source.library.list()).map(({ sha256 }) => sha256),
    )
    const again = await point.take(file)
    t.like(again, { kind: 'imported', added: [] }, 'what is here is not written again')
  }
})

test('S8-008: only what is wanted is taken, and a blob that went bad here is replaced', async (t) => {
  const source = await openSource(t)
  const file = await written(source, 'zstd')
  const point = await openPoint(t)
  const result = await point.take(file, ({ version }) => version > 1)
  t.like(result, { kind: 'imported' })
  t.is(result.kind === 'imported' ? result.left[0]?.name : '', 'Two')
  t.is((await point.blobs()).length, 2)
  const whole = await openPoint(t)
  const sha256 = source.manifest.contents[0]?.files[0]?.sha256
  assert(sha256 !== undefined, 'it has files')
  await whole.take(file)
  await whole.library.drop(sha256)
  await writeFile(join(whole.blobFolder, sha256.slice(0, 2), sha256), randomBytes(70_000))
  t.is(await whole.library.verify(sha256), 'damaged')
  t.like(await whole.take(file), { kind: 'imported' })
  t.is(await whole.library.verify(sha256), 'good')
})

test('S8-008: a file of the library that is gone or shortened breaks the making off', async (t) => {
  const source = await openSource(t)
  const sha256 = source.manifest.contents[1]?.files[1]?.sha256
  assert(sha256 !== undefined, 'it has files')
  await source.library.drop(sha256)
  for (const compression of ['zstd', 'none'] as const) {
    await t.throwsAsync(written(source, compression), { message: /run\.sh is not in the content library as it was/ })
  }
})

test('S8-008: a reader that goes away in the middle ends the making, and holds no file open', async (t) => {
  const source = await openSource(t, { large: randomOctets(6_000_000, 3) })
  for (const compression of ['zstd', 'none'] as const) {
    const closed: Promise<void>[] = []
    const library = {
      async open(sha256: Sha256) {
        const blob = await source.library.open(sha256)
        if (blob === undefined) return undefined
        const closing = Promise.withResolvers<void>()
        closed.push(closing.promise)
        const close = async (): Promise<void> => {
          await blob.close()
          closing.resolve()
        }
        return { ...blob, close }
      },
    }
    let read = 0
    for await (const chunk of writePrestagedContent(source.manifest, library, compression)) {
      read += chunk.length
      if (read > 1_000_000) break
    }
    await Promise.all(closed)
    t.true(read < 3_000_000)
  }
})

interface Hostile {
  readonly what: string
  readonly entries: (manifest: PrestagedManifest) => readonly TestEntry[]
  readonly fault: RegExp
}

const text = 'of a file'
const sha256 = sha256Of(Buffer.from(text))
const one = (bytes = text.length): PrestagedManifest => ({
  siteCode: 'RVL',
  contents: [{ id: id('RVL00001'), kind: 'package', name: 'One', version: 1, files: [{ name: 'a', sha256, bytes }] }],
})
const list = (manifest: PrestagedManifest): TestEntry => ({ name: 'manifest.json', text: printManifest(manifest) })
const blob: TestEntry = { name: `blobs/${sha256}`, text }

const hostile: readonly Hostile[] = [
  { what: 'no list', entries: () => [blob], fault: /no list of contents as its first entry/ },
  { what: 'a list that comes late', entries: (m) => [blob, list(m)], fault: /no list of contents as its first entry/ },
  { what: 'a list that is none', entries: () => [{ name: 'manifest.json', text: '{}' }], fault: /no list of contents/ },
  {
    what: 'a list that is a link',
    entries: () => [{ name: 'manifest.json', type: 'symlink', linkname: '/etc/passwd' }],
    fault: /no list/,
  },
  { what: 'a second list', entries: (m) => [list(m), list(m), blob], fault: /manifest\.json, which it does not list/ },
  {
    what: 'a path',
    entries: (m) => [list(m), { name: '../../etc/cron.d/x', text }],
    fault: /\.\.\/\.\.\/etc\/cron\.d\/x, which it does not list/,
  },
  {
    what: 'an absolute path',
    entries: (m) => [list(m), { name: '/etc/cron.d/x', text }],
    fault: /\/etc\/cron\.d\/x, which it does not list/,
  },
  {
    what: 'a climbing blob',
    entries: (m) => [list(m), { name: `blobs/../${sha256}`, text }],
    fault: /which it does not list/,
  },
  {
    what: 'a symbolic link',
    entries: (m) => [list(m), { name: `blobs/${sha256}`, type: 'symlink', linkname: '/etc/passwd' }],
    fault: /which is no file/,
  },
  {
    what: 'a hard link',
    entries: (m) => [list(m), { name: `blobs/${sha256}`, type: 'link', linkname: '/etc/passwd' }],
    fault: /which is no file/,
  },
  {
    what: 'a device',
    entries: (m) => [list(m), { name: `blobs/${sha256}`, type: 'block-device' }],
    fault: /which is no file/,
  },
  { what: 'a blob twice', entries: (m) => [list(m), blob, blob], fault: /twice/ },
  { what: 'another size', entries: () => [list(one(7)), blob], fault: /of 9 octets, and lists it with 7/ },
  { what: 'a huge size', entries: () => [list(one(2 ** 50)), blob], fault: /lists it with 1125899906842624/ },
  {
    what: 'another hash',
    entries: (m) => [list(m), { ...blob, text: 'of a lie!' }],
    fault: /other octets than it says/,
  },
  { what: 'nothing behind the list', entries: (m) => [list(m)], fault: /cut off: a of its files/ },
  {
    what: 'two sizes for one hash',
    entries: () => {
      const [content] = one().contents
      assert(content !== undefined, 'it has one')
      return [
        list({ siteCode: 'RVL', contents: [content, { ...content, files: [{ name: 'b', sha256, bytes: 8 }] }] }),
        blob,
      ]
    },
    fault: /with several sizes/,
  },
]

for (const { what, entries, fault } of hostile) {
  test(`S8-008, E01: a prestaged content file with ${what} is refused, and nothing of it stays`, async (t) => {
    const archive = await tarOf(entries(one()))
    for (const file of [archive, zstdCompressSync(archive)]) {
      const point = await openPoint(t)
      const result = await point.take(file)
      t.is(result.kind, 'refused')
      t.regex(result.kind === 'refused' ? result.fault : '', fault)
      t.deepEqual(await point.blobs(), [])
    }
  })
}

test('S8-008: what is no prestaged content file is told from one', async (t) => {
  const point = await openPoint(t)
  const faults = []
  for (const file of [
    Buffer.alloc(0),
    Buffer.from('PK\u0003\u0004 an archive'),
    Buffer.from('text'),
    Buffer.alloc(20_000),
  ]) {
    const result = await point.take(file)
    faults.push(result.kind === 'refused' ? result.fault : result.kind)
  }
  t.regex(faults[0] ?? '', /no prestaged content file/)
  t.regex(faults[1] ?? '', /It is a zip archive/)
  t.regex(faults[2] ?? '', /no prestaged content file/)
  t.regex(faults[3] ?? '', /no prestaged content file/)
})

test('S8-008, E03: a bomb ends where no honest file would go on', async (t) => {
  const bytes = 100 * 1024 ** 2
  const zeros = Buffer.alloc(bytes)
  const manifest = one(bytes)
  const [content] = manifest.contents
  assert(content !== undefined, 'it has one')
  const hash = sha256Of(zeros)
  const listed = { ...manifest, contents: [{ ...content, files: [{ name: 'a', sha256: hash, bytes }] }] }
  const point = await openPoint(t)
  const archive = await tarOf([list(listed), { name: `blobs/${hash}`, text: zeros }])
  const packed = await point.take(zstdCompressSync(archive))
  t.regex(packed.kind === 'refused' ? packed.fault : '', /that is no honest archive/)
  t.deepEqual(await point.blobs(), [])
  t.like(await point.take(archive), { kind: 'imported' }, 'without compression the same content is no bomb')
})

test('S8-008, E01: of a file that is cut or changed anywhere nothing wrong is ever taken, and nothing at all when it is refused', async (t) => {
  const source = await openSource(t, { 'more.bin': randomOctets(9_000, 2) })
  const originals = [await written(source, 'none'), await written(source, 'zstd')]
  const honest = new Set((await source.library.list()).map(({ sha256 }) => sha256 as string))
  const point = await openPoint(t)
  const changed = fc.record({
    which: fc.nat(1),
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
    octets: fc.array(
      fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), to: fc.nat(255) }),
      { maxLength: 4 },
    ),
  })
  await fc.assert(
    fc.asyncProperty(changed, async ({ which, cut, octets }) => {
      const original = originals[which] ?? Buffer.alloc(0)
      const file = Buffer.from(cut === null ? original : original.subarray(0, Math.floor(cut * original.length)))
      for (const { at, to } of octets) if (file.length > 0) file[Math.floor(at * file.length)] = to
      const result = await point.take(file)
      const there = await point.blobs()
      for (const found of there) if (!honest.has(found)) throw new Error(`${found} was taken`)
      if (result.kind === 'refused' && there.length > 0) throw new Error('something stayed')
      for (const found of there) await point.library.drop(found as Sha256)
    }),
    { numRuns: 400 },
  )
  t.pass()
})
