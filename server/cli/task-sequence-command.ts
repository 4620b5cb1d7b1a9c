/** `task-sequence`: documents from files, YAML or JSON. */

import type { Command } from 'commander'
import { readDocument } from './document-file.ts'
import { objectCommand } from './object-command.ts'
import { readSwitch } from './option-values.ts'

export function taskSequenceCommand(): Command {
  return objectCommand({
    name: 'task-sequence',
    description: 'What is done on a machine, step by step',
    path: 'task-sequences',
    columns: ['id', 'bootImageId', 'enabled', 'revision'],
    fields: [
      {
        flags: '--file <file>',
        description: 'the document, YAML or JSON',
        key: 'sequence',
        required: true,
        read: readDocument,
      },
      { flags: '--boot-image <id>', description: 'needed for PXE and media', key: 'bootImageId' },
      {
        flags: '--enabled <true|false>',
        description: 'false disables it wherever it is deployed',
        key: 'enabled',
        read: readSwitch,
      },
    ],
  })
}
