/**
 * Turns the events of a run into what a person reads: the state of each step, variables, log lines. Pure: a story and the
 * next events give the next story, so a long run costs no more than what is new in it.
 */

import type { RunId } from '../../address/identifiers.ts'
import type { PolicyVariable, RunEventBody } from '../../contract/agent.ts'
import { debugCommandText, pausedText } from '../../contract/debugger-state.ts'
import type { WatchedEvent } from '../../contract/progress.ts'

export interface RunStory {
  readonly runId: RunId | undefined
  /** Of the last event in it; an event at or below is there already. */
  readonly seq: number
  /** By `pathKey`. */
  readonly steps: ReadonlyMap<string, StepState>
  /** By name in lower case. */
  readonly variables: ReadonlyMap<string, PolicyVariable>
  /** Newest last; at most `logLinesMax`. */
  readonly log: readonly LogLine[]
  readonly hasEnded: boolean
  /** How far the server's clock is ahead of the machine's, as the quickest report of this start shows. */
  readonly serverAheadMs: number | undefined
}

export interface StepState {
  readonly state: 'running' | 'succeeded' | 'failed' | 'failed-continued' | 'skipped'
  /** Absent for a node that was skipped: its report carries none. */
  readonly name?: string
  readonly isGroup: boolean
  readonly skippedBecause?: 'disabled' | 'condition-false' | 'parent-failed'
  readonly exitCode?: number
  readonly message: string
  readonly attempt: number
  /** By the machine's clock. */
  readonly machineStartedAtMs?: number
  /** By the server's clock. */
  readonly startedAtMs?: number
  readonly tookMs?: number
}

interface LogLine {
  readonly atMs: number
  readonly text: string
}

/** What the page keeps; the rest stays in the store and is had from the API. */
export const logLinesMax = 2_000

export function pathKey(path: readonly number[]): string {
  return path.join('.')
}

export function emptyStory(runId: RunId | undefined): RunStory {
  return {
    runId,
    seq: 0,
    steps: new Map(),
    variables: new Map(),
    log: [],
    hasEnded: false,
    serverAheadMs: undefined,
  }
}

export function readEvents(story: RunStory, events: readonly WatchedEvent[]): RunStory {
  const draft = {
    ...story,
    steps: new Map(story.steps),
    variables: new Map(story.variables),
    log: [...story.log],
  }
  for (const { seq, runId, receivedAtMs, event } of events) {
    if (seq <= draft.seq || runId !== story.runId) continue
    draft.seq = seq
    // The machine comes back with the clock of another system.
    const known = event.body.kind === 'resumed' ? undefined : draft.serverAheadMs
    draft.serverAheadMs = Math.min(known ?? Number.POSITIVE_INFINITY, receivedAtMs - event.atMs)
    const when = { machineMs: event.atMs, serverMs: event.atMs + draft.serverAheadMs }
    readStep(draft.steps, event.body, when)
    if (event.body.kind === 'variables-changed') for (const one of event.body.variables) keep(draft.variables, one)
    if (event.body.kind === 'sequence-ended') draft.hasEnded = true
    for (const text of logTexts(event.body)) draft.log.push({ atMs: when.serverMs, text })
  }
  return { ...draft, log: draft.log.slice(-logLinesMax) }
}

interface When {
  readonly machineMs: number
  readonly serverMs: number
}

function readStep(steps: Map<string, StepState>, body: RunEventBody, when: When): void {
  switch (body.kind) {
    case 'group-started':
      steps.set(pathKey(body.path), begun({ name: body.name, isGroup: true, attempt: 1 }, when))
      return
    case 'step-started':
      steps.set(pathKey(body.path), begun({ name: body.name, isGroup: false, attempt: body.attempt }, when))
      return
    case 'group-ended':
      end(steps, body.path, { state: body.outcome, message: '' }, when)
      return
    case 'step-ended':
      end(steps, body.path, { state: body.outcome, message: body.message, exitCode: body.exitCode }, when)
      return
    case 'node-skipped':
      steps.set(pathKey(body.path), {
        state: 'skipped',
        isGroup: false,
        skippedBecause: body.reason,
        message: body.because ?? '',
        attempt: 0,
      })
      return
    default:
  }
}

function begun(node: Pick<StepState, 'isGroup' | 'attempt'> & { readonly name: string }, when: When): StepState {
  return { ...node, state: 'running', message: '', machineStartedAtMs: when.machineMs, startedAtMs: when.serverMs }
}

type Result = Pick<StepState, 'state' | 'message'> & { readonly exitCode?: number }

function end(steps: Map<string, StepState>, path: readonly number[], result: Result, when: When): void {
  const key = pathKey(path)
  const step = steps.get(key)
  if (step === undefined) return
  const tookMs = when.machineMs - (step.machineStartedAtMs ?? when.machineMs)
  // A clock that was set back during the step says nothing about how long it took.
  steps.set(key, { ...step, ...result, ...(tookMs < 0 ? {} : { tookMs }) })
}

function keep(variables: Map<string, PolicyVariable>, variable: PolicyVariable): void {
  const key = variable.name.toLowerCase()
  // An empty value deletes (S1-054).
  if (variable.value === '') variables.delete(key)
  else variables.set(key, variable)
}

const places = { 'boot-image': 'boot image', 'installed-system': 'installed system' } as const

function logTexts(body: RunEventBody): readonly string[] {
  switch (body.kind) {
    case 'sequence-started':
      return ['The task sequence starts']
    case 'group-started':
      return body.taskSequence === undefined
        ? [`Group "${body.name}"`]
        : [`Step "${body.name}": the task sequence "${body.taskSequence.name}" (${body.taskSequence.id}) starts`]
    case 'step-started':
      return [`Step "${body.name}"${body.attempt > 1 ? `, attempt ${body.attempt}` : ''}`]
    case 'step-ended':
      return body.outcome === 'succeeded'
        ? [`${body.name === undefined ? 'The step' : `"${body.name}"`} ended with ${body.exitCode}`]
        : [
            `${body.name === undefined ? 'Failed' : `"${body.name}" failed`} with ${body.exitCode}: ${body.message}${body.outcome === 'failed-continued' ? ' (continue on error)' : ''}`,
          ]
    case 'restarting':
      return [`Restarts into the ${places[body.target]}`]
    case 'resumed':
      return [`Back in the ${places[body.where]}${body.expected ? '' : ', after a restart that nobody asked for'}`]
    case 'sequence-ended':
      return [
        body.outcome.kind === 'succeeded'
          ? 'The task sequence succeeded'
          : `The task sequence failed with ${body.outcome.exitCode}: ${body.outcome.message}`,
      ]
    case 'debugger-attached':
      return [body.opens === 'before-steps' ? 'The debugger holds each step' : 'The debugger holds an error']
    case 'debugger-paused':
      return [pausedText(body)]
    case 'debugger-command':
      return [debugCommandText(body)]
    case 'output':
      return body.lines
    case 'group-ended':
    case 'node-skipped':
    case 'step-progress':
    case 'variables-changed':
      return []
    default:
      return body satisfies never
  }
}
