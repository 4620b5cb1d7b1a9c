/** `package`, `driver-package` and `os-upgrade-package`: the objects, and sending their files. */

import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { contentObjectCommand } from './content-command.ts'
import { readDocument } from './document-file.ts'
import type { Field } from './object-command.ts'
import { readSwitch, readTexts } from './option-values.ts'

const named: readonly Field[] = [
  { flags: '--name <text>', description: 'name', key: 'name', required: true },
  { flags: '--description <text>', description: 'what it is', key: 'description' },
]
const version: Field = { flags: '--version <text>', description: 'version, as its maker calls it', key: 'version' }

export function packageCommand(): Command {
  return contentObjectCommand({
    name: 'package',
    description: 'Files, and programs that are run with them',
    path: 'packages',
    columns: ['id', 'name', 'manufacturer', 'version'],
    fields: [
      ...named,
      version,
      { flags: '--manufacturer <text>', description: 'who made it', key: 'manufacturer' },
      { flags: '--language <text>', description: 'its language', key: 'language' },
      {
        flags: '--program <name=command...>',
        description: 'programs with the usual settings: NAME=COMMAND LINE',
        key: 'programs',
        read: readPrograms,
      },
      {
        flags: '--programs <file>',
        description: 'a list of programs with all their settings, YAML or JSON',
        key: 'programs',
        read: readDocument,
      },
    ],
  })
}

export function driverPackageCommand(): Command {
  return contentObjectCommand({
    name: 'driver-package',
    description: 'Drivers: kernel modules and firmware, or folders with .inf files',
    path: 'driver-packages',
    columns: ['id', 'name', 'system', 'version', 'enabled'],
    fields: [
      ...named,
      version,
      { flags: '--system <system>', description: 'linux or windows', key: 'system', required: true },
      {
        flags: '--enabled <true|false>',
        description: 'false: Auto Apply Drivers does not take it',
        key: 'enabled',
        read: readSwitch,
      },
      {
        flags: '--model <manufacturer/model...>',
        description: 'machines it is made for: MANUFACTURER or MANUFACTURER/MODEL',
        key: 'models',
        read: readModels,
      },
      { flags: '--category <name...>', description: 'categories', key: 'categories', read: readTexts },
    ],
  })
}

export function operatingSystemUpgradePackageCommand(): Command {
  return contentObjectCommand({
    name: 'os-upgrade-package',
    description: 'What an operating system is upgraded from',
    path: 'operating-system-upgrade-packages',
    columns: ['id', 'name', 'architecture', 'version'],
    fields: [
      ...named,
      version,
      { flags: '--architecture <architecture>', description: 'x86, x64 or arm64', key: 'architecture', required: true },
      { flags: '--edition <name...>', description: 'editions in it', key: 'editions', read: readTexts },
    ],
  }).alias('operating-system-upgrade-package')
}

function readPrograms(given: unknown): readonly object[] {
  return readTexts(given).map((text) => {
    const [, name, commandLine] = /^([^=]+)=(.+)$/s.exec(text) ?? []
    if (name === undefined) throw new CliError(`${text} is not NAME=COMMAND LINE`)
    return { name, commandLine }
  })
}

function readModels(given: unknown): readonly object[] {
  return readTexts(given).map((text) => {
    const [, manufacturer = text, model] = /^([^/]+)\/(.+)$/s.exec(text) ?? []
    return { manufacturer, ...(model === undefined ? {} : { model }) }
  })
}
