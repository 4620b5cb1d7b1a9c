/** `deployment`: a task sequence for a collection. */

import type { Command } from 'commander'
import { readDocument } from './document-file.ts'
import { objectCommand } from './object-command.ts'
import { readInstant, readSwitch } from './option-values.ts'

export function deploymentCommand(): Command {
  return objectCommand({
    name: 'deployment',
    description: 'Task sequences deployed to collections',
    path: 'deployments',
    columns: ['id', 'taskSequenceId', 'collectionId', 'purpose', 'makeAvailableTo', 'enabled'],
    fields: [
      { flags: '--task-sequence <id>', description: 'what runs', key: 'taskSequenceId', required: true },
      { flags: '--collection <id>', description: 'where it runs', key: 'collectionId', required: true },
      { flags: '--purpose <purpose>', description: 'available or required', key: 'purpose', required: true },
      {
        flags: '--make-available-to <whom>',
        description: 'clients, clients-media-and-pxe, media-and-pxe or media-and-pxe-hidden',
        key: 'makeAvailableTo',
        required: true,
      },
      { flags: '--comment <text>', description: 'a note', key: 'comment' },
      { flags: '--enabled <true|false>', description: 'false suspends it', key: 'enabled', read: readSwitch },
      {
        flags: '--available-at <time>',
        description: 'clients are not offered it earlier',
        key: 'availableAtMs',
        read: readInstant,
      },
      { flags: '--expires-at <time>', description: 'nor from then on', key: 'expiresAtMs', read: readInstant },
      {
        flags: '--client-schedule <file>',
        description: 'when clients run a required one, and whether again, in YAML or JSON',
        key: 'clientSchedule',
        read: readDocument,
      },
      {
        flags: '--obey-schedule-in-boot-image <true|false>',
        description: 'these times hold for PXE and media, too',
        key: 'obeyScheduleInBootImage',
        read: readSwitch,
      },
    ],
  })
}
