/**
 * Devices from a file (S9-001, S9-002): a table as the field writes it (name, SMBIOS GUID, MAC address, without headings), one with
 * headings of which those that name no property name a variable, or a document in YAML or JSON. What is in them is judged by the server.
 */

import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { messageOf } from '../caught-error.ts'
import { CliError } from './cli-error.ts'
import { readDocument } from './document-file.ts'

export interface DeviceFile {
  readonly file: string
  readonly hasHeadings: boolean
}

export function readDeviceFile({ file, hasHeadings }: DeviceFile): readonly unknown[] {
  if (/\.(?:ya?ml|json)$/i.test(file)) return devicesIn(readDocument(file), file)
  const [first = [], ...rest] = readTable(file)
  if (hasHeadings) return rest.map((row) => fromHeadings(first, row))
  return [first, ...rest].map((row, index) => fromBasicOrder(row, index, file))
}

function devicesIn(document: unknown, file: string): readonly unknown[] {
  if (Array.isArray(document)) return document
  if (typeof document === 'object' && document !== null && 'devices' in document && Array.isArray(document.devices)) {
    return document.devices
  }
  throw new CliError(`${file}: is no list of devices`)
}

/** Every row has as many columns as the first, or its number is said. */
function readTable(file: string): readonly (readonly string[])[] {
  try {
    return parse(readFileSync(file), { bom: true, skip_empty_lines: true, trim: true })
  } catch (error) {
    throw new CliError(`${file}: ${messageOf(error)}`, { cause: error })
  }
}

function fromBasicOrder(row: readonly string[], index: number, file: string): object {
  const [name = '', guid = '', macs = '', ...more] = row
  if (more.length > 0) {
    throw new CliError(`${file}: row ${index + 1} has more than name, SMBIOS GUID and MAC address: give --headings`)
  }
  return { name, ...identifiers(guid, macs), variables: [] }
}

const guidHeadings = ['smbiosguid', 'smbios guid', 'guid', 'uuid']
const macHeadings = ['mac', 'macaddress', 'macaddresses', 'mac address']
const serialHeadings = ['serial', 'serialnumber', 'serial number']

function fromHeadings(headings: readonly string[], row: readonly string[]): object {
  const cell = (names: readonly string[]): string => {
    const index = headings.findIndex((heading) => names.includes(heading.toLowerCase()))
    return index === -1 ? '' : (row[index] ?? '')
  }
  const known = new Set(['name', ...guidHeadings, ...macHeadings, ...serialHeadings])
  const variables = headings.flatMap((heading, index) => {
    const value = row[index] ?? ''
    return known.has(heading.toLowerCase()) || value === '' ? [] : [{ name: heading, value, secret: false }]
  })
  const serialNumber = cell(serialHeadings)
  return {
    name: cell(['name']),
    ...identifiers(cell(guidHeadings), cell(macHeadings)),
    ...(serialNumber === '' ? {} : { serialNumber }),
    variables,
  }
}

/** Several addresses of one machine stand in one cell, with blanks or semicolons between them. */
function identifiers(smbiosGuid: string, macs: string): object {
  const macAddresses = macs.split(/[\s;]+/).filter((text) => text !== '')
  return { macAddresses, ...(smbiosGuid === '' ? {} : { smbiosGuid }) }
}
