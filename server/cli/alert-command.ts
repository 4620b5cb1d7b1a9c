/** `alert`: what somebody should look at. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { printList, printObject } from './print.ts'

interface Options {
  readonly state?: string
  readonly limit: string
  readonly offset: string
}

export function alertCommand(): Command {
  const command = new Command('alert').description('What somebody should look at')
  command
    .command('list')
    .description('the newest first')
    .option('--state <state>', 'only raised, acknowledged or cleared ones')
    .option('--limit <n>', 'at most so many', '100')
    .option('--offset <n>', 'leave out so many', '0')
    .action(async ({ state, limit, offset }: Options, self: Command) => {
      const query = new URLSearchParams({ limit, offset, ...(state === undefined ? {} : { state }) })
      const client = new ApiClient(self)
      const { fields } = await client.get(`/alerts?${query.toString()}`)
      printList(client, fields, ['id', 'state', 'severity', 'raisedAtMs', 'text'])
    })
  command
    .command('acknowledge')
    .description('say that you have seen it')
    .argument('<id>')
    .action(async (id: string, _: object, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, (await client.send('POST', `/alerts/${encodeURIComponent(id)}/acknowledge`)).fields)
    })
  return command
}
