/** A short text that is made anew for each request, such as a script. Never cached, never chunked. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { writeHeadWithSecurity } from './security-headers.ts'

export function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  const body = Buffer.from(text)
  writeHeadWithSecurity(response, 200, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': 'no-store',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
