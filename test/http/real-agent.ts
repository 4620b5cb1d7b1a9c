/** The real agent against the real site, up to the point where its run goes on; approved where the site asks for that. */

import { join } from 'node:path'
import { startVariables } from '../../bootstrap/built-in-variables.ts'
import { MachineConsole } from '../../bootstrap/console.ts'
import { Identity } from '../../bootstrap/identity.ts'
import { ManagementPoint } from '../../bootstrap/management-point.ts'
import { Redactor } from '../../bootstrap/redactor.ts'
import { loadRun, runFileVersion } from '../../bootstrap/run-file.ts'
import { RunKeeper } from '../../bootstrap/run-keeper.ts'
import { RunSession } from '../../bootstrap/run-session.ts'
import { siteHome } from '../../bootstrap/site-home.ts'
import { TargetSystem } from '../../bootstrap/target-system.ts'
import { parseDeploymentId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import type { Hello } from '../../server/contract/agent.ts'
import { startRun } from '../../server/sequence/advance.ts'
import { mac, type Prepared } from './agent-site.ts'
import { TestAgent, type TestSite } from './test-site.ts'

export interface RealAgent {
  readonly session: RunSession
  readonly runId: string
  /** What stands on the machine's screen. */
  readonly said: readonly string[]
}

export async function realAgent({ site, deploymentId: deployment }: Prepared, folder: string): Promise<RealAgent> {
  const parts = startMachine(site)
  const { hello, managementPoint, server } = parts
  const deploymentId = parseDeploymentId(deployment)
  assert(deploymentId !== undefined, 'the site named it')
  const first = await managementPoint.helloOnce(hello)
  if (first.machine.kind === 'waiting-for-approval') await site.api('POST', `/agent-sessions/${first.code}/approve`)
  const { session: token, machine } = await managementPoint.helloOnce(hello)
  assert(machine.kind === 'armed', `the machine is ${machine.kind}`)
  const { runId, resumeTicket, policy } = await managementPoint.startRun(token, { deploymentId, variables: [] })
  const { hardware, startedFrom } = hello
  const start = { hardware, startedFrom, policy, machineName: machine.name, server: server[0] ?? '' }
  const keeper = new RunKeeper(join(folder, 'run'), {
    version: runFileVersion,
    savedAtMs: 0,
    runId,
    deploymentId,
    resumeTicket,
    server,
    machine: { macAddresses: [mac] },
    content: policy.content,
    run: startRun(policy.sequence, startVariables(start)),
    reports: [],
    firstReport: 1,
  })
  return openSession(parts, keeper, folder)
}

/** The machine was started again, and has found its run. */
export async function returnedAgent(site: TestSite, folder: string): Promise<RealAgent> {
  const saved = loadRun(join(folder, 'run'))
  assert(saved !== undefined, 'a run was saved')
  const agent = openSession(startMachine(site), new RunKeeper(join(folder, 'run'), saved), folder)
  await agent.session.resume()
  return agent
}

type Started = ReturnType<typeof startMachine>

function startMachine(site: TestSite) {
  const server = [`http://127.0.0.1:${site.port}`]
  const identity = new Identity()
  const { identityKey, sealingKey, nonce } = identity
  const hello: Hello = { ...new TestAgent(mac).hello, identityKey, sealingKey, nonce }
  const signal = new AbortController().signal
  return { hello, server, managementPoint: new ManagementPoint({ server, identity, onFault: () => {}, signal }) }
}

function openSession(started: Started, keeper: RunKeeper, folder: string): RealAgent {
  const said: string[] = []
  const redactor = new Redactor()
  const machine = {
    ...started,
    where: 'boot-image',
    disks: [],
    otherDisks: [],
    console: new MachineConsole(redactor, (text) => said.push(text)),
    redactor,
    onFault: () => {},
    runtimeFolder: folder,
    scratchFolder: join(folder, 'scratch'),
  } as const
  const target = new TargetSystem(join(folder, 'target'), (root) => keeper.moveTo(root))
  return {
    session: new RunSession(machine, { keeper, target, home: siteHome(machine, keeper) }),
    runId: keeper.saved.runId,
    said,
  }
}
