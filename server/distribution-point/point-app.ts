/** What a distribution point answers: files of content to runs, as the site does, and its health. Nothing here listens. */

import { Gauge, type Registry } from 'prom-client'
import { answerError } from '../http/answer-error.ts'
import { sendBlob } from '../http/boot-routes.ts'
import type { HttpLog } from '../http/dependencies.ts'
import { showTraffic } from '../http/traffic-metrics.ts'
import { Traffic } from '../http/traffic.ts'
import { type FileRequest, fileRequest } from '../http/file-request.ts'
import { hashedFile, namedFile, type NamedContent } from '../http/find-content-file.ts'
import { createMachinePlane } from '../http/machine-plane.ts'
import { notFound, Problem } from '../http/problem.ts'
import { guardRequest } from '../http/request-guard.ts'
import { sendText } from '../http/send-text.ts'
import type { ServedRoute } from '../http/served-route.ts'
import type { HttpHandlers } from '../http/server-limits.ts'
import { bearerToken } from '../http/token.ts'
import { contentStates } from '../site/content-state.ts'
import type { RunTokens } from './run-tokens.ts'
import type { Synchronizer } from './synchronizer.ts'
import type { VerifiedLibrary } from './verified-library.ts'

export interface PointAppOptions {
  readonly library: VerifiedLibrary
  readonly served: () => readonly NamedContent[]
  readonly tokens: RunTokens
  readonly synchronizer: Pick<Synchronizer, 'report'>
  readonly log: HttpLog
  readonly metrics: Registry
}

export function createPointApp(options: PointAppOptions): HttpHandlers {
  const { log, metrics } = options
  countContents(options)
  const serve = createMachinePlane(pointRoutes(options), () => true)
  const traffic = new Traffic()
  showTraffic(metrics, traffic)
  return {
    handler(request, response) {
      const asked = traffic.begin(request)
      const counted = (): void => traffic.end(asked, response)
      const fail = (error: unknown): void => {
        answerError({ log }, { request, response, error })
        counted()
      }
      try {
        guardRequest(request)
      } catch (error) {
        fail(error)
        return
      }
      void serve(request, response)?.then(counted, fail)
    },
    connected: (connection) => traffic.connected(connection),
    refused: (reason) => traffic.refused(reason),
    upgrade: (_request, socket) => void socket.destroy(),
  }
}

type Find = (contents: readonly NamedContent[], rest: string) => ReturnType<typeof namedFile>

function pointRoutes(options: PointAppOptions): readonly ServedRoute[] {
  const { metrics } = options
  const files = (prefix: string, find: Find): ServedRoute => ({
    method: 'GET',
    path: `${prefix}{rest}`,
    access: 'run-token',
    serve: (request, response) => sendFile(options, fileRequest(request, response, prefix), find),
  })
  return [
    files('/content/', namedFile),
    files('/blobs/', hashedFile),
    {
      method: 'GET',
      path: '/healthz',
      access: 'public',
      serve: async (request, response) => sendText(request, response, 'ok\n'),
    },
    {
      method: 'GET',
      path: '/metrics',
      access: 'public',
      serve: async (request, response) => sendText(request, response, await metrics.metrics(), metrics.contentType),
    },
  ]
}

async function sendFile(options: PointAppOptions, incoming: FileRequest, find: Find): Promise<void> {
  const { library, served, tokens } = options
  const token = bearerToken(incoming.request.headers.authorization)
  const allowed = token === undefined ? 'unknown' : await tokens.standingOf(token)
  if (allowed === 'unknown') {
    throw new Problem(401, {
      detail: 'Send the token of a running task sequence.',
      headers: { 'www-authenticate': 'Bearer' },
    })
  }
  if (allowed === 'cannot-ask') {
    throw new Problem(503, { detail: 'The site cannot be asked about this run now.', headers: { 'retry-after': '5' } })
  }
  const keys = new Set(allowed.map(({ id, version }) => `${id} ${version}`))
  const file = find(
    served().filter(({ id, version }) => keys.has(`${id} ${version}`)),
    incoming.rest,
  )
  if (file === undefined) throw notFound()
  await sendBlob({ library }, incoming, { file, cacheControl: 'private, no-store' })
}

function countContents({ metrics, synchronizer }: PointAppOptions): void {
  const gauge = new Gauge({
    name: 'reveille_distribution_point_contents',
    help: 'Contents that this distribution point is to have.',
    labelNames: ['state'],
    registers: [metrics],
    collect() {
      const { contents } = synchronizer.report()
      for (const state of contentStates) gauge.set({ state }, contents.filter((one) => one.state === state).length)
    },
  })
}
