/**
 * Status messages of a run, in the numbers that administrators and their reports know (spec 10.2): made of an event whenever
 * somebody asks, and stored nowhere. What is secret was masked before the event was sent. Starts of actions, progress and output have
 * no message of their own; the last of the output stands in the message of the action's end (S10-005).
 */

import { stepNumber } from '../sequence/progress.ts'
import { printPlace } from '../sequence/print-path.ts'
import type { Node, NodePath } from '../sequence/task-sequence.ts'
import type { Policy, RunEventBody } from './agent.ts'

export const severities = ['information', 'warning', 'error'] as const
export type Severity = (typeof severities)[number]

/** As the source system writes them (S10-005). */
export const severityCodes = { information: 1_073_741_824, warning: -2_147_483_648, error: -1_073_741_824 } as const

const engine = 'Task Sequence Engine'
const manager = 'Task Sequence Manager'
const action = 'Task Sequence Action'

/**
 * 11138 is a warning: the source system's own severity of it is not known. 10050 (content that is larger than the client's cache) is
 * never sent, because nothing limits what a run may fetch.
 */
const kinds = {
  10073: { severity: 'information', component: manager },
  11122: { severity: 'error', component: engine },
  11124: { severity: 'information', component: engine },
  11127: { severity: 'information', component: engine },
  11128: { severity: 'information', component: engine },
  11130: { severity: 'information', component: engine },
  11134: { severity: 'information', component: engine },
  11135: { severity: 'error', component: engine },
  11138: { severity: 'warning', component: engine },
  11140: { severity: 'information', component: engine },
  11141: { severity: 'error', component: engine },
  11142: { severity: 'information', component: action },
  11143: { severity: 'information', component: engine },
  11144: { severity: 'information', component: engine },
  11170: { severity: 'error', component: manager },
  11171: { severity: 'information', component: manager },
} as const satisfies Record<number, { readonly severity: Severity; readonly component: string }>

export type StatusMessageId = keyof typeof kinds

export interface StatusMessage {
  readonly messageId: StatusMessageId
  readonly severity: Severity
  readonly component: (typeof kinds)[StatusMessageId]['component']
  readonly text: string
  /** S10-005: number of the step, name of the action, its group, exit code, and up to six pieces of its output. */
  readonly insertStrings: readonly string[]
}

/** What a message needs of its run. */
export type MessagedRun = Pick<Policy, 'sequence' | 'userStarted'>

/** As long as one may be in the source system. */
const outputPieceCharactersMax = 255
const outputPiecesMax = 6
/** More of the output is in no message. */
export const messageOutputCharactersMax = outputPiecesMax * outputPieceCharactersMax

/** By severity, for queries. */
export function messageIdsOf(severity: Severity): readonly StatusMessageId[] {
  return Object.entries(kinds).flatMap(([id, kind]) =>
    kind.severity === severity ? [Number(id) as StatusMessageId] : [],
  )
}

/**
 * None: the event has no message. Two: the engine tells the end of a run, and then the manager does. `output` is what the
 * action printed last.
 */
export function statusMessagesOf(body: RunEventBody, run: MessagedRun, output = ''): readonly StatusMessage[] {
  const { name } = run.sequence
  if (isSilent(body)) return []
  switch (body.kind) {
    case 'sequence-started':
      // Known of a client alone (S3.1): every other start is one over PXE.
      return run.userStarted === undefined
        ? [message(11_144, `The task sequence ${name} has started in a boot image.`)]
        : [message(11_140, `The task sequence ${name} has started.`)]
    case 'resumed':
      return [message(11_140, `The task sequence ${name} goes on after a restart.`)]
    case 'restarting':
      return [message(11_142, `An action restarts the machine into the ${place(body.target)}.`)]
    case 'group-started':
    case 'group-ended':
      return [groupMessage(body, run)]
    case 'step-ended':
      return [stepMessage(body, run, output)]
    case 'node-skipped':
      return skipMessages(body, run)
    case 'sequence-ended':
      return endMessages(body, run)
    default:
      return body satisfies never
  }
}

const silentKinds = [
  'step-started',
  'step-progress',
  'output',
  'variables-changed',
  'debugger-attached',
  'debugger-paused',
  'debugger-command',
] as const satisfies readonly RunEventBody['kind'][]
const silent: ReadonlySet<string> = new Set(silentKinds)

/** No status message comes of it, whatever the run is. */
export function isSilent(body: RunEventBody): body is Extract<RunEventBody, { kind: (typeof silentKinds)[number] }> {
  return silent.has(body.kind)
}

/** Of a run that the site itself has ended; no event tells it. `overdue`: it took longer than it was allowed to (S1-078). */
export function givenUpMessage({ sequence }: MessagedRun, overdue: boolean): StatusMessage {
  const why = overdue
    ? 'it ran longer than it was allowed to'
    : 'nothing more was heard of it, or its machine has started another run'
  return message(11_170, `The task sequence ${sequence.name} was not completed: ${why}.`)
}

