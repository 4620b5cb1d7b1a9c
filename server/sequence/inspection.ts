/**
 * What a condition asks of the machine, and what is answered: facts alone, never a verdict. A question has its
 * `%variables%` replaced already. Whatever a machine cannot tell is `unavailable`, with a reason that completes the
 * sentence "this is never true here, because …".
 */

import { assert } from '../assert.ts'
import type { Condition, MachineCondition, RegistryType } from './condition.ts'
import type { Environment } from './environment.ts'
import { substitute } from './substitute.ts'

export type MachineQuestion =
  | { readonly kind: 'os-version' }
  | { readonly kind: 'os-language' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'registry'; readonly key: string; readonly valueName: string }
  | { readonly kind: 'wmi'; readonly namespace: string; readonly query: string }
  | { readonly kind: 'software'; readonly package: string }
  | { readonly kind: 'software'; readonly productCode?: string; readonly upgradeCode?: string }

export type MachineAnswer =
  | {
      readonly kind: 'os-version'
      /** `ID`, `ID_LIKE` and `VERSION_ID` of os-release; a rolling system has no version. */
      readonly system: string
      readonly like: readonly string[]
      readonly version: string
      readonly architecture: 'x64' | 'x86' | 'arm64'
    }
  /** As `de-DE`. */
  | { readonly kind: 'os-language'; readonly language: string }
  | PathAnswer
  | { readonly kind: 'registry'; readonly exists: false }
  | { readonly kind: 'registry'; readonly exists: true; readonly type: RegistryType; readonly data: string }
  | { readonly kind: 'wmi'; readonly rows: number }
  /** Versions that are installed; several of a kernel, none of what is not there. */
  | { readonly kind: 'software'; readonly versions: readonly string[] }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** For `file` and `folder`. */
export interface PathAnswer {
  readonly kind: 'path'
  readonly found: 'nothing' | 'file' | 'folder' | 'other'
  /** UTC, as `2026-01-31T00:00:00Z`; absent when nothing was found. */
  readonly modifiedAt?: string
  /** Of a program that carries one; files of Linux do not. */
  readonly version?: string
}

/** In the order of the document. */
export function questionsOf(condition: Condition, environment: Environment): readonly MachineQuestion[] {
  return machineConditions(condition).map((one) => questionOf(one, environment))
}

/** Each condition of the machine with its answer: one answer for each, in the order of the questions. */
export function pairAnswers(
  condition: Condition,
  answers: readonly MachineAnswer[],
): ReadonlyMap<MachineCondition, MachineAnswer> {
  const conditions = machineConditions(condition)
  assert(conditions.length === answers.length, 'one answer for each question')
  const paired = new Map<MachineCondition, MachineAnswer>()
  for (const [index, one] of conditions.entries()) {
    const answer = answers[index]
    assert(answer !== undefined && fits(one, answer), 'an answer is of the kind of its question')
    paired.set(one, answer)
  }
  return paired
}

function machineConditions(condition: Condition): readonly MachineCondition[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
    case 'none':
      return condition.conditions.flatMap((operand) => machineConditions(operand))
    case 'variable':
      return []
    default:
      return [condition]
  }
}

function questionOf(condition: MachineCondition, environment: Environment): MachineQuestion {
  const fill = (text: string): string => substitute(text, environment)
  switch (condition.kind) {
    case 'os-version':
    case 'os-language':
      return { kind: condition.kind }
    case 'file':
    case 'folder':
      return { kind: condition.kind, path: fill(condition.path) }
    case 'registry':
      return { kind: 'registry', key: fill(condition.key), valueName: fill(condition.valueName) }
    case 'wmi':
      return { kind: 'wmi', namespace: fill(condition.namespace), query: fill(condition.query) }
    case 'software': {
      if ('package' in condition) return { kind: 'software', package: fill(condition.package) }
      const { kind, ...codes } = condition
      return { kind, ...codes }
    }
    default:
      return condition satisfies never
  }
}

function fits(condition: MachineCondition, { kind }: MachineAnswer): boolean {
  if (kind === 'unavailable') return true
  if (kind === 'path') return condition.kind === 'file' || condition.kind === 'folder'
  return kind === condition.kind
}
