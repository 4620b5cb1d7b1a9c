/** Prestaged content, the whole way (S8-008): written by a site, carried to a distribution point, and found there when the site is back. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFile, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type Ended, runReveille } from '../cli/reveille.ts'
import { prepare as prepareSite, type Prepared, start } from '../http/agent-site.ts'
import { addContent } from '../http/test-site.ts'
import { systemEntries, tarOf } from '../support/root-archive.ts'
import {
  fetchFrom,
  makePoint,
  type MadePoint,
  type Relay,
  relayTo,
  statusOf,
  until,
  untilInstalled,
} from './point-site.ts'

interface Ready extends Prepared {
  readonly relay: Relay
  readonly point: MadePoint
  readonly archive: Buffer
  readonly sha256: string
  readonly sequenceId: string
  readonly file: string
  readonly data: string
  readonly reveille: (...args: readonly string[]) => Promise<Ended>
}

/** A point that was started once, and stopped; a task sequence that is prestaged. */
async function prepare(t: ExecutionContext, draft: object = {}): Promise<Ready> {
  const prepared = await prepareSite()
  const { site, imageId } = prepared
  t.teardown(() => site.close())
  const archive = await tarOf([...systemEntries('Large'), { name: './large', text: randomBytes(3_000_000) }])
  await addContent(site, `/operating-system-images/${imageId}`, { 'rootfs.tar': archive })
  const relay = await relayTo(t, site)
  const point = await makePoint(t, { site, relay, draft })
  await (await point.start()).kill()
  const items = (await site.api('GET', '/task-sequences')).json['items'] as readonly { id: string }[]
  const sequenceId = items[0]?.id ?? ''
  const file = join(point.folder, 'install.pkgx')
  const reveille = async (...args: readonly string[]) => runReveille(site, ...args)
  const made = await reveille('task-sequence', 'prestage', sequenceId, '--out', file)
  t.is(made.code, 0, made.err)
  const sha256 = createHash('sha256').update(archive).digest('hex')
  return { ...prepared, relay, point, archive, sha256, sequenceId, file, data: join(point.folder, 'data'), reveille }
}

const fetched = ({ relay }: Ready) => relay.requests.filter(({ path }) => path.includes('/blobs/'))
const blobsIn = async (data: string) => {
  const names = await readdir(join(data, 'distribution-point/content/blobs'), { recursive: true })
  return names.filter((name) => name.includes('/'))
}
const importing = ['distribution-point', 'import'] as const

test.serial('S8-008: content that was imported while the site was away is not fetched when it is back', async (t) => {
  const ready = await prepare(t)
  const { site, relay, point, archive, imageId, sequenceId, file, data, reveille } = ready
  relay.isCut = true
  const imported = await reveille(...importing, file, '--data', data)
  t.is(imported.code, 0, imported.err)
  t.regex(imported.out, new RegExp(`${imageId} 2 +operating system image Wanted: imported`))
  t.false((await readdir(join(data, 'distribution-point'))).includes('importing'))
  const distributed = await site.api('POST', `/task-sequences/${sequenceId}/distribute`, { points: [point.id] })
  t.is(distributed.status, 200)
  const { base } = await point.start()
  relay.isCut = false
  relay.requests.length = 0
  t.like(await untilInstalled(site, imageId), { version: 2 })
  t.deepEqual(fetched(ready), [], 'not one octet of content was asked for')

  const { runToken } = await start(ready)
  const served = await fetchFrom(base, `/content/${imageId}/2/rootfs.tar`, { authorization: `Bearer ${runToken}` })
  t.true(served.body.equals(archive))
})

test.serial('S8-008: a point that runs finds what is imported, and fetches only what is missing', async (t) => {
  const ready = await prepare(t)
  const { site, relay, point, imageId, otherImageId, file, data, reveille } = ready
  const { base } = await point.start()
  t.is((await reveille(...importing, file, '--data', data)).code, 0)
  relay.requests.length = 0
  for (const id of [imageId, otherImageId]) {
    await site.api('POST', `/operating-system-images/${id}/distribute`, { points: [point.id] })
  }
  await untilInstalled(site, imageId)
  await untilInstalled(site, otherImageId)
  t.is(fetched(ready).length, 1, 'the image that was not in the file')
  t.is((await fetchFrom(base, '/healthz')).status, 200)
})

test.serial('S8-008: a point that is enabled for prestaged content waits for the import, and says so', async (t) => {
  const ready = await prepare(t, { prestagedContentOnly: true })
  const { site, point, archive, imageId, file, data, reveille } = ready
  const { base } = await point.start()
  await site.api('POST', `/operating-system-images/${imageId}/distribute`, { points: [point.id] })
  const waiting = await until(
    () => statusOf(site, imageId),
    (status) => status?.reason !== undefined,
  )
  t.is(waiting?.state, 'in-progress')
  t.regex(waiting?.reason ?? '', /waits for prestaged content to be imported/)
  t.is((await reveille(...importing, file, '--data', data)).code, 0)
  const installed = await untilInstalled(site, imageId)
  t.is(installed.reason, undefined)
  t.deepEqual(fetched(ready), [], 'not one octet of content was asked for')
  const { runToken } = await start(ready)
  const served = await fetchFrom(base, `/content/${imageId}/2/rootfs.tar`, { authorization: `Bearer ${runToken}` })
  t.true(served.body.equals(archive))
})

