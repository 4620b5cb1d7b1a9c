/** What a distribution point keeps and removes, with a clock of the test's own and a real library. */

import { createHash } from 'node:crypto'
import { readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parsePackageId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import { ContentLibrary } from '../../server/content/content-library.ts'
import { KeptContents, keptUnwantedMs } from '../../server/distribution-point/kept-contents.ts'
import { Synchronizer } from '../../server/distribution-point/synchronizer.ts'
import { VerifiedLibrary } from '../../server/distribution-point/verified-library.ts'
import { parseSha256, type Sha256 } from '../../server/site/content.ts'
import type { AssignedContent } from '../../server/site/content-state.ts'
import { makeFolder } from '../bootstrap/loop-disk.ts'

const hour = 3_600_000

function file(text: string): { name: string; sha256: Sha256; bytes: number } {
  const sha256 = parseSha256(createHash('sha256').update(text).digest('hex'))
  assert(sha256 !== undefined, 'a hash is one')
  return { name: text, sha256, bytes: text.length }
}

function content(version: number, ...texts: readonly string[]): AssignedContent {
  const contentId = parsePackageId('RVL00001')
  assert(contentId !== undefined, 'an id of a fixture')
  return { contentId, version, validation: 0, files: texts.map(file) }
}

async function openPoint(t: ExecutionContext, folder = makeFolder(t)) {
  const site = { contents: [] as readonly AssignedContent[], octets: new Map<Sha256, string>(), nowMs: Date.now() }
  const now = (): number => site.nowMs
  const library = await ContentLibrary.open({ directory: join(folder, 'content') })
  const kept = await KeptContents.open(join(folder, 'kept.json'))
  const verified = new VerifiedLibrary({
    library,
    kept,
    now,
    async *octets(sha256, position) {
      const text = site.octets.get(sha256)
      if (text === undefined) throw new Error('the site has no such file')
      yield Buffer.from(text).subarray(position)
    },
  })
  const synchronizer = new Synchronizer({
    site: { assignment: async () => ({ contents: site.contents }), report: async () => {} },
    kept,
    verified,
    library,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    now,
    signal: new AbortController().signal,
  })
  const want = async (...contents: readonly AssignedContent[]): Promise<void> => {
    site.contents = contents
    for (const { files } of contents) for (const { name, sha256 } of files) site.octets.set(sha256, name)
    await synchronizer.turn()
    await synchronizer.settle()
  }
  const namesOf = async (): Promise<readonly string[]> => {
    const blobs = await library.list()
    return [...site.octets].flatMap(([sha256, text]) => (blobs.some((one) => one.sha256 === sha256) ? [text] : []))
  }
  return { folder, site, library, kept, verified, synchronizer, want, namesOf }
}

test('S8-006: what the site wants no more is served for a day, and then removed', async (t) => {
  const { folder, site, kept, want, namesOf } = await openPoint(t)
  await want(content(1, 'kernel', 'old'))
  await want(content(2, 'kernel', 'new'))
  t.deepEqual(
    kept.served.map(({ version }) => version),
    [2, 1],
  )
  // As old as their content by the test's clock: the library spares what is young.
  for (const { sha256 } of [file('old'), file('kernel'), file('new')]) {
    await utimes(join(folder, 'content/blobs', sha256.slice(0, 2), sha256), 0, 0)
  }
  site.nowMs += keptUnwantedMs - hour
  await want(content(2, 'kernel', 'new'))
  t.deepEqual(await namesOf(), ['kernel', 'old', 'new'])
  site.nowMs += 2 * hour
  await want(content(2, 'kernel', 'new'))
  t.deepEqual(
    kept.served.map(({ version }) => version),
    [2],
  )
  t.deepEqual(await namesOf(), ['kernel', 'new'])
})

test('a file that the site does not have is a failure with its name, and is tried again', async (t) => {
  const { site, synchronizer, want } = await openPoint(t)
  await want(content(1, 'kernel'))
  site.octets.clear()
  site.contents = [content(2, 'kernel', 'missing')]
  await synchronizer.turn()
  await synchronizer.settle()
  t.like(synchronizer.report().contents[0], { state: 'failed', reason: 'missing: the site has no such file' })
  await want(content(2, 'kernel', 'missing'))
  t.like(synchronizer.report().contents[0], { version: 2, state: 'installed', reason: undefined })
})

test('octets that are not those announced are kept nowhere', async (t) => {
  const { site, synchronizer, want, namesOf } = await openPoint(t)
  await want()
  site.contents = [content(1, 'kernel')]
  site.octets.set(file('kernel').sha256, 'kernal')
  await synchronizer.turn()
  await synchronizer.settle()
  t.regex(synchronizer.report().contents[0]?.reason ?? '', /^kernel: SHA-256 \w+ was announced, and \w+ arrived$/)
  t.deepEqual(await namesOf(), [])
})

test('what was kept is read again; without its list, blobs are hashed once more before they are served', async (t) => {
  const first = await openPoint(t)
  await first.want(content(1, 'kernel'))
  const { sha256 } = file('kernel')
  t.true((await readFile(join(first.folder, 'kept.json'), 'utf8')).includes(sha256))
  const again = await openPoint(t, first.folder)
  const blob = await again.verified.open(sha256)
  t.is(blob?.bytes, 6)
  await blob?.close()

  const kept = await KeptContents.open(join(first.folder, 'lost.json'))
  const octets = async function* (): AsyncGenerator<Uint8Array> {
    yield* []
    throw new Error('nothing is fetched')
  }
  const lost = new VerifiedLibrary({ library: again.library, kept, octets, now: Date.now })
  t.is(await lost.open(sha256), undefined)
  await lost.ensure(file('kernel'))
  const hashed = await lost.open(sha256)
  t.is(hashed?.bytes, 6)
  await hashed?.close()
})
