/** Status messages over the API: of a run that an agent reports, filtered, and refused where the question is none. */

import test from 'ava'
import { z } from 'zod'
import { prepare, start, startedEvent } from './agent-site.ts'
import type { Answer } from './test-site.ts'

const listed = z.object({ items: z.array(z.looseObject({ messageId: z.number(), seq: z.number() })) })
const idsOf = (answer: Answer) => listed.parse(answer.json).items.map(({ messageId }) => messageId)

test('S10-005: what a run reports is told in numbers of the source system, with its run, deployment and device', async (t) => {
  const prepared = await prepare()
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const { agent, runId, runToken } = await start(prepared)
  const outcome = { kind: 'failed', path: [0], exitCode: 5, message: 'no disk' }
  const bodies = [
    { kind: 'step-started', path: [0], name: 'Apply', type: 'apply-operating-system-image', attempt: 1 },
    { kind: 'output', stream: 'stderr', lines: ['There is no disk.'] },
    { kind: 'step-ended', path: [0], name: 'Apply', outcome: 'failed', exitCode: 5, message: 'no disk' },
    { kind: 'sequence-ended', outcome },
  ]
  const events = [startedEvent, ...bodies.map((body, index) => ({ sequence: index + 2, atMs: 1, body }))]
  t.is((await agent.say(site, '/agent/v1/events', { runId, events }, runToken)).status, 200)

  const ofRun = await site.api('GET', `/runs/${runId}/status-messages`)
  t.deepEqual(idsOf(ofRun), [11_144, 11_135, 11_141, 11_170])
  const [device] = await site.store.devices.list()
  t.like(listed.parse(ofRun.json).items[1], {
    severity: 'error',
    severityCode: -1_073_741_824,
    component: 'Task Sequence Engine',
    text: 'The action Apply has failed with exit code 5: no disk',
    insertStrings: ['1', 'Apply', '', '5', 'There is no disk.'],
    runId,
    deploymentId,
    deviceId: device?.id,
    machineName: 'PC1',
    atMs: site.clock.nowMs,
  })
  const ask = async (query: string) => site.api('GET', `/status-messages?${query}`)
  t.deepEqual(idsOf(await ask('')), [11_170, 11_141, 11_135, 11_144], 'the newest first')
  t.deepEqual(idsOf(await ask(`deploymentId=${deploymentId}&severity=information`)), [11_144])
  t.deepEqual(idsOf(await ask(`deviceId=${device?.id}&runId=${runId}&limit=1&offset=1`)), [11_141])
  const [first] = listed.parse(ofRun.json).items
  t.deepEqual(idsOf(await ask(`since=${first?.seq}`)), [11_170, 11_141, 11_135])
  t.is((await ask('severity=grave')).status, 400)
  t.is((await ask('limit=1001')).status, 400)
  t.is((await site.api('GET', `/runs/${'0'.repeat(32)}/status-messages`)).status, 404)
})
