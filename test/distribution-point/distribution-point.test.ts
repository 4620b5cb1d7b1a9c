/** A distribution point in its own process, from its token to the octets that a run gets from it; killed, cut off and damaged. */

import { createHash, randomBytes } from 'node:crypto'
import { appendFile, chmod, mkdir, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { downloadFile } from '../../bootstrap/download.ts'
import { assert } from '../../server/assert.ts'
import type { Policy } from '../../server/contract/agent.ts'
import { mac, prepare as prepareSite, type Prepared, start } from '../http/agent-site.ts'
import { addContent, TestAgent } from '../http/test-site.ts'
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
  /** Of the image's file, with a version. */
  readonly path: string
}

async function prepare(t: ExecutionContext): Promise<Ready> {
  const prepared = await prepareSite()
  const { site, imageId } = prepared
  t.teardown(() => site.close())
  const archive = await tarOf([...systemEntries('Large'), { name: './large', text: randomBytes(7_500_000) }])
  await addContent(site, `/operating-system-images/${imageId}`, { 'rootfs.tar': archive })
  const relay = await relayTo(t, site)
  const point = await makePoint(t, { site, relay })
  const sha256 = createHash('sha256').update(archive).digest('hex')
  return { ...prepared, relay, point, archive, sha256, path: `/content/${imageId}/2/rootfs.tar` }
}

