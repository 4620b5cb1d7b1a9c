/** `./reveille media` against a real server: media are made, their images arrive whole, and nothing is written over unasked. */

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, request as askHttp } from 'node:http'
import { createServer, connect } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { assert } from '../../server/assert.ts'
import { parseMediumId } from '../../server/contract/medium.ts'
import { deployForMedia, openMedium, type DeployedForMedia } from '../http/media-site.ts'
import { makeLoopDisk } from '../bootstrap/loop-disk.ts'
import { adminToken, openTestSite, type TestSite } from '../http/test-site.ts'
import { runReveille } from './reveille.ts'

let site: TestSite
let deployed: DeployedForMedia
let directory: string
test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reveille-cli-media-'))
  site = await openTestSite()
  deployed = await deployForMedia(site)
})
test.after.always(async () => {
  await site.close()
  await rm(directory, { recursive: true })
})

const media = (...args: readonly string[]) => runReveille(site, 'media', ...args)

function idOf(out: string) {
  const id = parseMediumId(out.split('\n')[0] ?? '')
  assert(id !== undefined, out)
  return id
}

async function imageOf(id: string, format: string): Promise<Buffer> {
  const headers = { authorization: `Bearer ${adminToken}` }
  return (await site.ask('GET', `/api/v1/media/${id}/image?format=${format}`, { headers })).body
}

test('S5-013, S7-010: one command makes an unattended stick for a hidden deployment, and says its password once', async (t) => {
  const file = join(directory, 'stick.img')
  const made = await media('create', '--deployment', deployed.deploymentId, '--unattended', '--out', file)
  t.is(made.code, 0, made.err)
  const id = idOf(made.out)
  const [, password = ''] = /^Password, shown this once: (\S+)$/m.exec(made.out) ?? []
  t.truthy((await openMedium(site, id, password)).mediumKey)
  t.true((await readFile(file)).equals(await imageOf(id, 'usb')))
  t.is((await stat(file)).mode & 0o777, 0o600)
  t.is(made.err, '')
  const shown = await media('show', id)
  t.regex(shown.out, new RegExp(`^deploymentId +${deployed.deploymentId}$`, 'm'))
  t.false(shown.out.includes(password))
  t.regex((await media('list')).out, new RegExp(`^${id}  bootable  Reveille  usable`, 'm'))
})

test('A7-06, S7-015: a file that is there stays, and so it does when the medium cannot be made', async (t) => {
  const file = join(directory, 'there.iso')
  await writeFile(file, 'precious')
  const description = 'Replaced'
  const count = async () =>
    (await site.store.media({ offset: 0, limit: 100 })).items.filter((one) => one.description === description).length
  const create = async (...args: readonly string[]) =>
    media('create', '--description', description, '--out', file, ...args)
  const refused = await create('--boot-image', deployed.bootImageId)
  t.is(refused.code, 1)
  t.regex(refused.err, /is there already: give --replace/)
  const impossible = await create('--unattended', '--boot-image', 'RVL0FFFF', '--replace')
  t.is(impossible.code, 1)
  t.regex(impossible.err, /unattended: an unattended medium must know what to run/)
  t.is(await readFile(file, 'utf8'), 'precious')
  t.is(await count(), 0)
  const made = await create('--boot-image', deployed.bootImageId, '--replace')
  t.is(made.code, 0, made.err)
  t.true((await readFile(file)).equals(await imageOf(idOf(made.out), 'iso')))
})

test('the password comes from a file, and a medium without one is warned of', async (t) => {
  const file = join(directory, 'password')
  await writeFile(file, 'correct horse battery\n')
  const made = await media('create', '--boot-image', deployed.bootImageId, '--password-file', file, '--label', 'Lab')
  t.is(made.code, 0, made.err)
  t.false(made.out.includes('correct'))
  t.truthy((await openMedium(site, idOf(made.out), 'correct horse battery')).mediumKey)
  const open = await media('create', '--boot-image', deployed.bootImageId, '--without-password')
  t.regex(open.err, /anyone who holds this medium may ask to deploy/)
  const both = await media(
    'create',
    '--boot-image',
    deployed.bootImageId,
    '--without-password',
    '--password-file',
    file,
  )
  t.regex(both.err, /one password, or none/)
  for (const args of [
    ['--out', directory],
    ['--out', '/dev/null'],
    ['--out', join(directory, 'x.bin')],
  ])
    t.is((await media('create', '--boot-image', deployed.bootImageId, ...args)).code, 1, args.join(' '))
})

