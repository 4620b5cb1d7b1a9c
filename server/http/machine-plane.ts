/**
 * The way of a request of a machine: `/boot/…`, `/content/…`, `/blobs/…`, `/agent/…`, `/media/…`, and of distribution points. Thousands of machines ask for small
 * files in the same minute, so these few routes are found in a table and not by Express, which has the API and the
 * console. The routes are rows of the same list (route-table.ts), and the guards before both are the same (app.ts). Each
 * answer here is begun with `writeHeadWithSecurity`; errors are answered in one place for both (app.ts).
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { assert } from '../assert.ts'
import { asError } from '../caught-error.ts'
import { notFound, Problem } from './problem.ts'
import type { ServedRoute } from './served-route.ts'

/** What iPXE asks for at the root when nobody told it a script. */
const rootFiles: ReadonlySet<string> = new Set(['/autoexec.ipxe'])
const areas = /^\/(?:boot|content|blobs|agent|distribution-point|media)\//

export function isForMachines(path: string): boolean {
  return areas.test(path) || rootFiles.has(path)
}

/** Undefined: the path is not of this plane. */
export type ServeMachine = (request: IncomingMessage, response: ServerResponse) => Promise<void> | undefined

export function createMachinePlane(routes: readonly ServedRoute[], isServed = isForMachines): ServeMachine {
  const named = new Map<string, ServedRoute>()
  const below: { readonly prefix: string; readonly route: ServedRoute }[] = []
  for (const route of routes) {
    const prefix = route.path.replace(/\{rest\}$/, '')
    assert(!prefix.includes('{'), 'a machine names its files, and nothing else, in a path')
    assert(!named.has(prefix), 'one row for each path of a machine')
    if (prefix === route.path) named.set(prefix, route)
    else below.push({ prefix, route })
  }
  const find = (path: string): ServedRoute | undefined =>
    named.get(path) ?? below.find(({ prefix }) => path.length > prefix.length && path.startsWith(prefix))?.route
  return (request, response) => {
    const path = pathOf(request)
    return isServed(path) ? serve(find(path), { request, response, path }) : undefined
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const mark = url.indexOf('?')
  return mark < 0 ? url : url.slice(0, mark)
}

interface Incoming {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
}

function serve(route: ServedRoute | undefined, incoming: Incoming): Promise<void> {
  try {
    return requireRoute(route, incoming).serve(incoming.request, incoming.response, {})
  } catch (error) {
    return Promise.reject(asError(error))
  }
}

function requireRoute(route: ServedRoute | undefined, { request, path }: Incoming): ServedRoute {
  // What cannot be decoded is the client's mistake (400), and not a name that is missing (HT-20).
  if (path.includes('%')) decodeURIComponent(path)
  if (route === undefined) throw notFound()
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (method !== route.method) {
    throw new Problem(405, { headers: { allow: route.method === 'GET' ? 'GET, HEAD' : route.method } })
  }
  return route
}
