/** `lock` and `unlock` of a task sequence: so that nobody else changes it while its document is edited in a file. */

import type { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { type Noun, pathOf } from './object-command.ts'
import { printObject } from './print.ts'

export function addEditLockVerbs(command: Command, noun: Pick<Noun, 'path'>): void {
  command
    .command('lock')
    .description('take the edit lock for half an hour, and print its token; with the token: renew it')
    .argument('<id>')
    .option('--token <token>', 'of the lock to be renewed')
    .option('--show', 'only say who has it')
    .action(async (id: string, options: { token?: string; show?: true }, self: Command) => {
      const client = new ApiClient(self)
      const path = `${pathOf(noun, id)}/edit-lock`
      const { token } = options
      const answer =
        options.show === true
          ? await client.get(path)
          : await client.send('POST', path, token === undefined ? undefined : { token })
      printObject(client, answer.fields)
    })
  command
    .command('unlock')
    .description('discard your own edit lock')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      await new ApiClient(self).send('DELETE', `${pathOf(noun, id)}/edit-lock`)
    })
}
