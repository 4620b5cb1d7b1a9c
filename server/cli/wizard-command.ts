/** `task-sequence wizard`: one of the five kinds, from answers in a file, as the pages of the wizard ask for them. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { readDocument } from './document-file.ts'
import { printObject } from './print.ts'

const kinds = `type is one of
  install-existing-image           name, bootImageId, imageId; userState, updates, applications, network, …
  build-and-capture                the same, and capture: destination, creator, version, description
  upgrade                          name, upgradePackageId, or for Debian release (a codename such as trixie); updates, …
  capture-and-restore-user-state   name, part (capture or restore); userState
  custom                           name; no steps
GET /api/v1/openapi.json has every answer and its default (TaskSequenceWizard).`

export function wizardCommand(): Command {
  return new Command('wizard')
    .description('create a task sequence with the published groups and steps')
    .requiredOption('--file <file>', 'the answers, YAML or JSON; passwords stand in it, so keep it to yourself')
    .addHelpText('after', `\n${kinds}`)
    .action(async (options: { file: string }, self: Command) => {
      const client = new ApiClient(self)
      const { fields } = await client.send('POST', '/task-sequences/wizard', readDocument(options.file))
      if (client.json) printObject(client, fields)
      else process.stdout.write(`${String(fields['id'])}\n`)
    })
}
