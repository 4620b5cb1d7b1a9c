/** `deployment`: a task sequence for a collection. */

import type { Command } from 'commander'
import { readDocument } from './document-file.ts'
import { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { deploymentOptionFlags } from './deployment-option-flags.ts'
import { deploymentStatusCommand } from './deployment-status-command.ts'
import { objectCommand, pathOf } from './object-command.ts'
import { printObject } from './print.ts'
import { readInstant, readSwitch } from './option-values.ts'

export function deploymentCommand(): Command {
  const command = objectCommand({
    name: 'deployment',
    description: 'Task sequences deployed to collections',
    path: 'deployments',
    columns: ['id', 'taskSequenceId', 'collectionId', 'purpose', 'makeAvailableTo', 'enabled'],
    fields: [
      { flags: '--task-sequence <id>', description: 'what runs', key: 'taskSequenceId', required: true },
      { flags: '--collection <id>', description: 'where it runs', key: 'collectionId', required: true },
      { flags: '--template <id>', description: 'what is not said is as this template has it', key: 'templateId' },
      { flags: '--purpose <purpose>', description: 'available or required', key: 'purpose' },
      {
        flags: '--make-available-to <whom>',
        description: 'clients, clients-media-and-pxe, media-and-pxe or media-and-pxe-hidden',
        key: 'makeAvailableTo',
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
        flags: '--accept-risk <true|false>',
        description: 'that its collection has more members than is usual for what replaces their system',
        key: 'acceptRisk',
        read: readSwitch,
      },
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
      {
        flags: '--canary <machines:failures|none>',
        description: 'so many machines go ahead; when more than so many of them fail, it starts nowhere any more',
        key: 'canary',
        read: readCanary,
      },
      {
        flags: '--reinstall-healthy <true|false>',
        description: 'required over PXE of machines that are well, too',
        key: 'reinstallHealthy',
        read: readSwitch,
      },
      ...deploymentOptionFlags,
    ],
  })
  addCanary(command)
  command.addCommand(deploymentStatusCommand())
  return command
}

function addCanary(command: Command): void {
  command
    .command('canary')
    .description('the machines that go ahead, and how they fare')
    .argument('<id>')
    .action(async (id: string, _: object, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, (await client.get(`${pathOf({ path: 'deployments' }, id)}/canary`)).fields)
    })
  command
    .command('approve')
    .description('a deployment to many machines that somebody else has made')
    .argument('<id>')
    .action(async (id: string, _: object, self: Command) => {
      await new ApiClient(self).send('POST', `${pathOf({ path: 'deployments' }, id)}/approve`)
    })
  command
    .command('resume-canary')
    .description('let it start again, with a new canary ring')
    .argument('<id>')
    .action(async (id: string, _: object, self: Command) => {
      await new ApiClient(self).send('POST', `${pathOf({ path: 'deployments' }, id)}/resume-canary`)
    })
}

function readCanary(given: unknown): unknown {
  if (given === 'none') return null
  const [, machines, failuresMax] = /^(\d+):(\d+)$/.exec(String(given)) ?? []
  if (machines === undefined) throw new CliError(`${String(given)} is neither none nor two numbers such as 5:0`)
  return { machines: Number(machines), failuresMax: Number(failuresMax) }
}
