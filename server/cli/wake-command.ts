/** `wake` of a noun: sends the packets that wake machines. */

import type { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { type Noun, pathOf } from './object-command.ts'
import { printObject } from './print.ts'

export function addWake(command: Command, noun: Pick<Noun, 'path'>): void {
  command
    .command('wake')
    .description('send wake-up packets (Wake-on-LAN)')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, (await client.send('POST', `${pathOf(noun, id)}/wake`)).fields)
    })
}
