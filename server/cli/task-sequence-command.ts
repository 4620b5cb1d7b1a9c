/** `task-sequence`: documents from files, YAML or JSON, and what else is done with a task sequence. */

import type { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { addDistribute } from './distribute-command.ts'
import { readDocument } from './document-file.ts'
import { dryRunCommand } from './dry-run-command.ts'
import { addExchangeVerbs } from './exchange-command.ts'
import { addEditLockVerbs } from './edit-lock-command.ts'
import { addEditStepsVerbs } from './edit-steps-command.ts'
import { objectCommand, pathOf } from './object-command.ts'
import { readNumber, readSwitch } from './option-values.ts'
import { printList, printObject } from './print.ts'
import { wizardCommand } from './wizard-command.ts'
import { taskSequenceSettingsCommand } from './task-sequence-settings-command.ts'

const noun = {
  name: 'task-sequence',
  description: 'What is done on a machine, step by step',
  path: 'task-sequences',
  columns: ['id', 'name', 'bootImageId', 'enabled', 'folderId', 'revision'],
  filters: [
    { flags: '--folder <id>', description: 'only those in this folder, or in the root', key: 'folder' },
    { flags: '--search <text>', description: 'only those with this in their name', key: 'search' },
  ],
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
    { flags: '--comment <text>', description: 'why; the revision keeps it', key: 'comment' },
  ],
} as const

export function taskSequenceCommand(): Command {
  const command = objectCommand(noun)
  addActions(command)
  addRevisionVerbs(command)
  addEditLockVerbs(command, noun)
  addEditStepsVerbs(command, noun)
  addExchangeVerbs(command, noun)
  addDistribute(command, noun)
  return command.addCommand(wizardCommand()).addCommand(dryRunCommand()).addCommand(taskSequenceSettingsCommand(noun))
}

function addActions(command: Command): void {
  command
    .command('copy')
    .description('copy it with everything in it, into the root folder')
    .argument('<id>')
    .option('--name <text>', 'of the copy; one that is free, unless given')
    .action(async (id: string, options: { name?: string }, self: Command) => {
      const client = new ApiClient(self)
      const { fields } = await client.send('POST', `${pathOf(noun, id)}/copy`, options)
      if (client.json) printObject(client, fields)
      else process.stdout.write(`${String(fields['id'])}\n`)
    })
  for (const [verb, description] of [
    ['enable', 'let it run again wherever it is deployed'],
    ['disable', 'keep it from running wherever it is deployed'],
  ] as const) {
    command
      .command(verb)
      .description(description)
      .argument('<id>')
      .action(async (id: string, _options: object, self: Command) => {
        const client = new ApiClient(self)
        printObject(client, (await client.send('POST', `${pathOf(noun, id)}/${verb}`)).fields)
      })
  }
  command
    .command('move')
    .description('put it into a folder')
    .argument('<id>')
    .requiredOption('--folder <id>', 'the folder, or root')
    .action(async (id: string, { folder }: { folder: string }, self: Command) => {
      const client = new ApiClient(self)
      const folderId = folder === 'root' ? null : folder
      printObject(client, (await client.send('POST', `${pathOf(noun, id)}/move`, { folderId })).fields)
    })
}

function addRevisionVerbs(command: Command): void {
  command
    .command('revisions')
    .description('what changed it, newest first; with a number: what it was then')
    .argument('<id>')
    .argument('[number]')
    .action(async (id: string, number: string | undefined, _options: object, self: Command) => {
      const client = new ApiClient(self)
      const path = `${pathOf(noun, id)}/revisions`
      if (number !== undefined) printObject(client, (await client.get(`${path}/${readNumber(number)}`)).fields)
      else printList(client, (await client.get(path)).fields, ['revision', 'changedAtMs', 'changedBy', 'comment'])
    })
  command
    .command('restore')
    .description('make an older revision the newest again')
    .argument('<id>')
    .argument('<number>')
    .option('--comment <text>', 'why')
    .action(async (id: string, number: string, options: { comment?: string }, self: Command) => {
      const client = new ApiClient(self)
      const path = `${pathOf(noun, id)}/revisions/${readNumber(number)}/restore`
      printObject(client, (await client.send('POST', path, options)).fields)
    })
}
