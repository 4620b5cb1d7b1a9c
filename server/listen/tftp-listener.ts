/** The TFTP server as the rest of the program sees it: it is opened, it counts, and it is closed. */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { TftpLimits } from '../tftp/negotiate.ts'
import type { BootFileSource } from './boot-file-source.ts'
import type { DatagramArrival, DatagramPort } from './datagram-port.ts'
import { slotMs } from './deadlines.ts'
import { whyNoSystemCalls } from './libc.ts'
import { watchReadable, type Watch } from './readiness.ts'
import { defaultRequestBudget } from './request-budget.ts'
import type { RequestBudgetLimits } from './request-budget.ts'
import { TftpCounters, sumOfCounters } from './tftp-counters.ts'
import type { TftpCounter } from './tftp-counters.ts'
import { openDirectPorts, openPlainPorts, type OpenTftpPorts } from './tftp-ports.ts'
import { TftpService } from './tftp-service.ts'
import type { TransferReport } from './tftp-session.ts'

export interface TftpListenerOptions {
  readonly address: Ipv4Address
  /** 69 in service. */
  readonly port: number
  readonly files: BootFileSource
  readonly observe?: (report: TransferReport) => void
  /** Something is broken on our side: a file that cannot be opened or read. */
  readonly onFault?: (error: unknown) => void
  /** Answers leave from the port of the requests, for clients behind NAT and for containers (T21). */
  readonly singlePort?: boolean
  /** Firmware that fails above certain sizes (T06, T09). */
  readonly limitsFor?: (client: { readonly address: Ipv4Address }) => Partial<TftpLimits>
  readonly budget?: Partial<RequestBudgetLimits>
  readonly through?: 'system-calls' | 'node'
  readonly signal: AbortSignal
}

export interface TftpListener {
  readonly localPort: number
  readonly counters: Readonly<Record<TftpCounter, number>>
  /** Transfers under way, half-open ones included. */
  readonly active: number
  close(): Promise<void>
}

/** Many, so that those who want to interfere cannot guess one. */
const transferPorts = 64
const limits = { halfOpenMax: 1_024, transfersMax: 20_000, cacheBytesMax: 128 * 1_048_576 }

export async function openTftpListener(options: TftpListenerOptions): Promise<TftpListener> {
  const { signal, budget, limitsFor, observe, onFault } = options
  signal.throwIfAborted()
  const counters = new TftpCounters()
  const receive = (datagram: DatagramArrival, port: DatagramPort): void => service.receive(datagram, port)
  const ports = await openPorts(options, receive)
  let timer: NodeJS.Timeout | undefined
  const service = new TftpService(
    {
      files: options.files,
      counters,
      observe: (report) => observe?.(report),
      onFault: (error) => onFault?.(error),
      limitsFor: (address) => limitsFor?.({ address }) ?? {},
      budget: { ...defaultRequestBudget, ...budget },
      limits,
      onBusy: () => {
        timer ??= setInterval(turn, slotMs)
      },
    },
    ports,
  )
  const turn = (): void => {
    service.turn(performance.now())
    if (!service.idle) return
    clearInterval(timer)
    timer = undefined
  }
  const close = async (): Promise<void> => {
    service.close()
    clearInterval(timer)
    await ports.close()
  }
  signal.addEventListener('abort', () => void close(), { once: true })
  return {
    localPort: ports.request.localPort,
    get counters() {
      return sumOfCounters([counters])
    },
    get active() {
      return counters.active
    },
    close,
  }
}

/** DHCP is read first: whoever waits for an address waits for everything. */
function watchPatiently(descriptor: number, read: () => number): Watch {
  return watchReadable(descriptor, read, 'patient')
}

async function openPorts(
  { address, port, singlePort = false, through, signal }: TftpListenerOptions,
  onDatagram: (datagram: DatagramArrival, port: DatagramPort) => void,
): Promise<OpenTftpPorts> {
  const place = { address, port, transferPorts: singlePort ? 0 : transferPorts }
  const direct = through !== 'node' && whyNoSystemCalls() === undefined
  return direct ? openDirectPorts(place, watchPatiently, onDatagram) : openPlainPorts(place, onDatagram, signal)
}
