/** A machine's lane from first packet to finished system, as a series of observations. */

import test from 'ava'
import type { DeploymentId, PackageId, RunId } from '../../server/address/identifiers.ts'
import type { RunEventBody } from '../../server/contract/agent.ts'
import { advanceLane } from '../../server/contract/advance-lane.ts'
import type { Lane, LaneId, LaneRun, Observation } from '../../server/contract/progress.ts'
import { runInBootImage } from '../../server/contract/run-in-boot-image.ts'
import { explainStandstill } from '../../server/contract/standstill.ts'

const id = '52:54:00:00:00:01' as LaneId

const run: LaneRun = {
  runId: 'a'.repeat(32) as RunId,
  deploymentId: 'RVL20001' as DeploymentId,
  taskSequenceId: 'RVL00003' as PackageId,
  taskSequenceName: 'Deploy Debian',
  stepName: '',
  stepsEnded: 0,
  stepsTotal: 3,
  where: 'boot-image',
}

const firmwareAsks: Observation = { kind: 'dhcp-request', platform: 'x64 UEFI', stage: 'firmware' }
const ipxeAsks: Observation = { kind: 'dhcp-request', platform: 'x64 UEFI', stage: 'ipxe' }
const boots: Observation = { kind: 'boot-decided', decision: 'boot', text: 'Boots it', prompt: false }
const staysLocal: Observation = {
  kind: 'boot-decided',
  decision: 'continue-to-local-disk',
  text: 'Goes on to its disk',
  prompt: false,
}
const loaded: Observation = {
  kind: 'transfer-progress',
  what: 'boot-image',
  ended: true,
  transfer: { file: 'initrd.img', protocol: 'http', bytes: 10, totalBytes: 10, bytesPerSecond: 5 },
}
const hello: Observation = {
  kind: 'agent-hello',
  text: 'Says hello',
  name: 'pc-1',
  ipAddress: '10.0.0.9',
  standing: 'armed',
  code: 'ABCDEFGH',
}
const started: Observation = { kind: 'run-started', run }
const event = (body: RunEventBody): Observation => ({ kind: 'run-event', body })
const restarting = event({ kind: 'restarting', target: 'installed-system' })
const resumed = event({ kind: 'resumed', where: 'installed-system', expected: true })
const succeeded = event({ kind: 'sequence-ended', outcome: { kind: 'succeeded' } })

function laneAfter(...observations: readonly Observation[]): Lane {
  let lane: Lane | undefined
  for (const [index, observation] of observations.entries()) {
    lane = advanceLane(lane, { lane: id, atMs: 1_000 * (index + 1), observation })
  }
  if (lane === undefined) throw new Error('no observation')
  return lane
}

test('passes every stage from firmware to finished system', (t) => {
  const story = [firmwareAsks, boots, ipxeAsks, loaded, hello, started, restarting, resumed, succeeded]
  const stages = story.map((_, index) => laneAfter(...story.slice(0, index + 1)).stage)
  t.deepEqual(stages, ['dhcp', 'dhcp', 'loader', 'boot-image', 'agent', 'steps', 'restart', 'steps', 'done'])
  t.is(laneAfter(...story).condition, 'succeeded')
})

test('S1-040, S1-047: a run has to find the boot image again until it asks for the installed system, ends or is lost', (t) => {
  const began = [firmwareAsks, boots, hello, started]
  const toBootImage = event({ kind: 'restarting', target: 'boot-image' })
  const back = event({ kind: 'resumed', where: 'boot-image', expected: true })
  t.is(runInBootImage(laneAfter(firmwareAsks, boots, hello)), undefined)
  const held = [pausedBefore, firmwareAsks]
  for (const goesOn of [[], [toBootImage], [toBootImage, firmwareAsks, staysLocal], [toBootImage, back], held]) {
    t.is(runInBootImage(laneAfter(...began, ...goesOn)), run.deploymentId)
  }
  for (const over of [[restarting], [restarting, firmwareAsks], [restarting, resumed], [succeeded], [hello]]) {
    t.is(runInBootImage(laneAfter(...began, ...over)), undefined)
  }
  t.is(runInBootImage(laneAfter(...began, restarting, resumed, toBootImage)), run.deploymentId)
})

