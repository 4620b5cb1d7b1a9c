/**
 * `task-sequence settings`: what stands around the document. `set` reads the task sequence, changes what was named, and writes
 * it back for the revision it read.
 */

import { Command } from 'commander'
import { ApiClient, type Fields } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { type Noun, pathOf } from './object-command.ts'
import { readNumber, readSwitch, readTexts } from './option-values.ts'
import { printObject } from './print.ts'

interface SettingsOption {
  readonly flags: string
  readonly description: string
  /** In the settings: `softwareCenter.restartRequired` is a member of a member. */
  readonly key: string
  readonly read?: (given: unknown) => unknown
}

const options: readonly SettingsOption[] = [
  {
    flags: '--restart-required <true|false>',
    description: 'for information',
    key: 'softwareCenter.restartRequired',
    read: readSwitch,
  },
  {
    flags: '--download-megabytes <n>',
    description: 'for information',
    key: 'softwareCenter.downloadMegabytes',
    read: readNumber,
  },
  {
    flags: '--estimated-run-minutes <n>',
    description: 'for information',
    key: 'softwareCenter.estimatedRunMinutes',
    read: readNumber,
  },
  {
    flags: '--run-first <package:program>',
    description: 'a program that runs before it, in the installed system only',
    key: 'runFirst',
    read: readRunFirst,
  },
  {
    flags: '--maximum-run-minutes <n>',
    description: 'how long it may run; 0: counted as 720',
    key: 'maximumRunMinutes',
    read: readNumber,
  },
  {
    flags: '--platform <platform...>',
    description: 'x64, debian:x64 or debian:12:x64; not looked at over PXE and from media',
    key: 'platforms',
    read: (given) => readTexts(given).map(readPlatform),
  },
  {
    flags: '--high-impact <true|false>',
    description: 'users are warned before it starts',
    key: 'highImpact',
    read: readSwitch,
  },
  {
    flags: '--notification-headline <text>',
    description: 'own words of the warning',
    key: 'customNotification.headline',
  },
  { flags: '--notification-message <text>', description: 'its main body', key: 'customNotification.message' },
  { flags: '--notification-emphasis <text>', description: 'its bold text', key: 'customNotification.emphasis' },
  { flags: '--notification-closing <text>', description: 'its last line', key: 'customNotification.closing' },
  {
    flags: '--suppress-notifications <true|false>',
    description: 'hides the toast',
    key: 'suppressNotifications',
    read: readSwitch,
  },
  {
    flags: '--high-performance-power-plan <true|false>',
    description: 'runs as high performance power plan',
    key: 'highPerformancePowerPlan',
    read: readSwitch,
  },
]

/** What `--clear` may take away. */
const clearable: Readonly<Record<string, string>> = {
  'download-megabytes': 'softwareCenter.downloadMegabytes',
  'estimated-run-minutes': 'softwareCenter.estimatedRunMinutes',
  'run-first': 'runFirst',
  platforms: 'platforms',
  'custom-notification': 'customNotification',
}

export function taskSequenceSettingsCommand(noun: Pick<Noun, 'path'>): Command {
  const command = new Command('settings').description('What stands around the document')
  command
    .command('show')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, membersOf((await client.get(pathOf(noun, id))).fields['settings']))
    })
  const set = command.command('set').argument('<id>')
  for (const { flags, description } of options) set.option(flags, description)
  set.option('--clear <setting...>', `take away: ${Object.keys(clearable).join(', ')}`)
  set.option('--comment <text>', 'why; the revision keeps it')
  set.action(async (id: string, given: { clear?: readonly string[]; comment?: string }, self: Command) => {
    const client = new ApiClient(self)
    const { fields, etag } = await client.get(pathOf(noun, id))
    const settings = changedSettings(membersOf(fields['settings']), self, given.clear ?? [])
    const draft = {
      ...Object.fromEntries(kept.filter((key) => key in fields).map((key) => [key, fields[key]])),
      settings,
      ...(given.comment === undefined ? {} : { comment: given.comment }),
    }
    const { fields: changed } = await client.send('PUT', pathOf(noun, id), draft, etag)
    printObject(client, membersOf(changed['settings']))
  })
  return command
}

const kept = ['bootImageId', 'enabled', 'sequence']

function changedSettings(settings: Fields, command: Command, clear: readonly string[]): Fields {
  let changed = settings
  for (const name of clear) {
    const key = clearable[name]
    if (key === undefined) throw new CliError(`${name} cannot be cleared; see --help`)
    changed = withMember(changed, key.split('.'), undefined)
  }
  for (const option of command.options) {
    const known = options.find(({ flags }) => flags === option.flags)
    const value: unknown = command.getOptionValue(option.attributeName())
    if (known === undefined || value === undefined) continue
    changed = withMember(changed, known.key.split('.'), known.read === undefined ? value : known.read(value))
  }
  return changed
}

/** JSON leaves out what is undefined. */
function withMember(fields: Fields, [key = '', ...deeper]: readonly string[], value: unknown): Fields {
  return { ...fields, [key]: deeper.length === 0 ? value : withMember(membersOf(fields[key]), deeper, value) }
}

function membersOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function readRunFirst(given: unknown): unknown {
  const [, packageId, programName] = /^([^:]+):(.+)$/.exec(String(given)) ?? []
  if (programName === undefined) throw new CliError(`${String(given)} is not a package and a program, RVL00001:NAME`)
  return { packageId, programName }
}

function readPlatform(text: string): unknown {
  const parts = text.split(':')
  const architecture = parts.pop()
  const [name, version, ...rest] = parts
  if (rest.length > 0) throw new CliError(`${text} is not a platform such as debian:12:x64`)
  if (name === undefined) return { architecture }
  return { architecture, operatingSystem: { name, ...(version === undefined ? {} : { version }) } }
}
