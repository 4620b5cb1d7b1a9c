/**
 * Headers that every answer carries, errors and downloads included (HT-25). Scripts and styles come from our own files
 * only; a name that a machine sent can therefore be text and nothing else (security D01, D20).
 */

import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'
import { asError } from '../caught-error.ts'

const setHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      // WebSocket of the same origin; browsers take it from 'self'.
      connectSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      objectSrc: ["'none'"],
      // Not even our own code can turn a text into markup or a script.
      requireTrustedTypesFor: ["'script'"],
    },
  },
  frameguard: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' },
  // The site is reached over plain HTTP as well, and firmware knows nothing else.
  strictTransportSecurity: false,
  // For browsers and plug-ins that nobody has any more.
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
  // Without https these are ignored with a warning in the browser's console.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
})

/** They are the same for every answer, so they are made once, on one that nobody gets. */
const headers = makeHeaders()
const headerList: readonly string[] = [...headers].flat()

export function setSecurityHeaders(response: ServerResponse): void {
  response.setHeaders(headers)
}

/**
 * Begins an answer with its own headers and these, as one list: thousands of machines ask for small files, and setting
 * headers one by one first takes Node several times as long. Where they were set before, they are not doubled.
 */
export function writeHeadWithSecurity(
  response: ServerResponse,
  status: number,
  own: Readonly<Record<string, string | number>>,
): ServerResponse {
  const list = [...headerList]
  for (const name in own) list.push(name, String(own[name]))
  return response.writeHead(status, list)
}

function makeHeaders(): Map<string, string> {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  setHeaders(request, response, (error?: unknown) => {
    if (error !== undefined) throw asError(error)
  })
  return new Map(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]))
}
