/**
 * Content for a running task sequence: `/content/{id}/{version}/{file}` and `/blobs/{sha256}`, with the run's token. A
 * token opens what its run's policy names and nothing else; everything else is not there (security A03).
 */

import type { ContentFile } from '../site/content.ts'
import type { RunRecord } from '../store/ports.ts'
import { sendBlob } from './boot-routes.ts'
import type { HttpDependencies } from './dependencies.ts'
import type { FileRequest } from './file-request.ts'
import { hashedFile, namedFile } from './find-content-file.ts'
import { notFound, Problem } from './problem.ts'
import { bearerToken, hashToken } from './token.ts'

const cacheControl = 'private, no-store'

export async function sendContentFile(dependencies: HttpDependencies, incoming: FileRequest): Promise<void> {
  const { policy } = await requireRun(dependencies, incoming)
  await sendNamed(dependencies, incoming, namedFile(policy.content, incoming.rest))
}

export async function sendBlobFile(dependencies: HttpDependencies, incoming: FileRequest): Promise<void> {
  const { policy } = await requireRun(dependencies, incoming)
  await sendNamed(dependencies, incoming, hashedFile(policy.content, incoming.rest))
}

async function sendNamed(
  dependencies: HttpDependencies,
  incoming: FileRequest,
  file: ContentFile | undefined,
): Promise<void> {
  if (file === undefined) throw notFound()
  await sendBlob(dependencies, incoming, { file, cacheControl })
}

async function requireRun({ store, now }: HttpDependencies, { request }: FileRequest): Promise<RunRecord> {
  const token = bearerToken(request.headers.authorization)
  const run = token === undefined ? undefined : await store.peekRunToken(hashToken(token), now())
  if (run === undefined) {
    throw new Problem(401, {
      detail: 'Send the token of a running task sequence.',
      headers: { 'www-authenticate': 'Bearer' },
    })
  }
  return run
}
