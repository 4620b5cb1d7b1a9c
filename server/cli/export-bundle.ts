/** `task-sequence export`: the archive as the server makes it, and beside it each file, checked by its hash. */

import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../caught-error.ts'
import { readBundle } from '../content/read-bundle.ts'
import type { ApiClient } from './api-client.ts'
import { bundledFile, filesFolder, objectId, pathOfFile } from './bundle-files.ts'
import { CliError } from './cli-error.ts'
import { writeNew } from './new-file.ts'
import { plainText, printJson } from './print.ts'
import { Progress } from './show-progress.ts'

export interface BundleOptions {
  readonly out: string
  readonly dependencies: boolean
  readonly content: boolean
  readonly comment?: string
}

const bundleSchema = z.looseObject({
  objects: z.array(
    z.looseObject({
      kind: z.string(),
      id: objectId,
      files: z.array(bundledFile),
      typeAgain: z.array(z.looseObject({ path: z.string(), stepName: z.string() })),
    }),
  ),
})
type BundledFile = z.output<typeof bundledFile>

export async function exportBundle(client: ApiClient, ids: readonly string[], options: BundleOptions): Promise<void> {
  const { out, dependencies, content, comment = '' } = options
  const folder = filesFolder(out)
  const asked = { ids, dependencies, content, comment }
  await writeNew(out, await client.download('POST', '/task-sequences/export', asked))
  const { objects } = await readObjects(out)
  if (content) {
    const files = objects.flatMap(({ id, files: all }) => all.map((file) => ({ id, file })))
    // Also an empty one: with content the folder belongs to the archive.
    await makeFolder(folder)
    const progress = new Progress(
      'received',
      files.reduce((sum, { file }) => sum + file.bytes, 0),
    )
    for (const { id, file } of files)
      await fetchFile(client, { file, path: pathOfFile(folder, id, file.name), progress })
  }
  if (client.json) printJson({ objects: objects.map(({ kind, id }) => ({ kind, id })) })
  for (const { id, typeAgain } of objects) {
    for (const { path, stepName } of typeAgain) {
      process.stderr.write(`${plainText(`secret  ${id} ${path} (${stepName}): left out`)}\n`)
    }
  }
}

async function readObjects(archive: string): Promise<z.output<typeof bundleSchema>> {
  const read = await readBundle(await readFile(archive))
  if (read.kind === 'refused') throw new CliError(`${archive}: ${read.fault}`)
  return bundleSchema.parse(JSON.parse(read.octets.toString()))
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    throw new CliError(`${folder}: ${messageOf(error)}`, { cause: error })
  }
}

interface Fetching {
  readonly file: BundledFile
  readonly path: string
  readonly progress: Progress
}

async function fetchFile(client: ApiClient, { file, path, progress }: Fetching): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const octets = await client.download('GET', `/content-files/${file.sha256}`)
  await writeNew(path, checked(octets, file, progress), file.executable === true ? 0o755 : 0o644)
}

async function* checked(
  octets: AsyncIterable<unknown>,
  { name, sha256 }: BundledFile,
  progress: Progress,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of octets) {
    if (!Buffer.isBuffer(chunk)) continue
    hash.update(chunk)
    progress.add(chunk.length)
    yield chunk
  }
  if (hash.digest('hex') !== sha256) throw new CliError(`${name} arrived with another hash`)
}
