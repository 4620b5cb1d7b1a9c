/**
 * How a series of observations becomes a machine's lane: (lane, observed) -> lane. Pure; the store applies it in
 * the same transaction in which it keeps the observation, so that watchers see exactly what was stored.
 * What a lane means, and how it travels, is in progress.ts; why one stands still is explained by standstill.ts.
 */

import type { SequenceReport } from '../sequence/effect.ts'
import type { RunEventBody } from './agent.ts'
import { debugCommandText, letsGo, pausedText } from './debugger-state.ts'
import { laneLinesMax, laneStages } from './progress.ts'
import type { Lane, LaneRun, LaneStage, Observation, Observed } from './progress.ts'

export function advanceLane(lane: Lane | undefined, observed: Observed): Lane {
  const before = lane === undefined || startsAnew(lane, observed) ? newLane(lane, observed) : lane
  const after = applyObservation(before, observed)
  const stageChanged = after.stage !== before.stage
  return {
    ...after,
    ...(observed.ipAddress === undefined ? {} : { ipAddress: observed.ipAddress }),
    changedAtMs: observed.observation.kind === 'note' ? after.changedAtMs : observed.atMs,
    stageStartedAtMs: stageChanged ? observed.atMs : after.stageStartedAtMs,
  }
}

/**
 * A request from firmware begins a new boot, except while a run is between its restart and its next word: then the firmware
 * is on its way to the installed system, and the lane is still the run's.
 */
function startsAnew(lane: Lane, observed: Observed): boolean {
  const { observation } = observed
  if (observation.kind === 'run-started') return false
  if (observation.kind !== 'dhcp-request' || observation.stage !== 'firmware') return false
  if (isInRun(lane)) return false
  return lane.stage !== 'dhcp'
}

function newLane(old: Lane | undefined, observed: Observed): Lane {
  return {
    id: observed.lane,
    name: old?.name ?? observed.lane,
    ...(old?.deviceId === undefined ? {} : { deviceId: old.deviceId }),
    ...(old?.smbiosGuid === undefined ? {} : { smbiosGuid: old.smbiosGuid }),
    stage: 'dhcp',
    condition: 'moving',
    text: 'First heard of',
    startedAtMs: observed.atMs,
    changedAtMs: observed.atMs,
    stageStartedAtMs: observed.atMs,
    lines: [],
  }
}

function applyObservation(lane: Lane, { observation }: Observed): Lane {
  switch (observation.kind) {
    case 'dhcp-request':
      return dhcpRequest(lane, observation)
    case 'boot-decided':
      return bootDecided(lane, observation)
    case 'transfer-progress':
      return transferProgress(lane, observation)
    case 'script-fetched':
      return scriptFetched(lane)
    case 'agent-hello':
      return agentHello(lane, observation)
    case 'run-started':
      return runStarted(lane, observation.run)
    case 'run-resumed':
      return {
        ...withoutTransfer(lane),
        ipAddress: observation.ipAddress,
        text: 'The machine is back after its restart',
      }
    case 'run-event':
      return runEvent(lane, observation.body)
    case 'run-abandoned':
      return runAbandoned(lane, observation)
    case 'run-stopped':
      return runStopped(lane, observation)
    case 'note':
      // Said once, however often it happens.
      return lane.lines.at(-1) === observation.text ? lane : withLines(lane, [observation.text])
    default:
      return observation satisfies never
  }
}

function withLines(lane: Lane, lines: readonly string[]): Lane {
  return { ...lane, lines: [...lane.lines, ...lines].slice(-laneLinesMax) }
}

type Of<K extends Observation['kind']> = Extract<Observation, { kind: K }>

function dhcpRequest(lane: Lane, { platform, stage, smbiosGuid }: Of<'dhcp-request'>): Lane {
  const known = { ...lane, platform, ...(smbiosGuid === undefined ? {} : { smbiosGuid }) }
  if (isInRun(lane)) return known
  if (stage === 'firmware') return { ...known, text: `Firmware asks for a boot (${platform})` }
  return { ...atLeast(known, 'loader'), text: 'The boot loader asks for its script' }
}

