/** `/runs` and `/status`: what happened and what is happening, for pages without WebSocket and for scripts. */

import { z } from 'zod'
import { flattenNodes } from '../../sequence/progress.ts'
import type { Node } from '../../sequence/task-sequence.ts'
import type { RunRecord, Store } from '../../store/ports.ts'
import { notFound } from '../problem.ts'
import { listMax, runId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const runView = z
  .object({
    id: z.string(),
    deploymentId: z.string(),
    deviceId: z.string().optional(),
    lane: z.string(),
    machineName: z.string(),
    taskSequenceId: z.string(),
    taskSequenceName: z.string(),
    taskSequenceRevision: z.number().int(),
    state: z.enum(['running', 'succeeded', 'failed', 'abandoned']),
    startedAtMs: z.number(),
    endedAtMs: z.number().optional(),
    runTimeEndsAtMs: z.number().optional(),
    monitoringEndedAtMs: z.number().optional(),
    acknowledged: z.number().int(),
  })
  .meta({ id: 'Run' })

/** The nodes of the run's own copy of the sequence, in the order of the tree; names alone, nothing of what a step does. */
const plannedRunView = runView
  .extend({
    steps: z.array(
      z.object({
        path: z.array(z.number().int()),
        name: z.string(),
        isGroup: z.boolean(),
        enabled: z.boolean(),
        /** Of a group that is a child task sequence. */
        taskSequence: z.object({ id: z.string(), name: z.string() }).optional(),
      }),
    ),
  })
  .meta({ id: 'PlannedRun' })

/** The policy stays inside: it may hold what a person typed at the machine. */
function showRun(run: RunRecord): z.output<typeof runView> {
  return {
    id: run.id,
    deploymentId: run.deploymentId,
    ...(run.deviceId === undefined ? {} : { deviceId: run.deviceId }),
    lane: run.lane,
    machineName: run.machineName,
    taskSequenceId: run.policy.taskSequenceId,
    taskSequenceName: run.policy.sequence.name,
    taskSequenceRevision: run.policy.taskSequenceRevision,
    state: run.state,
    startedAtMs: run.startedAtMs,
    ...(run.endedAtMs === undefined ? {} : { endedAtMs: run.endedAtMs }),
    ...(run.runTime === undefined ? {} : { runTimeEndsAtMs: run.runTime.endsAtMs }),
    ...(run.monitoringEndedAtMs === undefined ? {} : { monitoringEndedAtMs: run.monitoringEndedAtMs }),
    acknowledged: run.acknowledged,
  }
}

function showPlannedRun(run: RunRecord): z.output<typeof plannedRunView> {
  const steps = flattenNodes(run.policy.sequence).map(({ path, node, enabled }) => ({
    path: [...path],
    name: node.name,
    isGroup: node.kind === 'group',
    enabled,
    ...childOf(node),
  }))
  return { ...showRun(run), steps }
}

function childOf(node: Node): { taskSequence?: { id: string; name: string } } {
  if (node.kind === 'step' || node.taskSequence === undefined) return {}
  const { id, name } = node.taskSequence
  return { taskSequence: { id, name } }
}

const watchedEventView = z.object({
  seq: z.number().int(),
  runId: z.string(),
  receivedAtMs: z.number(),
  event: z.object({ sequence: z.number().int(), atMs: z.number(), body: z.looseObject({ kind: z.string() }) }),
})

const laneView = z.looseObject({
  id: z.string(),
  name: z.string(),
  stage: z.string(),
  condition: z.string(),
  text: z.string(),
})

export function runRoutes(store: Store): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/runs',
      summary: 'List runs, newest first',
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(listMax).default(100) }),
      answers: { 200: z.object({ items: z.array(runView) }) },
      answer: async ({ query }) => ({
        status: 200,
        body: { items: (await store.listRuns(query.limit)).map((run) => showRun(run)) },
      }),
    }),
    defineRoute({
      method: 'get',
      path: '/runs/{id}',
      summary: 'Show a run and the steps of its sequence',
      params: z.object({ id: runId }),
      answers: { 200: plannedRunView },
      answer: async ({ params }) => {
        const run = await store.getRun(params.id)
        if (run === undefined) throw notFound(`run ${params.id}`)
        return { status: 200, body: showPlannedRun(run) }
      },
    }),
    eventsRoute(store),
    statusRoute(store),
  ]
}

function eventsRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/runs/{id}/events',
    summary: 'Events of a run with a seq above `since`, oldest first',
    params: z.object({ id: runId }),
    query: z.strictObject({
      since: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
      limit: z.coerce.number().int().min(1).max(listMax).default(listMax),
    }),
    answers: { 200: z.object({ items: z.array(watchedEventView) }) },
    answer: async ({ params, query }) => {
      if ((await store.getRun(params.id)) === undefined) throw notFound(`run ${params.id}`)
      return { status: 200, body: { items: await store.runEvents(params.id, query.since, query.limit) } }
    },
  })
}

function statusRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/status',
    summary: 'Every lane as it is now, with the seq to follow from over the WebSocket',
    answers: {
      200: z.object({ seq: z.number().int(), lanes: z.array(z.object({ seq: z.number().int(), lane: laneView })) }),
    },
    async answer() {
      const { seq, lanes } = await store.lanes()
      return { status: 200, body: { seq, lanes } }
    },
  })
}
