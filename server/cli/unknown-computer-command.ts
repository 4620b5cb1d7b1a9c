/** `unknown-computer`: computers that are no devices of the site; all it keeps of them are the marks of required deployments. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { printObject } from './print.ts'

interface Options {
  readonly mac: string
  readonly smbiosGuid?: string
  readonly deployment?: string
}

export function unknownComputerCommand(): Command {
  const command = new Command('unknown-computer').description('Computers the site does not know')
  command
    .command('clear-required-pxe-deployments')
    .description('let required deployments start again over PXE')
    .requiredOption('--mac <address>', 'of any of its cards')
    .option('--smbios-guid <guid>', 'when several computers started with this address')
    .option('--deployment <id>', 'only this one')
    .action(async ({ mac, smbiosGuid, deployment }: Options, self: Command) => {
      const client = new ApiClient(self)
      const query = new URLSearchParams({
        mac,
        ...(smbiosGuid === undefined ? {} : { uuid: smbiosGuid }),
        ...(deployment === undefined ? {} : { deployment }),
      })
      const path = `/unknown-computers/clear-required-pxe-deployments?${query.toString()}`
      printObject(client, (await client.send('POST', path)).fields)
    })
  return command
}
