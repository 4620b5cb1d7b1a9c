/**
 * What queries can see of a machine: its record, what its agent told, and its own variables that are not secret. A secret
 * variable is as unknown as one that is not there, so nobody learns its value by asking (S1-071). An unknown computer has a name and an
 * architecture.
 */

import type { Device } from '../site/device.ts'
import type { KeptInventory } from '../site/inventory.ts'
import type { UnknownComputer } from '../site/unknown-computer.ts'
import { type PropertyName, queryProperties, variablePrefix } from './device-query.ts'

export type Machine = Device | UnknownComputer

/** Texts are in lower case and without blanks around them. Several values: any of them counts. Empty: it is not known. */
export type SubjectValues = readonly (string | number | boolean)[]

/** One machine while queries are asked about it. What was read once is kept: a site's queries ask for the same few properties. */
export interface QuerySubject {
  readonly machine: Machine
  readonly known: (SubjectValues | undefined)[]
}

const nothing: SubjectValues = []

export function isUnknownComputer(machine: Machine): machine is UnknownComputer {
  return 'kind' in machine && machine.kind === 'unknown-computer'
}

export function querySubject(machine: Machine): QuerySubject {
  return { machine, known: [] }
}

/** Found when a query is made ready, so that asking it of ten thousand machines looks up no names. */
export function propertyReader(property: string): (subject: QuerySubject) => SubjectValues {
  if (property.startsWith(variablePrefix)) {
    const name = property.slice(variablePrefix.length).toLowerCase()
    return ({ machine }) => (isUnknownComputer(machine) ? nothing : variableOf(machine, name))
  }
  const place = propertyNames.indexOf(property)
  return ({ machine, known }) => {
    const values = known[place] ?? readProperty(machine, property)
    known[place] = values
    return values
  }
}

function readProperty(machine: Machine, property: string): SubjectValues {
  if (isUnknownComputer(machine)) {
    return property === 'name' ? texts(machine.name) : property === 'architecture' ? [machine.architecture] : nothing
  }
  const reader = readers.get(property)
  return reader === undefined ? nothing : reader(machine, machine.inventory)
}

function variableOf({ variables }: Device, lower: string): SubjectValues {
  const variable = variables.find((candidate) => candidate.name.toLowerCase() === lower)
  return variable === undefined || variable.secret ? nothing : [variable.value.trim().toLowerCase()]
}

type Reader = (device: Device, inventory: KeptInventory | undefined) => SubjectValues

const readers: ReadonlyMap<string, Reader> = new Map(
  Object.entries({
    name: ({ name }) => texts(name),
    macAddress: ({ macAddresses }, inventory) => texts(...macAddresses, ...(inventory?.macAddresses ?? [])),
    smbiosGuid: ({ smbiosGuid }, inventory) => texts(smbiosGuid ?? inventory?.smbiosGuid),
    serialNumber: ({ serialNumber }, inventory) => texts(serialNumber ?? inventory?.serialNumber),
    manufacturer: (_, inventory) => texts(inventory?.manufacturer),
    model: (_, inventory) => texts(inventory?.model),
    architecture: (_, inventory) => texts(inventory?.architecture),
    firmware: (_, inventory) => texts(inventory?.firmware),
    secureBoot: (_, inventory) => (inventory === undefined ? nothing : [inventory.secureBoot]),
    secureBootAuthority: (_, inventory) => texts(...(inventory?.secureBootAuthorities ?? [])),
    chassisType: (_, inventory) => (inventory?.chassisType === undefined ? nothing : [inventory.chassisType]),
    memoryBytes: (_, inventory) => (inventory === undefined ? nothing : [inventory.memoryBytes]),
    diskCount: (_, inventory) => (inventory === undefined ? nothing : [fixedDisks(inventory).length]),
    diskBytes: (_, inventory) => (inventory === undefined ? nothing : [Math.max(0, ...fixedDisks(inventory))]),
    operatingSystem: (_, inventory) => texts(inventory?.operatingSystem?.name),
    operatingSystemVersion: (_, inventory) => texts(inventory?.operatingSystem?.version),
  } satisfies Readonly<Record<PropertyName, Reader>>),
)

const propertyNames: readonly string[] = Object.keys(queryProperties)

function fixedDisks({ disks }: KeptInventory): readonly number[] {
  return disks.filter(({ removable }) => !removable).map(({ bytes }) => bytes)
}

/** Makers fill their names up with blanks. */
function texts(...values: readonly (string | undefined)[]): SubjectValues {
  return values.flatMap((value) => {
    const text = value?.trim().toLowerCase() ?? ''
    return text === '' ? [] : [text]
  })
}
