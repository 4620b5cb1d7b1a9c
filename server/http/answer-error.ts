/** The one place where errors become answers. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { printFault } from '../caught-error.ts'
import type { HttpDependencies } from './dependencies.ts'
import { Problem, problemOf, sendProblem } from './problem.ts'
import { setSecurityHeaders } from './security-headers.ts'

interface Failed {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly error: unknown
}

export function answerError({ log }: Pick<HttpDependencies, 'log'>, { request, response, error }: Failed): void {
  const problem = problemOf(error)
  // Nobody is there to be answered, and nobody did wrong.
  if (problem === undefined && request.destroyed && !response.writable) return
  if (problem === undefined)
    log.error({ fault: printFault(error), method: request.method, target: request.url }, 'a request failed')
  if (!response.headersSent) setSecurityHeaders(response)
  sendProblem(response, problem ?? new Problem(500))
}
