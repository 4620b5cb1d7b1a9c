/** Ten wrong tries a minute from one source, over every account (security A13). What succeeded does not count. */

import { ipKeyGenerator, rateLimit, type RateLimitRequestHandler } from 'express-rate-limit'
import { plainAddress } from './machine-addresses.ts'
import { Problem } from './problem.ts'

export const triesMax = 10
export const triesWindowMs = 60_000

export function loginLimit(): RateLimitRequestHandler {
  return rateLimit({
    windowMs: triesWindowMs,
    limit: triesMax,
    skipSuccessfulRequests: true,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => ipKeyGenerator(plainAddress(request.socket.remoteAddress ?? '')),
    handler: () => {
      throw new Problem(429, { detail: 'Too many tries. Wait a minute.', headers: { 'retry-after': '60' } })
    },
  })
}
