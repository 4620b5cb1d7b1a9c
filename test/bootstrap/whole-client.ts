/** The client of an installed system on a machine that a test makes, with a server whose answers the test decides. Needs root. */

import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { agentRoutes } from '../../server/contract/routes.ts'
import { AgentServer } from './agent-server.ts'
import { type answers, killAfter, prepare, startAgent } from './whole-agent.ts'

export interface Prepared {
  readonly server: AgentServer
  readonly folder: string
  /** Starts the client, and gives what it said until it ended. */
  readonly runClient: (
    environment?: Readonly<Record<string, string>>,
    isEnough?: (said: string) => boolean,
  ) => Promise<string>
  /** The system starts anew, as far as anybody can tell. */
  readonly restart: () => void
  readonly offers: () => string
}

export const nothing = { kind: 'nothing-to-run', reason: 'Nothing is deployed here.', askAgainSeconds: 30 } as const

export async function prepareClient(t: ExecutionContext, given: ReturnType<typeof answers>): Promise<Prepared> {
  const server = new AgentServer()
  const folder = await prepare(t, server, given)
  const base = /reveille\.server=(\S+)/.exec(readFileSync(join(folder, 'cmdline'), 'utf8'))?.[1]
  mkdirSync(join(folder, 'lib/reveille'), { recursive: true })
  writeFileSync(join(folder, 'lib/reveille/agent.json'), JSON.stringify({ server: [base] }))
  const restart = (): void => writeFileSync(join(folder, 'boot-id'), `${randomUUID()}\n`)
  restart()
  const bootId = ['/proc/sys/kernel/random/boot_id', 'boot-id'] as const
  const surroundings = { where: 'installed-system', mounts: [['/var/lib', 'lib'], bootId] } as const
  const runClient: Prepared['runClient'] = async (environment = {}, isEnough = () => false) =>
    killAfter(startAgent(t, folder, { ...surroundings, environment }), isEnough)
  return {
    server,
    folder,
    runClient,
    restart,
    offers: () => readFileSync(join(folder, 'memory/reveille/offers'), 'utf8'),
  }
}

/** What is deployed, until the run has started; then nothing more. */
export function once(
  { server }: Prepared,
  machine: AgentServer['helloAnswer']['machine'] = server.helloAnswer.machine,
): void {
  const before = server.helloAnswer
  server.helloAnswer = { ...before, machine }
  server.loss = (path) => {
    if (path === agentRoutes.runs) server.helloAnswer = { ...before, machine: nothing }
    return undefined
  }
}

export const endOf = ({ server }: Prepared) => {
  const body = server.events.findLast(({ body: { kind } }) => kind === 'sequence-ended')?.body
  return body?.kind === 'sequence-ended' ? body.outcome.kind : undefined
}
