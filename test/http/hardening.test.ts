/** Requests nobody should send, over raw connections; and what every answer carries. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { BootFileDirectory } from '../../server/http/boot-file-directory.ts'
import { openTestSite, sendRaw, TestAgent, type TestSite } from './test-site.ts'

let site: TestSite
let directory: string
test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reveille-console-'))
  await mkdir(join(directory, 'assets'))
  await writeFile(join(directory, 'index.html'), '<!doctype html>')
  await writeFile(join(directory, 'assets', 'main-Ab12Cd34.js'), 'export {}')
  site = await openTestSite({ consoleDirectory: directory })
})
test.after.always(async () => {
  await site.close()
  await rm(directory, { recursive: true })
})

const malformed = {
  'two Host headers': 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'no Host': 'GET / HTTP/1.1\r\n\r\n',
  'a Host that is none': 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
  'a Host with a path': 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'length and chunks': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two lengths': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'a bare line feed': 'GET / HTTP/1.1\nHost: a\n\n',
  'a folded header': 'GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n',
  'a space before the colon': 'GET / HTTP/1.1\r\nHost : a\r\n\r\n',
  'no HTTP at all': 'hello\r\n\r\n',
  'an unknown encoding': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n',
  'a negative length': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
  'a NUL in a header': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n',
}
for (const [name, text] of Object.entries(malformed)) {
  test(`HT-13, HT-14, D07: ${name} is 400 and the connection ends`, async (t) => {
    t.regex(await sendRaw(site.port, text), /^HTTP\/1\.1 400 /)
  })
}

test('HT-15: headers over 16 KB are 431', async (t) => {
  t.regex(await sendRaw(site.port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /)
})

test('HT-16: Expect: 100-continue is answered', async (t) => {
  const text = await sendRaw(
    site.port,
    'GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
  )
  t.regex(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
})

test('D05: the limits of time and number are set', (t) => {
  t.is(site.server.headersTimeout, 10_000)
  t.true((site.server.maxConnections ?? 0) > 0)
})

const answers = [
  '/',
  '/healthz',
  '/metrics',
  '/api/v1/devices',
  '/no-such',
  '/boot/images/x',
  '/content/x',
  '/boot/autoexec.ipxe',
]
for (const path of answers) {
  test(`HT-25, D20: ${path} carries the headers that keep a browser safe`, async (t) => {
    const { headers } = await site.ask('GET', path)
    t.regex(String(headers['content-security-policy']), /default-src 'self'.*frame-ancestors 'none'/)
    t.notRegex(String(headers['content-security-policy']), /unsafe-inline/)
    t.is(headers['x-content-type-options'], 'nosniff')
    t.is(headers['x-frame-options'], 'DENY')
    t.is(headers['x-powered-by'], undefined)
  })
}

test('HT-25: answers to machines carry them too, once: files, scripts, and what agents are told', async (t) => {
  const name = join(directory, 'loader.efi')
  await writeFile(name, 'a loader')
  const bootFiles = await BootFileDirectory.open(directory)
  const own = await openTestSite({ bootFiles })
  t.teardown(async () => {
    bootFiles.close()
    await own.close()
  })
  const mac = '52:54:00:12:34:56'
  const file = await own.ask('GET', '/boot/files/loader.efi')
  const known = { headers: { 'if-none-match': String(file.headers['etag']) } }
  const all = [
    [200, file],
    [200, await own.ask('HEAD', '/boot/files/loader.efi')],
    [304, await own.ask('GET', '/boot/files/loader.efi', known)],
    [200, await own.ask('GET', `/boot/script.ipxe?mac=${mac.replaceAll(':', '-')}&platform=efi&buildarch=x86_64`)],
    [200, await own.ask('GET', '/healthz')],
    [200, await new TestAgent(mac).sayHello(own)],
  ] as const
  for (const [status, { rawHeaders, ...answer }] of all) {
    t.is(answer.status, status)
    const names = rawHeaders.filter((_, index) => index % 2 === 0).map((header) => header.toLowerCase())
    t.deepEqual(names, [...new Set(names)])
    t.is(answer.headers['x-content-type-options'], 'nosniff')
    t.regex(String(answer.headers['content-security-policy']), /default-src 'self'/)
  }
})

test('D20: what is private is not stored', async (t) => {
  t.is((await site.api('GET', '/devices')).headers['cache-control'], 'no-store')
  t.is((await site.ask('GET', '/api/v1/devices')).headers['cache-control'], 'no-store')
})

test('D21: a fault of ours says so and nothing more', async (t) => {
  const find = async () => {
    throw new Error('/secret/path is broken')
  }
  const own = await openTestSite({ bootFiles: { find } })
  t.teardown(() => own.close())
  const answer = await own.ask('GET', '/boot/files/x')
  t.is(answer.status, 500)
  t.deepEqual(answer.json, { type: 'about:blank', title: 'Fault of the server', status: 500 })
  t.true(own.logged.some(({ level }) => level === 'error'))
})

test('HT-02: unknown methods and paths are answered as problems', async (t) => {
  const wrong = await site.api('PUT', '/devices', {})
  t.is(wrong.status, 405)
  t.is(wrong.headers.allow, 'GET, HEAD, POST')
  t.is(wrong.headers['content-type'], 'application/problem+json')
  t.is((await site.ask('GET', '/no-such')).headers['content-type'], 'application/problem+json')
  t.is((await site.ask('PATCH', '/')).status, 405)
})

test('the console: pages are asked for anew, hashed files are kept, nothing else is there', async (t) => {
  const index = await site.ask('GET', '/')
  t.is(index.body.toString(), '<!doctype html>')
  t.is(index.headers['cache-control'], 'no-cache')
  const script = await site.ask('GET', '/assets/main-Ab12Cd34.js')
  t.is(script.headers['content-type'], 'text/javascript; charset=utf-8')
  t.regex(String(script.headers['cache-control']), /immutable/)
  t.is((await site.ask('GET', '/assets/..%2f..%2f..%2fetc/passwd')).status, 404)
})
