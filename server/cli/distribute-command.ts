/** `distribute`, `prestage`, `remove-content` and `validate` of a noun: where its content is, and whether it is still what it was. */

import type { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { type Noun, pathOf } from './object-command.ts'
import { addPrestage } from './prestage-command.ts'
import { printObject } from './print.ts'

interface Targets {
  readonly point?: readonly string[]
  readonly group?: readonly string[]
}

type Owner = Pick<Noun, 'path'>

export function addDistribute(command: Command, noun: Owner): void {
  addPrestage(command, noun)
  addTargeted(command, noun, ['distribute', 'send its content to distribution points'])
}

export function addContentVerbs(command: Command, noun: Owner): void {
  addDistribute(command, noun)
  addTargeted(command, noun, ['remove-content', 'take its content from distribution points'])
  command
    .command('validate')
    .description('have distribution points hash its content again')
    .argument('<id>')
    .option('--point <id...>', 'only these; without it all that have it')
    .action(async (id: string, { point: points }: Targets, self: Command) => {
      const client = new ApiClient(self)
      const body = points === undefined ? undefined : { points }
      printObject(client, (await client.send('POST', `${pathOf(noun, id)}/validate`, body)).fields)
    })
}

function addTargeted(command: Command, noun: Owner, [verb, description]: readonly [string, string]): void {
  command
    .command(verb)
    .description(description)
    .argument('<id>')
    .option('--point <id...>', 'distribution points')
    .option('--group <id...>', 'distribution point groups')
    .action(async (id: string, { point: points, group: groups }: Targets, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, (await client.send('POST', `${pathOf(noun, id)}/${verb}`, { points, groups })).fields)
    })
}