function bootDecided(lane: Lane, decided: Of<'boot-decided'>): Lane {
  const named = {
    ...lane,
    ...(decided.deviceId === undefined ? {} : { deviceId: decided.deviceId }),
    ...(decided.name === undefined ? {} : { name: decided.name }),
  }
  if (isInRun(lane)) return named
  if (decided.decision !== 'boot') return { ...withoutTransfer(named), condition: 'local-disk', text: decided.text }
  return { ...named, condition: decided.prompt ? 'waiting-for-person' : 'moving', text: decided.text }
}

/** A script that sends the machine to its disk does nothing more to tell of: what was decided, and why, stays. */
function scriptFetched(lane: Lane): Lane {
  if (isInRun(lane)) return lane
  const text = lane.condition === 'local-disk' ? lane.text : 'The boot loader has its script'
  return { ...withoutTransfer(lane), stage: 'loader', text }
}

function transferProgress(lane: Lane, { transfer, what, ended }: Of<'transfer-progress'>): Lane {
  if (isInRun(lane)) return lane
  const stage = atLeast(lane, what === 'loader' ? 'loader' : 'boot-image')
  return { ...stage, condition: 'moving', transfer, text: `${ended ? 'Got' : 'Getting'} ${transfer.file}` }
}

function agentHello(lane: Lane, hello: Of<'agent-hello'>): Lane {
  const { approvalCode: _, ...rest } = withoutTransfer(lane)
  const base: Lane = {
    ...rest,
    ...(hello.deviceId === undefined ? {} : { deviceId: hello.deviceId }),
    name: hello.name,
    ipAddress: hello.ipAddress,
    stage: 'agent',
    text: hello.text,
    condition: hello.standing === 'armed' ? 'moving' : 'waiting-for-person',
  }
  return hello.standing === 'waiting-for-approval' ? { ...base, approvalCode: hello.code } : base
}

function runStarted(lane: Lane, run: LaneRun): Lane {
  const { approvalCode: _, ...rest } = withoutTransfer(lane)
  return { ...rest, stage: 'steps', condition: 'moving', run, lines: [], text: `Runs ${run.taskSequenceName}` }
}

function runEvent(lane: Lane, body: RunEventBody): Lane {
  if (lane.run === undefined) return lane
  switch (body.kind) {
    case 'step-progress': {
      const { kind: _, ...stepProgress } = body
      return { ...lane, condition: 'moving', run: { ...lane.run, stepProgress } }
    }
    case 'output':
      return withLines(lane, body.lines)
    case 'variables-changed':
      return lane
    default:
      return sequenceReport(lane, lane.run, body)
  }
}

type Paused = Extract<RunEventBody, { readonly kind: 'debugger-paused' }>

/** Nobody waits for the machine: it waits for a command (S1-101). */
function paused(lane: Lane, run: LaneRun, report: Paused): Lane {
  const { stepProgress: _, ...rest } = run
  const held: LaneRun = { ...rest, stepName: report.name, pausedByDebugger: true }
  return { ...lane, stage: 'steps', condition: 'waiting-for-person', run: held, text: pausedText(report) }
}

function debuggerCommand(
  lane: Lane,
  run: LaneRun,
  report: Extract<RunEventBody, { readonly kind: 'debugger-command' }>,
): Lane {
  const told = withLines(lane, [debugCommandText(report)])
  if (!letsGo(report)) return told
  return { ...told, condition: 'moving', run: notHeld(run), text: 'The debugger lets the run go on' }
}

function sequenceReport(lane: Lane, run: LaneRun, report: SequenceReport): Lane {
  switch (report.kind) {
    case 'sequence-started':
    case 'group-started':
    case 'group-ended':
    case 'debugger-attached':
      return lane
    case 'debugger-paused':
      return paused(lane, run, report)
    case 'debugger-command':
      return debuggerCommand(lane, run, report)
    case 'step-started': {
      const { stepProgress: _, ...rest } = run
      return {
        ...lane,
        stage: 'steps',
        condition: 'moving',
        run: { ...rest, stepName: report.name },
        text: report.name,
      }
    }
    case 'step-ended':
      return stepEnded(lane, run, report)
    case 'node-skipped':
      return { ...lane, run: countSteps(run, report.steps) }
    case 'restarting':
      return {
        ...lane,
        stage: 'restart',
        run: { ...run, where: report.target },
        text: report.target === 'boot-image' ? 'Restarts into the boot image' : 'Restarts into the installed system',
      }
    case 'resumed':
      return {
        ...lane,
        stage: 'steps',
        condition: 'moving',
        run: { ...notHeld(run), where: report.where },
        text: 'Goes on after the restart',
      }
    case 'sequence-ended':
      return sequenceEnded(lane, run, report)
    default:
      return report satisfies never
  }
}

