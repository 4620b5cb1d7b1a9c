/** A TFTP listener on a free port of loopback, with a client, both closed when the test is over. */

import type { ExecutionContext } from 'ava'
import type { Ipv4Address } from '../../server/address/ipv4-address.ts'
import { openTftpListener } from '../../server/listen/tftp-listener.ts'
import type { TftpListener, TftpListenerOptions } from '../../server/listen/tftp-listener.ts'
import type { TransferReport } from '../../server/listen/tftp-session.ts'
import { bootFiles } from './boot-files.ts'
import type { CountedFiles } from './boot-files.ts'
import { openTftpClient } from './tftp-client.ts'
import type { Place, TftpClient } from './tftp-client.ts'

export interface Served {
  readonly listener: TftpListener
  readonly client: TftpClient
  readonly files: CountedFiles
  readonly reports: readonly TransferReport[]
  /** The last report of the first transfer that ends. */
  readonly ended: Promise<TransferReport>
  readonly faults: readonly unknown[]
  readonly place: Place
}

export async function served(
  t: ExecutionContext,
  contents: Parameters<typeof bootFiles>[0],
  options: Partial<TftpListenerOptions> = {},
): Promise<Served> {
  const stop = new AbortController()
  const files = bootFiles(contents)
  const reports: TransferReport[] = []
  const faults: unknown[] = []
  const { promise: ended, resolve } = Promise.withResolvers<TransferReport>()
  const listener = await openTftpListener({
    address: '127.0.0.1' as Ipv4Address,
    port: 0,
    // In this thread, unless the test says otherwise: a hundred tests at once would start a hundred threads.
    threads: 0,
    files,
    observe: (report) => {
      reports.push(report)
      if (report.outcome !== undefined) resolve(report)
    },
    onFault: (error) => faults.push(error),
    signal: stop.signal,
    ...options,
  })
  t.teardown(() => stop.abort())
  const client = await anotherClient(t)
  return { listener, client, files, reports, ended, faults, place: { port: listener.localPort } }
}

export async function anotherClient(t: ExecutionContext, address?: string): Promise<TftpClient> {
  const client = await openTftpClient(address)
  t.teardown(() => client.close())
  return client
}

/** Not `deepEqual`: describing millions of octets takes seconds. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
