/** The TFTP server as the rest of the program sees it: it is opened, it counts, and it is closed. */

import { availableParallelism } from 'node:os'
import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { BootFileSource } from './boot-file-source.ts'
import { grantFiles, type LimitsFor } from './granted-files.ts'
import { whyNoSystemCalls } from './libc.ts'
import { defaultRequestBudget } from './request-budget.ts'
import type { RequestBudgetLimits } from './request-budget.ts'
import { sumOfCounters } from './tftp-counters.ts'
import type { TftpCounter } from './tftp-counters.ts'
import { openTftpCrew } from './tftp-crew.ts'
import { openHere } from './tftp-here.ts'
import type { TftpServiceLimits } from './tftp-service.ts'
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
  readonly limitsFor?: LimitsFor
  readonly budget?: Partial<RequestBudgetLimits>
  readonly limits?: Partial<TftpServiceLimits>
  readonly through?: 'system-calls' | 'node'
  /** Beside this one, with system calls; 0: TFTP is done here. Absent: all cores but one, eight at most. */
  readonly threads?: number
  readonly signal: AbortSignal
}

export interface TftpListener {
  readonly localPort: number
  /** How it is done here, for people. */
  readonly backEnd: string
  readonly counters: Readonly<Record<TftpCounter, number>>
  /** Transfers under way, half-open ones included. */
  readonly active: number
  close(): Promise<void>
}

/** Many, so that those who want to interfere cannot guess one. */
const transferPorts = 64
/** Where a core is left over: less than it takes to fall asleep and be woken. */
const lookOnMs = 0.1
/** One sends 10 Gbit/s in windows of 16; each takes some ten megabytes. */
const threadsMax = 8
/** A hall of ten thousand machines that are switched on at once fits. */
const limits = { halfOpenMax: 16_384, transfersMax: 20_000, cacheBytesMax: 128 * 1_048_576 }

export async function openTftpListener(options: TftpListenerOptions): Promise<TftpListener> {
  const { signal, budget, limitsFor, observe, onFault } = options
  signal.throwIfAborted()
  const shared = {
    address: options.address,
    port: options.port,
    transferPorts: options.singlePort === true ? 0 : transferPorts,
    files: grantFiles(options.files, limitsFor),
    observe: (report: TransferReport) => observe?.(report),
    onFault: (error: unknown) => onFault?.(error),
    budget: { ...defaultRequestBudget, ...budget },
    limits: { ...limits, ...options.limits },
    lookOnMs: availableParallelism() > 2 ? lookOnMs : 0,
    signal,
  }
  const direct = options.through !== 'node' && whyNoSystemCalls() === undefined
  const threads = direct ? (options.threads ?? Math.min(availableParallelism() - 1, threadsMax)) : 0
  const crew =
    threads > 0 ? await openTftpCrew({ ...shared, threads }) : [await openHere({ ...shared, direct, threads: 1 })]
  const close = async (): Promise<void> => {
    await Promise.all(crew.map((thread) => thread.close()))
  }
  signal.addEventListener('abort', () => void close(), { once: true })
  return {
    localPort: crew[0]?.localPort ?? 0,
    backEnd: describe(direct, threads),
    get counters() {
      return sumOfCounters(crew.map(({ counters }) => counters))
    },
    get active() {
      return crew.reduce((total, { counters }) => total + counters.active, 0)
    },
    close,
  }
}

function describe(direct: boolean, threads: number): string {
  if (!direct) return 'node:dgram, in the main thread'
  if (threads === 0) return 'system calls, in the main thread'
  return threads === 1 ? 'system calls, in a thread of its own' : `system calls, in ${threads} threads`
}
