/** `clear-required-pxe-deployments` of a noun: devices have marks of their own, collections those of what is in them. */

import type { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { type Noun, pathOf } from './object-command.ts'
import { printObject } from './print.ts'

export function addClearMarks(command: Command, noun: Pick<Noun, 'path'>): void {
  command
    .command('clear-required-pxe-deployments')
    .description('let required deployments start again over PXE')
    .argument('<id>')
    .option('--deployment <id>', 'only this one')
    .action(async (id: string, { deployment }: { deployment?: string }, self: Command) => {
      const client = new ApiClient(self)
      const query = deployment === undefined ? '' : `?${new URLSearchParams({ deployment }).toString()}`
      const path = `${pathOf(noun, id)}/clear-required-pxe-deployments${query}`
      printObject(client, (await client.send('POST', path)).fields)
    })
}
