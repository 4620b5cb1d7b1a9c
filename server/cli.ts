/**
 * The command line, `./reveille NOUN VERB …`: the same API that pages and scripts use, in the words of the field. It holds no
 * rules of its own; what the server refuses is printed with the path of each fault.
 */

import { Command, CommanderError } from 'commander'
import { alertCommand } from './cli/alert-command.ts'
import { applicationCommand } from './cli/application-command.ts'
import { CliError } from './cli/cli-error.ts'
import { auditCommand } from './cli/audit-command.ts'
import { bootPreviewCommand } from './cli/boot-preview-command.ts'
import { collectionCommand } from './cli/collection-command.ts'
import { deploymentCommand } from './cli/deployment-command.ts'
import { deploymentTemplateCommand } from './cli/deployment-template-command.ts'
import {
  distributionPointCommand,
  distributionPointGroupCommand,
  distributionStatusCommand,
} from './cli/distribution-point-command.ts'
import { deviceCommand } from './cli/device-command.ts'
import { unknownComputerCommand } from './cli/unknown-computer-command.ts'
import { listedIdentifierCommands } from './cli/listed-identifier-command.ts'
import { bootImageCommand, operatingSystemImageCommand } from './cli/image-command.ts'
import { loadCommand } from './cli/load-command.ts'
import { mediaCommand } from './cli/media-command.ts'
import { machineCommand } from './cli/machine-command.ts'
import { driverPackageCommand, operatingSystemUpgradePackageCommand, packageCommand } from './cli/package-command.ts'
import { runCommand } from './cli/run-command.ts'
import { settingsCommand } from './cli/settings-command.ts'
import { startsCommand } from './cli/starts-command.ts'
import { statusCommand } from './cli/status-command.ts'
import { statusMessageCommand } from './cli/status-message-command.ts'
import { taskSequenceCommand } from './cli/task-sequence-command.ts'
import { taskSequenceFolderCommand } from './cli/task-sequence-folder-command.ts'
import { tokenCommand } from './cli/token-command.ts'

const program = new Command('reveille')
  .description('Command line of a Reveille site')
  .option('--server <url>', 'address of the server (or REVEILLE_URL)', 'http://127.0.0.1:8080')
  .option('--token-file <file>', 'file with an API token (or REVEILLE_ADMIN_TOKEN in the environment)')
  .option('--json', 'print what the server answered, as JSON')
  .showHelpAfterError()
  .exitOverride()

for (const command of [
  deviceCommand(),
  unknownComputerCommand(),
  ...listedIdentifierCommands(),
  collectionCommand(),
  bootImageCommand(),
  operatingSystemImageCommand(),
  operatingSystemUpgradePackageCommand(),
  packageCommand(),
  driverPackageCommand(),
  applicationCommand(),
  taskSequenceCommand(),
  taskSequenceFolderCommand(),
  deploymentCommand(),
  deploymentTemplateCommand(),
  mediaCommand(),
  distributionPointCommand(),
  distributionPointGroupCommand(),
  distributionStatusCommand(),
  runCommand(),
  machineCommand(),
  startsCommand(),
  settingsCommand(),
  alertCommand(),
  statusCommand(),
  statusMessageCommand(),
  bootPreviewCommand(),
  auditCommand(),
  tokenCommand(),
  loadCommand(),
]) {
  program.addCommand(command)
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode
  else if (error instanceof CliError) {
    process.stderr.write(`reveille: ${error.message}\n`)
    process.exitCode = 1
  } else throw error
}
