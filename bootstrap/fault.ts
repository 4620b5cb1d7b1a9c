/**
 * What can go wrong between the agent and the server, each with the number a person at the machine can read out over
 * the telephone. Numbers below 30 belong to the boot image's first program, 50 and above to runs. The kinds tell apart what the cure is: a name, a cable, a stopped server, a firewall, an old token.
 */

import { systemErrorCode } from '../server/caught-error.ts'
import { type AgentErrorCode, agentErrorCodes } from '../server/contract/agent.ts'

export const faults = {
  'no-server': { number: 30, text: 'the address of the server was not given to this machine' },
  'name-not-found': { number: 31, text: 'the name of the server was not found (DNS)' },
  unreachable: { number: 32, text: 'there is no way to the server (network down or no route)' },
  refused: { number: 33, text: 'the connection was refused (server stopped, or wrong port)' },
  'timed-out': { number: 34, text: 'the server did not answer in time (firewall, or wrong address)' },
  broken: { number: 35, text: 'the connection broke off' },
  certificate: { number: 36, text: 'the certificate of the server is not trusted' },
  'not-ours': { number: 37, text: 'something answered, but not as a Reveille server does' },
  'server-error': { number: 38, text: 'the server has a problem' },
  'bad-signature': { number: 40, text: 'the server does not accept the signature of this machine' },
  replayed: { number: 41, text: 'the server has seen a newer request of this machine' },
  'unknown-token': { number: 42, text: 'the server does not know this session' },
  expired: { number: 43, text: 'this session has expired' },
  'not-found': { number: 44, text: 'the server does not have what was asked for' },
  'not-armed': { number: 45, text: 'no deployment may start on this machine now' },
  'ticket-used': { number: 46, text: 'this run has been continued elsewhere already' },
  'run-ended': { number: 47, text: 'the server has ended this run' },
  invalid: { number: 48, text: 'the server did not understand the request' },
  'event-gap': { number: 49, text: 'the server misses earlier events of this run' },
} as const satisfies Record<string, { readonly number: number; readonly text: string }>

export type FaultKind = keyof typeof faults

/** A request that failed, or was answered with a refusal. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly kind: FaultKind
  readonly url: string
  /** The server said that it wants no other try before; 0: it did not. */
  readonly retryAfterMs: number

  constructor(
    kind: FaultKind,
    url: string,
    said: string | { readonly detail: string; readonly retryAfterMs: number } = '',
  ) {
    const { detail, retryAfterMs } = typeof said === 'string' ? { detail: said, retryAfterMs: 0 } : said
    super(`Error ${faults[kind].number}: ${url}: ${faults[kind].text}${detail === '' ? '' : ` - ${detail}`}`)
    this.kind = kind
    this.url = url
    this.retryAfterMs = retryAfterMs
  }
}

/** True for what a later try may cure without anybody changing what is asked. */
export function isWorthRetrying(kind: FaultKind): boolean {
  const { number } = faults[kind]
  return number < 40 || kind === 'replayed'
}

export function isAgentErrorCode(text: unknown): text is AgentErrorCode {
  return agentErrorCodes.some((code) => code === text)
}

/** The error codes of Node and of the system's resolver, by kind. */
export function connectionFaultKind(error: unknown): FaultKind {
  const code = systemErrorCode(error) ?? ''
  return kindOfCode[code] ?? (/CERT|SIGNED|ERR_TLS|ERR_SSL/.test(code) ? 'certificate' : 'broken')
}

const kindOfCode: Readonly<Record<string, FaultKind>> = {
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
  EAI_FAIL: 'name-not-found',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timed-out',
  HPE_INVALID_CONSTANT: 'not-ours',
}
