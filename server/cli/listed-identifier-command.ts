/** `duplicate-identifier` and `ignored-mac`: identifiers that name no one machine, and machines that are never served. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { printList, printObject } from './print.ts'

const nouns = [
  {
    name: 'duplicate-identifier',
    path: 'duplicate-hardware-identifiers',
    description: 'MAC addresses and SMBIOS GUIDs that several machines have: left out when one is looked up',
  },
  { name: 'ignored-mac', path: 'ignored-mac-addresses', description: 'MAC addresses that are never served' },
] as const

export function listedIdentifierCommands(): readonly Command[] {
  return nouns.map((noun) => {
    const command = new Command(noun.name).description(noun.description)
    command.command('list').action(async (_: object, self: Command) => {
      const client = new ApiClient(self)
      const { fields } = await client.get(`/${noun.path}?limit=1000`)
      printList(client, fields, ['identifier', 'from', 'by', 'listedAtMs', 'comment'])
    })
    command
      .command('add')
      .description('from the next packet on; one that is there gets the comment')
      .argument('<identifier>')
      .option('--comment <text>', 'why, for the other administrators', '')
      .action(async (identifier: string, { comment }: { comment: string }, self: Command) => {
        const client = new ApiClient(self)
        printObject(client, (await client.send('PUT', pathTo(noun, identifier), { comment })).fields)
      })
    command
      .command('remove')
      .argument('<identifier>')
      .action(async (identifier: string, _: object, self: Command) => {
        await new ApiClient(self).send('DELETE', pathTo(noun, identifier))
      })
    return command
  })
}

function pathTo({ path }: { readonly path: string }, identifier: string): string {
  return `/${path}/${encodeURIComponent(identifier)}`
}
