/** An answer to a machine in JSON. */

import type { ServerResponse } from 'node:http'
import { writeHeadWithSecurity } from './security-headers.ts'

export function sendJson(response: ServerResponse, value: object): void {
  const body = Buffer.from(JSON.stringify(value))
  const headers = { 'content-type': 'application/json', 'content-length': body.length, 'cache-control': 'no-store' }
  writeHeadWithSecurity(response, 200, headers).end(body)
}
