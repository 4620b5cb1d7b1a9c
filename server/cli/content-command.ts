/** Sending the files of a package, an upgrade package, a driver package or an application, with `create` or by `add-content`. */

import type { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { type ContentSource, findContentSource } from './content-source.ts'
import { addContentVerbs } from './distribute-command.ts'
import { type Noun, objectCommand, pathOf } from './object-command.ts'
import { printObject } from './print.ts'
import { Progress } from './show-progress.ts'

/** `--content` on create, and `add-content` for the next versions. */
export function contentObjectCommand(noun: Noun, hasFolders = false): Command {
  const command = objectCommand({
    ...noun,
    attachment: {
      flags: '--content <folder-or-tar>',
      description: 'its files: a folder, or a tar archive (plain, gzip, xz, zstd)',
      async prepare(given) {
        const source = await findContentSource(given)
        return (client, path) => sendContent(client, `${path}/content`, source)
      },
    },
  })
  const add = command
    .command('add-content')
    .description('send a folder or a tar archive as the next version of the files')
    .argument('<id>')
    .argument('<folder-or-tar>')
  if (hasFolders) add.option('--folder <name>', 'only the content folder of one deployment type')
  add.action(async (id: string, given: string, { folder }: { folder?: string }, self: Command) => {
    const client = new ApiClient(self)
    const source = await findContentSource(given)
    const query = folder === undefined ? '' : `?${new URLSearchParams({ folder }).toString()}`
    const fields = await sendContent(client, `${pathOf(noun, id)}/content${query}`, source)
    if (client.json) printObject(client, fields)
    else process.stdout.write(`version ${String(fields['version'])}\n`)
  })
  addContentVerbs(command, noun)
  return command
}

async function sendContent(client: ApiClient, path: string, source: ContentSource) {
  const { octets, done } = source.open()
  const failed: unknown[] = []
  done.catch((error: unknown) => failed.push(error))
  const progress = new Progress('sent', source.bytes)
  octets.on('data', (chunk: Uint8Array) => progress.add(chunk.length))
  try {
    return (await client.upload(path, octets, source.sentBytes)).fields
  } catch (error) {
    // A source that ends early cuts the line, and what the line says of that helps nobody.
    throw failed.find((one) => one instanceof CliError) ?? error
  } finally {
    progress.end()
  }
}
