/** `status-message`: what runs reported, in the numbers of the source system. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { printList } from './print.ts'

interface Options {
  readonly deployment?: string
  readonly device?: string
  readonly run?: string
  readonly severity?: string
  readonly since?: string
  readonly limit: string
  readonly offset: string
}

export function statusMessageCommand(): Command {
  const command = new Command('status-message').description('What runs reported, in the numbers of the source system')
  command
    .command('list')
    .description('the newest first')
    .option('--deployment <id>', 'only of this deployment')
    .option('--device <id>', 'only of this device')
    .option('--run <id>', 'only of this run')
    .option('--severity <severity>', 'information, warning or error')
    .option('--since <seq>', 'only later ones')
    .option('--limit <n>', 'at most so many', '100')
    .option('--offset <n>', 'leave out so many', '0')
    .action(async (options: Options, self: Command) => {
      const { deployment: deploymentId, device: deviceId, run: runId, ...others } = options
      const given = Object.entries({ deploymentId, deviceId, runId, ...others }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      )
      const client = new ApiClient(self)
      const query = new URLSearchParams(Object.fromEntries(given))
      const { fields } = await client.get(`/status-messages?${query.toString()}`)
      printList(client, fields, ['seq', 'messageId', 'severity', 'atMs', 'machineName', 'text'])
    })
  return command
}
