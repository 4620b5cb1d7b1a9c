/** `media`: what machines start from in place of the network. Images are read from the server as they are needed. */

import { Command, Option } from 'commander'
import { z } from 'zod'
import { parseMediumId } from '../contract/medium.ts'
import { mediumAffinities, mediumSizeNames } from '../site/medium.ts'
import { ApiClient, type Fields } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { mediumFormats } from '../../media/medium/medium-spec.ts'
import { chooseTarget, downloadImages, type WantedTarget } from './download-image.ts'
import { readInstant, readList, readSwitch } from './option-values.ts'
import { addDisksCommand } from './media-disks-command.ts'
import { addVerifyCommand } from './media-verify-command.ts'
import { printJson, printList, printObject } from './print.ts'
import { askSecrets, readSecretFile } from './secret-input.ts'
import { variablesOption } from './variable-fields.ts'

export function mediaCommand(): Command {
  const command = new Command('media').description('Discs and sticks that machines start from')
  command.addCommand(createCommand())
  command.command('list').action(async (_options: object, self: Command) => {
    const client = new ApiClient(self)
    const columns = ['id', 'kind', 'label', 'state', 'deploymentId', 'expiresAtMs', 'description']
    printList(client, (await client.get('/media?limit=1000')).fields, columns)
  })
  verb(command, 'show', 'what it is, how long its images are, and which machines started from it', async (client, id) =>
    client.get(pathOf(id)),
  )
  verb(command, 'revoke', 'nothing starts from it any more, for good', async (client, id) =>
    client.send('POST', `${pathOf(id)}/revoke`),
  )
  verb(command, 'unpublish', 'its discs are no longer there for everybody', async (client, id) =>
    client.send('POST', `${pathOf(id)}/unpublish`),
  )
  command
    .command('delete')
    .description('forget one that was revoked or has expired')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      await new ApiClient(self).send('DELETE', pathOf(id))
    })
  command.addCommand(publishCommand())
  command.addCommand(downloadCommand())
  addVerifyCommand(command)
  addDisksCommand(command)
  return command
}

function verb(
  command: Command,
  name: string,
  description: string,
  ask: (client: ApiClient, id: string) => Promise<{ readonly fields: Fields }>,
): void {
  command
    .command(name)
    .description(description)
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, (await ask(client, id)).fields)
    })
}

function publishCommand(): Command {
  return new Command('publish')
    .description('let anyone read its discs for a while: for virtual drives of management controllers')
    .argument('<id>')
    .requiredOption('--until <time>', 'when that ends')
    .option('--accept-anyone', 'the medium has no password, and whoever reads it may ask to deploy')
    .action(async (id: string, options: { until: string; acceptAnyone?: true }, self: Command) => {
      const client = new ApiClient(self)
      const accepts = options.acceptAnyone === undefined ? {} : { acceptsAnyone: true }
      const body = { untilMs: readInstant(options.until), ...accepts }
      const { fields } = await client.send('POST', `${pathOf(id)}/publish`, body)
      if (client.json) printJson(fields)
      else for (const url of z.array(z.string()).parse(fields['urls'])) process.stdout.write(`${url}\n`)
    })
}

function addOutOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'of the image; else .iso, .img or .raw decides').choices(mediumFormats))
    .option('--replace', 'also when the file is there already')
    .option('--yes-erase <serial>', 'of the disk that --out names: all that is on it is lost')
}

function downloadCommand(): Command {
  const command = new Command('download')
    .description('write the image of a medium to a file (or go on with one that was begun), or to a disk')
    .argument('<id>')
    .requiredOption('--out <file>', 'NAME.iso, NAME.img or /dev/NAME; further volumes are NAME-2.iso and so on')
  return addOutOptions(command).action(async (id: string, options: WantedTarget, self: Command) => {
    const target = await chooseTarget(options)
    const client = new ApiClient(self)
    const { fields } = await client.get(pathOf(id))
    if (target !== undefined) await downloadImages(client, { path: pathOf(id), fields, target })
  })
}

interface CreateOptions extends WantedTarget {
  readonly kind: string
  readonly deployment?: string
  readonly taskSequence?: string
  readonly operatingSystemImage?: readonly string[]
  readonly application?: readonly string[]
  readonly package?: readonly string[]
  readonly driverPackage?: readonly string[]
  readonly withoutDependencies?: true
  readonly bootImage?: string
  readonly label?: string
  readonly description?: string
  readonly unattended?: true
  readonly passwordFile?: string
  readonly askPassword?: true
  readonly withoutPassword?: true
  readonly variable?: readonly string[]
  readonly prestartCommand?: string
  readonly prestartPackage?: string
  readonly startsAt?: string
  readonly expiresAt?: string
  readonly siteServer?: readonly string[]
  readonly serverSelection?: string
  readonly unknownComputers?: string
  readonly userDeviceAffinity?: string
  readonly sizeLimit?: string
  readonly onlyDeployment?: readonly string[]
}

