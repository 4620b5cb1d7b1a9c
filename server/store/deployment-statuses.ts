/** Answers the questions of deployment-status-port.ts from what is judged of each machine (judge-machines.ts). */

import { parseMacAddress } from '../address/mac-address.ts'
import { type StatusMessage, waitingForWindowMessage } from '../contract/status-message.ts'
import type { Deployment } from '../site/deployment.ts'
import { type DeploymentState, machineStatus } from '../targeting/deployment-status.ts'
import type {
  DeploymentStatus,
  DeploymentStatuses,
  LastRun,
  LastStep,
  MachineOfDeployment,
  StateCounts,
} from './deployment-status-port.ts'
import { judgeMachines, type JudgedMachine, type StatusSources } from './judge-machines.ts'
import { type LastMessages, readLastMessages } from './reads/last-messages.ts'
import { readDeployment, readDeployments } from './rows/deployment-rows.ts'
import { readNamesOfDeployments } from './rows/names-of-deployments.ts'

export function deploymentStatuses(sources: StatusSources): DeploymentStatuses {
  const { db } = sources
  return {
    async deploymentStatus(id) {
      const deployment = await readDeployment(db, id)
      return deployment && statusOf(sources, deployment)
    },
    deploymentStatuses: shared(async () => {
      const statuses: DeploymentStatus[] = []
      for (const deployment of await readDeployments(db)) statuses.push(await statusOf(sources, deployment))
      return statuses
    }),
    async machinesOfDeployment(id, { state, limit, offset }) {
      const deployment = await readDeployment(db, id)
      if (deployment === undefined) return undefined
      const judged = await judgeMachines(sources, deployment)
      const wanted = state === undefined ? judged : judged.filter((machine) => machine.state === state)
      const page = wanted.slice(offset, offset + limit)
      const messages = await readLastMessages(
        db,
        page.flatMap(({ run }) => (run === undefined ? [] : [run.id])),
      )
      const items = page.map((machine) => toRow(machine, machine.run && messages.get(machine.run.id)))
      return { total: wanted.length, items }
    },
  }
}

/** Every page asks every few seconds, and all of them for the same: they get one answer, which is no older than this. */
const sharedMs = 2_000

function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  const forget = (): void => void setTimeout(() => (asked = undefined), sharedMs).unref()
  return () => (asked ??= ask().finally(forget))
}

async function statusOf(sources: StatusSources, deployment: Deployment): Promise<DeploymentStatus> {
  const judged = await judgeMachines(sources, deployment)
  const names = (await readNamesOfDeployments(sources.db, [deployment.id])).get(deployment.id)
  return {
    deploymentId: deployment.id,
    taskSequenceName: names?.taskSequence ?? deployment.taskSequenceId,
    collectionName: names?.collection ?? deployment.collectionId,
    devices: countStates(judged, 'device'),
    unknownComputers: countStates(judged, 'unknown-computer'),
    formerMembers: judged.filter(({ kind }) => kind === 'former-member').length,
  }
}

function countStates(judged: readonly JudgedMachine[], of: JudgedMachine['kind']): StateCounts {
  const counts: Record<DeploymentState, number> = {
    success: 0,
    'in-progress': 0,
    'requirements-not-met': 0,
    unknown: 0,
    error: 0,
  }
  for (const { kind, state } of judged) if (kind === of) counts[state] += 1
  return counts
}

function toRow(judged: JudgedMachine, last: LastMessages | undefined): MachineOfDeployment {
  const { kind, device, name, run } = judged
  const { state, messageState, reason } = restarts(judged, last)
    ? machineStatus({ lastRun: { state: 'running', restarts: true }, isHeard: true })
    : judged
  const deviceId = device?.id ?? run?.deviceId
  const macAddress = kind === 'unknown-computer' && run !== undefined ? parseMacAddress(run.lane) : undefined
  const message = messageState === 'Waiting' && reason !== undefined ? waitingForWindowMessage(reason) : last?.message
  return {
    kind,
    name,
    state,
    messageState,
    ...(reason === undefined ? {} : { reason }),
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(macAddress === undefined ? {} : { macAddress }),
    ...(run === undefined ? {} : { lastRun: toLastRun(run, last) }),
    ...(message === undefined ? {} : { lastMessage: { messageId: message.messageId, text: message.text } }),
  }
}

function restarts({ run }: JudgedMachine, last: LastMessages | undefined): boolean {
  return run?.state === 'running' && last?.message.messageId === 11_142
}

function toLastRun(run: NonNullable<JudgedMachine['run']>, last: LastMessages | undefined): LastRun {
  return {
    runId: run.id,
    startedAtMs: run.startedAtMs,
    ...(run.endedAtMs === undefined ? {} : { endedAtMs: run.endedAtMs }),
    ...(last === undefined ? {} : { heardAtMs: last.atMs }),
    ...(last?.action === undefined ? {} : { lastStep: toLastStep(last.action) }),
  }
}

/** S10-005 says which insert string is which. */
function toLastStep({ insertStrings: [number = '', name = '', group = '', exitCode = ''] }: StatusMessage): LastStep {
  return { number, name, group, exitCode }
}
