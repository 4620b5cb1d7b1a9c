/** What the main thread, which has the files, and a thread of TFTP say to each other. Octets of files are in shared memory. */

import type { Ipv4Address } from '../address/ipv4-address.ts'
import type { TftpLimits } from '../tftp/negotiate.ts'
import type { RequestBudgetLimits } from './request-budget.ts'
import type { TftpServiceLimits } from './tftp-service.ts'
import type { TransferReport } from './tftp-session.ts'

/** What the thread is given when it starts. */
export interface TftpThreadWork {
  readonly address: Ipv4Address
  readonly port: number
  readonly transferPorts: number
  /** How many threads have the port. */
  readonly threads: number
  readonly budget: RequestBudgetLimits
  readonly limits: TftpServiceLimits
  /** Of `TftpCounters`. */
  readonly counters: SharedArrayBuffer
  /** Of `WakeUpDescriptor`: written after each message, because the thread waits for sockets. */
  readonly wakeUp: number
  /** How long it goes on looking after the last datagram instead of sleeping. */
  readonly lookOnMs: number
}

export type ToTftpThread =
  | { readonly kind: 'opened'; readonly ask: number; readonly file: OpenedFile | undefined }
  | { readonly kind: 'read'; readonly ask: number; readonly octets: Uint8Array }
  /** Either of the two. */
  | { readonly kind: 'failed'; readonly ask: number; readonly error: unknown }
  | { readonly kind: 'end' }

export interface OpenedFile {
  readonly id: number
  readonly bytes: number
  readonly version: string
  readonly limits: Partial<TftpLimits>
}

export type FromTftpThread =
  | { readonly kind: 'listens'; readonly localPort: number }
  /** `code`: of `BindError`. */
  | { readonly kind: 'cannot-bind'; readonly code: string }
  | { readonly kind: 'open'; readonly ask: number; readonly name: string; readonly client: Ipv4Address }
  | {
      readonly kind: 'read'
      readonly ask: number
      readonly file: number
      readonly offset: number
      readonly length: number
    }
  | { readonly kind: 'close'; readonly file: number }
  | { readonly kind: 'reports'; readonly reports: readonly TransferReport[] }
  | { readonly kind: 'fault'; readonly error: unknown }
