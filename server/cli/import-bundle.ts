/** `task-sequence import NAME.zip`: says what would be done with each object, sends the files that are missing, and does it. */

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { z } from 'zod'
import type { ApiClient } from './api-client.ts'
import { bundledFile, filesFolder, objectId, pathOfFile } from './bundle-files.ts'
import { CliError } from './cli-error.ts'
import { bytesOf } from './new-file.ts'
import { Progress } from './show-progress.ts'
import { plainText, printJson } from './print.ts'

export interface ImportOptions {
  readonly onDuplicate: string
  readonly yes?: true
}

const pendingSchema = z.looseObject({
  id: z.uuid(),
  content: z.boolean(),
  objects: z.array(
    z.looseObject({
      key: z.string(),
      kind: z.string(),
      id: objectId,
      name: z.string(),
      existing: z.object({ id: z.string() }).optional(),
      action: z.string(),
    }),
  ),
  missingFiles: z.array(bundledFile.extend({ key: z.string() })),
})
type Pending = z.output<typeof pendingSchema>

const doneSchema = z.looseObject({
  objects: z.array(z.object({ key: z.string(), name: z.string(), action: z.string(), id: z.string() })),
  typeAgain: z.array(z.looseObject({ id: z.string(), path: z.string(), stepName: z.string() })),
  withoutContent: z.array(z.string()),
})

export async function importBundle(client: ApiClient, archive: string, options: ImportOptions): Promise<void> {
  const duplicates = duplicateActions.get(options.onDuplicate)
  if (duplicates === undefined) throw new CliError('--on-duplicate is ignore or overwrite')
  const folder = filesFolder(archive)
  const octets = createReadStream(archive)
  const sent = await client.post('/task-sequences/imports', octets, 'application/zip', await bytesOf(archive))
  const pending = pendingSchema.parse(sent.fields)
  const path = `/task-sequences/imports/${pending.id}`
  let isDone = false
  try {
    const actions = new Map(
      pending.objects.map(({ key, existing, action }) => [key, existing === undefined ? action : duplicates]),
    )
    printPlan(pending, actions)
    // S11-001: both travel together, or nothing is imported.
    if (pending.content && !(await isFolder(folder))) {
      throw new CliError(`the folder ${folder} is missing: its files belong to ${archive}, so nothing was imported`)
    }
    if (options.yes !== true) throw new CliError('Nothing was imported. Give --yes to do it.')
    await sendFiles(client, pending, folder)
    const { fields } = await client.send('POST', `${path}/complete`, { actions: Object.fromEntries(actions) })
    isDone = true
    if (client.json) printJson(fields)
    else printDone(doneSchema.parse(fields))
  } finally {
    if (!isDone) await client.send('DELETE', path)
  }
}

const duplicateActions: ReadonlyMap<string, string> = new Map([
  ['ignore', 'ignore-duplicate'],
  ['overwrite', 'overwrite'],
])

function printPlan({ objects }: Pending, actions: ReadonlyMap<string, string>): void {
  for (const { key, kind, name, existing } of objects) {
    const here = existing === undefined ? '' : ` (${existing.id} is here)`
    process.stderr.write(`${plainText(`${actions.get(key) ?? ''}  ${kind} ${name}${here}`)}\n`)
  }
}

async function isFolder(path: string): Promise<boolean> {
  const what = await stat(path).catch(() => undefined)
  return what?.isDirectory() === true
}

async function sendFiles(client: ApiClient, { id, objects, missingFiles }: Pending, folder: string): Promise<void> {
  const progress = new Progress(
    'sent',
    missingFiles.reduce((sum, { bytes }) => sum + bytes, 0),
  )
  for (const { key, name, sha256, bytes } of missingFiles) {
    const owner = objects.find((one) => one.key === key)
    const path = pathOfFile(folder, owner?.id ?? '', name)
    const found = await bytesOf(path)
    if (found !== bytes) throw new CliError(`${path} has ${found} octets, and ${bytes} are expected`)
    await client.upload(`/task-sequences/imports/${id}/files/${sha256}`, createReadStream(path), bytes)
    progress.add(bytes)
  }
}

function printDone({ objects, typeAgain, withoutContent }: z.output<typeof doneSchema>): void {
  for (const { key, id, action, name } of objects)
    process.stdout.write(`${plainText(`${key} ${id} ${action} ${name}`)}\n`)
  for (const { id, path, stepName } of typeAgain) {
    process.stderr.write(`${plainText(`secret  ${id} ${path} (${stepName}): type it again`)}\n`)
  }
  for (const id of withoutContent) process.stderr.write(`${id} has no files: they did not travel along\n`)
}
