/** The status of deployments: how many of their machines are in which state (S10-001), and each machine with its last run (S10-003). */

import { z } from 'zod'
import { deploymentStateNames, deploymentStates, messageStates, percentOf } from '../../targeting/deployment-status.ts'
import type { DeploymentStatus, MachineOfDeployment } from '../../store/deployment-status-port.ts'
import type { Store } from '../../store/ports.ts'
import { notFound } from '../problem.ts'
import { deploymentId, listView } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

/** S10-002. */
const rowsMax = 20_000

const state = z.enum(deploymentStateNames)
const count = z.number().int()

const statusView = z
  .object({
    deploymentId: z.string(),
    taskSequenceName: z.string(),
    collectionName: z.string(),
    total: count.meta({ description: 'Members of the collection, and unknown computers that ran it' }),
    formerMembers: count.meta({
      description: 'Devices that ran it and are in its collection no more: in no other count',
    }),
    states: z.array(
      z.object({
        state,
        number: count.meta({ description: 'As the source system writes the state' }),
        count,
        percent: z.number().nullable().meta({ description: 'Of the total; null: there is nobody' }),
        devices: count,
        unknownComputers: count,
      }),
    ),
  })
  .meta({ id: 'DeploymentStatus' })

const machineView = z
  .object({
    kind: z.enum(['device', 'former-member', 'unknown-computer']),
    deviceId: z.string().optional(),
    macAddress: z.string().optional().meta({ description: 'Of an unknown computer' }),
    name: z.string(),
    state,
    messageState: z.object({ number: count, name: z.string() }).meta({
      description: 'How far the deployment has come on the machine, as the source system writes it',
    }),
    reason: z.string().optional().meta({ description: 'Why it is in this state, where no run says it' }),
    runId: z.string().optional(),
    startedAtMs: z.number().optional(),
    endedAtMs: z.number().optional(),
    heardAtMs: z.number().optional().meta({ description: 'When its last status message came' }),
    lastMessageId: count.optional(),
    lastMessage: z.string().optional(),
    lastStep: z
      .object({ number: z.string(), name: z.string(), group: z.string(), exitCode: z.string() })
      .optional()
      .meta({ description: 'The action that ended last' }),
  })
  .meta({ id: 'MachineOfDeployment' })

export function deploymentStatusRoutes(store: Store): readonly ApiRoute[] {
  const params = z.object({ id: deploymentId })
  return [
    defineRoute({
      method: 'get',
      path: '/deployment-status',
      summary: 'The status of every deployment, up to two seconds old',
      answers: { 200: z.object({ items: z.array(statusView) }) },
      answer: async () => ({ status: 200, body: { items: (await store.deploymentStatuses()).map(showStatus) } }),
    }),
    defineRoute({
      method: 'get',
      path: '/deployments/{id}/status',
      summary: 'How many machines of a deployment are in which state',
      params,
      answers: { 200: statusView },
      answer: async ({ params: { id } }) => {
        const status = await store.deploymentStatus(id)
        if (status === undefined) throw notFound(`deployment ${id}`)
        return { status: 200, body: showStatus(status) }
      },
    }),
    defineRoute({
      method: 'get',
      path: '/deployments/{id}/status/devices',
      summary: 'The machines of a deployment, each with its state and its last run',
      params,
      query: z.strictObject({
        status: state.exactOptional().meta({ description: 'Only machines in this state' }),
        limit: z.coerce.number().int().min(1).max(rowsMax).default(100),
        offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
      }),
      answers: { 200: listView(machineView) },
      answer: async ({ params: { id }, query: { status, ...page } }) => {
        const machines = await store.machinesOfDeployment(id, { state: status, ...page })
        if (machines === undefined) throw notFound(`deployment ${id}`)
        return { status: 200, body: { items: machines.items.map(showMachine), total: machines.total } }
      },
    }),
  ]
}

function showStatus({ devices, unknownComputers, ...status }: DeploymentStatus): z.output<typeof statusView> {
  const counts = deploymentStateNames.map((name) => ({
    state: name,
    number: deploymentStates[name],
    count: devices[name] + unknownComputers[name],
    devices: devices[name],
    unknownComputers: unknownComputers[name],
  }))
  const total = counts.reduce((sum, one) => sum + one.count, 0)
  return {
    ...status,
    total,
    states: counts.map((one) => ({ ...one, percent: percentOf(one.count, total) ?? null })),
  }
}

function showMachine({ messageState, lastRun, lastMessage, ...machine }: MachineOfDeployment) {
  return {
    ...machine,
    messageState: { number: messageStates[messageState], name: messageState },
    ...lastRun,
    ...(lastMessage === undefined ? {} : { lastMessageId: lastMessage.messageId, lastMessage: lastMessage.text }),
  } satisfies z.output<typeof machineView>
}
