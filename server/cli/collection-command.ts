/** `collection`: sets of devices and the variables they get. */

import type { Command } from 'commander'
import { addClearMarks } from './clear-marks-command.ts'
import { objectCommand } from './object-command.ts'
import { readNumber, readTexts } from './option-values.ts'
import { variableFields } from './variable-fields.ts'

export function collectionCommand(): Command {
  const command = objectCommand({
    name: 'collection',
    description: 'Sets of devices',
    path: 'collections',
    columns: ['id', 'name', 'kind', 'directMembers'],
    fields: [
      { flags: '--name <text>', description: 'name', key: 'name', required: true },
      { flags: '--description <text>', description: 'what it is for', key: 'description' },
      { flags: '--member <device...>', description: 'ids of its devices', key: 'directMembers', read: readTexts },
      ...variableFields,
      {
        flags: '--variable-priority <1-9>',
        description: 'the higher number wins',
        key: 'variablePriority',
        read: readNumber,
      },
    ],
  })
  addClearMarks(command, { path: 'collections' })
  return command
}
