/**
 * A thread of TFTP: waits for datagrams on its own sockets and answers them. It goes back to Node's loop, which brings what the
 * main thread says and ends what waits for nothing, only when there is something of that kind.
 */

import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../assert.ts'
import { BindError } from './bind-error.ts'
import { slotMs } from './deadlines.ts'
import { ReadinessSet } from './readiness-set.ts'
import { RemoteFiles } from './remote-files.ts'
import { TftpCounters } from './tftp-counters.ts'
import { openDirectPorts, type OpenTftpPorts } from './tftp-ports.ts'
import { TftpService } from './tftp-service.ts'
import type { TransferReport } from './tftp-session.ts'
import type { FromTftpThread, TftpThreadWork, ToTftpThread } from './tftp-thread-messages.ts'
import { WakeUpDescriptor } from './wake-up-descriptor.ts'

/** Reports collect for so long, unless a transfer has ended. */
const reportsEveryMs = 50
/** When nothing is under way; whatever happens wakes it. */
const idleMs = 10_000

assert(parentPort !== null, 'this is a thread')
const main = parentPort

function say(message: FromTftpThread): void {
  main.postMessage(message, [])
}

class TftpLoop {
  readonly #ready = new ReadinessSet()
  readonly #readers: (() => number)[] = []
  readonly #wakeUp: WakeUpDescriptor
  readonly #files: RemoteFiles
  readonly #service: TftpService
  readonly #ports: OpenTftpPorts
  readonly #lookOnMs: number
  #reports: TransferReport[] = []
  #reportsDueAtMs = 0
  #turnDueAtMs = 0
  #lookUntilMs = 0
  #woken = false
  #ended = false

  constructor(work: TftpThreadWork) {
    this.#lookOnMs = work.lookOnMs
    this.#wakeUp = new WakeUpDescriptor(work.wakeUp)
    this.#watch(this.#wakeUp.descriptor, () => {
      this.#wakeUp.clear()
      this.#woken = true
      return 0
    })
    this.#files = new RemoteFiles(say)
    this.#ports = this.#openPorts(work)
    this.#service = new TftpService(
      {
        files: this.#files,
        counters: new TftpCounters(work.counters),
        observe: (report) => this.#observe(report),
        onFault: (error) => say({ kind: 'fault', error }),
        budget: work.budget,
        limits: work.limits,
        onBusy: () => undefined,
      },
      this.#ports,
    )
  }

  #openPorts(work: TftpThreadWork): OpenTftpPorts {
    try {
      return openDirectPorts(
        work,
        (descriptor, read) => this.#watch(descriptor, read),
        (datagram, port) => this.#service.receive(datagram, port),
      )
    } catch (error) {
      this.#ready.close()
      throw error
    }
  }

  get localPort(): number {
    return this.#ports.request.localPort
  }

  /** Closing a socket takes it out of the set. */
  #watch(descriptor: number, read: () => number): { close(): void } {
    this.#ready.add(descriptor, this.#readers.push(read) - 1)
    return { close: () => undefined }
  }

  run(): void {
    if (this.#ended) return
    do this.#look()
    while (!this.#woken && this.#service.opening === 0)
    this.#woken = false
    setImmediate(() => this.run())
  }

  #look(): void {
    for (const token of this.#ready.wait(this.#waitMs(performance.now()))) {
      const read = this.#readers[token]?.() ?? 0
      if (read > 0) this.#lookUntilMs = performance.now() + this.#lookOnMs
    }
    const nowMs = performance.now()
    if (nowMs >= this.#turnDueAtMs) {
      this.#turnDueAtMs = nowMs + slotMs
      this.#service.turn(nowMs)
    }
    if (this.#reports.length > 0 && nowMs >= this.#reportsDueAtMs) this.#sayReports(nowMs)
  }

  #waitMs(nowMs: number): number {
    if (nowMs < this.#lookUntilMs) return 0
    return this.#service.idle && this.#reports.length === 0 ? idleMs : slotMs
  }

  #observe(report: TransferReport): void {
    this.#reports.push(report)
  }

  #sayReports(nowMs: number): void {
    this.#reportsDueAtMs = nowMs + reportsEveryMs
    say({ kind: 'reports', reports: this.#reports })
    this.#reports = []
  }

  hear(message: ToTftpThread): void {
    if (message.kind === 'end') return this.#end()
    this.#files.hear(message)
    this.#ports.request.flush()
  }

  /** It may be told twice: a descriptor that is closed twice may be somebody else's by then. */
  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#service.close()
    this.#sayReports(performance.now())
    void this.#ports.close()
    this.#ready.close()
    main.close()
  }
}

begin(workerData as TftpThreadWork)

function begin(work: TftpThreadWork): void {
  try {
    const loop = new TftpLoop(work)
    main.on('message', (message: ToTftpThread) => loop.hear(message))
    say({ kind: 'listens', localPort: loop.localPort })
    setImmediate(() => loop.run())
  } catch (error) {
    if (!(error instanceof BindError)) throw error
    say({ kind: 'cannot-bind', code: error.code })
  }
}
