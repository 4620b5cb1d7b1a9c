/** `device`: the computers the site knows, and their marks of required deployments. */

import type { Command } from 'commander'
import { addClearMarks } from './clear-marks-command.ts'
import { objectCommand } from './object-command.ts'
import { readTexts } from './option-values.ts'
import { variableFields } from './variable-fields.ts'

const noun = {
  name: 'device',
  description: 'Computers the site knows',
  path: 'devices',
  columns: ['id', 'name', 'macAddresses', 'smbiosGuid'],
  fields: [
    { flags: '--name <text>', description: 'name', key: 'name', required: true },
    { flags: '--mac <address...>', description: 'MAC addresses', key: 'macAddresses', read: readTexts },
    { flags: '--smbios-guid <guid>', description: 'SMBIOS GUID', key: 'smbiosGuid' },
    { flags: '--serial <text>', description: 'serial number', key: 'serialNumber' },
    ...variableFields,
  ],
} as const

export function deviceCommand(): Command {
  const command = objectCommand(noun)
  addClearMarks(command, noun)
  return command
}
