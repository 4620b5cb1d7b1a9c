/**
 * Load by UDP: clients of TFTP, of DHCP, or of both at once, in one loop that waits for all their sockets. Also the memory
 * that transfers take while they are under way: with few of them, and with many.
 */

import { whyNoSystemCalls } from '../../server/listen/libc.ts'
import { ReadinessSet } from '../../server/listen/readiness-set.ts'
import { DhcpClients, type DhcpLoad, dhcpToken } from './dhcp-clients.ts'
import { type Figures, figuresOf, LoadMeter, type LoadResult, type LoadTime } from './load-result.ts'
import { anonymousKilobytes, type Measured } from './process-tree.ts'
import { TftpClients, type TftpLoad } from './tftp-clients.ts'

export interface DatagramLoad extends LoadTime {
  readonly tftp?: TftpLoad
  readonly dhcp?: DhcpLoad
  /** Of TFTP. */
  readonly counts?: 'megabytes' | 'files'
  /** One client alone: nobody wakes it. */
  readonly spins?: boolean
  /** Clients that there are at first, until the server's memory was looked at; then all. */
  readonly memoryFrom?: number
}

const waitMs = 10
const octetsPerMegabyte = 1e6
/** What is free again after a moment is none of a transfer's: the least that is seen counts. */
const looksEveryMs = 200
const settlesMs = 1_500

const load = JSON.parse(process.argv[2] ?? '') as DatagramLoad
const reason = whyNoSystemCalls()
if (reason !== undefined) throw new Error(reason)
console.log(JSON.stringify(run(load)))

function run({ tftp, dhcp, counts = 'megabytes', spins = false, memoryFrom, ...time }: DatagramLoad): LoadResult {
  const ready = new ReadinessSet()
  const meter = new LoadMeter(time)
  const files = tftp && new TftpClients({ ...tftp, clients: memoryFrom ?? tftp.clients }, ready, meter)
  const leases = dhcp && new DhcpClients(dhcp, ready, meter)
  const loop = (goesOn: (nowMs: number) => boolean): void => {
    let nowMs = performance.now()
    const isDone = (): boolean => tftp?.once === true && files?.unfinished === 0
    while (goesOn(nowMs) && !isDone()) {
      const tokens = ready.wait(spins || files?.isHolding === true ? 0 : waitMs)
      for (const token of tokens) {
        if (token === dhcpToken) leases?.hear()
        else files?.hear(token)
      }
      const beforeMs = nowMs
      nowMs = performance.now()
      if (spins && tokens.length === 0) meter.lookedInVain(nowMs - beforeMs)
      files?.turn(nowMs)
      leases?.turn(nowMs)
    }
  }
  const memory = memoryFrom === undefined ? {} : memoryEach(loop, { tftp, files, memoryFrom, server: time.server })
  loop((nowMs) => meter.goesOn(nowMs))
  files?.endWaits()
  const amount = leases?.done.amount ?? (counts === 'files' ? files?.files.amount : megabytes(files)) ?? 0
  const seconds = time.measureMs / 1_000
  const mixed = leases === undefined || files === undefined ? {} : { tftpMegabytes: megabytes(files) / seconds }
  const burst = tftp?.once === true ? { unfinished: files?.unfinished ?? 0 } : {}
  const more: Figures = { ...figuresOf(leases?.waits ?? files?.waits), ...mixed, ...burst, ...memory }
  const failed = (files?.failed ?? 0) + (leases?.failed ?? 0)
  const repeats = (files?.repeats ?? 0) + (leases?.repeats ?? 0)
  const result = meter.result({ amount, failed, repeats, more, reason: files?.refusal })
  files?.close()
  leases?.close()
  ready.close()
  return result
}

function megabytes(files: TftpClients | undefined): number {
  return (files?.bytes.amount ?? 0) / octetsPerMegabyte
}

interface Growing {
  readonly tftp: TftpLoad | undefined
  readonly files: TftpClients | undefined
  readonly memoryFrom: number
  readonly server: Measured | undefined
}

function memoryEach(
  loop: (goesOn: (nowMs: number) => boolean) => void,
  { tftp, files, memoryFrom, server = { pid: process.pid } }: Growing,
): Figures {
  const clients = tftp?.clients ?? memoryFrom
  const leastKilobytes = (): number => {
    const fromMs = performance.now() + settlesMs
    let lookAtMs = fromMs
    let least = Number.POSITIVE_INFINITY
    loop((nowMs) => {
      if (nowMs >= lookAtMs) {
        least = Math.min(least, anonymousKilobytes(server))
        lookAtMs = nowMs + looksEveryMs
      }
      return nowMs < fromMs + settlesMs
    })
    return least
  }
  const before = leastKilobytes()
  files?.grow(clients)
  const grown = leastKilobytes() - before
  // Who serves none of them needs no memory for it.
  const { octets = 0 } = files ?? {}
  const untilMs = performance.now() + settlesMs
  loop((nowMs) => nowMs < untilMs)
  return files?.octets === octets ? {} : { kilobytesEach: grown / (clients - memoryFrom) }
}
