/**
 * A distribution point, put together: its library, the way to its site, what it answers, and an orderly end. It has no database;
 * a kill at any time leaves whole blobs, and parts that are gone on with.
 */

import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { messageOf } from '../caught-error.ts'
import type { Config, DistributionPointConfig } from '../config.ts'
import { ContentLibrary } from '../content/content-library.ts'
import type { HttpLog } from '../http/dependencies.ts'
import { createHttpServer } from '../http/server-limits.ts'
import type { Log } from '../listen/log-port.ts'
import { LoopDelayMeter } from '../metrics/loop-delay.ts'
import { showProcess } from '../metrics/process-metrics.ts'
import { DistributionPointError } from './distribution-point-error.ts'
import { claimSoleUse } from '../store/sole-use.ts'
import { clearKilledImport } from './import-content.ts'
import { KeptContents } from './kept-contents.ts'
import { createPointApp } from './point-app.ts'
import { pointPathsIn } from './point-folder.ts'
import { RunTokens } from './run-tokens.ts'
import { SiteConnection } from './site-connection.ts'
import { Synchronizer } from './synchronizer.ts'
import { VerifiedLibrary } from './verified-library.ts'

/** Running downloads may finish; then connections are cut. */
const graceMs = 5_000

export interface RunPointOptions {
  readonly config: Config
  readonly point: DistributionPointConfig
  readonly log: Log
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Resolves after the signal, when everything is closed. */
export async function runDistributionPoint(options: RunPointOptions): Promise<void> {
  const { config, point, now, signal } = options
  const log = httpLog(options.log)
  const metrics = new Registry()
  const loop = new LoopDelayMeter()
  showProcess(metrics, loop)
  refuseSite(config)
  const token = await readToken(point.tokenFile)
  const paths = pointPathsIn(config.dataDirectory)
  const release = claimSoleUse(paths.folder)
  await clearKilledImport(config.dataDirectory)
  const library = await ContentLibrary.open({ directory: paths.content })
  const kept = await KeptContents.open(paths.contents)
  const site = new SiteConnection({ site: point.site, token, signal })
  const octets = site.octets.bind(site)
  const verified = new VerifiedLibrary({ library, kept, octets, now })
  const synchronizer = new Synchronizer({ site, kept, verified, library, log, now, signal })
  const tokens = new RunTokens({ ask: (tokenSha256) => site.askRunToken({ tokenSha256 }), now })
  const app = createPointApp({ library: verified, served: () => kept.served, tokens, synchronizer, log, metrics })
  const server = createHttpServer(app, { connectionsOfAddressMax: config.connectionsPerAddress })
  const { host, port } = config.http
  await listen(server, config)
  const bound = server.address()
  const at = { host, port: typeof bound === 'object' && bound !== null ? bound.port : port }
  log.info({ ...at, site: point.site }, 'The distribution point is ready')
  await keepAsking(synchronizer, { askMs: point.askSeconds * 1_000, log, signal })
  server.close()
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await synchronizer.settle()
  if (server.listening) await once(server, 'close')
  clearTimeout(cut)
  await kept.save()
  loop.close()
  release()
}

/** One folder for two services is a mistake of whoever starts them, and would be found in a backup at the latest. */
function refuseSite({ dataDirectory, databaseFile }: Config): void {
  if (!existsSync(databaseFile)) return
  const problem = `${dataDirectory} is the data directory of a site. Give the distribution point one of its own with --data`
  throw new DistributionPointError(problem)
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    const advice = 'Make one with ./reveille distribution-point token ID, and name its file with --token-file'
    throw new DistributionPointError(`The token cannot be read (${messageOf(error)}). ${advice}`, { cause: error })
  }
}

async function listen(server: Server, { http: { host, port } }: Config): Promise<void> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const problem = `HTTP cannot use ${host} port ${port} (${messageOf(error)}). Choose another with --http`
    throw new DistributionPointError(problem, { cause: error })
  }
}

interface Asking {
  readonly askMs: number
  readonly log: HttpLog
  readonly signal: AbortSignal
}

/** Says once that the site cannot be asked, and once that it can again. */
async function keepAsking(synchronizer: Synchronizer, { askMs, log, signal }: Asking): Promise<void> {
  let obstacle: string | undefined
  while (!signal.aborted) {
    try {
      await synchronizer.turn()
      if (obstacle !== undefined) log.info({}, 'the site can be asked again')
      obstacle = undefined
    } catch (error) {
      const reason = messageOf(error)
      if (reason !== obstacle && !signal.aborted) {
        log.warn({ reason }, 'the site cannot be asked what to have; what is here is served on')
      }
      obstacle = reason
    }
    await sleep(askMs, undefined, { signal }).catch(() => undefined)
  }
}

function httpLog(log: Log): HttpLog {
  return {
    info: (fields, text) => log.info(text, { ...fields }),
    warn: (fields, text) => log.warn(text, { ...fields }),
    error: (fields, text) => log.error(text, { ...fields }),
  }
}
