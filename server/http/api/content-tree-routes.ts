/**
 * The files of packages, upgrade packages, driver packages and applications: one tar archive, sent in one stream, becomes
 * the next version. It is looked through before any of it is kept (content/keep-content-tree.ts). What an object's files are is
 * asked for here; the object itself says only how many there are, for there may be thousands.
 */

import { z } from 'zod'
import type { PackageId } from '../../address/identifiers.ts'
import { keepContentTree } from '../../content/keep-content-tree.ts'
import { type ContentFile, type ContentVersion, isContentName } from '../../site/content.ts'
import type { ContentAddition, Objects } from '../../store/ports.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { type Fault, notFound, Problem } from '../problem.ts'
import { editedValue } from './edit-answer.ts'
import { contentView, packageId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { uploadedOctets } from './upload.ts'

export interface TreeOwner<T> {
  readonly path: 'packages' | 'operating-system-upgrade-packages' | 'driver-packages' | 'applications'
  /** Singular. */
  readonly noun: string
  readonly objects: Objects<PackageId, T>
  /** Absent: objects of this kind have one tree. */
  readonly folders?: (object: T) => readonly string[]
  /** What is found out about the files before they become a version. */
  readonly inspect?: (object: T, files: readonly ContentFile[]) => Promise<ContentAddition>
}

interface HasContent {
  readonly content?: ContentVersion
}

export function contentTreeRoutes<T extends HasContent>(
  dependencies: HttpDependencies,
  owner: TreeOwner<T>,
): readonly ApiRoute[] {
  return [sendRoute(dependencies, owner), showRoute(owner)]
}

const folderQuery = z.strictObject({
  folder: z
    .string()
    .max(255)
    .exactOptional()
    .meta({ description: 'Only this folder of the tree: the content folder of a deployment type' }),
})

function sendRoute<T extends HasContent>(
  { library, store, site }: HttpDependencies,
  { path, noun, objects, folders, inspect }: TreeOwner<T>,
): ApiRoute {
  return defineRoute({
    method: 'put',
    path: `/${path}/{id}/content`,
    summary: `Send the files of a ${noun} as a tar archive, plain or compressed with gzip, xz or zstd: its next version`,
    params: z.object({ id: packageId }),
    query: folderQuery,
    octets: true,
    answers: { 201: contentView },
    answer: async ({ request, params: { id }, query: { folder } }) => {
      const object = await objects.get(id)
      if (object === undefined) throw notFound(`${noun} ${id}`)
      if (folder !== undefined && folders?.(object).includes(folder) !== true) {
        const message = `no deployment type of ${id} has the content folder ${folder}`
        throw new Problem(400, { faults: [{ path: 'folder', message }] })
      }
      const archive = await library.spool(uploadedOctets(request, site.uploadBytesMax))
      try {
        const tree = await keepContentTree(archive, library)
        const faults = tree.kind === 'refused' ? tree.faults.map(atContent) : nameFaults(tree.files, folder)
        if (tree.kind === 'refused' || faults.length > 0) {
          throw new Problem(422, { detail: 'The archive is not taken as content.', code: 'not-a-content-tree', faults })
        }
        const found = await inspect?.(object, tree.files)
        editedValue(await store.addContent(id, tree.files, { ...found, ...(folder === undefined ? {} : { folder }) }))
      } finally {
        await archive.close()
      }
      const content = (await objects.get(id))?.content
      if (content === undefined) throw notFound(`${noun} ${id}`)
      return { status: 201, body: content }
    },
  })
}

function atContent(message: string): Fault {
  return { path: 'content', message }
}

/** A name that fits alone may be too long below its folder. */
function nameFaults(files: readonly ContentFile[], folder: string | undefined): readonly Fault[] {
  if (folder === undefined) return []
  const long = files.filter(({ name }) => !isContentName(`${folder}/${name}`))
  return long.map(({ name }) => atContent(`${name}: its name is too long below ${folder}`))
}

function showRoute<T extends HasContent>({ path, noun, objects }: TreeOwner<T>): ApiRoute {
  return defineRoute({
    method: 'get',
    path: `/${path}/{id}/content`,
    summary: `List the files of a ${noun}, newest version`,
    params: z.object({ id: packageId }),
    answers: { 200: contentView },
    answer: async ({ params: { id } }) => {
      const content = (await objects.get(id))?.content
      if (content === undefined) throw notFound(`content of ${noun} ${id}`)
      return { status: 200, body: content }
    },
  })
}

export const contentSummaryView = z
  .object({ version: z.number().int(), files: z.number().int(), bytes: z.number().int() })
  .meta({ id: 'ContentSummary', description: 'The newest version; its files are at …/content' })

export function summarize<T extends HasContent>({ content, ...object }: T) {
  if (content === undefined) return object
  const bytes = content.files.reduce((sum, file) => sum + file.bytes, 0)
  return { ...object, content: { version: content.version, files: content.files.length, bytes } }
}
