/** Files of boot images as firmware asks for them, over a real connection to the real server. */

import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { BootFileDirectory, freshMs } from '../../server/http/boot-file-directory.ts'
import { parseSha256 } from '../../server/site/content.ts'
import { addBootImage, openTestSite, sendRaw, type TestSite } from './test-site.ts'

const kernel = randomBytes(3 * 1024 * 1024 + 17)
const loader = randomBytes(2_000)
let site: TestSite
let directory: string
let outside: string
let base: string
let bootFiles: BootFileDirectory

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reveille-boot-files-'))
  outside = await mkdtemp(join(tmpdir(), 'reveille-outside-'))
  await writeFile(join(outside, 'secret'), 'canary')
  await writeFile(join(directory, 'memtest.img'), 'memtest')
  await symlink(join(outside, 'secret'), join(directory, 'link'))
  bootFiles = await BootFileDirectory.open(directory)
  site = await openTestSite({ bootFiles })
  const id = await addBootImage(site, {
    vmlinuz: kernel,
    'loader/snponly-x64.efi': loader,
    'disk.iso': loader,
    'disk.img': loader,
  })
  base = `/boot/images/${id}/1`
})

test.after.always(async () => {
  bootFiles.close()
  await site.close()
  await rm(directory, { recursive: true })
  await rm(outside, { recursive: true })
})

test('HT-01, H04, UH-04: HEAD has the headers of GET, the exact length, and no body', async (t) => {
  const get = await site.ask('GET', `${base}/vmlinuz`)
  const head = await site.ask('HEAD', `${base}/vmlinuz`)
  t.is(get.status, 200)
  t.true(get.body.equals(kernel))
  t.is(head.body.length, 0)
  const { date: _get, ...ofGet } = get.headers
  const { date: _head, ...ofHead } = head.headers
  t.deepEqual(ofHead, ofGet)
  t.is(head.headers['content-length'], String(kernel.length))
})

test('HT-11, H05: boot files are never chunked and never encoded', async (t) => {
  const answer = await site.ask('GET', `${base}/vmlinuz`, { headers: { 'accept-encoding': 'gzip, br' } })
  t.is(answer.headers['transfer-encoding'], undefined)
  t.is(answer.headers['content-encoding'], undefined)
  t.is(answer.headers['content-length'], String(kernel.length))
})

test('HT-07, HT-22: the ETag is strong and is the hash, and so is Repr-Digest', async (t) => {
  const hash = createHash('sha256').update(kernel)
  const digest = hash.copy().digest('base64')
  const { headers } = await site.ask('HEAD', `${base}/vmlinuz`)
  t.is(headers.etag, `"${hash.digest('hex')}"`)
  t.is(headers['repr-digest'], `sha-256=:${digest}:`)
  t.is(headers['accept-ranges'], 'bytes')
})

test('H06, UH-05: types by which firmware knows what it got', async (t) => {
  const type = async (file: string) => (await site.ask('HEAD', `${base}/${file}`)).headers['content-type']
  t.is(await type('loader/snponly-x64.efi'), 'application/efi')
  t.is(await type('disk.iso'), 'application/vnd.efi-iso')
  t.is(await type('disk.img'), 'application/vnd.efi-img')
  t.is(await type('vmlinuz'), 'application/octet-stream')
})

test('H07, UH-06, HT-03: resume with Range and If-Match; a changed file is 412', async (t) => {
  const { headers } = await site.ask('HEAD', `${base}/vmlinuz`)
  const rest = await site.ask('GET', `${base}/vmlinuz`, {
    headers: { range: 'bytes=1048570-', 'if-match': headers.etag ?? '' },
  })
  t.is(rest.status, 206)
  t.is(rest.headers['content-range'], `bytes 1048570-${kernel.length - 1}/${kernel.length}`)
  t.true(rest.body.equals(kernel.subarray(1_048_570)))
  const changed = await site.ask('GET', `${base}/vmlinuz`, { headers: { range: 'bytes=10-', 'if-match': '"old"' } })
  t.is(changed.status, 412)
})

test('HT-10: a thousand random ranges are exact', async (t) => {
  for (let round = 0; round < 1_000; round += 1) {
    const first = Math.floor(Math.random() * kernel.length)
    const last = Math.min(kernel.length - 1, first + Math.floor(Math.random() * 5_000))
    const answer = await site.ask('GET', `${base}/vmlinuz`, { headers: { range: `bytes=${first}-${last}` } })
    if (answer.status !== 206 || !answer.body.equals(kernel.subarray(first, last + 1)))
      return t.fail(`${first}-${last}`)
  }
  return t.pass()
})

