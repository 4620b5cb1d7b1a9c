/**
 * Exports of task sequences with what they need (S11-001 to S11-003): a zip archive with one document; files are fetched by
 * hash and stand beside it.
 */

import { z } from 'zod'
import { writeBundle } from '../../content/write-bundle.ts'
import type { Sha256 } from '../../site/content.ts'
import type { Blobs, HttpDependencies } from '../dependencies.ts'
import { notFound } from '../problem.ts'
import { exportComment } from './exchange/bundle.ts'
import { collectExport } from './exchange/collect-export.ts'
import { packageId, sha256 } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

export function exportRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  return [exportRoute(dependencies), fileRoute(dependencies)]
}

const exportBody = z
  .strictObject({
    ids: z.array(packageId).min(1).max(1_000),
    dependencies: z.boolean().default(true).meta({ description: 'Everything they need, and what that needs' }),
    content: z.boolean().default(true).meta({ description: 'Files travel along; they are fetched one by one' }),
    comment: exportComment.default(''),
  })
  .meta({ id: 'TaskSequenceExport' })

function exportRoute({ store, site }: HttpDependencies): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/task-sequences/export',
    summary: 'Export task sequences and what they need as one zip archive, without secrets',
    body: exportBody,
    answers: { 200: 'application/zip' },
    answer: async ({ body }) => {
      const bundle = await collectExport(store, { ...body, siteCode: site.siteCode })
      return { status: 200, stream: { type: 'application/zip', octets: writeBundle(JSON.stringify(bundle, null, 1)) } }
    },
  })
}

function fileRoute({ library }: HttpDependencies): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/content-files/{hash}',
    summary: 'Send a file of the content library, as exports name it: by its SHA-256',
    params: z.object({ hash: sha256 }),
    answers: { 200: 'application/octet-stream' },
    answer: async ({ params: { hash } }) => {
      const blob = await library.open(hash)
      await blob?.close()
      if (blob === undefined) throw notFound(`file ${hash} in the content library`)
      return {
        status: 200,
        stream: { type: 'application/octet-stream', octets: octetsOf(library, hash) },
        headers: { 'content-length': String(blob.bytes) },
      }
    },
  })
}

/** Opened by whoever reads the first of them: a request for the head alone never does. */
async function* octetsOf(library: Blobs, hash: Sha256): AsyncGenerator<Uint8Array> {
  const blob = await library.open(hash)
  if (blob === undefined) throw notFound(`file ${hash} in the content library`)
  try {
    for await (const chunk of blob.stream()) if (Buffer.isBuffer(chunk)) yield chunk
  } finally {
    await blob.close()
  }
}
