/** The start of a run in the boot image when the server refuses it, because something that it needs is missing. */

import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { runInBootImage } from '../../bootstrap/boot-image-start.ts'
import { MachineConsole } from '../../bootstrap/console.ts'
import type { Fault } from '../../bootstrap/fault.ts'
import { Identity } from '../../bootstrap/identity.ts'
import { ManagementPoint } from '../../bootstrap/management-point.ts'
import { Redactor } from '../../bootstrap/redactor.ts'
import type { Machine } from '../../bootstrap/run-session.ts'
import { agentProtocolVersion, type Hello } from '../../server/contract/agent.ts'
import { agentRoutes } from '../../server/contract/routes.ts'
import type { Purpose } from '../../server/site/deployment.ts'
import { AgentServer } from './agent-server.ts'
import { makeContext, makeFolder } from './loop-disk.ts'
import { answers, command, forbidRestarts } from './whole-agent.ts'

interface Site {
  readonly server: AgentServer
  readonly machine: Machine
  readonly said: string[]
  readonly starts: () => number
}

/** A site whose deployment is refused so often before it may start; a run of it fails, so that the agent comes back and does not restart. */
async function siteThatRefuses(t: ExecutionContext, times: number, purpose: Purpose): Promise<Site> {
  const server = new AgentServer()
  t.teardown(() => server.stop())
  const { choice, start } = answers([command('Break', 'exit 9')])
  const selection = { kind: 'start', choice: { ...choice, purpose }, because: 'preferred' } as const
  server.helloAnswer = { ...server.helloAnswer, machine: { kind: 'armed', name: 'pc-1', selection } }
  server.startAnswer = start
  server.detail = 'package RVL00003 has no content'
  let starts = 0
  server.loss = (path) => {
    if (path !== agentRoutes.runs) return undefined
    starts += 1
    return starts <= times ? 'not-found' : undefined
  }
  const said: string[] = []
  const folder = makeFolder(t)
  forbidRestarts(folder)
  process.env['PATH'] = `${folder}:${process.env['PATH']}`
  const machine = machineOf(folder, await server.start(), said)
  return { server, machine, said, starts: () => starts }
}

function machineOf(folder: string, base: string, said: string[]): Machine {
  const redactor = new Redactor()
  const identity = new Identity()
  const { identityKey, sealingKey, nonce } = identity
  const { hardware } = makeContext(folder)
  const keys = { identityKey, sealingKey, nonce }
  const startedFrom = 'boot-image'
  const hello: Hello = { protocol: agentProtocolVersion, ...keys, hardware, startedFrom, agentVersion: '0.1.0' }
  const onFault = (fault: Fault): void => void said.push(fault.message)
  const server = [base]
  return {
    where: startedFrom,
    hello,
    disks: [],
    otherDisks: [],
    server,
    console: new MachineConsole(redactor, (text) => said.push(text)),
    redactor,
    managementPoint: new ManagementPoint({ server, identity, onFault, signal: new AbortController().signal }),
    onFault,
    runtimeFolder: join(folder, 'runtime'),
    scratchFolder: join(folder, 'scratch'),
  }
}

const refusalWaits = { required: { firstMs: 1, mostMs: 2 }, readErrorMs: 1 }
const isRefusal = (text: string): boolean => text.includes('package RVL00003 has no content')

test('S1-073: a required deployment that the server refuses is tried again, with a new hello each time, until it can start', async (t) => {
  const { server, machine, said, starts } = await siteThatRefuses(t, 3, 'required')
  await runInBootImage({ machine, chooseSeconds: 0, refusalWaits })
  t.is(starts(), 4)
  t.is(server.hellos.length, 4)
  t.is(said.filter(isRefusal).length, 3, said.join(''))
  t.is(server.events.at(-1)?.body.kind, 'sequence-ended')
})

test('S1-073: an available deployment that the server refuses is given up, and the screen says why', async (t) => {
  const { server, machine, said, starts } = await siteThatRefuses(t, 1, 'available')
  const end = await runInBootImage({ machine, chooseSeconds: 0, refusalWaits })
  t.deepEqual(end, { kind: 'stays', errorSeconds: undefined })
  t.is(starts(), 1)
  t.is(said.filter(isRefusal).length, 1, said.join(''))
  t.deepEqual(server.events, [])
})
