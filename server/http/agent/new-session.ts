/** The session that a hello begins, as the store keeps it; whoever has its token, and signs with its key, is that agent. */

import { randomBytes } from 'node:crypto'
import type { DeviceId } from '../../address/identifiers.ts'
import type { Hello } from '../../contract/agent.ts'
import type { MediumId } from '../../contract/medium.ts'
import type { AgentSession } from '../../store/ports.ts'
import { createToken, hashToken } from '../token.ts'
import { sessionCode } from './session-code.ts'

/** A person may take this long to choose; the agent says hello again by itself. */
const sessionLastsMs = 8 * 3_600_000

export interface NewSession {
  readonly hello: Hello
  readonly ipAddress: string
  readonly nowMs: number
  readonly deviceId?: DeviceId | undefined
  /** Whose claim is right. */
  readonly mediumId?: MediumId | undefined
  /** Absent: nobody is told it. */
  readonly token?: string
}

export function newSession({ hello, ipAddress, nowMs, deviceId, mediumId, token }: NewSession): AgentSession {
  const { identityKey, sealingKey, nonce, hardware, startedFrom } = hello
  const serverNonce = randomBytes(16).toString('base64')
  return {
    tokenSha256: hashToken(token ?? createToken('run')),
    identityKey,
    sealingKey,
    nonce,
    serverNonce,
    hardware,
    ipAddress,
    ...(deviceId === undefined ? {} : { deviceId }),
    approved: false,
    code: sessionCode({ identityKey, sealingKey, nonce, serverNonce }),
    createdAtMs: nowMs,
    expiresAtMs: nowMs + sessionLastsMs,
    startedFrom,
    ...(mediumId === undefined ? {} : { mediumId }),
    ...(hello.preferred === undefined ? {} : { preferred: hello.preferred }),
  }
}