test('HT-04: a range behind the end is 416 with the length', async (t) => {
  const answer = await site.ask('GET', `${base}/vmlinuz`, { headers: { range: `bytes=${kernel.length}-` } })
  t.is(answer.status, 416)
  t.is(answer.headers['content-range'], `bytes */${kernel.length}`)
  t.is(answer.headers['content-type'], 'application/problem+json')
})

test('HT-08: a failed If-Range gives the whole file', async (t) => {
  const headers = { range: 'bytes=0-9', 'if-range': '"other"' }
  const answer = await site.ask('GET', `${base}/vmlinuz`, { headers })
  t.is(answer.status, 200)
  t.is(answer.body.length, kernel.length)
})

test('HT-06: several ranges come as parts with a length that is known', async (t) => {
  const answer = await site.ask('GET', `${base}/vmlinuz`, { headers: { range: 'bytes=0-3,100-103' } })
  t.is(answer.status, 206)
  t.regex(answer.headers['content-type'] ?? '', /^multipart\/byteranges; boundary=/)
  t.is(answer.headers['content-length'], String(answer.body.length))
  const boundary = answer.headers['content-type']?.split('boundary=')[1] ?? ''
  const [, first, second, end] = answer.body.toString('latin1').split(`--${boundary}`)
  t.is(
    first,
    `\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 0-3/${kernel.length}\r\n\r\n${kernel.toString('latin1', 0, 4)}\r\n`,
  )
  t.is(
    second,
    `\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 100-103/${kernel.length}\r\n\r\n${kernel.toString('latin1', 100, 104)}\r\n`,
  )
  t.is(end, '--\r\n')
})

test('D09: thousands of ranges give the file once', async (t) => {
  const range = `bytes=${Array.from({ length: 1_000 }, (_, index) => `${index * 2}-${index * 2}`).join(',')}`
  const answer = await site.ask('GET', `${base}/vmlinuz`, { headers: { range } })
  t.is(answer.status, 200)
  t.is(answer.body.length, kernel.length)
})

test('HT-09: a file that is there already is 304 without a body', async (t) => {
  const { headers } = await site.ask('HEAD', `${base}/vmlinuz`)
  const answer = await site.ask('GET', `${base}/vmlinuz`, { headers: { 'if-none-match': headers.etag ?? '' } })
  t.is(answer.status, 304)
  t.is(answer.body.length, 0)
})

test('H08, H11: a double slash is served without a redirect', async (t) => {
  const answer = await site.ask('GET', base.replace('/boot/', '//boot///') + '//vmlinuz')
  t.is(answer.status, 200)
  t.is(answer.body.length, kernel.length)
})

test('H10, HT-17: one connection carries a hundred pipelined requests in order', async (t) => {
  const one = (index: number) => `GET ${base}/vmlinuz HTTP/1.1\r\nHost: a\r\nRange: bytes=${index}-${index}\r\n\r\n`
  const last = `GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
  const text = await sendRaw(site.port, Array.from({ length: 100 }, (_, index) => one(index)).join('') + last)
  const seen = [...text.matchAll(/content-range: bytes (\d+)-/gi)].map(([, index]) => Number(index))
  t.deepEqual(
    seen,
    Array.from({ length: 100 }, (_, index) => index),
  )
})

test('HT-18: an HTTP/1.0 client without Host is served, and its connection closed', async (t) => {
  const text = await sendRaw(site.port, `GET ${base}/loader/snponly-x64.efi HTTP/1.0\r\n\r\n`)
  t.regex(text, /^HTTP\/1\.1 200 /)
  t.regex(text, /content-length: 2000/i)
})

test('HT-19: a target with scheme and host is accepted', async (t) => {
  const text = await sendRaw(site.port, `GET http://somewhere/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  t.regex(text, /^HTTP\/1\.1 200 /)
})

test('HT-20: an encoded slash never separates, and nothing is decoded twice', async (t) => {
  for (const name of [
    'loader%2fsnponly-x64.efi',
    'loader%252fsnponly-x64.efi',
    '..%2f1/vmlinuz',
    '%2e%2e/1/vmlinuz',
    'vmlinuz%00',
  ]) {
    t.is((await site.ask('GET', `${base}/${name}`)).status, 404, name)
  }
  t.is((await site.ask('GET', `${base}/%ff`)).status, 400)
  t.is((await site.ask('GET', `${base}/vmlin%75z`)).status, 200)
})