test('what firmware does between a restart and the installed system does not take the lane back', (t) => {
  const lane = laneAfter(firmwareAsks, boots, hello, started, restarting, firmwareAsks, staysLocal)
  t.is(lane.stage, 'restart')
  t.is(lane.condition, 'moving')
  t.is(lane.run?.runId, run.runId)
})

test('a machine that fetches the script which sends it to its disk keeps the reason', (t) => {
  const scriptFetched: Observation = { kind: 'script-fetched' }
  t.like(laneAfter(ipxeAsks, staysLocal, scriptFetched), {
    stage: 'loader',
    condition: 'local-disk',
    text: 'Goes on to its disk',
  })
  t.is(laneAfter(ipxeAsks, boots, scriptFetched).text, 'The boot loader has its script')
})

test('a new boot after an ended run begins a new lane, and keeps the name of the machine', (t) => {
  const lane = laneAfter(firmwareAsks, boots, hello, started, succeeded, firmwareAsks)
  t.is(lane.stage, 'dhcp')
  t.is(lane.run, undefined)
  t.is(lane.name, 'pc-1')
})

test('a machine without a deployment is shown as gone on to its disk', (t) => {
  t.is(laneAfter(firmwareAsks, staysLocal).condition, 'local-disk')
})

test('the approval code is shown while the machine waits, and no longer', (t) => {
  const waiting: Observation = { ...hello, standing: 'waiting-for-approval' }
  t.is(laneAfter(firmwareAsks, waiting).approvalCode, 'ABCDEFGH')
  t.is(laneAfter(firmwareAsks, waiting).condition, 'waiting-for-person')
  t.is(laneAfter(firmwareAsks, waiting, hello).approvalCode, undefined)
})

test('steps are counted, the newest lines kept, a failure named', (t) => {
  const lane = laneAfter(
    firmwareAsks,
    hello,
    started,
    event({ kind: 'step-started', path: [0], name: 'Partition', type: 'format-and-partition-disk', attempt: 1 }),
    event({ kind: 'output', stream: 'stdout', lines: Array.from({ length: 20 }, (_, index) => `line ${index}`) }),
    event({ kind: 'step-ended', path: [0], outcome: 'failed', exitCode: 1, message: 'no such disk' }),
  )
  t.is(lane.run?.stepsEnded, 1)
  t.is(lane.lines.length, 8)
  t.is(lane.lines.at(-1), 'line 19')
  t.is(lane.text, 'Partition: no such disk')
})

test('I10: a run that was given up has failed, and the lane says after how long and in which step', (t) => {
  const abandoned: Observation = { kind: 'run-abandoned', runId: run.runId, silentMs: 25 * 3_600_000 }
  const step = event({
    kind: 'step-started',
    path: [0],
    name: 'Partition',
    type: 'format-and-partition-disk',
    attempt: 1,
  })
  const lane = laneAfter(firmwareAsks, hello, started, step, abandoned)
  t.is(lane.stage, 'done')
  t.is(lane.condition, 'failed')
  t.regex(lane.text, /nothing was heard of this machine for 25 hours \(Deploy Debian, step Partition\)/)
  t.regex(laneAfter(started, { ...abandoned, silentMs: 3_600_000 }).text, /for an hour \(Deploy Debian\)/)
})

test('a run that was given up does not change a lane that shows another, or that ended', (t) => {
  const other: Observation = { kind: 'run-abandoned', runId: 'b'.repeat(32) as RunId, silentMs: 1 }
  t.is(laneAfter(firmwareAsks, hello, started, other).condition, 'moving')
  t.is(laneAfter(firmwareAsks, other).condition, 'moving')
  t.is(laneAfter(started, succeeded, { ...other, runId: run.runId }).condition, 'succeeded')
})

test('S1-078: a run that was stopped has failed, and the lane says how long it was allowed', (t) => {
  const stopped: Observation = { kind: 'run-stopped', runId: run.runId, allowedMinutes: 120 }
  const lane = laneAfter(firmwareAsks, hello, started, stopped)
  t.is(lane.stage, 'done')
  t.is(lane.condition, 'failed')
  t.regex(lane.text, /Deploy Debian ran longer than the 120 minutes it is allowed/)
  t.is(laneAfter(started, succeeded, stopped).condition, 'succeeded')
  t.is(laneAfter(started, { ...stopped, runId: 'b'.repeat(32) as RunId }).condition, 'moving')
})

