/** `task-sequence`: documents from files, YAML or JSON. */

import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { parse } from 'yaml'
import { messageOf } from '../caught-error.ts'
import { CliError } from './cli-error.ts'
import { dryRunCommand } from './dry-run-command.ts'
import { objectCommand } from './object-command.ts'
import { readSwitch } from './option-values.ts'

export function taskSequenceCommand(): Command {
  const command = objectCommand({
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
  return command.addCommand(dryRunCommand())
}

function readDocument(given: unknown): unknown {
  const file = String(given)
  try {
    return parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new CliError(`${file}: ${messageOf(error)}`, { cause: error })
  }
}
