/**
 * `/media/{id}/{number}.iso`: a disc for the virtual drive of a machine's management controller, which has no credentials and
 * follows no redirects. Only while somebody has published the medium, and as long as it could start something.
 */

import { parseMediumId } from '../contract/medium.ts'
import { whyNotNow } from '../../media/signed/verify-medium.ts'
import type { Medium } from '../store/media-port.ts'
import type { FileRequest } from './file-request.ts'
import type { HttpDependencies } from './dependencies.ts'
import type { MediumImages } from './medium-images.ts'
import { notFound, Problem } from './problem.ts'
import { sendContent } from './send-content.ts'

export const publishedMediaPrefix = '/media/'

export async function sendPublishedMedium(
  { store, now }: Pick<HttpDependencies, 'store' | 'now'>,
  images: MediumImages,
  { request, response, rest }: FileRequest,
): Promise<void> {
  const [, idText = '', number = ''] = /^([0-9a-f]{32})\/([1-9][0-9]{0,3})\.iso$/.exec(rest) ?? []
  const id = parseMediumId(idText)
  const medium = id === undefined ? undefined : await store.medium(id)
  if (medium === undefined || !isPublished(medium, now())) throw notFound()
  const image = await images.find(medium, Number(number), 'iso')
  if (image === undefined) throw notFound()
  if (image.kind === 'refused') throw new Problem(503, { detail: image.faults.join(' ') })
  await sendContent(request, response, images.contentOf(image))
}

export function isPublished(medium: Medium, nowMs: number): boolean {
  const { publishedUntilMs, revoked } = medium
  if (publishedUntilMs === undefined || nowMs >= publishedUntilMs || revoked !== undefined) return false
  return whyNotNow(medium, nowMs) === undefined
}
