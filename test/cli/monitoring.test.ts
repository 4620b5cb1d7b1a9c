/** What is seen of deployments from the command line: their status, and status messages. */

import test from 'ava'
import { prepare, start, startedEvent } from '../http/agent-site.ts'
import { runReveille } from './reveille.ts'

test('S10-001, S10-005: the status of a deployment, its machines, and what they reported', async (t) => {
  const prepared = await prepare()
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const reveille = async (...args: readonly string[]) => runReveille(site, ...args)
  const { agent, runId, runToken } = await start(prepared)
  const outcome = { kind: 'failed', path: [0], exitCode: 5, message: 'no \u001b[2Jdisk' }
  const bodies = [
    { kind: 'step-ended', path: [0], name: 'Apply', outcome: 'failed', exitCode: 5, message: 'no disk' },
    { kind: 'sequence-ended', outcome },
  ]
  const events = [startedEvent, ...bodies.map((body, index) => ({ sequence: index + 2, atMs: 1, body }))]
  t.is((await agent.say(site, '/agent/v1/events', { runId, events }, runToken)).status, 200)

  const status = await reveille('deployment', 'status', deploymentId)
  t.regex(status.out, /^STATE +COUNT +PERCENT +DEVICES +UNKNOWN COMPUTERS\n/)
  t.regex(status.out, /error +1 +100 +1 +0\n1 machines, and 0 that ran it and are in its collection no more\n$/)
  const devices = await reveille('deployment', 'status', deploymentId, '--devices', '--status', 'error')
  t.regex(devices.out, /PC1 +device +error +Failed +\d{4}-\S+Z +11170 +Apply \(5\) +The task sequence Install was not/)
  const none = await reveille('deployment', 'status', deploymentId, '--devices', '--status', 'success')
  t.is(none.out.split('\n').length, 2, 'the head alone')
  t.regex((await reveille('deployment', 'status', deploymentId, '--devices', '--status', 'bad')).err, /status/)

  const errors = await reveille('status-message', 'list', '--deployment', deploymentId, '--severity', 'error')
  t.regex(
    errors.out,
    /11170 +error .*\n.*11141 +error .*no \?\[2Jdisk\n.*11135 +error .* PC1 +The action Apply has failed/,
  )
  const first = await reveille('--json', 'status-message', 'list', '--run', runId, '--limit', '1', '--offset', '3')
  t.regex(first.out, /"messageId": 11144/)
})

test('S5-036: alerts are listed and acknowledged', async (t) => {
  const prepared = await prepare({}, { successAlert: { belowPercent: 50, atMs: Date.now() - 60_000 } })
  const { site, deploymentId } = prepared
  t.teardown(() => site.close())
  const reveille = async (...args: readonly string[]) => runReveille(site, ...args)
  await site.store.judgeAlerts()
  const raised = await reveille('alert', 'list', '--state', 'raised')
  t.regex(
    raised.out,
    new RegExp(`1 +raised +warning +\\d{4}-\\S+Z +${deploymentId} .Install.: 0 of 1 machines have succeeded`),
  )
  t.regex((await reveille('alert', 'acknowledge', '1')).out, /^state +acknowledged$/m)
  t.is((await reveille('alert', 'list', '--state', 'raised')).out.split('\n').length, 2, 'the head alone')
  const none = await reveille('alert', 'acknowledge', '7')
  t.deepEqual([none.code, none.out], [1, ''])
})
