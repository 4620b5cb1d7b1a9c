/** `machine`: agents that said hello, and the approval of those that wait. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { printList, printObject } from './print.ts'

export function machineCommand(): Command {
  const command = new Command('machine').description('Machines whose agent has said hello')
  command.command('list').action(async (_options: object, self: Command) => {
    const client = new ApiClient(self)
    const { fields } = await client.get('/agent-sessions')
    printList(client, fields, ['code', 'approved', 'ipAddress', 'macAddresses', 'model'])
  })
  command
    .command('approve')
    .description('approve the machine that shows this code')
    .argument('<code>')
    .action(async (code: string, _options: object, self: Command) => {
      const client = new ApiClient(self)
      printObject(
        client,
        (await client.send('POST', `/agent-sessions/${encodeURIComponent(code.toUpperCase())}/approve`)).fields,
      )
    })
  return command
}
