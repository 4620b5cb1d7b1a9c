/**
 * HTTP load: a number of connections that stay open, each asking for the next when it has one whole. Small answers are
 * compared octet by octet. Of large ones the first 16 KB and 64 KB at a place that moves from answer to answer are
 * compared, lengths are checked, and the rest is discarded in the kernel; the whole file is compared once before.
 */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { assert } from '../../server/assert.ts'
import { Waits } from '../../server/cli/load/waits.ts'
import { ReadinessSet } from '../../server/listen/readiness-set.ts'
import { figuresOf, LoadMeter, type LoadTime, Tally } from './load-result.ts'
import { seededRandom } from '../lab/seeded-random.ts'
import { TcpConnection } from './tcp-connection.ts'

export interface HttpLoad extends LoadTime {
  readonly address: string
  readonly port: number
  readonly target: string
  readonly path: string
  readonly fileBytes: number
  /** 0: whole files; else Ranges of this length at places that move. */
  readonly rangeBytes: number
  readonly connections: number
  /** What `rate` counts. */
  readonly counts: 'megabytes' | 'requests'
}

const waitMs = 10
/**
 * Small answers are looked for without sleeping. Otherwise it is the server's core that wakes the load for each of them:
 * some 8 microseconds in a virtual machine, and for the slower server only, since a faster one never lets the load
 * sleep. Clients in a network wake on their own.
 */
const noWaitMs = 0
const headerBytesMax = 16 * 1024
const sampleBytes = 64 * 1024
const discardBytesMax = 4 * 1024 * 1024
/** One connection may not starve the others. */
const readsAtOnce = 8
const octetsPerMegabyte = 1e6

const load = JSON.parse(process.argv[2] ?? '') as HttpLoad
await compareWhole(load)
console.log(JSON.stringify(await run(load)))

async function compareWhole({ address, port, target, path }: HttpLoad): Promise<void> {
  const ours = createHash('sha256')
  for await (const chunk of createReadStream(path)) ours.update(chunk as Buffer)
  const theirs = createHash('sha256')
  const answer = await fetch(`http://${address}:${port}${target}`)
  assert(answer.status === 200 && answer.body !== null, `${target} is there: ${answer.status}`)
  for await (const chunk of answer.body) theirs.update(chunk)
  assert(ours.digest('hex') === theirs.digest('hex'), `${target} is what the file holds`)
}

interface Asked {
  readonly connection: TcpConnection
  /** Undefined: the header has not come yet. */
  left: number | undefined
  at: number
  sampleAt: number
  askedAtMs: number
}

async function run(load: HttpLoad) {
  const { address, port, target, path, fileBytes, rangeBytes, connections, counts, ...time } = load
  const file = await open(path)
  const random = seededRandom(connections)
  const ready = new ReadinessSet()
  const meter = new LoadMeter(time)
  const tally = new Tally(meter)
  const waits = new Waits()
  const buffer = Buffer.alloc(sampleBytes)
  // Cached in the process for small files; large ones are sampled from a copy of a part, so that the disk is not asked.
  const windowBytes = Math.min(fileBytes, 64 * 1024 * 1024)
  const content = Buffer.alloc(windowBytes)
  await file.read(content, 0, windowBytes, 0)
  await file.close()

  const ask = (asked: Asked): void => {
    const room = Math.max(0, windowBytes - Math.max(rangeBytes, 1))
    const first = rangeBytes === 0 ? 0 : Math.floor(random() * room)
    const range = rangeBytes === 0 ? '' : `Range: bytes=${first}-${first + rangeBytes - 1}\r\n`
    asked.left = undefined
    asked.askedAtMs = performance.now()
    asked.at = first
    asked.sampleAt =
      first + Math.floor(random() * Math.max(1, Math.min(windowBytes, rangeBytes || windowBytes) - sampleBytes))
    asked.connection.send(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: ${address}\r\n${range}\r\n`))
  }
  const compare = (asked: Asked, bytes: Buffer): void => {
    if (asked.at + bytes.length <= windowBytes) {
      assert(bytes.compare(content, asked.at, asked.at + bytes.length) === 0, `octets at ${asked.at} differ`)
    }
    taken(asked, bytes.length)
  }
  const taken = (asked: Asked, bytes: number): void => {
    assert(asked.left !== undefined && bytes <= asked.left, 'no more comes than was promised')
    asked.at += bytes
    asked.left -= bytes
    if (counts === 'megabytes') tally.add(bytes / octetsPerMegabyte)
    if (asked.left > 0) return
    if (counts === 'requests') tally.add(1)
    if (meter.started) waits.add(performance.now() - asked.askedAtMs)
    ask(asked)
  }
  /** False: nothing more is there. */
  const read = (asked: Asked): boolean => {
    if (asked.left === undefined) {
      const count = asked.connection.receive(buffer.subarray(0, headerBytesMax))
      if (count === undefined) return false
      const end = buffer.subarray(0, count).indexOf('\r\n\r\n')
      assert(end > 0, 'the header comes in one piece')
      const length = /\r\ncontent-length: (\d+)/i.exec(buffer.toString('latin1', 0, end + 2))?.[1]
      const status = buffer.toString('latin1', 9, 12)
      assert(status === (rangeBytes === 0 ? '200' : '206'), `the status is ${status}`)
      asked.left = Number(length)
      assert(asked.left === (rangeBytes || fileBytes), `the length is ${length}`)
      if (count > end + 4) compare(asked, buffer.subarray(end + 4, count))
      return true
    }
    const ahead = asked.sampleAt - asked.at
    if (ahead > 0 && asked.left > sampleBytes) {
      const count = asked.connection.discard(Math.min(ahead, asked.left, discardBytesMax))
      if (count === undefined) return false
      taken(asked, count)
      return true
    }
    const isSampled = ahead > -sampleBytes || fileBytes <= sampleBytes
    const count = isSampled
      ? asked.connection.receive(buffer.subarray(0, Math.min(sampleBytes, asked.left)))
      : asked.connection.discard(Math.min(asked.left, discardBytesMax))
    if (count === undefined) return false
    if (isSampled) compare(asked, buffer.subarray(0, count))
    else taken(asked, count)
    return true
  }

  const all = Array.from({ length: connections }, (_, token): Asked => {
    const connection = new TcpConnection(address, port)
    ready.add(connection.descriptor, token)
    const asked = { connection, left: undefined, at: 0, sampleAt: 0, askedAtMs: 0 }
    ask(asked)
    return asked
  })
  const spins = counts === 'requests'
  let nowMs = performance.now()
  while (meter.goesOn(nowMs)) {
    const tokens = ready.wait(spins ? noWaitMs : waitMs)
    for (const token of tokens) {
      const asked = all[token]
      if (asked === undefined) continue
      for (let reads = 0; reads < readsAtOnce && read(asked); reads++);
    }
    const beforeMs = nowMs
    nowMs = performance.now()
    if (spins && tokens.length === 0) meter.lookedInVain(nowMs - beforeMs)
  }
  const result = meter.result({ amount: tally.amount, more: figuresOf(waits) })
  for (const { connection } of all) connection.close()
  ready.close()
  return result
}
