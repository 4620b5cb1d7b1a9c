/**
 * The HTTP side put together: guards, the route table, the console's files, and one place where errors become answers.
 * Behind the guards there are two planes: requests of machines go straight to their routes (machine-plane.ts); the API and
 * the console, which are for people and scripts, go through Express. Metrics, security headers, guards and errors are the
 * same for both. Sockets are opened by the caller with `createHttpServer` (server-limits.ts); nothing here listens.
 */

import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import type { HttpReading, PagesReading } from '../metrics/reading.ts'
import { countAlerts } from './alert-metrics.ts'
import { type ConsoleFiles, readConsoleFiles, sendConsoleFile } from './console-files.ts'
import type { HttpDependencies } from './dependencies.ts'
import { loginLimit } from './login-limit.ts'
import { createMachinePlane, isForMachines } from './machine-plane.ts'
import { answerError } from './answer-error.ts'
import { notFound, Problem } from './problem.ts'
import { ProgressSocket } from './progress-socket.ts'
import { guardRequest } from './request-guard.ts'
import { routeTable } from './route-table.ts'
import { setSecurityHeaders } from './security-headers.ts'
import type { HttpHandlers } from './server-limits.ts'
import type { ServedRoute } from './served-route.ts'
import { showPages, showTraffic } from './traffic-metrics.ts'
import { Traffic } from './traffic.ts'

export interface HttpApp extends HttpHandlers {
  readonly routes: readonly ServedRoute[]
  readonly reading: () => { readonly http: HttpReading; readonly pages: PagesReading }
  /** Says good-bye to every page; the caller closes the server. */
  close(): Promise<void>
}

export async function createHttpApp(dependencies: HttpDependencies): Promise<HttpApp> {
  const { consoleDirectory, metrics } = dependencies
  const files: ConsoleFiles = consoleDirectory === undefined ? new Map() : await readConsoleFiles(consoleDirectory)
  const routes = routeTable(dependencies)
  const progress = new ProgressSocket(dependencies)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  mountRoutes(
    app,
    routes.filter(({ path }) => !isForMachines(path)),
  )
  app.use(consoleHandler(files))
  app.use(errorHandler(dependencies))
  const serveMachine = createMachinePlane(routes.filter(({ path }) => isForMachines(path)))
  const traffic = new Traffic()
  showTraffic(metrics, traffic)
  showPages(metrics, () => progress.reading)
  countAlerts(metrics, dependencies.store)
  return {
    routes,
    reading: () => ({ http: traffic.reading, pages: progress.reading }),
    handler(request, response) {
      const asked = traffic.begin(request)
      const counted = (): void => traffic.end(asked, response)
      const fail = (error: unknown): void => {
        answerError(dependencies, { request, response, error })
        counted()
      }
      try {
        guardRequest(request)
      } catch (error) {
        fail(error)
        return
      }
      const served = serveMachine(request, response)
      if (served !== undefined) {
        void served.then(counted, fail)
        return
      }
      response.once('close', counted)
      setSecurityHeaders(response)
      app(request, response)
    },
    connected: (connection) => traffic.connected(connection),
    refused: (reason) => traffic.refused(reason),
    upgrade(request, socket, head) {
      traffic.note(request)
      progress.upgrade(request, socket, head)
    },
    close: async () => progress.close(),
  }
}

/** The rows of one path share the answer to methods that none of them has. */
function mountRoutes(app: Express, routes: readonly ServedRoute[]): void {
  const limit = loginLimit()
  const methodsByPath = new Map<string, string[]>()
  for (const route of routes) {
    const path = expressPath(route.path)
    methodsByPath.set(path, [
      ...(methodsByPath.get(path) ?? []),
      ...(route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]),
    ])
    const serve: RequestHandler = async (request, response) => route.serve(request, response, request.params)
    const handlers = route.limited === true ? [limit, serve] : [serve]
    app[mounts[route.method]](path, ...handlers)
  }
  for (const [path, methods] of methodsByPath) {
    app.all(path, () => {
      throw new Problem(405, { headers: { allow: methods.join(', ') } })
    })
  }
}

const mounts = { GET: 'get', PUT: 'put', POST: 'post', DELETE: 'delete' } as const

function expressPath(path: string): string {
  return path.replaceAll(/\{([a-z]+)\}/g, ':$1')
}

function consoleHandler(files: ConsoleFiles): RequestHandler {
  return async (request, response) => {
    if (request.method === 'GET' || request.method === 'HEAD') {
      if (await sendConsoleFile(files, request, response)) return
    } else if (request.path === '/') throw new Problem(405, { headers: { allow: 'GET, HEAD' } })
    throw notFound()
  }
}

function errorHandler(dependencies: HttpDependencies): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => answerError(dependencies, { request, response, error })
}
