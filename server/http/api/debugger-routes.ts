/**
 * `/runs/{id}/debugger` (S1-100 to S1-102): where the debugger holds a run, its breakpoints and variables, and commands for it.
 * A command is accepted when it is stored. The machine takes commands in their order, and only while it is held: what is given
 * meanwhile waits until then. Values of variables are shown, not edited, and those of secrets never.
 */

import { z } from 'zod'
import { type DebugCommand, judgeDebugPath, placedDebugCommands, plainDebugCommands } from '../../sequence/debug.ts'
import type { DebuggedRun, KeptCommand } from '../../store/debugger-port.ts'
import type { RunRecord } from '../../store/ports.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { notFound, Problem } from '../problem.ts'
import { editorOf } from './editor.ts'
import { runId, siteVariableView } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const params = z.object({ id: runId })

const nodePath = z.array(z.number().int().nonnegative().max(100_000)).min(1).max(200)

const commandDraft = z
  .discriminatedUnion('command', [
    z.strictObject({ command: z.enum(plainDebugCommands) }),
    z.strictObject({ command: z.enum(placedDebugCommands), path: nodePath }),
  ])
  .meta({ id: 'DebuggerCommand' })

const commandView = z.object({ number: z.number().int(), command: z.string(), path: z.array(z.number()).optional() })

const waitingView = commandView.extend({ givenBy: z.string(), givenAtMs: z.number() })

const debuggerView = z
  .object({
    runId: z.string(),
    /** `going-on`: it runs until it is held again; `quit`: it goes on without its debugger. */
    state: z.enum(['held', 'going-on', 'quit', 'ended']),
    opens: z.enum(['before-steps', 'on-error']),
    at: z
      .object({
        path: z.array(z.number()),
        name: z.string(),
        number: z.number().int(),
        reason: z.enum(['before-step', 'breakpoint', 'error']),
        exitCode: z.number().optional(),
        message: z.string().optional(),
      })
      .optional(),
    breakpoints: z.array(z.array(z.number())),
    variables: z.array(siteVariableView),
    waitingCommands: z.array(waitingView),
    lastCommand: commandView.extend({ refused: z.string().optional() }).optional(),
  })
  .meta({ id: 'Debugger' })

export function debuggerRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  return [showRoute(dependencies), commandRoute(dependencies)]
}

function showRoute({ store }: HttpDependencies): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/runs/{id}/debugger',
    summary: 'Show where the debugger holds a run, with its variables',
    params,
    answers: { 200: debuggerView },
    answer: async ({ params: { id } }) => {
      const run = await store.getRun(id)
      if (run === undefined) throw notFound(`run ${id}`)
      const debugged = await store.debuggedRun(id)
      if (debugged === undefined) throw refusals['not-debugged']()
      return { status: 200, body: showDebugger(run, debugged) }
    },
  })
}

function commandRoute({ store, now, log }: HttpDependencies): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/runs/{id}/debugger/commands',
    summary: 'Give the debugger of a run a command, which the machine takes once it is held',
    params,
    body: commandDraft,
    answers: { 202: waitingView },
    answer: async ({ params: { id }, body, principal }) => {
      const run = await store.getRun(id)
      if (run === undefined) throw notFound(`run ${id}`)
      const command: DebugCommand = 'path' in body ? { kind: body.command, path: body.path } : { kind: body.command }
      const givenBy = editorOf(principal).name
      refusePath(run, command)
      const kept = await store.addDebugCommand({ runId: id, command, givenBy, givenAtMs: now() })
      if (typeof kept === 'string') throw refusals[kept]()
      log.info({ run: id, device: run.machineName, command: command.kind, by: givenBy }, 'a command for the debugger')
      return { status: 202, body: showWaiting(kept) }
    },
  })
}

/** The machine has the same copy of the sequence and would refuse it too: this says so at once. */
function refusePath({ policy }: RunRecord, command: DebugCommand): void {
  if (!('path' in command) || command.kind === 'clear-break') return
  const message = judgeDebugPath(policy.sequence, command.path)
  if (message !== undefined) throw new Problem(422, { faults: [{ path: 'path', message }] })
}

const refusals = {
  'not-debugged': () =>
    conflict('This run is not debugged: TSDebugMode or TSDebugOnError must be TRUE when it starts.'),
  quit: () => conflict('The debugger has quit, and the run goes on by itself.'),
  'run-ended': () => conflict('The run has ended.'),
  'too-many': () => conflict('Too many commands wait already. The machine takes them once it is held.'),
} as const

function conflict(detail: string): Problem {
  return new Problem(409, { detail })
}

function showDebugger(run: RunRecord, { state, waiting, variables }: DebuggedRun): z.output<typeof debuggerView> {
  const { opens, standing, breaks, lastCommand } = state
  const isHeld = run.state === 'running' && standing.kind === 'held'
  return {
    runId: run.id,
    state: run.state === 'running' ? standing.kind : 'ended',
    opens,
    ...(isHeld ? { at: { ...standing.at, path: [...standing.at.path] } } : {}),
    breakpoints: breaks.map((path) => [...path]),
    variables: [...variables],
    waitingCommands: waiting.map((kept) => showWaiting(kept)),
    ...(lastCommand === undefined
      ? {}
      : {
          lastCommand: {
            ...showCommand(lastCommand),
            ...(lastCommand.refused === undefined ? {} : { refused: lastCommand.refused }),
          },
        }),
  }
}

function showWaiting(kept: KeptCommand): z.output<typeof waitingView> {
  return { ...showCommand(kept), givenBy: kept.givenBy, givenAtMs: kept.givenAtMs }
}

function showCommand({
  number,
  command,
}: {
  readonly number: number
  readonly command: DebugCommand
}): z.output<typeof commandView> {
  return { number, command: command.kind, ...('path' in command ? { path: [...command.path] } : {}) }
}
