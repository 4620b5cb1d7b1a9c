/** `collection`: sets of devices by rules, who is in them, and the variables they get. */

import type { Command } from 'commander'
import { addClearMarks } from './clear-marks-command.ts'
import { ApiClient, type Fields } from './api-client.ts'
import { readDocument } from './document-file.ts'
import { objectCommand, pathOf } from './object-command.ts'
import { readList, readNumber } from './option-values.ts'
import { printList, plainText } from './print.ts'
import { variableFields } from './variable-fields.ts'
import { addWake } from './wake-command.ts'

const noun = {
  name: 'collection',
  description: 'Sets of devices',
  path: 'collections',
  columns: ['id', 'name', 'kind', 'memberCount'],
  fields: [
    { flags: '--name <text>', description: 'name', key: 'name', required: true },
    { flags: '--description <text>', description: 'what it is for', key: 'description' },
    { flags: '--member <device...>', description: 'ids of devices; "" for none', key: 'directMembers', read: readList },
    {
      flags: '--include <collection...>',
      description: 'whose members are members; "" for none',
      key: 'includes',
      read: readList,
    },
    {
      flags: '--exclude <collection...>',
      description: 'whose members are none, whatever else is said; "" for none',
      key: 'excludes',
      read: readList,
    },
    {
      flags: '--query <text...>',
      description: 'whoever fits is a member, such as: model like "OptiPlex%" and memoryBytes >= 8 GiB; "" for none',
      key: 'queries',
      read: readList,
    },
    {
      flags: '--unknown-computer <architecture...>',
      description: 'x86, x64, arm64: in collections limited to All Unknown Computers; "" for none',
      key: 'unknownComputers',
      read: readList,
    },
    {
      flags: '--limit-to <collection>',
      description: 'who is not in it is no member; without it All Systems',
      key: 'limitingCollectionId',
    },
    {
      flags: '--maintenance-windows <file>',
      description: 'a list of windows, in YAML or JSON: when required task sequences may start on clients',
      key: 'maintenanceWindows',
      read: readDocument,
    },
    {
      flags: '--default-distribution-point-group <id...>',
      description: 'where content goes that is deployed to it with its defaults; "" for none',
      key: 'defaultDistributionPointGroups',
      read: readList,
    },
    ...variableFields,
    {
      flags: '--variable-priority <1-9>',
      description: 'the higher number wins',
      key: 'variablePriority',
      read: readNumber,
    },
  ],
} as const

export function collectionCommand(): Command {
  const command = objectCommand(noun)
  command
    .command('members')
    .description('who is in it, and by which rule')
    .argument('<id>')
    .option('--limit <n>', 'at most so many', '100')
    .option('--offset <n>', 'leave out so many', '0')
    .action(async (id: string, options: { limit: string; offset: string }, self: Command) => {
      const client = new ApiClient(self)
      const page = new URLSearchParams({ ...options }).toString()
      const { fields } = await client.get(`${pathOf(noun, id)}/members?${page}`)
      printList(client, withReasons(client, fields), ['id', 'name', 'because'])
    })
  addClearMarks(command, noun)
  addWake(command, noun)
  return command
}

/** For people each reason is a few words; JSON stays as it came. */
export function withReasons(client: ApiClient, fields: Fields): Fields {
  if (client.json || !Array.isArray(fields['items'])) return fields
  const items = fields['items'].map((item: Fields) => ({ ...item, because: reasonsOf(item['because']) }))
  return { ...fields, items }
}

function reasonsOf(because: unknown): string {
  if (!Array.isArray(because)) return ''
  return because
    .map(({ rule, collectionId, query }: Fields) => [rule, collectionId ?? query].map(plainText).join(' ').trim())
    .join('; ')
}
