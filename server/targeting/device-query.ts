/**
 * A query rule of a collection: a condition over what is known of a machine, such as `model like "OptiPlex%" and memoryBytes >= 8 GiB`.
 * These are its parts and the properties it may name; it is read by parse-device-query.ts, printed by print-device-query.ts
 * and answered by evaluate-device-query.ts. There is no property that changes by itself, such as when a machine was last
 * seen: membership changes with an edit or with what a machine tells, never with the clock.
 */

export type DeviceQuery =
  | { readonly kind: 'all' | 'any'; readonly operands: readonly DeviceQuery[] }
  | { readonly kind: 'not'; readonly operand: DeviceQuery }
  | {
      readonly kind: 'compare'
      readonly property: string
      readonly operator: ComparisonOperator
      readonly value: QueryValue
    }
  | { readonly kind: 'in'; readonly property: string; readonly values: readonly QueryValue[] }
  | { readonly kind: 'is'; readonly property: string; readonly state: 'known' | 'unknown' }

export type QueryValue = string | number | boolean

export const queryOperators = ['=', '!=', '<', '<=', '>', '>=', 'like'] as const
export type ComparisonOperator = (typeof queryOperators)[number]

export type PropertyType = 'text' | 'choice' | 'mac-address' | 'smbios-guid' | 'version' | 'number' | 'boolean'

export interface PropertyDefinition {
  readonly type: PropertyType
  readonly says: string
  /** Of a choice. */
  readonly choices?: readonly string[]
}

export const queryProperties = {
  name: { type: 'text', says: 'the name of the device' },
  macAddress: { type: 'mac-address', says: 'any of its cards, by the record and by the agent' },
  smbiosGuid: { type: 'smbios-guid', says: 'by the record, else by the agent' },
  serialNumber: { type: 'text', says: 'by the record, else by the agent' },
  manufacturer: { type: 'text', says: 'as SMBIOS tells it' },
  model: { type: 'text', says: 'as SMBIOS tells it' },
  architecture: { type: 'choice', choices: ['x86', 'x64', 'arm64'], says: 'of the processor' },
  firmware: { type: 'choice', choices: ['bios', 'uefi'], says: 'how it starts' },
  secureBoot: { type: 'boolean', says: 'whether Secure Boot is on' },
  secureBootAuthority: { type: 'text', says: 'any of those whose loaders its firmware starts' },
  chassisType: { type: 'number', says: 'as SMBIOS numbers them, such as 23 for a rack mount' },
  memoryBytes: { type: 'number', says: 'main memory' },
  diskCount: { type: 'number', says: 'disks that are not removable' },
  diskBytes: { type: 'number', says: 'the largest disk that is not removable' },
  operatingSystem: { type: 'text', says: 'the installed system, such as debian' },
  operatingSystemVersion: { type: 'version', says: 'its version, such as 12' },
} as const satisfies Readonly<Record<string, PropertyDefinition>>

export type PropertyName = keyof typeof queryProperties

/** `variable.Site` is the device's own variable of that name, unless it is secret. */
export const variablePrefix = 'variable.'

/** Undefined: there is no such property. Names are case-blind. */
export function findProperty(
  name: string,
): { readonly name: string; readonly definition: PropertyDefinition } | undefined {
  const lower = name.toLowerCase()
  if (lower.startsWith(variablePrefix) && lower.length > variablePrefix.length) {
    return { name: variablePrefix + name.slice(variablePrefix.length), definition: variableDefinition }
  }
  const known = byLowerCase.get(lower)
  return known === undefined ? undefined : { name: known[0], definition: known[1] }
}

const variableDefinition: PropertyDefinition = { type: 'text', says: 'a variable of the device' }

const byLowerCase: ReadonlyMap<string, readonly [string, PropertyDefinition]> = new Map(
  Object.entries(queryProperties).map((entry) => [entry[0].toLowerCase(), entry]),
)

/** What may be asked of each type. */
export const operatorsOf: Readonly<Record<PropertyType, readonly ComparisonOperator[]>> = {
  text: ['=', '!=', 'like'],
  choice: ['=', '!='],
  'mac-address': ['=', '!=', 'like'],
  'smbios-guid': ['=', '!=', 'like'],
  version: ['=', '!=', '<', '<=', '>', '>=', 'like'],
  number: ['=', '!=', '<', '<=', '>', '>='],
  boolean: ['=', '!='],
}

/** Ours: as long as the longest anybody would type, and no deeper than anybody would read. */
export const queryCharactersMax = 4_000
export const queryDepthMax = 32
export const queryListMax = 500

/** Sizes that may follow a number. */
export const queryUnits: ReadonlyMap<string, number> = new Map([
  ['kb', 1_000],
  ['mb', 1_000 ** 2],
  ['gb', 1_000 ** 3],
  ['tb', 1_000 ** 4],
  ['kib', 1_024],
  ['mib', 1_024 ** 2],
  ['gib', 1_024 ** 3],
  ['tib', 1_024 ** 4],
])
