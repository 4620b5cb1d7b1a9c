/** `task-sequence-folder`: where task sequences are kept, for people to find them. */

import type { Command } from 'commander'
import { objectCommand } from './object-command.ts'

export function taskSequenceFolderCommand(): Command {
  return objectCommand({
    name: 'task-sequence-folder',
    description: 'Folders of task sequences',
    path: 'task-sequence-folders',
    columns: ['id', 'name', 'parentId'],
    fields: [
      { flags: '--name <text>', description: 'name', key: 'name', required: true },
      {
        flags: '--parent <id>',
        description: 'the folder it stands in, or root',
        key: 'parentId',
        read: (given) => (given === 'root' ? undefined : given),
      },
    ],
  })
}
