/** `/media`: media are made, shown, published, revoked and deleted, and images of them are read (S7). */

import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import type { MediumId } from '../../../contract/medium.ts'
import { mediumDescriptionCharactersMax } from '../../../site/medium.ts'
import type { Medium } from '../../../store/media-port.ts'
import { plainAddress } from '../../machine-addresses.ts'
import type { HttpDependencies } from '../../dependencies.ts'
import { MediumImages } from '../../medium-images.ts'
import { mediumFormats } from '../../../../media/medium/medium-spec.ts'
import { notFound, Problem } from '../../problem.ts'
import { isPublished, publishedMediaPrefix } from '../../published-media.ts'
import { editedValue } from '../edit-answer.ts'
import { label, listQuery, listView } from '../fields.ts'
import { type ApiRoute, defineRoute } from '../route.ts'
import { createMedium } from './create-medium.ts'
import {
  createdMediumView,
  instantField,
  mediumId,
  mediumView,
  showMedium,
  showWholeMedium,
  wholeMediumView,
} from './medium-fields.ts'
import { rawPublicKey } from '../../../../media/signed/site-key.ts'
import { mediumDraft } from './medium-makers.ts'

const params = z.object({ id: mediumId })

interface MediaRoutes {
  readonly dependencies: HttpDependencies
  readonly images: MediumImages
}

export function mediaRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  const media = { dependencies, images: new MediumImages(dependencies) }
  return [createRoute(media), ...readRoutes(media), ...editRoutes(media), ...publishRoutes(media)]
}

function createRoute({ dependencies, images }: MediaRoutes): ApiRoute {
  return defineRoute({
    method: 'post',
    path: '/media',
    summary: 'Make a medium; a generated password is in the answer, and nowhere else',
    body: mediumDraft,
    answers: { 201: createdMediumView },
    answer: async ({ request, body }) => {
      const created = await createMedium(dependencies, body, siteUrls(dependencies, request))
      const { medium, password, warnings } = created
      const shown = await showWholeMedium(medium, { images, uses: [], nowMs: dependencies.now() })
      return {
        status: 201,
        body: {
          ...shown,
          warnings: [...shown.warnings, ...warnings],
          ...(password === undefined ? {} : { password }),
        },
        headers: { location: `/api/v1/media/${medium.id}` },
      }
    },
  })
}

function readRoutes({ dependencies, images }: MediaRoutes): readonly ApiRoute[] {
  const { store, now, mediaKey } = dependencies
  return [
    defineRoute({
      method: 'get',
      path: '/media/site-key',
      summary: 'The public key by which media of this site are known, 32 octets in base64',
      answers: { 200: z.object({ key: z.string() }).meta({ id: 'SiteKey' }) },
      answer: async () => ({ status: 200, body: { key: rawPublicKey(mediaKey) } }),
    }),
    defineRoute({
      method: 'get',
      path: '/media',
      summary: 'List media, the newest first',
      query: listQuery,
      answers: { 200: listView(mediumView) },
      answer: async ({ query }) => {
        const { items, total } = await store.media(query)
        return { status: 200, body: { items: items.map((medium) => showMedium(medium, now())), total } }
      },
    }),
    defineRoute({
      method: 'get',
      path: '/media/{id}',
      summary: 'Show a medium, with its images and the machines that started from it',
      params,
      answers: { 200: wholeMediumView },
      answer: async ({ params: { id } }) => {
        const medium = await requireMedium(store, id)
        const uses = await store.mediumUses(id)
        return { status: 200, body: await showWholeMedium(medium, { images, uses, nowMs: now() }) }
      },
    }),
    defineRoute({
      method: 'get',
      path: '/media/{id}/image',
      summary: 'The image of a volume, put together while it is read; ranges are answered',
      params,
      query: z.strictObject({
        format: z.enum(mediumFormats),
        volume: z.coerce.number().int().min(1).max(9_999).default(1),
      }),
      answers: { 200: 'application/octet-stream', 206: 'application/octet-stream' },
      answer: async ({ params: { id }, query: { format, volume } }) => {
        const medium = await requireMedium(store, id)
        const image = await images.find(medium, volume, format)
        if (image === undefined) throw notFound(`volume ${volume} of this medium`)
        if (image.kind === 'refused') throw new Problem(409, { detail: image.faults.join(' '), code: 'no-image' })
        const name = `${id}${volume === 1 ? '' : `-${volume}`}.${format === 'iso' ? 'iso' : 'img'}`
        const headers = { 'content-disposition': `attachment; filename="${name}"` }
        return { status: 200, file: images.contentOf(image), headers }
      },
    }),
  ]
}

