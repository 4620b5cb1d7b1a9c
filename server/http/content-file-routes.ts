/**
 * Content for a running task sequence: `/content/{id}/{version}/{file}` and `/blobs/{sha256}`, with the run's token. A
 * token opens what its run's policy names and nothing else; everything else is not there (security A03).
 */

import { parsePackageId } from '../address/identifiers.ts'
import { type ContentFile, parseSha256 } from '../site/content.ts'
import type { RunRecord } from '../store/ports.ts'
import { type FileRequest, sendBlob } from './boot-routes.ts'
import type { HttpDependencies } from './dependencies.ts'
import { notFound, Problem } from './problem.ts'
import { decodeName } from './request-guard.ts'
import { bearerToken, hashToken } from './token.ts'

const cacheControl = 'private, no-store'

export async function sendContentFile(dependencies: HttpDependencies, incoming: FileRequest): Promise<void> {
  const run = await requireRun(dependencies, incoming)
  const [idText = '', versionText = '', ...segments] = incoming.rest.split('/')
  const id = parsePackageId(idText)
  const name = decodeName(segments.join('/'))
  const content = run.policy.content.find((item) => item.id === id && String(item.version) === versionText)
  await sendNamed(
    dependencies,
    incoming,
    content?.files.find((candidate) => candidate.name === name),
  )
}

export async function sendBlobFile(dependencies: HttpDependencies, incoming: FileRequest): Promise<void> {
  const run = await requireRun(dependencies, incoming)
  const sha256 = parseSha256(incoming.rest)
  const files = run.policy.content.flatMap((item) => item.files)
  await sendNamed(
    dependencies,
    incoming,
    files.find((candidate) => candidate.sha256 === sha256),
  )
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
