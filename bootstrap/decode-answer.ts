/**
 * Answers of the server as they come off the wire, checked into the types of `server/contract/agent.ts`. The server is
 * ours and newer than the agent at times, so unknown members are let through; what the agent steers by is looked at.
 */

import { parsePackageId } from '../server/address/identifiers.ts'
import type {
  CapturedImageAnswer,
  Choice,
  HelloAnswer,
  MachineStanding,
  NextCommandAnswer,
  Policy,
  ReportEventsAnswer,
  ResumeAnswer,
  Selection,
  StartRunAnswer,
} from '../server/contract/agent.ts'
import { type DebugCommand, placedDebugCommands, plainDebugCommands } from '../server/sequence/debug.ts'
import type { NodePath } from '../server/sequence/task-sequence.ts'

type Fields = Readonly<Record<string, unknown>>

export function decodeHelloAnswer(value: unknown): HelloAnswer | undefined {
  if (!isFields(value) || !hasTexts(value, 'session', 'code')) return undefined
  const isGood = typeof value['serverTimeMs'] === 'number' && isStanding(value['machine'])
  return isGood ? (value as unknown as HelloAnswer) : undefined
}

export function decodeStartRunAnswer(value: unknown): StartRunAnswer | undefined {
  if (!isFields(value) || !hasTexts(value, 'runId', 'runToken', 'resumeTicket')) return undefined
  return isPolicy(value['policy']) ? (value as unknown as StartRunAnswer) : undefined
}

export function decodeResumeAnswer(value: unknown): ResumeAnswer | undefined {
  if (!isFields(value) || !hasTexts(value, 'runToken', 'resumeTicket')) return undefined
  return isCount(value['acknowledged']) ? (value as unknown as ResumeAnswer) : undefined
}

export function decodeReportEventsAnswer(value: unknown): ReportEventsAnswer | undefined {
  return isFields(value) && isCount(value['acknowledged']) ? { acknowledged: value['acknowledged'] } : undefined
}

export function decodeCapturedImageAnswer(value: unknown): CapturedImageAnswer | undefined {
  if (!isFields(value) || !isCount(value['version'])) return undefined
  const imageId = parsePackageId(String(value['imageId']))
  return imageId === undefined ? undefined : { imageId, version: value['version'] }
}

/** A command that this version of the agent does not know is as none: the run stays held. */
export function decodeNextCommandAnswer(value: unknown): NextCommandAnswer | undefined {
  if (!isFields(value)) return undefined
  const { next } = value
  if (!isFields(next) || !isCount(next['number']) || !isFields(next['command'])) return {}
  const command = decodeDebugCommand(next['command'])
  return command === undefined ? {} : { next: { number: next['number'], command } }
}

function decodeDebugCommand({ kind, path }: Fields): DebugCommand | undefined {
  const plain = plainDebugCommands.find((known) => known === kind)
  if (plain !== undefined) return { kind: plain }
  const placed = placedDebugCommands.find((known) => known === kind)
  return placed !== undefined && isListOf(path, isCount) ? { kind: placed, path: path as NodePath } : undefined
}

function isPolicy(value: unknown): value is Policy {
  if (!isFields(value) || !hasTexts(value, 'deploymentId', 'taskSequenceId', 'siteCode')) return false
  const { sequence, variables, content } = value
  if (!isFields(sequence) || !hasTexts(sequence, 'name') || !Array.isArray(sequence['children'])) return false
  if (value['restartWindows'] !== undefined && !isListOf(value['restartWindows'], isSpan)) return false
  return isListOf(variables, isVariable) && isListOf(content, isContent)
}

function isSpan(value: unknown): boolean {
  return isFields(value) && isCount(value['startsAtMs']) && isCount(value['endsAtMs'])
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function hasTexts(value: Fields, ...names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === 'string')
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isStanding(value: unknown): value is MachineStanding {
  if (!isFields(value)) return false
  switch (value['kind']) {
    case 'armed':
      return hasTexts(value, 'name') && isSelection(value['selection'])
    case 'waiting-for-approval':
      return isCount(value['askAgainSeconds'])
    case 'nothing-to-run':
      return hasTexts(value, 'reason') && isCount(value['askAgainSeconds'])
    default:
      return false
  }
}

function isSelection(value: unknown): value is Selection {
  if (!isFields(value)) return false
  if (value['kind'] === 'start') return isChoice(value['choice'])
  return value['kind'] === 'choose' && isListOf(value['choices'], isChoice)
}

function isChoice(value: unknown): value is Choice {
  if (!isFields(value) || !hasTexts(value, 'deploymentId', 'taskSequenceName', 'description', 'purpose')) return false
  const { emptyVariables, startsAtMs } = value
  if (startsAtMs !== undefined && !isCount(startsAtMs)) return false
  return emptyVariables === undefined || isListOf(emptyVariables, isEmptyVariable)
}

function isEmptyVariable(value: unknown): boolean {
  return isFields(value) && hasTexts(value, 'name') && typeof value['secret'] === 'boolean'
}

function isVariable(value: unknown): boolean {
  return isFields(value) && hasTexts(value, 'name', 'value') && typeof value['secret'] === 'boolean'
}

function isContent(value: unknown): boolean {
  if (!isFields(value) || !hasTexts(value, 'id', 'name', 'kind') || !isCount(value['version'])) return false
  const { bases } = value
  if (bases !== undefined && !isListOf(bases, (base) => typeof base === 'string' && URL.canParse(base))) return false
  return isListOf(
    value['files'],
    (file) => isFields(file) && hasTexts(file, 'name', 'sha256') && isCount(file['bytes']),
  )
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem)
}
