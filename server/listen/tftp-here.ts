/** TFTP in this thread, between everything else that it does: where there is one core, or no system calls. */

import type { DatagramArrival, DatagramPort } from './datagram-port.ts'
import { slotMs } from './deadlines.ts'
import { watchReadable, type Watch } from './readiness.ts'
import { TftpCounters } from './tftp-counters.ts'
import { openDirectPorts, openPlainPorts, type TftpPlace } from './tftp-ports.ts'
import { TftpService, type TftpServiceOptions } from './tftp-service.ts'
import type { TftpThread } from './tftp-thread.ts'

export interface TftpHereOptions extends TftpPlace, Omit<TftpServiceOptions, 'counters' | 'onBusy'> {
  /** With system calls. */
  readonly direct: boolean
  readonly signal: AbortSignal
}

export async function openHere(options: TftpHereOptions): Promise<TftpThread> {
  const receive = (datagram: DatagramArrival, port: DatagramPort): void => service.receive(datagram, port)
  const ports = options.direct
    ? openDirectPorts(options, watchPatiently, receive)
    : await openPlainPorts(options, receive, options.signal)
  const counters = new TftpCounters()
  let timer: NodeJS.Timeout | undefined
  const onBusy = (): void => {
    timer ??= setInterval(turn, slotMs)
  }
  const service = new TftpService({ ...options, counters, onBusy }, ports)
  const turn = (): void => {
    service.turn(performance.now())
    if (!service.idle) return
    clearInterval(timer)
    timer = undefined
  }
  return {
    localPort: ports.request.localPort,
    counters,
    close: async () => {
      service.close()
      clearInterval(timer)
      await ports.close()
    },
  }
}

/** DHCP is read first: whoever waits for an address waits for everything. */
function watchPatiently(descriptor: number, read: () => number): Watch {
  return watchReadable(descriptor, read, 'patient')
}