test('a download goes on where it ended, in the same process and in the next one', async (t) => {
  const id = idOf((await media('create', '--boot-image', deployed.bootImageId, '--without-password')).out)
  const image = await imageOf(id, 'iso')
  const folder = await mkdtemp(join(directory, 'resumed-'))
  // What the first connections bring is cut off.
  const cuts = [50_000, 90_000, 0]
  const asked: string[] = []
  const proxy = createServer((near) => {
    const far = connect(site.port, '127.0.0.1')
    let left = Number.POSITIVE_INFINITY
    const end = (): void => void [near, far].map((socket) => socket.destroy())
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
    near.on('data', (chunk: Buffer) => {
      const [, range] = /^range: (.*)$/im.exec(chunk.toString('latin1')) ?? []
      if (range !== undefined) {
        asked.push(range)
        left = cuts.shift() ?? left
      }
      far.write(chunk)
    })
    far.on('data', (chunk: Buffer) => {
      near.write(chunk.subarray(0, Math.min(chunk.length, left)))
      left -= chunk.length
      if (left <= 0) near.end()
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => proxy.close())
  const bound = proxy.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  const file = join(folder, 'boot.iso')
  const url = `http://127.0.0.1:${port}`
  const done = await runReveille(site, '--server', url, 'media', 'download', id, '--out', file)
  t.is(done.code, 0, done.err)
  t.true((await readFile(file)).equals(image))
  t.true(asked.length >= 3 && asked[0] === 'bytes=0-' && asked[1] !== 'bytes=0-', asked.join(' '))
  t.deepEqual(await readdir(folder), ['boot.iso'])

  const headers = { authorization: `Bearer ${adminToken}` }
  const head = await site.ask('HEAD', `/api/v1/media/${id}/image?format=iso`, { headers })
  const tag = head.headers.etag?.slice(1, 17) ?? ''
  await writeFile(join(folder, `again.iso.${tag}.partial`), image.subarray(0, 12_345))
  const again = await media('download', id, '--out', join(folder, 'again.iso'))
  t.is(again.code, 0, again.err)
  t.true((await readFile(join(folder, 'again.iso'))).equals(image))
})

test('what was begun and is no part of the image is found out, and the image is whole all the same', async (t) => {
  const id = idOf((await media('create', '--boot-image', deployed.bootImageId, '--without-password')).out)
  const image = await imageOf(id, 'usb')
  const folder = await mkdtemp(join(directory, 'spoilt-'))
  const headers = { authorization: `Bearer ${adminToken}` }
  const head = await site.ask('HEAD', `/api/v1/media/${id}/image?format=usb`, { headers })
  const tag = head.headers.etag?.slice(1, 17) ?? ''
  const spoilt = Buffer.from(image.subarray(0, 300_000))
  // Boot code, which no file has.
  spoilt[7] = (spoilt[7] ?? 0) ^ 1
  for (const [name, begun] of [
    ['altered', spoilt],
    ['longer', Buffer.concat([image, Buffer.alloc(10)])],
  ] as const) {
    const file = join(folder, `${name}.img`)
    await writeFile(`${file}.${tag}.partial`, begun)
    const done = await media('download', id, '--out', file)
    t.is(done.code, 0, done.err)
    t.regex(done.err, /is written anew: /)
    t.true((await readFile(file)).equals(image))
  }
  t.deepEqual((await readdir(folder)).toSorted(), ['altered.img', 'longer.img'])
})

test('an image that is another one by now is begun again', async (t) => {
  const id = idOf((await media('create', '--boot-image', deployed.bootImageId, '--without-password')).out)
  const image = await imageOf(id, 'iso')
  let heads = 0
  const proxy = createHttpServer((request, response) => {
    const { method, url: path, headers } = request
    const options = { host: '127.0.0.1', port: site.port, method, path, headers }
    const far = askHttp(options, (answer) => {
      if (method === 'HEAD') heads += 1
      const older = method === 'HEAD' && heads === 1 ? { etag: `"${'0'.repeat(64)}"` } : {}
      response.writeHead(answer.statusCode ?? 500, { ...answer.headers, ...older })
      answer.pipe(response)
    })
    request.pipe(far)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => proxy.close())
  const bound = proxy.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  const folder = await mkdtemp(join(directory, 'changed-'))
  const url = `http://127.0.0.1:${port}`
  const done = await runReveille(site, '--server', url, 'media', 'download', id, '--out', join(folder, 'boot.iso'))
  t.is(done.code, 0, done.err)
  t.regex(done.err, /is written anew: the medium is another one now/)
  t.deepEqual([heads, await readdir(folder)], [2, ['boot.iso']])
  t.true((await readFile(join(folder, 'boot.iso'))).equals(image))
})

test('S05, S7-019: publish prints the addresses, and what is over is revoked and deleted, and no longer right', async (t) => {
  const id = idOf((await media('create', '--boot-image', deployed.bootImageId, '--without-password')).out)
  const refused = await media('publish', id, '--until', '2200-01-01')
  t.regex(refused.err, /acceptsAnyone/)
  t.is((await media('publish', id, '--until', '2000-01-01', '--accept-anyone')).code, 1)
  const until = new Date(site.clock.nowMs + 3_600_000).toISOString()
  const published = await media('publish', id, '--until', until, '--accept-anyone')
  t.is(published.out, `http://192.0.2.1:8080/media/${id}/1.iso\n`)
  t.is((await media('unpublish', id)).code, 0)
  t.is((await site.ask('GET', `/media/${id}/1.iso`)).status, 404)
  t.is((await media('delete', id)).code, 1)
  const image = join(directory, 'revoked.img')
  t.is((await media('download', id, '--out', image)).code, 0)
  t.is((await media('verify', image)).code, 0)
  t.regex((await media('revoke', id)).out, /^state +revoked$/m)
  const revoked = await media('verify', image)
  t.deepEqual([revoked.code, /\n {2}it was revoked: nothing starts/.test(revoked.out)], [1, true])
  t.is((await media('delete', id)).code, 0)
  t.regex((await media('verify', image)).out, /\n {2}the site has deleted it/)
  t.is((await media('show', id)).code, 1)
  t.regex((await media('show', 'nonsense')).err, /is not the id of a medium/)
})

test.serial(
  'S7-013: a medium is made onto a disk that is named by what stands on it, and is what the site made',
  async (t) => {
    const { disk } = makeLoopDisk(t, 32 * 1024 * 1024)
    const wanted = ['create', '--deployment', deployed.deploymentId, '--without-password', '--out', disk.device]
    const before = (await media('list')).out
    const refused = await media(...wanted)
    t.is(refused.code, 1)
    t.regex(refused.err, /all that is on it would be lost.*--yes-erase 'unknown-33554432'/s)
    t.is((await media('list')).out, before, 'no medium was made for a disk that it cannot go to')

    const made = await media(...wanted, '--yes-erase', 'unknown-33554432')
    t.is(made.code, 0, made.err)
    t.regex(made.err, /has the medium: \d+ octets were written, and read again/)
    const verified = await media('verify', disk.device)
    t.is(verified.code, 0, verified.out + verified.err)
    t.regex(verified.out, new RegExp(`is what the site RVL made: bootable medium “Reveille” \\(${idOf(made.out)}\\)`))
    t.regex(verified.out, /\n {2}not looked at: \d+ octets of the disk, behind the medium\n$/)
  },
)

test('S7-007, S7-009, A7-05: stand-alone and capture media are made by the same command, or all that is in the way is said', async (t) => {
  const refused = await media(
    'create',
    '--kind',
    'stand-alone',
    '--task-sequence',
    deployed.sequenceId,
    '--without-password',
  )
  t.is(refused.code, 1)
  t.regex(refused.err, /applies no operating system/)
  const file = join(directory, 'capture.iso')
  const made = await media('create', '--kind', 'capture', '--boot-image', deployed.bootImageId, '--out', file)
  t.is(made.code, 0, made.err)
  t.true((await readFile(file)).equals(await imageOf(idOf(made.out), 'iso')))
})
