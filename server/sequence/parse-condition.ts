/**
 * Conditions of a task sequence document (S1-022, S1-023). A list means "all of these"; `kind` may be left out beside
 * `variable`. Texts that hold `%name%` are judged on the machine only.
 */

import {
  type Comparison,
  comparisonOperators,
  type Condition,
  type MachineCondition,
  type RegistryCondition,
  registryOperators,
  registryTypes,
  type SoftwareCondition,
  type TimeComparison,
  type VariableCondition,
  variableOperators,
} from './condition.ts'
import { variableValueCharactersMax } from './environment.ts'
import { parseVariableName } from './parse-variable-name.ts'
import { fault, type Place, peek, readList, readMembers, readText, readWord } from './read-document.ts'

/** Ours: the deepest trees of the field have three levels; recursion must end. */
export const conditionDepthMax = 16
/** Ours: per list. The longest of the field has 257 entries, one a language (S1-023). */
export const conditionListMax = 500
/** PATH_MAX of Linux, less the final zero. */
export const conditionPathCharactersMax = 4_095
/** S1-023. */
export const registryValueNameCharactersMax = 250
export const wmiQueryCharactersMax = 16_384
/** Ours: keys are at most 255 characters a level. */
const registryKeyCharactersMax = 4_000
const shortTextMax = 255

export function parseCondition(place: Place): Condition | undefined {
  if (place.value === undefined) return undefined
  if (Array.isArray(place.value)) return { kind: 'all', conditions: parseList(place, 1) }
  return parseOperand(place, 0)
}

const wholeKinds = ['all', 'any', 'none'] as const
const machineKinds = ['os-version', 'os-language', 'file', 'folder', 'registry', 'wmi', 'software'] as const

function parseList(place: Place, depth: number): readonly Condition[] {
  if (depth > conditionDepthMax) {
    fault(place, 'too-deep', `Conditions may stand in one another ${conditionDepthMax} deep: simplify them.`)
    return []
  }
  const rule = { min: 1, max: conditionListMax }
  return readList<Condition | undefined>(place, rule, (item) => parseOperand(item, depth)).filter(
    (condition) => condition !== undefined,
  )
}

function parseOperand(place: Place, depth: number): Condition | undefined {
  const written = peek(place, 'kind')
  if (written === 'variable' || (written === undefined && peek(place, 'variable') !== undefined)) {
    return parseVariableCondition(place)
  }
  const kind = machineKinds.find((known) => known === written)
  if (kind !== undefined) return machineReaders[kind](place)
  const members = readMembers(place, ['kind', 'conditions'])
  if (members === undefined) return undefined
  const word = readWord(members.kind, [...wholeKinds, 'variable', ...machineKinds])
  const whole = wholeKinds.find((known) => known === word)
  return whole === undefined ? undefined : { kind: whole, conditions: parseList(members.conditions, depth + 1) }
}

function parseVariableCondition(place: Place): VariableCondition | undefined {
  const members = readMembers(place, ['kind', 'variable', 'operator', 'value'])
  if (members === undefined) return undefined
  return {
    kind: 'variable',
    variable: parseVariableName(members.variable, 'read'),
    operator: readWord(members.operator, variableOperators),
    value: readText(members.value, { max: variableValueCharactersMax, absent: '', lines: 'many' }),
  }
}

const machineReaders: Readonly<Record<(typeof machineKinds)[number], (place: Place) => MachineCondition | undefined>> =
  {
    'os-version': (place) => {
      const members = readMembers(place, ['kind', 'system', 'architecture', 'version'])
      if (members === undefined) return undefined
      const version = parseComparison(members.version)
      const { value } = members.architecture
      const architecture = value === undefined ? undefined : readWord(members.architecture, ['x64', 'x86', 'arm64'])
      const system = readText(members.system, { max: shortTextMax })
      return {
        kind: 'os-version',
        system,
        ...(architecture === undefined ? {} : { architecture }),
        ...(version === undefined ? {} : { version }),
      }
    },
    'os-language': (place) => {
      const members = readMembers(place, ['kind', 'language'])
      if (members === undefined) return undefined
      const language = readText(members.language, { max: shortTextMax })
      if (language !== '' && !language.includes('%') && !/^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/i.test(language)) {
        fault(members.language, 'bad-characters', 'Give a language such as de or de-AT.')
      }
      return { kind: 'os-language', language }
    },
    file: (place) => {
      const members = readMembers(place, ['kind', 'path', 'version', 'modified'])
      if (members === undefined) return undefined
      const version = parseComparison(members.version)
      return {
        kind: 'file',
        path: readText(members.path, { max: conditionPathCharactersMax }),
        ...(version === undefined ? {} : { version }),
        ...parseModified(members.modified),
      }
    },
    folder: (place) => {
      const members = readMembers(place, ['kind', 'path', 'modified'])
      if (members === undefined) return undefined
      const path = readText(members.path, { max: conditionPathCharactersMax })
      return { kind: 'folder', path, ...parseModified(members.modified) }
    },
    registry: parseRegistry,
    wmi: (place) => {
      const members = readMembers(place, ['kind', 'namespace', 'query'])
      if (members === undefined) return undefined
      return {
        kind: 'wmi',
        namespace: readText(members.namespace, { max: shortTextMax, absent: 'root\\cimv2' }),
        query: readText(members.query, { max: wmiQueryCharactersMax, lines: 'many' }),
      }
    },
    software: parseSoftware,
  }

