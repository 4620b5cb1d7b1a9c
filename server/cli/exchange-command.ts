/** `task-sequence export` and `import`: with everything they need (bundle-files.ts), or as the XML of the source system. */

import { createReadStream } from 'node:fs'
import { basename, extname } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { ApiClient } from './api-client.ts'
import { type BundleOptions, exportBundle } from './export-bundle.ts'
import { type ImportOptions, importBundle } from './import-bundle.ts'
import { CliError } from './cli-error.ts'
import { bytesOf, writeNew } from './new-file.ts'
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
    .description(
      'write task sequences and what they need to NAME.zip, and their files to NAME_files beside it; never secrets',
    )
    .argument('<id...>')
    .requiredOption('--out <file>', 'a new file, NAME.zip')
    .option('--no-dependencies', 'only the task sequences')
    .option('--no-content', 'no files')
    .option('--comment <text>', 'what it is')
    .option('--xml', 'one task sequence, as the XML of the source system')
    .action(async (ids: readonly string[], options: BundleOptions & { xml?: true }, self: Command) => {
      const client = new ApiClient(self)
      const [id = '', second] = ids
      if (options.xml !== true) await exportBundle(client, ids, options)
      else if (second === undefined)
        await writeNew(options.out, await client.download('GET', `${pathOf(noun, id)}/xml`))
      else throw new CliError('XML holds one task sequence: give one id')
    })
  command
    .command('import')
    .description(
      'create what an export (NAME.zip) holds, or one task sequence from XML; says what must be typed in again',
    )
    .argument('<file>')
    .option('--on-duplicate <ignore|overwrite>', 'what is done with objects that are here already', 'ignore')
    .option('--yes', 'do it; otherwise only say what would be done with each object of an export')
    .option('--name <text>', "XML: of the task sequence; the file's, unless given")
    .option('--boot-image <id>', 'XML: needed for PXE and media')
    .option('--folder <id>', 'XML: where it is put')
    .option('--preview', 'XML: create nothing, only say what would become of it')
    .action(async (file: string, options: XmlOptions & ImportOptions, self: Command) => {
      const client = new ApiClient(self)
      if (extname(file).toLowerCase() === '.zip') {
        await importBundle(client, file, options)
        return
      }
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

function printImported({ id, notes, faults, typeAgain }: z.output<typeof importedSchema>): void {
  const lines = [
    ...notes.map(({ path, message }) => `note    ${path}: ${message}`),
    ...faults.map(({ path, message }) => `missing ${path}: ${message}`),
    ...typeAgain.map(({ path, stepName }) => `secret  ${path} (${stepName}): type it again`),
  ]
  for (const line of lines) process.stderr.write(`${plainText(line)}\n`)
  if (id !== undefined) process.stdout.write(`${id}\n`)
}
