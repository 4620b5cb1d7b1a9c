/** `boot-image` and `operating-system-image`: the objects, and sending their files. */

import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import type { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { addContentVerbs } from './distribute-command.ts'
import { type Field, type Noun, objectCommand, pathOf } from './object-command.ts'
import { readSwitch, readTexts } from './option-values.ts'
import { printObject } from './print.ts'

const named: readonly Field[] = [
  { flags: '--name <text>', description: 'name', key: 'name', required: true },
  { flags: '--description <text>', description: 'what it is', key: 'description' },
  { flags: '--architecture <architecture>', description: 'x86, x64 or arm64', key: 'architecture', required: true },
]

export function bootImageCommand(): Command {
  return imageCommand({
    name: 'boot-image',
    description: 'What machines boot before they have an operating system',
    path: 'boot-images',
    columns: ['id', 'name', 'architecture', 'kind', 'enabledForPxe'],
    fields: [
      ...named,
      { flags: '--kind <kind>', description: 'linux or winpe', key: 'kind' },
      {
        flags: '--enabled-for-pxe <true|false>',
        description: 'offered over the network',
        key: 'enabledForPxe',
        read: readSwitch,
      },
      {
        flags: '--kernel-argument <argument...>',
        description: 'key or key=value',
        key: 'kernelArguments',
        read: readTexts,
      },
    ],
  })
}

export function operatingSystemImageCommand(): Command {
  return imageCommand({
    name: 'os-image',
    description: 'Operating system images',
    path: 'operating-system-images',
    columns: ['id', 'name', 'architecture', 'format'],
    fields: [...named, { flags: '--format <format>', description: 'root-archive or wim', key: 'format' }],
  }).alias('operating-system-image')
}

function imageCommand(noun: Noun): Command {
  const command = objectCommand(noun)
  command
    .command('add-content')
    .description('send files and make them the next version')
    .argument('<id>')
    .argument('<file-or-directory...>', 'a file, a directory with everything in it, or NAME=FILE')
    .action(async (id: string, sources: string[], _options: object, self: Command) => {
      const client = new ApiClient(self)
      const files = (await Promise.all(sources.map(async (source) => filesOf(source)))).flat()
      const sent = []
      for (const file of files) sent.push(await sendFile(client, pathOf(noun, id), file))
      printObject(client, (await client.send('POST', `${pathOf(noun, id)}/content`, { files: sent })).fields)
    })
  addContentVerbs(command, noun)
  return command
}

interface LocalFile {
  readonly name: string
  readonly path: string
}

async function filesOf(source: string): Promise<readonly LocalFile[]> {
  const [, name, path = source] = /^([^=/]+(?:\/[^=/]+)*)=(.+)$/.exec(source) ?? []
  const what = await stat(path).catch(() => undefined)
  if (what === undefined) throw new CliError(`there is no file or directory ${path}`)
  if (what.isFile()) return [{ name: name ?? basename(path), path }]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ name: relative(path, file).split(sep).join('/'), path: file }))
}

async function sendFile(client: ApiClient, path: string, { name, path: file }: LocalFile): Promise<unknown> {
  const { size } = await stat(file)
  const stream = createReadStream(file, { highWaterMark: 1024 * 1024 })
  let sent = 0
  const show = process.stderr.isTTY
  stream.on('data', (chunk) => {
    sent += chunk.length
    if (show) process.stderr.write(`\r${name}  ${Math.floor((sent / Math.max(size, 1)) * 100)} %`)
  })
  const { fields } = await client.upload(
    `${path}/content/files?${new URLSearchParams({ name }).toString()}`,
    stream,
    size,
  )
  if (show) process.stderr.write('\n')
  return fields
}
