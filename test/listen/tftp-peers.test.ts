/** The TFTP listener as other people's clients see it: curl, atftp, tftp-hpa and two packages, over loopback. */

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Ipv4Address } from '../../server/address/ipv4-address.ts'
import { openTftpListener } from '../../server/listen/tftp-listener.ts'
import { bootFiles, pattern } from '../support/boot-files.ts'

const run = promisify(execFile)
const require = createRequire(import.meta.url)
const image = pattern(0, 3_000_001)
const exact = pattern(0, 5_120)

interface Place {
  readonly port: number
  readonly target: string
}

async function served(t: ExecutionContext): Promise<Place> {
  const stop = new AbortController()
  const files = bootFiles({ 'boot/image.img': image, 'exact.bin': exact })
  const listener = await openTftpListener({
    address: '127.0.0.1' as Ipv4Address,
    port: 0,
    files,
    threads: 0,
    signal: stop.signal,
  })
  const folder = await mkdtemp(join(tmpdir(), 'reveille-tftp-'))
  t.teardown(async () => {
    stop.abort()
    await rm(folder, { recursive: true })
  })
  return { port: listener.localPort, target: join(folder, 'loaded') }
}

/** Not `deepEqual`: describing millions of octets takes seconds. */
async function isLoaded({ target }: Place, expected: Uint8Array): Promise<boolean> {
  return Buffer.compare(await readFile(target), expected) === 0
}

for (const blockBytes of [512, 1468, 65_464]) {
  test(`TF-01, T03: curl loads a file in blocks of ${blockBytes} octets`, async (t) => {
    const place = await served(t)
    const url = `tftp://127.0.0.1:${place.port}//boot/image.img`
    await run('curl', ['-sS', '--tftp-blksize', String(blockBytes), '-o', place.target, url])
    t.true(await isLoaded(place, image))
  })
}

test('T07: curl without options gets 512 octets in lock step', async (t) => {
  const place = await served(t)
  await run('curl', ['-sS', '--tftp-no-options', '-o', place.target, `tftp://127.0.0.1:${place.port}/exact.bin`])
  t.true(await isLoaded(place, exact))
})

test('TF-07: curl is told that a file is not there', async (t) => {
  const place = await served(t)
  const error = await t.throwsAsync(run('curl', ['-sS', `tftp://127.0.0.1:${place.port}/nothing`]))
  // The exit code of curl for error 1 of TFTP.
  t.is((error as { code?: unknown }).code, 68)
})

for (const options of [[], ['--option', 'blksize 1468'], ['--option', 'windowsize 8', '--option', 'blksize 1428']]) {
  test(`atftp loads a file with ${options.join(' ') || 'its defaults'}`, async (t) => {
    const place = await served(t)
    const file = ['-g', '-r', 'boot/image.img', '-l', place.target]
    await run('atftp', [...options, ...file, '127.0.0.1', String(place.port)])
    t.true(await isLoaded(place, image))
  })
}

test('TF-44: tftp-hpa loads a file by its Windows name', async (t) => {
  const place = await served(t)
  const get = ['-m', 'octet', '127.0.0.1', String(place.port), '-c', 'get', '\\Boot\\IMAGE.img', place.target]
  await run('tftp', get)
  t.true(await isLoaded(place, image))
})

test('the npm package tftp loads a file in windows', async (t) => {
  const place = await served(t)
  const tftp = require('tftp') as {
    createClient(options: object): { get(remote: string, local: string, done: (error?: Error) => void): void }
  }
  const client = tftp.createClient({ host: '127.0.0.1', port: place.port, windowSize: 4, blockSize: 1468 })
  await new Promise<void>((resolve, reject) => {
    client.get('boot/image.img', place.target, (error) => (error ? reject(error) : resolve()))
  })
  t.true(await isLoaded(place, image))
})

test('TF-01: the npm package tftp2, which knows no options, loads a file', async (t) => {
  const place = await served(t)
  const connect = require('tftp2') as (
    host: string,
    port: number,
  ) => { read(file: string, push: (part: Buffer) => void, done: () => void): Promise<void>; close(): void }
  const parts: Buffer[] = []
  const client = connect('127.0.0.1', place.port)
  t.teardown(() => client.close())
  await client.read(
    'exact.bin',
    (part) => parts.push(Buffer.from(part)),
    () => undefined,
  )
  t.deepEqual(new Uint8Array(Buffer.concat(parts)), exact)
})
