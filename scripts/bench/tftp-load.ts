/**
 * TFTP load: a number of clients at once, each with a fresh port, each beginning its next download when one is done, for
 * a fixed time. Round trip and loss are made here, since the kernel may have no netem: every packet sent is held for the
 * round trip, and DATA that arrive and acknowledgements that leave are dropped with a chance, by a seed.
 */

import { readFileSync } from 'node:fs'
import { ipv4ToNumber, type Ipv4Address } from '../../server/address/ipv4-address.ts'
import { DatagramDescriptor } from '../../server/listen/datagram-descriptor.ts'
import { whyNoSystemCalls } from '../../server/listen/libc.ts'
import { ReadinessSet } from '../../server/listen/readiness-set.ts'
import { LoadMeter, type LoadTime } from './load-result.ts'
import { seededRandom } from '../lab/seeded-random.ts'
import { Download } from './tftp-client.ts'

export interface TftpLoad extends LoadTime {
  readonly address: string
  readonly file: string
  /** Where the same file is on this machine. */
  readonly path: string
  readonly clients: number
  readonly blockBytes: number
  readonly windowBlocks: number
  readonly roundTripMs: number
  readonly loss: number
  readonly seed: number
}

interface Held {
  readonly dueMs: number
  readonly client: Client
  readonly bytes: Uint8Array
  readonly port: number
}

interface Client {
  socket: DatagramDescriptor
  download: Download
}

const ticksEveryMs = 50
const waitMs = 10
const octetsPerMegabyte = 1e6

const load = JSON.parse(process.argv[2] ?? '') as TftpLoad
const reason = whyNoSystemCalls()
if (reason !== undefined) throw new Error(reason)
console.log(JSON.stringify(run(load)))

function run({ address, file, path, clients, blockBytes, windowBlocks, roundTripMs, loss, seed, ...time }: TftpLoad) {
  const server = ipv4ToNumber(address as Ipv4Address)
  const content = readFileSync(path)
  const ready = new ReadinessSet()
  const meter = new LoadMeter(time)
  const random = seededRandom(seed)
  const lost = (): boolean => loss > 0 && random() < loss
  const held: Held[] = []
  let heldFrom = 0
  let failed = 0
  let repeats = 0

  const transmit = ({ client, bytes, port }: Held): void => {
    client.socket.queue(bytes, { address: server, port, fromAddress: 0, interfaceIndex: 0, segmentBytes: 0 })
    client.socket.flush()
  }
  const begin = (client: Client | undefined, token: number): Client => {
    client?.socket.close()
    const socket = new DatagramDescriptor({
      address: 0,
      port: 0,
      interfaceName: undefined,
      broadcast: false,
      shareAddress: false,
    })
    ready.add(socket.descriptor, token)
    const started: { socket: DatagramDescriptor; download?: Download } = { socket }
    const send = (bytes: Uint8Array, port: number): void => {
      const isAcknowledgement = bytes[1] === 4
      if (isAcknowledgement && lost()) return
      const packet = { dueMs: performance.now() + roundTripMs, client: started as Client, bytes, port }
      if (roundTripMs === 0) transmit(packet)
      else held.push(packet)
    }
    const verified = (bytes: number): void => meter.count(bytes)
    const download = new Download({ file, content, blockBytes, windowBlocks, send, verified }, performance.now())
    return Object.assign(started, { download })
  }
  const releaseHeld = (nowMs: number): void => {
    for (let next = held[heldFrom]; next !== undefined && next.dueMs <= nowMs; next = held[heldFrom]) {
      heldFrom++
      transmit(next)
    }
    if (heldFrom < 4_096) return
    held.splice(0, heldFrom)
    heldFrom = 0
  }

  const all = Array.from({ length: clients }, (_, token) => begin(undefined, token))
  let tickAtMs = 0
  for (let nowMs = performance.now(); meter.goesOn(nowMs); nowMs = performance.now()) {
    for (const token of ready.wait(held.length > heldFrom ? 0 : waitMs)) {
      const client = all[token]
      if (client === undefined) continue
      const heardAtMs = performance.now()
      client.socket.receive(({ bytes, sourcePort }) => {
        if (bytes[1] === 3 && lost()) return
        client.download.receive(bytes, sourcePort, heardAtMs)
      })
      if (client.download.state === 'running') continue
      if (client.download.state === 'refused') failed++
      all[token] = begin(client, token)
    }
    releaseHeld(performance.now())
    if (nowMs < tickAtMs) continue
    tickAtMs = nowMs + ticksEveryMs
    for (const { download } of all) repeats += download.tick(nowMs) ? 1 : 0
  }
  const result = meter.result(octetsPerMegabyte, { failed, repeats })
  for (const { socket } of all) socket.close()
  ready.close()
  return result
}
