/**
 * A machine as somebody describes it for a dry run: where it starts, its variables, what conditions would find on it, and
 * how its steps would end. What is not described is unavailable, and says so; of what is described, the rest is not there.
 */

import type { RegistryType } from './condition.ts'
import type { Variable } from './environment.ts'
import type { MachineAnswer, MachineQuestion } from './inspection.ts'
import type { RestartTarget } from './run.ts'

export interface DescribedMachine {
  readonly where: RestartTarget
  /** Of all sources, in order of rising precedence (S1-063). */
  readonly variables: readonly Variable[]
  readonly system?: Omit<Extract<MachineAnswer, { readonly kind: 'os-version' }>, 'kind'>
  readonly language?: string
  /** Files and folders by their full path. */
  readonly paths?: Readonly<Record<string, DescribedPath>>
  /** Versions of installed software, by the name of the package, the product code or the upgrade code. */
  readonly software?: Readonly<Record<string, readonly string[]>>
  /** By `key\value name`, without regard to case. */
  readonly registry?: Readonly<Record<string, { readonly type: RegistryType; readonly data: string }>>
  /** Queries and how many objects each finds. */
  readonly wmi?: Readonly<Record<string, number>>
  /** The first that fits a step counts; a step that none fits ends with 0. */
  readonly outcomes: readonly DescribedOutcome[]
}

export interface DescribedPath {
  readonly folder: boolean
  readonly modifiedAt?: string
  readonly version?: string
}

export interface DescribedOutcome {
  /** The step's name, or where it stands, counted from 0: `1.0.2`. */
  readonly step: string
  /** Absent: at each attempt. */
  readonly attempt?: number
  readonly happens: 'ends' | 'times-out' | 'restarts'
  readonly exitCode: number
  readonly message: string
  readonly variables: readonly Variable[]
}

export function answerFrom(machine: DescribedMachine, question: MachineQuestion): MachineAnswer {
  switch (question.kind) {
    case 'os-version':
      return machine.system === undefined ? notDescribed : { kind: 'os-version', ...machine.system }
    case 'os-language':
      return machine.language === undefined ? notDescribed : { kind: 'os-language', language: machine.language }
    case 'file':
    case 'folder':
      return machine.paths === undefined ? notDescribed : describedPath(find(machine.paths, question.path))
    case 'registry': {
      if (machine.registry === undefined) return notDescribed
      const value = findBlindly(machine.registry, `${question.key}\\${question.valueName}`)
      return value === undefined ? { kind: 'registry', exists: false } : { kind: 'registry', exists: true, ...value }
    }
    case 'wmi':
      return machine.wmi === undefined ? notDescribed : { kind: 'wmi', rows: find(machine.wmi, question.query) ?? 0 }
    case 'software':
      return machine.software === undefined ? notDescribed : installed(machine.software, question)
    default:
      return question satisfies never
  }
}

const notDescribed: MachineAnswer = { kind: 'unavailable', reason: 'the described machine says nothing of this kind' }

function describedPath(path: DescribedPath | undefined): MachineAnswer {
  if (path === undefined) return { kind: 'path', found: 'nothing' }
  const { folder, ...rest } = path
  return { kind: 'path', found: folder ? 'folder' : 'file', ...rest }
}

function installed(
  software: Readonly<Record<string, readonly string[]>>,
  question: Extract<MachineQuestion, { readonly kind: 'software' }>,
): MachineAnswer {
  const names = 'package' in question ? [question.package] : [question.productCode, question.upgradeCode]
  const versions = names.flatMap((name) => (name === undefined ? [] : (findBlindly(software, name) ?? [])))
  return { kind: 'software', versions }
}

function find<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function findBlindly<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  const wanted = name.toLowerCase()
  return Object.entries(record).find(([key]) => key.toLowerCase() === wanted)?.[1]
}
