/** `deployment-template`: what deployments have in common, saved under a name. */

import type { Command } from 'commander'
import { readDocument } from './document-file.ts'
import { objectCommand } from './object-command.ts'

export function deploymentTemplateCommand(): Command {
  return objectCommand({
    name: 'deployment-template',
    description:
      'Settings of deployments to begin with; they keep no collection, no times, and nothing about maintenance windows',
    path: 'deployment-templates',
    columns: ['id', 'name', 'description'],
    fields: [
      { flags: '--name <text>', description: 'name', key: 'name', required: true },
      { flags: '--description <text>', description: 'a sentence', key: 'description' },
      { flags: '--deployment <id>', description: 'whose settings are saved', key: 'deploymentId' },
      {
        flags: '--settings <file>',
        description: 'in place of a deployment’s, in YAML or JSON',
        key: 'settings',
        read: readDocument,
      },
    ],
  })
}
