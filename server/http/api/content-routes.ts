/**
 * Adding content in two steps. Each file is sent as it is, in one stream, and answered with its hash; then one request
 * names the files, and that makes a version. Nothing is half there: a version exists with all its files or not at all,
 * and files that are in the library already need not be sent again.
 */

import { z } from 'zod'
import type { PackageId } from '../../address/identifiers.ts'
import { type ContentFile, contentFilesMax } from '../../site/content.ts'
import type { Objects } from '../../store/ports.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { notFound, Problem } from '../problem.ts'
import { editedValue } from './edit-answer.ts'
import { addedContentView, contentFile, contentName, packageId } from './fields.ts'
import type { Inspection } from './inspect-image.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { uploadedOctets } from './upload.ts'

const uploadedView = z.object({ name: z.string(), sha256: z.string(), bytes: z.number().int() })

export interface ContentOwner<T> {
  readonly path: 'boot-images' | 'operating-system-images'
  readonly objects: Objects<PackageId, T>
  /** Looks into the files before they become a version; throws a Problem when they must not. */
  readonly inspect?: (object: T, files: readonly ContentFile[]) => Promise<Inspection | undefined>
}

export function contentRoutes<T>(dependencies: HttpDependencies, owner: ContentOwner<T>): readonly ApiRoute[] {
  return [uploadRoute(dependencies, owner), commitRoute(dependencies, owner)]
}

function uploadRoute<T>({ library, site }: HttpDependencies, { path, objects }: ContentOwner<T>): ApiRoute {
  return defineRoute({
    method: 'put',
    path: `/${path}/{id}/content/files`,
    summary: 'Send one file of a coming version, as octets',
    params: z.object({ id: packageId }),
    query: z.strictObject({ name: contentName }),
    octets: true,
    answers: { 201: uploadedView },
    answer: async ({ request, params, query }) => {
      if ((await objects.get(params.id)) === undefined) throw notFound(params.id)
      const octets = uploadedOctets(request, site.uploadBytesMax)
      const { sha256, bytes } = await library.add(octets)
      return { status: 201, body: { name: query.name, sha256, bytes } }
    },
  })
}

const versionDraft = z
  .strictObject({ files: z.array(contentFile).min(1).max(contentFilesMax) })
  .superRefine(({ files }, context) => {
    const names = new Set<string>()
    for (const [index, { name }] of files.entries()) {
      // Two names that differ in case only would be one file on some systems.
      const key = name.toLowerCase()
      if (names.has(key))
        context.addIssue({ code: 'custom', path: ['files', index, 'name'], message: `${name} is there twice` })
      names.add(key)
    }
  })
  .meta({ id: 'ContentVersionDraft' })

function commitRoute<T>({ library, store }: HttpDependencies, owner: ContentOwner<T>): ApiRoute {
  const { path, objects } = owner
  return defineRoute({
    method: 'post',
    path: `/${path}/{id}/content`,
    summary: 'Make a version of files that were sent',
    params: z.object({ id: packageId }),
    body: versionDraft,
    answers: { 201: addedContentView },
    answer: async ({ params, body }) => {
      const object = await objects.get(params.id)
      if (object === undefined) throw notFound(params.id)
      const faults = []
      for (const [index, file] of body.files.entries()) {
        // Nobody names it yet, and it may have been sent long ago: it must outlast the inspection.
        await library.renew(file.sha256)
        const blob = await library.open(file.sha256)
        await blob?.close()
        if (blob === undefined)
          faults.push({ path: `files[${index}].sha256`, message: `${file.name} has not been sent` })
        else if (blob.bytes !== file.bytes) {
          faults.push({ path: `files[${index}].bytes`, message: `${file.name} has ${blob.bytes} octets` })
        }
      }
      if (faults.length > 0) throw new Problem(422, { faults })
      const inspection = await owner.inspect?.(object, body.files)
      const { version } = editedValue(await store.addContent(params.id, body.files))
      const added = { contentId: params.id, version, files: body.files }
      return { status: 201, body: { ...added, ...(inspection === undefined ? {} : { inspection }) } }
    },
  })
}
