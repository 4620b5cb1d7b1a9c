/** `…/prestage`: the file that comes, what it holds, and what is refused before its first octet (S8-008). */

import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { zstdDecompressSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import { extract } from 'tar-stream'
import { assert } from '../../server/assert.ts'
import { parseManifest, type PrestagedManifest } from '../../server/content/prestaged-content.ts'
import { parseSha256 } from '../../server/site/content.ts'
import { tarOf } from '../support/root-archive.ts'
import { prepare as prepareSite, type Prepared } from './agent-site.ts'
import { adminToken, openTestSite, type TestSite } from './test-site.ts'

interface Read {
  readonly manifest: PrestagedManifest
  readonly blobs: ReadonlyMap<string, Buffer>
}

async function readPrestaged(archive: Buffer): Promise<Read> {
  const entries = new Map<string, Buffer>()
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    entries.set(entry.header.name, await buffer(entry))
  }
  const [first, ...blobs] = entries
  const manifest = first && parseManifest(first[1])
  assert(manifest !== undefined, 'the list comes first')
  return { manifest, blobs: new Map(blobs.map(([name, octets]) => [name.replace(/^blobs\//, ''), octets])) }
}

const hashOf = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex')

async function prepare(
  t: ExecutionContext,
): Promise<Prepared & { readonly sequenceId: string; readonly bootId: string }> {
  const prepared = await prepareSite()
  t.teardown(() => prepared.site.close())
  const idOf = async (path: string): Promise<string> => {
    const items = (await prepared.site.api('GET', path)).json['items'] as readonly { id: string }[]
    return items[0]?.id ?? ''
  }
  return { ...prepared, sequenceId: await idOf('/task-sequences'), bootId: await idOf('/boot-images') }
}

const program = { name: 'Install', commandLine: 'sh setup.sh' }

async function addPackage(site: TestSite, name: string, fields: object = {}): Promise<string> {
  const made = await site.api('POST', '/packages', { name, programs: [program], ...fields })
  assert(made.status === 201, made.body.toString())
  const id = String(made.json['id'])
  const sent = await site.ask('PUT', `/api/v1/packages/${id}/content`, {
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/octet-stream' },
    body: await tarOf([
      { name: 'setup.sh', text: `echo ${name}\n`, mode: 0o755 },
      { name: 'deep/read me', text: 'of all' },
    ]),
  })
  assert(sent.status === 201, sent.body.toString())
  return id
}

test('S1-099, S8-008: a task sequence is prestaged with all that it refers to, each file once', async (t) => {
  const { site, sequenceId, imageId, otherImageId, bootId } = await prepare(t)
  const needed = await addPackage(site, 'Needed')
  const runFirst = { packageId: needed, programName: 'Install' }
  const tools = await addPackage(site, 'Tools', { programs: [{ ...program, runFirst }] })
  const sequence = {
    name: 'Everything',
    children: [
      { name: 'Apply', action: { type: 'apply-operating-system-image', imageId } },
      { name: 'Tools', action: { type: 'run-command-line', commandLine: 'sh setup.sh', packageId: tools } },
    ],
  }
  const made = await site.api('POST', '/task-sequences', { bootImageId: bootId, sequence })
  t.is(made.status, 201, made.body.toString())
  const path = `/task-sequences/${String(made.json['id'])}/prestage`
  const answer = await site.api('POST', path)
  t.is(answer.status, 200, answer.body.toString())
  t.is(answer.headers['content-type'], 'application/octet-stream')
  t.is(answer.headers['content-disposition'], `attachment; filename="${String(made.json['id'])}.pkgx"`)
  t.true((await site.api('POST', path)).body.equals(answer.body), 'the same octets each time')
  const plain = await site.api('POST', path, { compression: 'none' })
  t.is(plain.headers['content-length'], String(plain.body.length))
  t.true(zstdDecompressSync(answer.body).equals(plain.body))

  const { manifest, blobs } = await readPrestaged(plain.body)
  t.is(manifest.siteCode, 'RVL')
  const ids = manifest.contents.map(({ id }) => id as string)
  t.true([bootId, imageId, tools, needed].every((id) => ids.includes(id)))
  t.false(ids.includes(otherImageId))
  for (const [hash, octets] of blobs) t.is(hashOf(octets), hash)
  t.is(manifest.contents.flatMap((content) => content.files.filter(({ executable }) => executable === true)).length, 2)
  const files = manifest.contents.flatMap((content) => content.files)
  t.deepEqual(new Set(files.map(({ sha256 }) => sha256 as string)), new Set(blobs.keys()))
  t.is((await site.api('POST', `/task-sequences/${sequenceId}/prestage`)).status, 200)
})

test('S8-008: everything that has content is prestaged; what has none, or is none, is refused', async (t) => {
  const { site, imageId, bootId } = await prepare(t)
  const tools = await addPackage(site, 'Tools')
  for (const path of [`/packages/${tools}`, `/operating-system-images/${imageId}`, `/boot-images/${bootId}`]) {
    const answer = await site.api('POST', `${path}/prestage`, { compression: 'none' })
    t.is(answer.status, 200, answer.body.toString())
    const { manifest } = await readPrestaged(answer.body)
    t.deepEqual(
      manifest.contents.map(({ id }) => id as string),
      [path.split('/').at(-1) ?? ''],
    )
  }
  const empty = await site.api('POST', '/packages', { name: 'Empty' })
  const none = await site.api('POST', `/packages/${String(empty.json['id'])}/prestage`)
  t.is(none.status, 409)
  t.regex(none.body.toString(), /has no content yet/)
  t.is((await site.api('POST', '/packages/RVL0FFFF/prestage')).status, 404)
  t.is((await site.api('POST', '/task-sequences/RVL0FFFF/prestage')).status, 404)
  t.is((await site.api('POST', `/packages/${tools}/prestage`, { compression: 'lzma' })).status, 422)
  t.is((await site.ask('POST', `/api/v1/packages/${tools}/prestage`)).status, 401)
})

test('S8-008: content that the library lost is refused by name before the first octet', async (t) => {
  const { site, sequenceId, imageId } = await prepare(t)
  const image = await site.api('GET', `/operating-system-images/${imageId}`)
  const { files } = image.json['content'] as { files: readonly { name: string; sha256: string }[] }
  const sha256 = parseSha256(files[0]?.sha256 ?? '')
  assert(sha256 !== undefined, 'the image has a file')
  await site.library.drop(sha256)
  for (const path of [`/task-sequences/${sequenceId}`, `/operating-system-images/${imageId}`]) {
    const answer = await site.api('POST', `${path}/prestage`)
    t.is(answer.status, 409)
    t.is(answer.json['code'], 'content-missing')
    t.deepEqual(answer.json['faults'], [{ path: imageId, message: 'rootfs.tar is missing, or not as it was' }])
  }
})

test('S8-008: a task sequence without content has nothing to prestage', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const sequence = { name: 'Nothing', children: [] }
  const made = await site.api('POST', '/task-sequences', { sequence })
  const answer = await site.api('POST', `/task-sequences/${String(made.json['id'])}/prestage`)
  t.is(answer.status, 409)
  t.regex(answer.body.toString(), /refers to no content/)
})