async function distribute({ site, imageId, point }: Ready): Promise<void> {
  const path = `/operating-system-images/${imageId}/distribute`
  const answer = await site.api('POST', path, { points: [point.id] })
  if (answer.status !== 200) throw new Error(answer.body.toString())
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test.serial('S8-004: what is distributed to a point is fetched, and served to the run that may have it', async (t) => {
  const ready = await prepare(t)
  const { site, archive, path, sha256, imageId } = ready
  const { base } = await ready.point.start()
  t.is((await fetchFrom(base, '/healthz')).body.toString(), 'ok\n')
  await distribute(ready)
  t.like(await untilInstalled(site, imageId), { version: 2, validated: true })

  const { runToken } = await start(ready)
  const whole = await fetchFrom(base, path, bearer(runToken))
  t.is(whole.status, 200)
  t.true(whole.body.equals(archive))
  const part = await fetchFrom(base, `/blobs/${sha256}`, { ...bearer(runToken), range: 'bytes=4000000-4000009' })
  t.is(part.status, 206)
  t.true(part.body.equals(archive.subarray(4_000_000, 4_000_010)))
  for (const headers of [{}, bearer('run_nobody-has-this-token'), bearer(`${runToken}x`)]) {
    t.is((await fetchFrom(base, path, headers)).status, 401)
  }
  // In the policy, and not on the point; on the point, and not in the policy.
  t.is((await fetchFrom(base, path.replace('/2/', '/1/'), bearer(runToken))).status, 404)
  await site.api('POST', `/operating-system-images/${ready.otherImageId}/distribute`, { points: [ready.point.id] })
  await untilInstalled(site, ready.otherImageId)
  t.is((await fetchFrom(base, `/content/${ready.otherImageId}/1/rootfs.tar`, bearer(runToken))).status, 404)
  t.regex(
    (await fetchFrom(base, '/metrics')).body.toString(),
    /reveille_distribution_point_contents\{state="installed"\} 2/,
  )
})

/** A point that has so many octets of the image, and gets no more of it. */
async function startedUpTo(ready: Ready, blobBytes: number) {
  const { relay, point, sha256 } = ready
  relay.blobBytesMax = blobBytes
  const first = await point.start()
  await distribute(ready)
  const partial = join(point.folder, 'data/distribution-point/content/partial', sha256)
  await until(
    async () => (await stat(partial).catch(() => undefined))?.size ?? 0,
    (bytes) => bytes === blobBytes,
  )
  return { first, partial }
}

test.serial(
  'a point that is killed in the middle of a file goes on with it, and serves no part of it before',
  async (t) => {
    const ready = await prepare(t)
    const { site, relay, point, archive, path, sha256, imageId } = ready
    const { first } = await startedUpTo(ready, 1_500_000)
    const { runToken } = await start(ready)
    t.is((await fetchFrom(first.base, path, bearer(runToken))).status, 503)
    await first.kill()

    delete relay.blobBytesMax
    relay.requests.length = 0
    const second = await point.start()
    await untilInstalled(site, imageId)
    const asked = relay.requests.filter(({ path: asked }) => asked.endsWith(sha256))
    t.deepEqual(
      asked.map(({ range }) => range),
      ['bytes=1500000-'],
    )
    t.true((await fetchFrom(second.base, path, bearer(runToken))).body.equals(archive))
    t.deepEqual(await readdir(join(point.folder, 'data/distribution-point/content/partial')), [])
  },
)

test.serial('S5-033: a run whose point is killed in the middle of a file gets the rest from the site', async (t) => {
  const ready = await prepare(t)
  const { site, point, archive, imageId } = ready
  const process = await point.start()
  const { base } = process
  await distribute(ready)
  await untilInstalled(site, imageId)
  const { answer, runToken } = await start(ready)
  const { content: contents } = answer.json['policy'] as Pick<Policy, 'content'>
  const content = contents.find(({ id }) => id === imageId)
  const [file] = content?.files ?? []
  assert(content !== undefined && file !== undefined, 'the policy names the image')
  t.is(content.bases?.[0], base)
  const served: string[] = []
  const siteItself = `http://127.0.0.1:${site.port}`
  const settings = {
    bases: [siteItself],
    token: () => runToken,
    onFault: () => {},
    onServed: (from: string) => served.push(from),
    // The site of these tests calls itself 192.0.2.1, where nobody answers.
    silenceMs: 500,
  }
  const received: Buffer[] = []
  for await (const octets of downloadFile(settings, { content, file, signal: new AbortController().signal })) {
    if (received.length === 0) await process.kill()
    received.push(octets)
  }
  t.true(Buffer.concat(received).equals(archive))
  t.is(served[0], base)
  t.is(served.at(-1), siteItself)
})

test.serial('a part that is not what it was is thrown away, and the file fetched from its first octet', async (t) => {
  const ready = await prepare(t)
  const { site, relay, point, archive, path, imageId } = ready
  const { first, partial } = await startedUpTo(ready, 1_000_000)
  await first.kill()
  await appendFile(partial, 'octets that a loss of power left')
  delete relay.blobBytesMax
  const second = await point.start()
  await untilInstalled(site, imageId)
  const { runToken } = await start(ready)
  t.true((await fetchFrom(second.base, path, bearer(runToken))).body.equals(archive))
})

test.serial(
  'S8-006: altered octets are not served, a validation notices them, and they are fetched anew',
  async (t) => {
    const ready = await prepare(t)
    const { site, point, archive, path, sha256, imageId } = ready
    const { base, logged } = await point.start()
    await distribute(ready)
    const before = await untilInstalled(site, imageId)
    const { runToken } = await start(ready)
    const blob = join(point.folder, 'data/distribution-point/content/blobs', sha256.slice(0, 2), sha256)
    await chmod(blob, 0o644)
    const file = await open(blob, 'r+')
    await file.write(Buffer.from('other octets'), 0, 12, 2_000_000)
    await file.close()
    // Asked for by nobody until it is validated.
    const asked = await site.api('POST', `/operating-system-images/${imageId}/validate`)
    t.is(asked.status, 202, asked.body.toString())
    t.deepEqual(asked.json, { points: [point.id] })
    const after = await until(
      () => statusOf(site, imageId),
      (status) => status?.state === 'installed' && status.validated === true,
    )
    t.regex(after?.reason ?? '', /rootfs\.tar was not as it had been fetched/)
    t.true((after?.verifiedAtMs ?? 0) > (before.verifiedAtMs ?? 0))
    t.true(logged.some(({ level, content }) => level === 'warn' && content === imageId))
    t.true((await fetchFrom(base, path, bearer(runToken))).body.equals(archive))
    await site.api('POST', `/operating-system-images/${imageId}/validate`, { points: [point.id] })
    await until(
      () => statusOf(site, imageId),
      (status) => status?.validated === true && status.reason === undefined,
    )
  },
)

test.serial('S8-005: of a new version only the files that are new are fetched', async (t) => {
  const ready = await prepare(t)
  const { site, relay, point } = ready
  const boot = await site.api('POST', '/boot-images', { name: 'Two files', architecture: 'x64' })
  const id = String(boot.json['id'])
  const files = { vmlinuz: Buffer.from('kernel'), 'initrd.img': Buffer.from('first RAM disk') }
  await addContent(site, `/boot-images/${id}`, files)
  await point.start()
  await site.api('POST', `/boot-images/${id}/distribute`, { points: [point.id] })
  t.is((await untilInstalled(site, id)).version, 1)
  relay.requests.length = 0
  await addContent(site, `/boot-images/${id}`, { ...files, 'initrd.img': Buffer.from('second RAM disk') })
  await until(
    () => statusOf(site, id),
    (status) => status?.state === 'installed' && status.version === 2,
  )
  t.is(relay.requests.filter(({ path }) => path.includes('/blobs/')).length, 1)
})

test.serial('S8-006: octets that were altered are refused when a run asks for them first', async (t) => {
  const ready = await prepare(t)
  const { site, relay, point, path, sha256, imageId, archive } = ready
  const { base } = await point.start()
  await distribute(ready)
  await untilInstalled(site, imageId)
  const { runToken } = await start(ready)
  t.is((await fetchFrom(base, path, bearer(runToken))).status, 200)
  relay.isCut = true
  const blob = join(point.folder, 'data/distribution-point/content/blobs', sha256.slice(0, 2), sha256)
  await chmod(blob, 0o644)
  const file = await open(blob, 'r+')
  await file.write(Buffer.from('other octets'), 0, 12, 2_000_000)
  await file.close()
  t.is((await fetchFrom(base, path, bearer(runToken))).status, 503)
  relay.isCut = false
  const answer = await until(
    () => fetchFrom(base, path, bearer(runToken)),
    ({ status }) => status === 200,
  )
  t.true(answer.body.equals(archive))
})

test.serial(
  'a run goes on at the point while the site is away; a run that the point does not know has to wait',
  async (t) => {
    const ready = await prepare(t)
    const { site, relay, point, archive, path, imageId } = ready
    const first = await point.start()
    await distribute(ready)
    await untilInstalled(site, imageId)
    const { runToken } = await start(ready)
    t.is((await fetchFrom(first.base, path, bearer(runToken))).status, 200)
    relay.isCut = true
    t.true((await fetchFrom(first.base, path, bearer(runToken))).body.equals(archive))
    const unknown = await fetchFrom(first.base, path, bearer('run_of-which-nothing-is-known'))
    t.is(unknown.status, 503)
    t.is(unknown.headers['retry-after'], '5')
    await until(
      async () => first.logged,
      (logged) => logged.some(({ msg }) => /the site cannot be asked what to have/.test(String(msg))),
    )
    // Started again without a site it still has everything, and knows no run.
    await first.kill()
    relay.isCut = false
    const second = await point.start()
    t.is((await fetchFrom(second.base, path, bearer(runToken))).status, 200)
  },
)

test.serial('a point whose token was replaced gets nothing more from the site', async (t) => {
  const ready = await prepare(t)
  const { site, relay, point, path } = ready
  const { base, logged } = await point.start()
  t.is((await site.api('POST', `/distribution-points/${point.id}/token`)).status, 201)
  await until(
    async () => logged,
    (lines) => lines.some(({ reason }) => /does not know the token of this distribution point/.test(String(reason))),
  )
  await distribute(ready)
  const { runToken } = await start(ready, new TestAgent(mac))
  t.is((await fetchFrom(base, path, bearer(runToken))).status, 503)
  t.true(relay.requests.length > 0)
  t.is((await statusOf(site, ready.imageId))?.state, 'unknown')
  const printed = JSON.stringify(logged)
  t.notRegex(printed, /point_|run_/, 'no token is ever logged')
})

test.serial(
  'S8-004: a distribution point does not start in the data directory of a site, whose content it would delete',
  async (t) => {
    const { point } = await prepare(t)
    await mkdir(join(point.folder, 'data/content'), { recursive: true })
    const files = ['reveille.sqlite', 'content/rootfs.tar'].map((name) => join(point.folder, 'data', name))
    await Promise.all(files.map(async (file) => appendFile(file, 'of the site')))
    await t.throwsAsync(point.start(), { message: /is the data directory of a site[^]*--data/ })
    for (const file of files) t.is((await stat(file)).size, 11)
  },
)

test.serial(
  'S8-004: a folder belongs to one distribution point at a time, and to the next when that has ended',
  async (t) => {
    const { point } = await prepare(t)
    const first = await point.start()
    await t.throwsAsync(point.start(), { message: /another server is using [^]*distribution-point; stop it first/ })
    t.is((await fetchFrom(first.base, '/healthz')).status, 200)
    await first.kill()
    const next = await point.start()
    t.is((await fetchFrom(next.base, '/healthz')).status, 200)
  },
)