function parseRegistry(place: Place): RegistryCondition | undefined {
  const members = readMembers(place, ['kind', 'key', 'valueName', 'operator', 'type', 'data'])
  if (members === undefined) return undefined
  const type = members.type.value === undefined ? undefined : readWord(members.type, registryTypes)
  return {
    kind: 'registry',
    key: readText(members.key, { max: registryKeyCharactersMax }),
    valueName: readText(members.valueName, { max: registryValueNameCharactersMax, absent: '' }),
    operator: readWord(members.operator, registryOperators, 'exists'),
    ...(type === undefined ? {} : { type }),
    data: readText(members.data, { max: variableValueCharactersMax, absent: '', lines: 'many' }),
  }
}

function parseSoftware(place: Place): SoftwareCondition | undefined {
  const members = readMembers(place, ['kind', 'package', 'version', 'productCode', 'upgradeCode'])
  if (members === undefined) return undefined
  const codes = {
    ...parseProductCode(members.productCode, 'productCode'),
    ...parseProductCode(members.upgradeCode, 'upgradeCode'),
  }
  if (members.package.value === undefined && Object.keys(codes).length > 0) {
    if (members.version.value !== undefined) {
      fault(members.version, 'contradiction', 'A product code is one version already: remove this.')
    }
    return { kind: 'software', ...codes }
  }
  if (Object.keys(codes).length > 0) {
    fault(members.package, 'contradiction', 'Give a package of the system, or codes of Windows Installer, not both.')
  }
  const version = parseComparison(members.version)
  const name = readText(members.package, { max: shortTextMax })
  // Handed to the package manager as an argument, so it may not look like an option or a pattern.
  if (name !== '' && !name.includes('%') && !/^[a-z0-9][a-z0-9+._:-]*$/i.test(name)) {
    fault(members.package, 'bad-characters', 'Give the name of a package, such as openssh-server.')
  }
  return { kind: 'software', package: name, ...(version === undefined ? {} : { version }) }
}

function parseProductCode<Name extends 'productCode' | 'upgradeCode'>(
  place: Place,
  name: Name,
): { readonly [N in Name]?: string } {
  if (place.value === undefined) return {}
  const code = readText(place, { max: 38 })
  if (code !== '' && !/^\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i.test(code)) {
    fault(place, 'bad-characters', 'Give a code such as {90160000-008C-0000-1000-0000000FF1CE}.')
  }
  return { [name]: code } as { readonly [N in Name]?: string }
}

function parseComparison(place: Place): Comparison | undefined {
  if (place.value === undefined) return undefined
  const members = readMembers(place, ['operator', 'value'])
  if (members === undefined) return undefined
  return {
    operator: readWord(members.operator, comparisonOperators, 'equals'),
    value: readText(members.value, { max: shortTextMax }),
  }
}

function parseModified(place: Place): { readonly modified?: TimeComparison } {
  if (place.value === undefined) return {}
  const members = readMembers(place, ['operator', 'at'])
  if (members === undefined) return {}
  const operator = readWord(members.operator, comparisonOperators)
  return { modified: { operator, at: parseTime(members.at) } }
}

/** RFC 3339, in UTC alone: a zone of its own would make two spellings of one time. Seconds and `T…` may be left out. */
function parseTime(place: Place): string {
  const text = readText(place, { max: 32 })
  const match = /^(\d{4}-(\d\d)-(\d\d))(?:T(\d\d):(\d\d)(?::(\d\d))?Z)?$/.exec(text)
  const [, date = '', month = '', day = '', hour = '00', minute = '00', second = '00'] = match ?? []
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  const isDate = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31
  if (match !== null && isDate && isTime) return `${date}T${hour}:${minute}:${second}Z`
  if (text !== '') fault(place, 'bad-characters', 'Give a time in UTC such as 2026-01-31T08:00:00Z, or a date.')
  return text
}
