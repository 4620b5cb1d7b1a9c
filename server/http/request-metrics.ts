/** Answered requests for Prometheus, by area and status class; never by path, which would grow without end. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Counter, type Registry } from 'prom-client'
import type { Refusal } from './server-limits.ts'

const areas = ['boot', 'content', 'blobs', 'agent', 'distribution-point', 'api', 'healthz', 'metrics'] as const

export function countRequests(registry: Registry): (request: IncomingMessage, response: ServerResponse) => void {
  const requests = new Counter({
    name: 'reveille_http_requests_total',
    help: 'Answered HTTP requests.',
    labelNames: ['area', 'status'],
    registers: [registry],
  })
  // Looking a counter up by its labels costs more than counting.
  const counters = new Map<string, Counter.Internal>()
  return ({ url = '' }, { statusCode }) => {
    const area = areas.find((known) => url.startsWith(known, 1) && isEnd(url[known.length + 1])) ?? 'console'
    const status = `${Math.floor(statusCode / 100)}xx`
    const key = `${area} ${status}`
    let counter = counters.get(key)
    if (counter === undefined) counters.set(key, (counter = requests.labels({ area, status })))
    counter.inc()
  }
}

function isEnd(character: string | undefined): boolean {
  return character === undefined || character === '/' || character === '?'
}

export function countRefusals(registry: Registry): (reason: Refusal) => void {
  const refusals = new Counter({
    name: 'reveille_http_refused_total',
    help: 'Connections that were closed without an answer.',
    labelNames: ['reason'],
    registers: [registry],
  })
  return (reason) => refusals.inc({ reason })
}