function createCommand(): Command {
  const command = new Command('create')
    .description('make a medium; without an option about it, a password is made up and printed this once')
    .option('--kind <kind>', 'bootable, stand-alone, prestaged or capture', 'bootable')
    .option('--deployment <id>', 'what it starts (SMSTSPreferredAdvertID); hidden ones, too')
    .option('--task-sequence <id>', 'stand-alone: what it runs; prestaged: whose content goes onto it')
    .option('--operating-system-image <id...>', 'prestaged: goes onto it')
    .option('--application <id...>', 'stand-alone, prestaged: goes onto it as well')
    .option('--package <id...>', 'the same')
    .option('--driver-package <id...>', 'the same')
    .option('--without-dependencies', 'stand-alone: what an application depends on must be named')
    .option('--boot-image <id>', 'else that of the task sequence')
    .option('--label <text>', 'name of its volume')
    .option('--description <text>', 'what it is for')
    .option('--unattended', 'asks for nothing but the password')
    .option('--password-file <file>', 'the password is in this file')
    .option('--ask-password', 'the password is typed, or comes on standard input')
    .option('--without-password', 'anyone who holds it may ask to deploy')
    .option(variablesOption.flags, variablesOption.description)
    .option('--prestart-command <text>', 'runs before the site is asked')
    .option('--prestart-package <id>', 'its files go onto the medium, for the prestart command')
    .option('--starts-at <time>', 'nothing starts from it before')
    .option('--expires-at <time>', 'nor from then on; else a year from now')
    .option('--site-server <url...>', 'where machines ask for policy, in this order')
    .addOption(new Option('--server-selection <kind>', 'dynamic: a list').choices(['dynamic', 'site-based']))
    .option('--unknown-computers <true|false>', 'whether they may start from it')
    .addOption(new Option('--user-device-affinity <how>', 'of users to the machine').choices(mediumAffinities))
    .addOption(new Option('--size-limit <size>', 'of one disc').choices(mediumSizeNames))
    .option('--only-deployment <id...>', 'the only ones that may start from it')
    .option('--out <file>', 'NAME.iso, NAME.img or /dev/NAME: write the image at once')
  return addOutOptions(command).action(create)
}

/** First everything that can be wrong here, then the medium, then its file: nothing is replaced for one that cannot be (A7-06). */
async function create(options: CreateOptions, self: Command): Promise<void> {
  const client = new ApiClient(self)
  const target = await chooseTarget(options)
  const body = await fieldsOf(options)
  const { fields } = await client.send('POST', '/media', body)
  const id = String(fields['id'])
  if (client.json) printJson(fields)
  else process.stdout.write(`${id}\n`)
  tell(client, fields)
  if (target === undefined) return
  try {
    await downloadImages(client, { path: pathOf(id), fields, target })
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    throw new CliError(`${error.message}\nThe medium is there: go on with reveille media download ${id}`, {
      cause: error,
    })
  }
}

function tell(client: ApiClient, fields: Fields): void {
  const { password, warnings } = z
    .looseObject({ password: z.string().optional(), warnings: z.array(z.string()) })
    .parse(fields)
  for (const warning of warnings) process.stderr.write(`${warning}\n`)
  if (password !== undefined && !client.json) process.stdout.write(`Password, shown this once: ${password}\n`)
}

async function fieldsOf(options: CreateOptions): Promise<Fields> {
  const { prestartCommand, prestartPackage, variable } = options
  if (prestartPackage !== undefined && prestartCommand === undefined)
    throw new CliError('--prestart-package is for --prestart-command')
  const prestart = { commandLine: prestartCommand, packageId: prestartPackage }
  const all: Fields = {
    kind: options.kind,
    deploymentId: options.deployment,
    bootImageId: options.bootImage,
    taskSequenceId: options.taskSequence,
    operatingSystemImages: listOf(options.operatingSystemImage),
    applications: listOf(options.application),
    packages: listOf(options.package),
    driverPackages: listOf(options.driverPackage),
    detectDependencies: options.withoutDependencies === true ? false : undefined,
    label: options.label,
    description: options.description,
    unattended: options.unattended,
    ...(await passwordFields(options)),
    variables: variable === undefined ? undefined : await variablesOption.read(variable),
    prestart: prestartCommand === undefined ? undefined : prestart,
    startsAtMs: options.startsAt === undefined ? undefined : readInstant(options.startsAt),
    expiresAtMs: options.expiresAt === undefined ? undefined : readInstant(options.expiresAt),
    servers: options.siteServer === undefined ? undefined : readList(options.siteServer),
    serverSelection: options.serverSelection,
    unknownComputers: options.unknownComputers === undefined ? undefined : readSwitch(options.unknownComputers),
    userDeviceAffinity: options.userDeviceAffinity,
    sizeLimit: options.sizeLimit,
    deployments: options.onlyDeployment === undefined ? undefined : readList(options.onlyDeployment),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function listOf(given: readonly string[] | undefined): readonly string[] | undefined {
  return given === undefined ? undefined : readList(given)
}

async function passwordFields(options: CreateOptions): Promise<Fields> {
  const { passwordFile, askPassword, withoutPassword } = options
  const given = [passwordFile, askPassword, withoutPassword].filter((option) => option !== undefined)
  if (given.length > 1) throw new CliError('one password, or none: give one of the options about it')
  if (passwordFile !== undefined) return { password: readSecretFile(passwordFile) }
  if (askPassword === true) return { password: (await askSecrets(['the password'])).get('the password') }
  // Capture media hold nothing that a password would protect.
  return withoutPassword === true || options.kind === 'capture' ? { password: null } : { generatePassword: true }
}

function pathOf(id: string): string {
  if (parseMediumId(id) === undefined) throw new CliError(`${id} is not the id of a medium: 32 hexadecimal digits`)
  return `/media/${id}`
}