test('HT-02: other methods are 405 with Allow', async (t) => {
  const answer = await site.ask('POST', `${base}/vmlinuz`)
  t.is(answer.status, 405)
  t.is(answer.headers.allow, 'GET, HEAD')
})

test('H15: autoexec.ipxe is beside each loader and at the root, and what is missing is 404', async (t) => {
  for (const path of [`${base}/loader/autoexec.ipxe`, '/autoexec.ipxe', '/boot/autoexec.ipxe']) {
    const answer = await site.ask('GET', path)
    t.is(answer.status, 200, path)
    t.regex(answer.body.toString(), /^#!ipxe\n/)
  }
  t.is((await site.ask('GET', `${base}/loader/nothing.efi`)).status, 404)
})

test('B11: scripts name the configured address, whatever Host says', async (t) => {
  const text = await sendRaw(
    site.port,
    'GET /boot/autoexec.ipxe HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
  )
  t.regex(text, /http:\/\/192\.0\.2\.1:8080\/boot\/script\.ipxe/)
  t.notRegex(text, /evil/)
})

test('H03: addresses in scripts are literal', async (t) => {
  const { body } = await site.ask('GET', '/boot/autoexec.ipxe')
  t.true([...body.toString().matchAll(/http:\/\/([^/: ]+)/g)].every(([, host]) => host === '192.0.2.1'))
})

test('H09: boot files ask nobody for a password', async (t) => {
  const answer = await site.ask('GET', `${base}/vmlinuz`, { headers: { authorization: 'Basic x' } })
  t.is(answer.status, 200)
  t.is(answer.headers['www-authenticate'], undefined)
})

test('C06, C07: extra boot files are found by their names; links and paths are not there', async (t) => {
  const found = await site.ask('GET', '/boot/files/memtest.img')
  t.is(found.body.toString(), 'memtest')
  t.truthy(found.headers['last-modified'])
  const since = { 'if-unmodified-since': 'Mon, 01 Jan 2001 00:00:00 GMT' }
  t.is((await site.ask('GET', '/boot/files/memtest.img', { headers: since })).status, 412)
  for (const name of ['link', '../secret', '%2e%2e%2fsecret', '..\\secret', `${outside}/secret`, '', '.']) {
    t.not((await site.ask('GET', `/boot/files/${name}`)).status, 200, name)
  }
})

test('TF-48, H07: a file that is replaced has a new ETag and new octets, even at the same size and date', async (t) => {
  const own = await mkdtemp(join(tmpdir(), 'reveille-replaced-'))
  const clock = { nowMs: 0 }
  const path = join(own, 'loader.efi')
  const date = new Date('2026-01-01T00:00:00Z')
  await writeFile(path, 'one')
  await utimes(path, date, date)
  const files = await BootFileDirectory.open(own, () => clock.nowMs)
  const served = await openTestSite({ bootFiles: files })
  t.teardown(async () => {
    files.close()
    await served.close()
    await rm(own, { recursive: true })
  })
  const before = await served.ask('GET', '/boot/files/loader.efi')
  t.is(before.body.toString(), 'one')
  await writeFile(join(own, '.new'), 'two')
  await utimes(join(own, '.new'), date, date)
  await rename(join(own, '.new'), path)
  clock.nowMs += freshMs
  const after = await served.ask('GET', '/boot/files/loader.efi')
  t.is(after.body.toString(), 'two')
  t.not(after.headers.etag, before.headers.etag)
  const resumed = { range: 'bytes=1-', 'if-match': before.headers.etag ?? '' }
  t.is((await served.ask('GET', '/boot/files/loader.efi', { headers: resumed })).status, 412)
})

test('TF-48: no octets go out under the ETag of a file that has just been replaced', async (t) => {
  const own = await mkdtemp(join(tmpdir(), 'reveille-replaced-'))
  const path = join(own, 'loader.efi')
  await writeFile(path, 'ONE')
  // A clock that stands still: what was seen last is always fresh.
  const files = await BootFileDirectory.open(own, () => 0)
  const served = await openTestSite({ bootFiles: files })
  t.teardown(async () => {
    files.close()
    await served.close()
    await rm(own, { recursive: true })
  })
  const head = await served.ask('HEAD', '/boot/files/loader.efi')
  await writeFile(join(own, '.new'), 'TWO')
  await rename(join(own, '.new'), path)
  const refused = await served.ask('GET', '/boot/files/loader.efi')
  t.is(refused.status, 503)
  t.not(refused.headers.etag, head.headers.etag)
  t.is(refused.headers['retry-after'], '1')
})

test('TF-48: octets that have not the hash they are kept by are neither sent nor kept', async (t) => {
  const sha256 = parseSha256(createHash('sha256').update('right').digest('hex'))
  if (sha256 === undefined) throw new Error('a hash is a hash')
  let octets = Buffer.from('wrong')
  const find = async () => ({
    sha256,
    bytes: 5,
    type: 'application/octet-stream',
    cacheControl: 'no-cache',
    open: async () => ({ read: async () => octets, close: async () => {} }),
  })
  const served = await openTestSite({ bootFiles: { find } })
  t.teardown(() => served.close())
  t.is((await served.ask('GET', '/boot/files/x')).status, 503)
  octets = Buffer.from('right')
  t.is((await served.ask('GET', '/boot/files/x')).body.toString(), 'right')
})

test('a file that the catalogue names and the disk lacks is 503, so that a machine tries again', async (t) => {
  for (const bytes of [1_000, 100_000]) {
    const own = await openTestSite()
    t.teardown(() => own.close())
    const octets = randomBytes(bytes)
    const id = await addBootImage(own, { vmlinuz: octets })
    own.dependencies.library.open = async () => undefined
    const answer = await own.ask('GET', `/boot/images/${id}/1/vmlinuz`)
    t.is(answer.status, 503)
    t.is(answer.headers['content-type'], 'application/problem+json')
  }
})

test('HT-02, HT-20: what is not a route of machines is answered in their plane as it is elsewhere', async (t) => {
  for (const path of ['/boot/', '/boot/images/', '/boot/files/', '/boot/none', '/agent/v1/none', '/boot']) {
    const answer = await site.ask('GET', path)
    t.is(answer.status, 404, path)
    t.is(answer.headers['content-type'], 'application/problem+json', path)
    t.is(answer.headers['x-content-type-options'], 'nosniff', path)
  }
  const hello = await site.ask('GET', '/agent/v1/hello')
  t.is(hello.status, 405)
  t.is(hello.headers.allow, 'POST')
  t.is((await site.ask('PUT', '/autoexec.ipxe')).headers.allow, 'GET, HEAD')
  t.is((await site.ask('GET', '/boot/%ff')).status, 400)
})

test('HT-21: a client that goes away leaves nothing open, and the next one is served', async (t) => {
  const controller = new AbortController()
  const answer = await fetch(`http://127.0.0.1:${site.port}${base}/vmlinuz`, { signal: controller.signal })
  controller.abort()
  await t.throwsAsync(answer.arrayBuffer())
  t.is((await site.ask('GET', `${base}/vmlinuz`)).body.length, kernel.length)
})

test('UH-03: the script route refuses a query without a machine, and answers one with', async (t) => {
  t.is((await site.ask('GET', '/boot/script.ipxe')).status, 400)
  const query = 'mac=52-54-00-00-00-01&platform=efi&buildarch=x86_64'
  const answer = await site.ask('GET', `/boot/script.ipxe?${query}`)
  t.is(answer.status, 200)
  t.regex(answer.body.toString(), /^#!ipxe\n/)
  t.is(answer.headers['cache-control'], 'no-store')
})

test('I04: a script for a boot names TFTP as the second place for each file', async (t) => {
  const own = await openTestSite()
  t.teardown(() => own.close())
  const bootImageId = await addBootImage(own, {
    vmlinuz: kernel,
    'initrd.img': kernel,
    'loader/snponly-x64.efi': kernel,
  })
  const step = { kind: 'step', name: 'Say hello', action: { type: 'run-command-line', commandLine: 'true' } }
  const sequence = { name: 'Hello', children: [step] }
  const { json } = await own.api('POST', '/task-sequences', { bootImageId, sequence })
  const target = {
    taskSequenceId: json['id'],
    collectionId: 'RVL10002',
    purpose: 'required',
    makeAvailableTo: 'media-and-pxe',
  }
  t.is((await own.api('POST', '/deployments', target)).status, 201)
  const query = 'mac=52-54-00-00-00-01&platform=efi&buildarch=x86_64'
  const script = (await own.ask('GET', `/boot/script.ipxe?${query}`)).body.toString()
  t.regex(script, /kernel .*http:\/\/192\.0\.2\.1:.* \|\| kernel .*tftp:\/\/127\.0\.0\.1\/boot\/RVL00001\/1\/vmlinuz/)
})
