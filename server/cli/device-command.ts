/** `device`: the computers the site knows, and their marks of required deployments. */

import type { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { objectCommand, pathOf } from './object-command.ts'
import { readTexts } from './option-values.ts'
import { variableFields } from './variable-fields.ts'
import { printObject } from './print.ts'

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
  command
    .command('clear-required-pxe-deployments')
    .description('let required deployments start again over PXE')
    .argument('<id>')
    .option('--deployment <id>', 'only this one')
    .action(async (id: string, options: { deployment?: string }, self: Command) => {
      const client = new ApiClient(self)
      const query =
        options.deployment === undefined ? '' : `?${new URLSearchParams({ deployment: options.deployment }).toString()}`
      printObject(
        client,
        (await client.send('POST', `${pathOf(noun, id)}/clear-required-pxe-deployments${query}`)).fields,
      )
    })
  return command
}