/** The lane may show a later run of its machine by now, which goes on. */
function runAbandoned(lane: Lane, { runId, silentMs }: Of<'run-abandoned'>): Lane {
  if (lane.run?.runId !== runId || !isInRun(lane)) return lane
  const run = atEnd(lane.run)
  const during = run.stepName === '' ? run.taskSequenceName : `${run.taskSequenceName}, step ${run.stepName}`
  const text = `Given up: nothing was heard of this machine for ${printHours(silentMs)} (${during}). Start it again to deploy anew.`
  return { ...withoutTransfer(lane), stage: 'done', condition: 'failed', run, text }
}

function runStopped(lane: Lane, { runId, allowedMinutes }: Of<'run-stopped'>): Lane {
  if (lane.run?.runId !== runId || !isInRun(lane)) return lane
  const run = atEnd(lane.run)
  const text = `Stopped: ${run.taskSequenceName} ran longer than the ${allowedMinutes} minutes it is allowed. Raise its maximum allowed run time, or start it again.`
  return { ...withoutTransfer(lane), stage: 'done', condition: 'failed', run, text }
}

/** A line of the lane: the run goes on, and reports as before. */
export function monitoringEndedText(allowedMinutes: number): string {
  return `Runs longer than the ${allowedMinutes} minutes its task sequence is allowed. It goes on, and is no longer monitored.`
}

function printHours(ms: number): string {
  const hours = Math.floor(ms / 3_600_000)
  return hours === 1 ? 'an hour' : `${hours} hours`
}

function stepEnded(lane: Lane, run: LaneRun, report: Extract<SequenceReport, { kind: 'step-ended' }>): Lane {
  const { stepProgress: _, ...rest } = run
  const counted = countSteps(rest, 1)
  const text = report.outcome === 'succeeded' ? lane.text : `${run.stepName}: ${report.message}`
  return { ...lane, run: counted, text }
}

/** A step that was tried again ends more than once: never more than there are. */
function countSteps(run: LaneRun, steps: number): LaneRun {
  return { ...run, stepsEnded: Math.min(run.stepsEnded + steps, run.stepsTotal) }
}

function sequenceEnded(lane: Lane, run: LaneRun, report: Extract<SequenceReport, { kind: 'sequence-ended' }>): Lane {
  const rest = atEnd(run)
  if (report.outcome.kind === 'succeeded') {
    return {
      ...lane,
      stage: 'done',
      condition: 'succeeded',
      run: { ...rest, stepsEnded: run.stepsTotal },
      text: `${run.taskSequenceName} succeeded`,
    }
  }
  return { ...lane, stage: 'done', condition: 'failed', run: rest, text: report.outcome.message }
}

function atEnd(run: LaneRun): LaneRun {
  const { stepProgress: _, ...rest } = notHeld(run)
  return rest
}

function notHeld(run: LaneRun): LaneRun {
  const { pausedByDebugger: _, ...rest } = run
  return rest
}

/** A run that has not ended: what firmware and loaders do meanwhile must not take the lane back to its beginning. */
export function isInRun(lane: Lane): boolean {
  return lane.run !== undefined && (lane.condition === 'moving' || lane.run.pausedByDebugger === true)
}

function atLeast(lane: Lane, stage: LaneStage): Lane {
  return laneStages.indexOf(stage) > laneStages.indexOf(lane.stage) ? { ...lane, stage } : lane
}

function withoutTransfer(lane: Lane): Lane {
  const { transfer: _, ...rest } = lane
  return rest
}
