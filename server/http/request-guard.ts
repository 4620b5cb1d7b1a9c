/**
 * What every request must be before anything looks at it: exactly one Host (RFC 9112 section 3.2; Node lets two
 * pass, HT-13), and a target in origin form. `//` becomes `/` without a redirect, because GRUB and boot firmware ask
 * so and follow no redirect (peers.md H08, H11).
 */

import type { IncomingMessage } from 'node:http'
import { Problem } from './problem.ts'

export function guardRequest(request: IncomingMessage): void {
  const hosts = countHosts(request.rawHeaders)
  if (hosts > 1 || (hosts === 0 && request.httpVersion !== '1.0')) throw badHost()
  const host = request.headers.host
  if (host !== undefined && !/^(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/.test(host))
    throw badHost()
  request.url = originForm(request.url ?? '/')
}

function countHosts(rawHeaders: readonly string[]): number {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts
}

function badHost(): Problem {
  return new Problem(400, { detail: 'Send exactly one valid Host header.', headers: { connection: 'close' } })
}

/** `http://server/path` is accepted as `/path` (HT-19). */
function originForm(target: string): string {
  if (target.startsWith('/') && !target.includes('//')) return target
  const origin = target.replace(/^https?:\/\/[^/?#]*/i, '')
  const [path = '', ...query] = origin.split('?')
  if (path !== '' && !path.startsWith('/')) throw new Problem(400, { detail: 'The request target must be a path.' })
  const plain = `/${path.replace(/^\/+/, '')}`.replaceAll(/\/{2,}/g, '/')
  return query.length === 0 ? plain : `${plain}?${query.join('?')}`
}

/**
 * The name behind a prefix, decoded once and segment by segment: an encoded slash stays inside its segment and so
 * names nothing (HT-20). Undefined when it cannot be a name.
 */
export function decodeName(path: string): string | undefined {
  if (path.length <= 255 && plainName.test(path)) return path
  const segments: string[] = []
  for (const segment of path.split('/')) {
    const decoded = decodeSegment(segment)
    if (decoded === undefined || !/^[^/\\\p{Cc}]{1,255}$/u.test(decoded)) return undefined
    if (decoded === '.' || decoded === '..') return undefined
    segments.push(decoded)
  }
  return segments.join('/')
}

/** Nothing to decode, and no segment begins with a dot: most names are so. */
const plainName = /^[A-Za-z0-9_-][\w.-]*(?:\/[A-Za-z0-9_-][\w.-]*)*$/

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