/** Of a device whose required deployment has not started yet (S9-016). */
export function waitingForWindowMessage(reason: string): StatusMessage {
  return message(10_073, `The task sequence has not started: ${reason}.`)
}

type Body<K extends RunEventBody['kind']> = Extract<RunEventBody, { readonly kind: K }>

function groupMessage(body: Body<'group-started' | 'group-ended'>, run: MessagedRun): StatusMessage {
  const at = placeIn(run, body.path)
  const name = body.kind === 'group-started' ? body.name : at.name
  const strings = { number: at.number, group: name }
  if (body.kind === 'group-started') return message(11_124, `The group ${name} has started.`, strings)
  switch (body.outcome) {
    case 'succeeded':
      return message(11_127, `The group ${name} was completed.`, strings)
    case 'failed':
      return message(11_122, `The group ${name} has failed.`, strings)
    case 'failed-continued':
      return message(11_122, `The group ${name} has failed, and the task sequence goes on.`, strings)
    default:
      return body.outcome satisfies never
  }
}

function stepMessage(body: Body<'step-ended'>, run: MessagedRun, output: string): StatusMessage {
  const at = placeIn(run, body.path)
  const name = body.name ?? at.name
  const { exitCode } = body
  const strings = { number: at.number, action: name, group: at.group, exitCode, output: output || body.message }
  const which = at.group === '' ? `The action ${name}` : `The action ${name} of the group ${at.group}`
  const because = body.message === '' ? '' : `: ${body.message}`
  switch (body.outcome) {
    case 'succeeded':
      return message(11_134, `${which} was completed with exit code ${exitCode}.`, strings)
    case 'failed':
      return message(11_135, `${which} has failed with exit code ${exitCode}${because}`, strings)
    case 'failed-continued':
      return message(11_138, `${which} has failed with exit code ${exitCode}, which was ignored${because}`, strings)
    default:
      return body.outcome satisfies never
  }
}

/** What follows a failure is not reached rather than skipped: the source system has no message of it. */
function skipMessages({ path, reason, because }: Body<'node-skipped'>, run: MessagedRun): readonly StatusMessage[] {
  const { name, group, number } = placeIn(run, path)
  const strings = { number, action: name, group }
  switch (reason) {
    case 'disabled':
      return [message(11_128, `${name} was skipped, because it is disabled.`, strings)]
    case 'condition-false':
      return [message(11_130, `${name} was skipped, because ${because ?? 'its condition is false'}.`, strings)]
    case 'parent-failed':
      return []
    default:
      return reason satisfies never
  }
}

function endMessages({ outcome }: Body<'sequence-ended'>, run: MessagedRun): readonly StatusMessage[] {
  const { name } = run.sequence
  if (outcome.kind === 'succeeded') {
    return [
      message(11_143, `The task sequence ${name} has come to its end.`),
      message(11_171, `The task sequence ${name} was completed.`),
    ]
  }
  const at = placeIn(run, outcome.path)
  const { exitCode } = outcome
  const strings = { number: at.number, action: at.name, group: at.group, exitCode, output: outcome.message }
  const where = at.name === '' ? '' : ` in ${at.name}`
  return [
    message(
      11_141,
      `The task sequence ${name} has failed${where} with exit code ${exitCode}: ${outcome.message}`,
      strings,
    ),
    message(11_170, `The task sequence ${name} was not completed.`, strings),
  ]
}

interface InsertStrings {
  readonly number?: number
  readonly action?: string
  readonly group?: string
  readonly exitCode?: number
  readonly output?: string
}

function message(messageId: StatusMessageId, text: string, strings: InsertStrings = {}): StatusMessage {
  const { number = '', action: name = '', group = '', exitCode = '', output = '' } = strings
  const insertStrings = [String(number), name, group, String(exitCode), ...piecesOf(output)]
  return { messageId, ...kinds[messageId], text, insertStrings }
}

/** The last ones: what went wrong stands at the end. */
function piecesOf(output: string): readonly string[] {
  const text = output.slice(-messageOutputCharactersMax)
  const count = Math.ceil(text.length / outputPieceCharactersMax)
  return Array.from({ length: count }, (_, index) =>
    text.slice(index * outputPieceCharactersMax, (index + 1) * outputPieceCharactersMax),
  )
}

/** A path comes from a machine, and may lead nowhere. */
function placeIn({ sequence }: MessagedRun, path: NodePath) {
  let children: readonly Node[] = sequence.children
  let group = ''
  let node: Node | undefined
  for (const index of path) {
    if (node?.kind === 'group') group = node.name
    node = children[index]
    children = node?.kind === 'group' ? node.children : []
  }
  return { name: node?.name ?? printPlace(path), group, number: stepNumber(sequence, path) }
}

function place(target: Body<'restarting'>['target']): string {
  return target === 'boot-image' ? 'boot image' : 'installed system'
}
