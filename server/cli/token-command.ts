/** `token`: API tokens of scripts. A new one is printed once. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { readInstant } from './option-values.ts'
import { printJson, printList } from './print.ts'

export function tokenCommand(): Command {
  const command = new Command('token').description('API tokens')
  command.command('list').action(async (_options: object, self: Command) => {
    const client = new ApiClient(self)
    printList(client, (await client.get('/tokens')).fields, ['id', 'name'])
  })
  command
    .command('create')
    .requiredOption('--name <text>', 'what it is for')
    .option('--expires-at <time>', 'useless from then on')
    .action(async (options: { name: string; expiresAt?: string }, self: Command) => {
      const client = new ApiClient(self)
      const expires = options.expiresAt === undefined ? {} : { expiresAtMs: readInstant(options.expiresAt) }
      const { fields } = await client.send('POST', '/tokens', { name: options.name, ...expires })
      if (client.json) printJson(fields)
      else process.stdout.write(`${String(fields['token'])}\n`)
    })
  command
    .command('delete')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      await new ApiClient(self).send('DELETE', `/tokens/${encodeURIComponent(id)}`)
    })
  return command
}
