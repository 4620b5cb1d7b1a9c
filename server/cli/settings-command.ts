/** `settings`: those of the site, and what the server runs with. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { printObject } from './print.ts'
import { readSwitch } from './option-values.ts'

interface Changes {
  readonly provisionUnknown?: string
  readonly provisionInto?: readonly string[]
}

export function settingsCommand(): Command {
  const command = new Command('settings').description('Settings of the site, and what the server runs with')
  command.command('show').action(async (_: object, self: Command) => {
    const client = new ApiClient(self)
    printObject(client, (await client.get('/settings')).fields)
  })
  command
    .command('set')
    .option('--provision-unknown <true|false>', 'an unknown computer on which a run succeeded becomes a device')
    .option('--provision-into <id...>', 'collections that list such a device by name; "" for none')
    .action(async ({ provisionUnknown, provisionInto }: Changes, self: Command) => {
      const client = new ApiClient(self)
      const changes = {
        ...(provisionUnknown === undefined ? {} : { provisionUnknown: readSwitch(provisionUnknown) }),
        ...(provisionInto === undefined ? {} : { provisionIntoCollections: provisionInto.filter((id) => id !== '') }),
      }
      printObject(client, (await client.send('PUT', '/settings', changes)).fields)
    })
  return command
}
