/** `run`: what task sequences did, and everything they reported. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { debugCommand } from './debug-command.ts'
import { plainText, printJson, printList, printObject } from './print.ts'

export function runCommand(): Command {
  const command = new Command('run').description('Executions of task sequences')
  command
    .command('list')
    .option('--limit <n>', 'at most so many', '50')
    .action(async (options: { limit: string }, self: Command) => {
      const client = new ApiClient(self)
      const { fields } = await client.get(`/runs?${new URLSearchParams({ limit: options.limit }).toString()}`)
      printList(client, fields, ['id', 'machineName', 'taskSequenceName', 'state'])
    })
  command
    .command('show')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, (await client.get(`/runs/${encodeURIComponent(id)}`)).fields)
    })
  command
    .command('events')
    .argument('<id>')
    .option('--since <seq>', 'only later ones', '0')
    .action(async (id: string, options: { since: string }, self: Command) => {
      const client = new ApiClient(self)
      const query = new URLSearchParams({ since: options.since })
      const { fields } = await client.get(`/runs/${encodeURIComponent(id)}/events?${query.toString()}`)
      if (client.json) printJson(fields)
      else
        for (const item of Array.isArray(fields['items']) ? fields['items'] : [])
          process.stdout.write(`${plainText(item.event)}\n`)
    })
  command.addCommand(debugCommand())
  return command
}
