/** `application`: what is to be installed, and the ways to install it. */

import type { Command } from 'commander'
import { contentObjectCommand } from './content-command.ts'
import { readDocument } from './document-file.ts'
import { readSwitch, readTexts } from './option-values.ts'

export function applicationCommand(): Command {
  const noun = {
    name: 'application',
    description: 'Applications, with one or more ways to install each',
    path: 'applications',
    columns: ['id', 'name', 'publisher', 'version', 'enabled'],
    fields: [
      { flags: '--name <text>', description: 'name', key: 'name', required: true },
      { flags: '--description <text>', description: 'what it is', key: 'description' },
      { flags: '--publisher <text>', description: 'who made it', key: 'publisher' },
      { flags: '--version <text>', description: 'version, as its maker calls it', key: 'version' },
      { flags: '--enabled <true|false>', description: 'false retires it', key: 'enabled', read: readSwitch },
      {
        flags: '--allow-install-from-task-sequence <true|false>',
        description: 'a list made while a sequence runs may name it, without a deployment of its own',
        key: 'allowInstallFromTaskSequence',
        read: readSwitch,
      },
      {
        flags: '--deployment-types <file>',
        description: 'the ways to install it, in the order of their priority, YAML or JSON',
        key: 'deploymentTypes',
        read: readDocument,
      },
      {
        flags: '--depends-on <id...>',
        description: 'applications that are installed before it',
        key: 'dependencies',
        read: readTexts,
      },
      {
        flags: '--supersedes <id...>',
        description: 'applications it replaces; ID! uninstalls them first',
        key: 'supersedes',
        read: readSuperseded,
      },
    ],
  } as const
  return contentObjectCommand(noun, true)
}

function readSuperseded(given: unknown): readonly object[] {
  return readTexts(given).map((text) => ({ applicationId: text.replace(/!$/, ''), uninstall: text.endsWith('!') }))
}
