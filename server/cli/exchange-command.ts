/** `task-sequence export` and `import`: as the XML of the source system. */

import { createReadStream, createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import { messageOf } from '../caught-error.ts'
import { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { type Noun, pathOf } from './object-command.ts'
import { plainText, printJson } from './print.ts'

const note = z.object({ path: z.string(), message: z.string() })
const importedSchema = z.looseObject({
  id: z.string().optional(),
  notes: z.array(note),
  faults: z.array(note),
  typeAgain: z.array(z.object({ path: z.string(), stepName: z.string() })),
})

export function addExchangeVerbs(command: Command, noun: Noun): void {
  command
    .command('export')
    .description('write it as the XML of the source system, without secrets')
    .argument('<id>')
    .requiredOption('--xml', 'the form')
    .requiredOption('--out <file>', 'a new file')
    .action(async (id: string, { out }: { out: string }, self: Command) => {
      const client = new ApiClient(self)
      await writeNew(out, await client.download('GET', `${pathOf(noun, id)}/xml`))
    })
  command
    .command('import')
    .description('create one from the XML of the source system; says what has no counterpart here')
    .argument('<file>')
    .option('--name <text>', "of the task sequence; the XML's or the file's, unless given")
    .option('--boot-image <id>', 'needed for PXE and media')
    .option('--folder <id>', 'where it is put')
    .option('--preview', 'create nothing, only say what would become of it')
    .action(async (file: string, options: XmlOptions, self: Command) => {
      const client = new ApiClient(self)
      const { fields } = await sendXml(client, file, options)
      if (client.json) printJson(fields)
      else printImported(importedSchema.parse(fields))
    })
}

interface XmlOptions {
  readonly name?: string
  readonly bootImage?: string
  readonly folder?: string
  readonly preview?: true
}

async function sendXml(client: ApiClient, file: string, { name, bootImage, folder, preview }: XmlOptions) {
  const query = new URLSearchParams({
    name: name ?? basename(file, extname(file)).slice(0, 50),
    ...(bootImage === undefined ? {} : { bootImageId: bootImage }),
    ...(folder === undefined ? {} : { folderId: folder }),
    ...(preview === true ? { preview: 'true' } : {}),
  })
  const octets = createReadStream(file)
  const path = `/task-sequences/import-xml?${query.toString()}`
  return client.post(path, octets, 'application/xml', await bytesOf(file))
}

async function bytesOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    throw new CliError(`${file}: ${messageOf(error)}`, { cause: error })
  }
}

function printImported({ id, notes, faults, typeAgain }: z.output<typeof importedSchema>): void {
  const lines = [
    ...notes.map(({ path, message }) => `note    ${path}: ${message}`),
    ...faults.map(({ path, message }) => `missing ${path}: ${message}`),
    ...typeAgain.map(({ path, stepName }) => `secret  ${path} (${stepName}): type it again`),
  ]
  for (const line of lines) process.stderr.write(`${plainText(line)}\n`)
  if (id !== undefined) process.stdout.write(`${id}\n`)
}

/** Never over a file that is there; nothing stays of what failed half-way. */
async function writeNew(file: string, octets: NodeJS.ReadableStream): Promise<void> {
  const target = createWriteStream(file, { flags: 'wx' })
  let isOurs = false
  target.once('open', () => (isOurs = true))
  try {
    await pipeline(octets, target)
  } catch (error) {
    if (isOurs) await rm(file, { force: true })
    throw new CliError(`${file}: ${messageOf(error)}`, { cause: error })
  }
}