const pausedBefore = event({
  kind: 'debugger-paused',
  path: [0, 1],
  name: 'Partition',
  number: 3,
  reason: 'before-step',
})
const commanded = (kind: 'step' | 'clear-all-breaks', refused?: string): Observation =>
  event({
    kind: 'debugger-command',
    number: 1,
    command: { kind },
    ...(refused === undefined ? {} : { refused }),
  })

test('S1-101: a run that the debugger holds waits for a person, says where, and is no standstill', (t) => {
  const attached = event({ kind: 'debugger-attached', opens: 'before-steps' })
  const lane = laneAfter(firmwareAsks, hello, started, attached, pausedBefore)
  t.like(lane, {
    stage: 'steps',
    condition: 'waiting-for-person',
    text: 'Paused before step 3: Partition (debugger)',
    run: { stepName: 'Partition', pausedByDebugger: true },
  })
  t.is(explainStandstill(lane, 1e12), undefined)
  const breakpoint = event({ kind: 'debugger-paused', path: [0], name: 'A', number: 1, reason: 'breakpoint' })
  t.is(laneAfter(started, breakpoint).text, 'Paused before step 1: A (debugger, breakpoint)')
  const failure = { path: [0], name: 'A', number: 1, reason: 'error', exitCode: 5, message: 'no such disk' } as const
  t.is(
    laneAfter(started, event({ kind: 'debugger-paused', ...failure })).text,
    'Paused at a failure of step 1: A (debugger): no such disk',
  )
})

test('S1-101: a command that lets the run go moves the lane, and others are lines of it', (t) => {
  const stays = laneAfter(started, pausedBefore, commanded('clear-all-breaks'), commanded('step', 'Not now.'))
  t.like(stays, { condition: 'waiting-for-person', run: { pausedByDebugger: true } })
  t.deepEqual(stays.lines, ['Debugger: clear-all-breaks', 'Debugger: step was refused. Not now.'])
  const place = event({ kind: 'debugger-command', number: 1, command: { kind: 'set-break', path: [1, 0] } })
  t.deepEqual(laneAfter(started, pausedBefore, place).lines, ['Debugger: set-break 2.1'])
  const goes = laneAfter(started, pausedBefore, commanded('step'))
  t.like(goes, { condition: 'moving', text: 'The debugger lets the run go on' })
  t.false('pausedByDebugger' in (goes.run ?? {}))
})

test('S1-101: a machine that restarts while it is held keeps its lane, and the end of its run ends the hold', (t) => {
  const back: Observation = { kind: 'run-resumed', ipAddress: '10.0.0.9' }
  const held = laneAfter(
    firmwareAsks,
    hello,
    started,
    pausedBefore,
    firmwareAsks,
    staysLocal,
    back,
    resumed,
    pausedBefore,
  )
  t.like(held, { stage: 'steps', condition: 'waiting-for-person', run: { runId: run.runId, pausedByDebugger: true } })
  t.false('pausedByDebugger' in (laneAfter(started, pausedBefore, resumed).run ?? {}))
  const abandoned: Observation = { kind: 'run-abandoned', runId: run.runId, silentMs: 3_600_000 }
  const stopped: Observation = { kind: 'run-stopped', runId: run.runId, allowedMinutes: 120 }
  for (const end of [abandoned, stopped]) {
    const ended = laneAfter(started, pausedBefore, end)
    t.is(ended.condition, 'failed')
    t.false('pausedByDebugger' in (ended.run ?? {}))
  }
})

test('a lane that stands still says what was expected and the likely cause; one that ended does not', (t) => {
  const lane = laneAfter(firmwareAsks, boots)
  t.is(explainStandstill(lane, lane.changedAtMs + 5_000), undefined)
  t.regex(explainStandstill(lane, lane.changedAtMs + 60_000)?.expected ?? '', /boot loader/)
  t.is(explainStandstill(laneAfter(firmwareAsks, hello, started, succeeded), 1e12), undefined)
})
