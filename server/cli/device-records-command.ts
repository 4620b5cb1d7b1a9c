/** `device merge` and `device split`: records that are one machine, and a record that is two. */

import type { Command } from 'commander'
import { ApiClient, type Fields } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { printList } from './print.ts'

interface MergeOptions {
  readonly from: string
  readonly smbiosGuidOf?: string
  readonly serialOf?: string
  readonly preview: boolean
}

interface SplitOptions {
  readonly name: string
  readonly macAddress: readonly string[]
  readonly smbiosGuid?: string
  readonly serial?: string
  readonly sameCollections: boolean
  readonly preview: boolean
}

export function addDeviceRecords(command: Command): void {
  command
    .command('merge')
    .description('the record of another device goes into this one: identifiers, memberships, variables, marks, runs')
    .argument('<id>')
    .requiredOption('--from <id>', 'its record is gone afterwards')
    .option('--smbios-guid-of <id>', 'whose is right, where both records have one')
    .option('--serial-of <id>', 'the same of the serial numbers')
    .option('--preview', 'says what would be done, and does nothing', false)
    .action(async (id: string, { from, smbiosGuidOf, serialOf, preview }: MergeOptions, self: Command) => {
      const force = {
        ...(smbiosGuidOf === undefined ? {} : { smbiosGuid: whose(smbiosGuidOf, id, from) }),
        ...(serialOf === undefined ? {} : { serialNumber: whose(serialOf, id, from) }),
      }
      await change(self, `/devices/${encodeURIComponent(id)}/merge?preview=${preview}`, { from, force })
    })
  command
    .command('split')
    .description('a new record of identifiers of this one; marks of required deployments are of both')
    .argument('<id>')
    .requiredOption('--name <text>', 'of the new record')
    .option('--mac-address <address...>', 'that are of the new record', [])
    .option('--smbios-guid <guid>', 'that is of the new record')
    .option('--serial <text>', 'that is of the new record')
    .option('--same-collections', 'collections that list this device list the new one, too', false)
    .option('--preview', 'says what would be done, and does nothing', false)
    .action(async (id: string, options: SplitOptions, self: Command) => {
      const { name, macAddress, smbiosGuid, serial, sameCollections, preview } = options
      await change(self, `/devices/${encodeURIComponent(id)}/split?preview=${preview}`, {
        name,
        macAddresses: macAddress,
        ...(smbiosGuid === undefined ? {} : { smbiosGuid }),
        ...(serial === undefined ? {} : { serialNumber: serial }),
        inSameCollections: sameCollections,
      })
    })
}

function whose(given: string, kept: string, from: string): 'kept' | 'other' {
  if (given !== kept && given !== from) throw new CliError(`${given} is neither ${kept} nor ${from}`)
  return given === kept ? 'kept' : 'other'
}

async function change(self: Command, path: string, body: object): Promise<void> {
  const client = new ApiClient(self)
  const { fields } = await client.send('POST', path, body)
  const items: readonly unknown[] = [fields['device'], fields['other']]
  const shown: Fields = client.json ? fields : { items }
  printList(client, shown, ['id', 'name', 'macAddresses', 'smbiosGuid', 'serialNumber'])
}