test.serial('S8-008: importing what a point has already does not disturb what it serves', async (t) => {
  const ready = await prepare(t)
  const { site, point, archive, imageId, sha256, file, data, reveille } = ready
  const { base } = await point.start()
  await site.api('POST', `/operating-system-images/${imageId}/distribute`, { points: [point.id] })
  await untilInstalled(site, imageId)
  const blob = join(data, 'distribution-point/content/blobs', sha256.slice(0, 2), sha256)
  const { ctimeMs } = await stat(blob)
  t.is((await reveille(...importing, file, '--data', data)).code, 0)
  t.is((await stat(blob)).ctimeMs, ctimeMs, 'a point serves no file that was touched')
  const { runToken } = await start(ready)
  const served = await fetchFrom(base, `/content/${imageId}/2/rootfs.tar`, { authorization: `Bearer ${runToken}` })
  t.true(served.body.equals(archive))
})

test.serial('S8-008: only what is newer is imported when that is asked for', async (t) => {
  const ready = await prepare(t)
  const { site, point, imageId, sequenceId, file, data, reveille } = ready
  const running = await point.start()
  await site.api('POST', `/operating-system-images/${imageId}/distribute`, { points: [point.id] })
  await untilInstalled(site, imageId)
  // What it remembers is on the disk before it says so.
  await running.kill()
  const same = await reveille('--json', ...importing, file, '--data', data, '--newer-only')
  t.is(same.code, 0, same.err)
  t.like(JSON.parse(same.out), { left: [{ id: imageId, version: 2 }] })
  await addContent(site, `/operating-system-images/${imageId}`, { 'rootfs.tar': await tarOf(systemEntries('Newer')) })
  const refused = await reveille('task-sequence', 'prestage', sequenceId, '--out', file)
  t.is(refused.code, 1, 'nothing is overwritten')
  t.regex(refused.err, /exist/)
  const replaced = await reveille('task-sequence', 'prestage', sequenceId, '--out', file, '--replace')
  t.is(replaced.code, 0, replaced.err)
  const newer = await reveille('--json', ...importing, file, '--data', data, '--newer-only')
  t.true(JSON.stringify(JSON.parse(newer.out)).includes(`{"id":"${imageId}","version":3}`))
  t.like(JSON.parse(newer.out), { left: [] })
})

test.serial('S8-008: a file that is cut off, changed or none is refused, and leaves nothing', async (t) => {
  const { file, data, reveille } = await prepare(t)
  const octets = await readFile(file)
  await truncate(file, octets.length - 1_000)
  const cut = await reveille(...importing, file, '--data', data)
  t.is(cut.code, 1)
  t.regex(cut.err, /nothing was imported\. The archive is cut off/)
  await writeFile(
    file,
    Buffer.concat([octets.subarray(0, 1_000_000), Buffer.from('changed'), octets.subarray(1_000_007)]),
  )
  const changed = await reveille(...importing, file, '--data', data)
  t.is(changed.code, 1)
  t.regex(changed.err, /nothing was imported\./)
  t.regex((await reveille(...importing, data, '--data', data)).err, /is no file|cannot be read/)
  t.regex((await reveille(...importing, `${file}.none`, '--data', data)).err, /cannot be read/)
  t.deepEqual(await blobsIn(data), [])
  t.deepEqual(
    (await readdir(join(data, 'distribution-point'))).filter((name) => name === 'importing'),
    [],
  )
})

test.serial(
  'S8-008: an import is for a distribution point, and not for a site or a folder that is neither',
  async (t) => {
    const { point, file, reveille } = await prepare(t)
    const folder = join(point.folder, 'elsewhere')
    await mkdir(folder)
    t.regex((await reveille(...importing, file, '--data', folder)).err, /has no library of a distribution point/)
    await appendFile(join(folder, 'reveille.sqlite'), 'of the site')
    t.regex((await reveille(...importing, file, '--data', folder)).err, /is the data directory of a site/)
    t.deepEqual(await readdir(folder), ['reveille.sqlite'])
  },
)

test.serial('S8-008: an import that is killed in the middle leaves only good blobs, and is done again', async (t) => {
  const ready = await prepare(t)
  const { site, relay, point, imageId, sequenceId, file, data, reveille } = ready
  const waiting = join(data, 'distribution-point/importing')
  const child = spawn(process.execPath, ['server/cli.ts', ...importing, file, '--data', data], { stdio: 'ignore' })
  await killWhen(child, async () => (await stat(waiting).catch(() => undefined)) !== undefined)
  const again = await reveille(...importing, file, '--data', data)
  t.is(again.code, 0, again.err)
  // What a killed import left is also cleared by the point itself.
  await mkdir(waiting)
  await point.start()
  t.is(await stat(waiting).catch(() => undefined), undefined)
  relay.requests.length = 0
  await site.api('POST', `/task-sequences/${sequenceId}/distribute`, { points: [point.id] })
  await untilInstalled(site, imageId)
  t.deepEqual(fetched(ready), [])
})

async function killWhen(child: ChildProcess, isTime: () => Promise<boolean>): Promise<void> {
  const exited = once(child, 'exit')
  await until(
    async () => child.exitCode !== null || (await isTime()),
    (found) => found,
  )
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await exited
}
