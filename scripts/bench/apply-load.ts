/** Starts the load generator of a case on the load's core, and reads what it tells. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { relayAddress } from './bench-addresses.ts'
import { firstClientAddress } from './bench-network.ts'
import { type BenchCase, benchFiles, type Protocol, type TftpShape } from './cases.ts'
import type { DatagramLoad } from './datagram-load.ts'
import type { HttpLoad } from './http-load.ts'
import type { LoadResult, LoadTime } from './load-result.ts'
import { filesFolder, type RunningServer, type ServerName } from './peers.ts'
import type { ProgressLoad } from './progress-load.ts'
import type { StoreLoad } from './store-load.ts'
import type { TftpLoad } from './tftp-clients.ts'

export interface Applied {
  readonly bench: BenchCase
  readonly name: ServerName
  /** Absent: the load has all that it needs in itself. */
  readonly server: RunningServer | undefined
  readonly directory: string
  readonly seed: number
  readonly durationFactor: number
}

type AnyLoad = DatagramLoad | HttpLoad | ProgressLoad | StoreLoad

const run = promisify(execFile)
const loadCore = '1'
/** Beyond what is measured: to start, to compare a file whole, to end. */
const patienceMs = 60_000

const scripts: Readonly<Record<Protocol, string>> = {
  tftp: 'datagram-load.ts',
  dhcp: 'datagram-load.ts',
  mixed: 'datagram-load.ts',
  http: 'http-load.ts',
  progress: 'progress-load.ts',
  store: 'store-load.ts',
}

export async function applyLoad(applied: Applied): Promise<LoadResult> {
  const { bench, durationFactor } = applied
  const isBurst = bench.protocol === 'tftp' && bench.tftp.once === true
  const time = {
    warmUpMs: bench.warmUpMs * durationFactor,
    measureMs: bench.measureMs * (isBurst ? 1 : durationFactor),
    server: applied.server?.measured,
  }
  return startLoad(bench.protocol, loadFor(applied, time), time)
}

export async function startLoad(protocol: Protocol, load: AnyLoad, time: LoadTime): Promise<LoadResult> {
  const script = join(import.meta.dirname, scripts[protocol])
  // SQLite has a thread for itself: it needs the servers' core, which nobody else uses then.
  const pinned = protocol === 'store' ? [] : ['--cpu-list', loadCore]
  const command = [process.execPath, script, JSON.stringify(load)]
  const [program = '', ...words] = pinned.length === 0 ? command : ['taskset', ...pinned, ...command]
  const timeout = patienceMs + time.warmUpMs + time.measureMs
  const { stdout } = await run(program, words, { timeout })
  return JSON.parse(stdout) as LoadResult
}

function loadFor({ bench, name, server, directory, seed }: Applied, time: LoadTime): AnyLoad {
  const { address = '', port = 0, token } = server ?? {}
  const tftpLoad = (shape: TftpShape): TftpLoad => ({
    ...shape,
    ...tftpPlace({ address, directory, seed }, shape.file),
  })
  switch (bench.protocol) {
    case 'tftp': {
      const { tftp, counts, spins, memoryFrom } = bench
      const more = { ...(counts && { counts }), ...(spins && { spins }), ...(memoryFrom && { memoryFrom }) }
      return { ...time, ...more, tftp: tftpLoad(tftp) }
    }
    case 'dhcp':
      return { ...time, dhcp: { address, relayAddress, inFlight: bench.inFlight } }
    case 'mixed': {
      const dhcp = { address, relayAddress, inFlight: bench.inFlight }
      return { ...time, tftp: tftpLoad(bench.tftp), dhcp }
    }
    case 'http': {
      const { file, rangeBytes, connections, counts } = bench
      const place = { address, port, target: `/boot/files/${file}`, path: join(directory, filesFolder, file) }
      return { ...time, ...place, fileBytes: benchFiles[file], rangeBytes, connections, counts }
    }
    case 'progress': {
      const { clients, machines, eventsPerSecond, eventsPerReport } = bench
      const shape = { clients, machines, eventsPerSecond, eventsPerReport }
      return { ...time, ...shape, address, port, ...(token === undefined ? {} : { token }) }
    }
    case 'store': {
      const { machines, eventsPerSecond } = bench
      return { ...time, into: name === 'in-loop' ? 'main-loop' : 'writer', machines, eventsPerSecond }
    }
    default:
      return bench satisfies never
  }
}

interface TftpPlace {
  readonly address: string
  readonly directory: string
  readonly seed: number
}

export function tftpPlace({ address, directory, seed }: TftpPlace, file: string) {
  return { address, seed, path: join(directory, filesFolder, file), firstAddress: firstClientAddress }
}
