/** `distribution-point` and `distribution-point-group`: who else has content of the site; and `distribution-status`. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { objectCommand, pathOf } from './object-command.ts'
import { readList, readSwitch } from './option-values.ts'
import { importCommand } from './prestage-command.ts'
import { printJson, printList } from './print.ts'

const named = [
  { flags: '--name <text>', description: 'name', key: 'name', required: true },
  { flags: '--description <text>', description: 'where it stands, whom it serves', key: 'description' },
] as const

const point = {
  name: 'distribution-point',
  description: 'Other machines that have content of the site and send it to task sequences',
  path: 'distribution-points',
  columns: ['id', 'name', 'baseUrl', 'networks', 'isDefault'],
  fields: [
    ...named,
    {
      flags: '--base-url <url>',
      description: 'as machines reach it, such as http://192.0.2.7:8080',
      key: 'baseUrl',
      required: true,
    },
    {
      flags: '--network <address/length...>',
      description: 'its boundary: networks that it is near to, such as 192.168.7.0/24; "" for none',
      key: 'networks',
      read: readList,
    },
    {
      flags: '--default <true|false>',
      description: 'serves machines that are in no boundary, too',
      key: 'isDefault',
      read: readSwitch,
    },
    {
      flags: '--prestaged-content-only <true|false>',
      description: 'it fetches nothing, but waits for distribution-point import',
      key: 'prestagedContentOnly',
      read: readSwitch,
    },
  ],
} as const

export function distributionPointCommand(): Command {
  const command = objectCommand(point)
  command
    .command('token')
    .description('make the token that it shows to the site, for its --token-file; printed once, the one before is void')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      const client = new ApiClient(self)
      const { fields } = await client.send('POST', `${pathOf(point, id)}/token`)
      if (client.json) printJson(fields)
      else process.stdout.write(`${String(fields['token'])}\n`)
    })
  return command.addCommand(importCommand())
}

export function distributionPointGroupCommand(): Command {
  return objectCommand({
    name: 'distribution-point-group',
    description: 'Groups of distribution points; a new member gets what the group has',
    path: 'distribution-point-groups',
    columns: ['id', 'name', 'members'],
    fields: [
      ...named,
      {
        flags: '--member <id...>',
        description: 'distribution points; "" for none',
        key: 'members',
        read: readList,
      },
    ],
  })
}

export function distributionStatusCommand(): Command {
  return new Command('distribution-status')
    .description('which distribution point has which content')
    .argument('[content-id]')
    .action(async (contentId: string | undefined, _options: object, self: Command) => {
      const client = new ApiClient(self)
      const query = new URLSearchParams({ limit: '1000', ...(contentId === undefined ? {} : { contentId }) })
      const { fields } = await client.get(`/distribution-status?${query.toString()}`)
      printList(client, fields, ['contentId', 'pointName', 'state', 'version', 'verifiedAtMs', 'reason'])
    })
}
