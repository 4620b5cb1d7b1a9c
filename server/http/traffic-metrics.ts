/** Requests, connections and pages, for Prometheus. */

import type { Registry } from 'prom-client'
import type { PagesReading } from '../metrics/reading.ts'
import { showLabelled, showPlain } from '../metrics/show-metric.ts'
import type { Traffic } from './traffic.ts'

export function showTraffic(registry: Registry, traffic: Traffic): void {
  showLabelled(registry, {
    name: 'reveille_http_requests_total',
    help: 'Answered HTTP requests.',
    labelNames: ['area', 'status'],
    read: () =>
      traffic.areas.flatMap(({ area, answered }) =>
        answered.flatMap((value, digit) => (value === 0 ? [] : [{ labels: { area, status: `${digit}xx` }, value }])),
      ),
  })
  showLabelled(registry, {
    name: 'reveille_http_sent_bytes_total',
    help: 'Octets of HTTP connections, by what was asked for.',
    labelNames: ['area'],
    read: () => traffic.areas.map(({ area, octets }) => ({ labels: { area }, value: octets })),
  })
  showLabelled(registry, {
    name: 'reveille_http_refused_total',
    help: 'Connections that were closed without an answer.',
    labelNames: ['reason'],
    read: () => traffic.refusals.values.map(([reason, value]) => ({ labels: { reason }, value })),
  })
  showPlain(registry, [
    {
      name: 'reveille_http_connections',
      help: 'Open connections.',
      read: () => traffic.openConnections,
    },
    {
      name: 'reveille_http_requests_under_way',
      help: 'Requests that are being answered.',
      read: () => traffic.underWay,
    },
  ])
}

export function showPages(registry: Registry, pages: () => PagesReading): void {
  showPlain(registry, [
    { name: 'reveille_pages', help: 'Open status pages.', read: () => pages().open },
    {
      name: 'reveille_pages_behind',
      help: 'Status pages that do not take what they are sent.',
      read: () => pages().behind,
    },
    {
      name: 'reveille_page_frames_total',
      help: 'Frames that were sent to status pages.',
      read: () => pages().frames,
    },
  ])
}