function editRoutes({ dependencies: { store, now } }: MediaRoutes): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'put',
      path: '/media/{id}',
      summary: 'Describe a medium; all else of it is on the medium, and stays',
      params,
      body: z.strictObject({ description: label(mediumDescriptionCharactersMax) }),
      answers: { 200: mediumView },
      answer: async ({ params: { id }, body: { description } }) => {
        const medium = editedValue(await store.changeMedium(id, { kind: 'describe', description }))
        return { status: 200, body: showMedium(medium, now()) }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/media/{id}/revoke',
      summary: 'Nothing starts from the medium any more, for good',
      params,
      answers: { 200: mediumView },
      answer: async ({ params: { id } }) => ({
        status: 200,
        body: showMedium(editedValue(await store.changeMedium(id, { kind: 'revoke' })), now()),
      }),
    }),
    defineRoute({
      method: 'delete',
      path: '/media/{id}',
      summary: 'Forget a medium that was revoked or has expired, and who started from it',
      params,
      answers: { 204: 'none' },
      answer: async ({ params: { id } }) => {
        editedValue(await store.removeMedium(id))
        return { status: 204 }
      },
    }),
  ]
}

const publishedView = mediumView.extend({ urls: z.array(z.string()) }).meta({ id: 'PublishedMedium' })

function publishRoutes({ dependencies, images }: MediaRoutes): readonly ApiRoute[] {
  const { store, now } = dependencies
  return [
    defineRoute({
      method: 'post',
      path: '/media/{id}/publish',
      summary: 'Let anyone read the discs of a medium for a while, for virtual drives of management controllers',
      params,
      body: z.strictObject({
        untilMs: instantField,
        acceptsAnyone: z
          .literal(true)
          .exactOptional()
          .meta({ description: 'The medium has no password: whoever reads it may ask to deploy' }),
      }),
      answers: { 200: publishedView },
      answer: async ({ params: { id }, body, request }) => {
        const medium = await requireMedium(store, id)
        requirePublishable(medium, { ...body, nowMs: now() })
        const published = editedValue(await store.changeMedium(id, { kind: 'publish', untilMs: body.untilMs }))
        const { volumes } = await images.describe(published)
        const roots = siteUrls(dependencies, request).map((url) => `${url}${publishedMediaPrefix}${id}`)
        const urls = volumes.flatMap(({ number }) => roots.map((root) => `${root}/${number}.iso`))
        return { status: 200, body: { ...showMedium(published, now()), urls } }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/media/{id}/unpublish',
      summary: 'End that',
      params,
      answers: { 200: mediumView },
      answer: async ({ params: { id } }) => ({
        status: 200,
        body: showMedium(editedValue(await store.changeMedium(id, { kind: 'unpublish' })), now()),
      }),
    }),
  ]
}

function requirePublishable(
  medium: Medium,
  { untilMs, acceptsAnyone, nowMs }: { untilMs: number; acceptsAnyone?: true; nowMs: number },
): void {
  if (untilMs <= nowMs) throw new Problem(422, { faults: [{ path: 'untilMs', message: 'is over already' }] })
  if (!medium.passwordRequired && acceptsAnyone !== true) {
    const message = 'is needed: the medium has no password, so whoever reads it may ask to deploy'
    throw new Problem(422, { faults: [{ path: 'acceptsAnyone', message }] })
  }
  if (medium.revoked !== undefined || isPublished({ ...medium, publishedUntilMs: untilMs }, nowMs)) return
  throw new Problem(409, { detail: 'Nothing starts from this medium now: its dates do not allow it.', code: 'refused' })
}

async function requireMedium(store: HttpDependencies['store'], id: MediumId): Promise<Medium> {
  const medium = await store.medium(id)
  if (medium === undefined) throw notFound(`medium ${id}`)
  return medium
}

/** As whoever asks reaches us, unless no other machine does; never from `Host` (security B11). */
function siteUrls({ baseUrl, networkUrls }: HttpDependencies, request: IncomingMessage): readonly string[] {
  const localAddress = plainAddress(request.socket.localAddress ?? '')
  const url = baseUrl(localAddress)
  return isLoopback(new URL(url).hostname) ? networkUrls() : [url]
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === 'localhost' || host === '[::1]'
}
