/**
 * `…/prestage` of everything that has content, and of all that a task sequence refers to: the prestaged content file of S8-008, which
 * is carried to a distribution point behind a slow line. It is made as it is sent. What cannot be sent whole is refused before.
 */

import { z } from 'zod'
import type { PackageId } from '../../address/identifiers.ts'
import {
  blobsOf,
  manifestBytesMax,
  prestagedBytes,
  prestagedCompressions,
  type PrestagedCompression,
  type PrestagedContent,
  prestagedContentsMax,
  printManifest,
  writePrestagedContent,
} from '../../content/prestaged-content.ts'
import type { Blobs, HttpDependencies } from '../dependencies.ts'
import { notFound, Problem } from '../problem.ts'
import { referredContent } from '../referred-content.ts'
import { type ContentOwned, type ContentOwner, contentOwners, requireOwned } from './content-owners.ts'
import { packageId } from './fields.ts'
import { type ApiAnswer, type ApiRoute, defineRoute } from './route.ts'

const params = z.object({ id: packageId })

const prestageBody = z
  .strictObject({
    compression: z
      .enum(prestagedCompressions)
      .default('zstd')
      .meta({ description: 'none: its size is known before, and content of mostly zeros can be imported' }),
  })
  .optional()
  .meta({ id: 'Prestage' })

const answers = { 200: 'application/octet-stream' } as const

export function prestageRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  const owners = contentOwners(dependencies.store)
  return [...owners.map((owner) => prestageRoute(dependencies, owner)), prestageSequenceRoute(dependencies, owners)]
}

function prestageRoute(dependencies: HttpDependencies, owner: ContentOwner): ApiRoute {
  return defineRoute({
    method: 'post',
    path: `/${owner.path}/{id}/prestage`,
    summary: `Create a prestaged content file with the content of a ${owner.noun}, for a distribution point`,
    params,
    body: prestageBody,
    answers,
    answer: async ({ params: { id }, body }) => {
      const content = prestaged(owner, id, await requireOwned(owner, id))
      if (content === undefined) throw new Problem(409, { detail: `${owner.noun} ${id} has no content yet.` })
      return sendPrestaged(dependencies, { name: id, contents: [content], compression: body?.compression })
    },
  })
}

function prestageSequenceRoute(dependencies: HttpDependencies, owners: readonly ContentOwner[]): ApiRoute {
  const { store } = dependencies
  return defineRoute({
    method: 'post',
    path: '/task-sequences/{id}/prestage',
    summary: 'Create a prestaged content file with everything that a task sequence refers to, its boot image too',
    params,
    body: prestageBody,
    answers,
    answer: async ({ params: { id }, body }) => {
      const sequence = await store.taskSequences.get(id)
      if (sequence === undefined) throw notFound(`task sequence ${id}`)
      const ids = await referredContent(store, sequence, { withDependencies: true })
      const contents = (await Promise.all(ids.map(async (one) => findPrestaged(owners, one)))).flat()
      if (contents.length === 0) throw new Problem(409, { detail: `Task sequence ${id} refers to no content.` })
      return sendPrestaged(dependencies, { name: id, contents, compression: body?.compression })
    },
  })
}

async function findPrestaged(owners: readonly ContentOwner[], id: PackageId): Promise<readonly PrestagedContent[]> {
  for (const owner of owners) {
    const owned = await owner.objects.get(id)
    const content = owned && prestaged(owner, id, owned)
    if (content !== undefined) return [content]
  }
  return []
}

function prestaged(
  { noun }: ContentOwner,
  id: PackageId,
  { name, content }: ContentOwned,
): PrestagedContent | undefined {
  return content && { id, kind: noun, name, version: content.version, files: content.files }
}

interface Asked {
  readonly name: string
  readonly contents: readonly PrestagedContent[]
  readonly compression: PrestagedCompression | undefined
}

async function sendPrestaged({ library, site }: HttpDependencies, asked: Asked): Promise<ApiAnswer> {
  const { name, contents, compression = 'zstd' } = asked
  const manifest = { siteCode: site.siteCode, contents }
  if (contents.length > prestagedContentsMax || printManifest(manifest).length > manifestBytesMax) {
    throw new Problem(409, { detail: 'That is more than fits into one prestaged content file. Prestage the parts.' })
  }
  await requireBlobs(library, contents)
  const length = compression === 'none' ? { 'content-length': String(prestagedBytes(manifest)) } : {}
  return {
    status: 200,
    stream: { type: 'application/octet-stream', octets: writePrestagedContent(manifest, library, compression) },
    headers: { 'content-disposition': `attachment; filename="${name}.pkgx"`, ...length },
  }
}

/** By name, all of them. */
async function requireBlobs(library: Pick<Blobs, 'open'>, contents: readonly PrestagedContent[]): Promise<void> {
  const gone = new Set<string>()
  for (const { sha256, bytes } of blobsOf(contents).values()) {
    const blob = await library.open(sha256)
    await blob?.close()
    if (blob?.bytes !== bytes) gone.add(sha256)
  }
  if (gone.size === 0) return
  throw new Problem(409, {
    detail: 'The content library does not have all of it. Add the content again.',
    code: 'content-missing',
    faults: contents.flatMap(({ id, files }) =>
      files
        .filter(({ sha256 }) => gone.has(sha256))
        .map((file) => ({ path: id, message: `${file.name} is missing, or not as it was` })),
    ),
  })
}
