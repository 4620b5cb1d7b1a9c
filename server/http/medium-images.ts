/**
 * Images of media: what a record was made of, planned and laid out again whenever somebody asks, the same octets each time.
 * Nothing is stored but the record and the octets of `Variables.dat`. The layouts asked for last are remembered, because
 * virtual media ask for a few octets at a time.
 */

import { createHash, type KeyObject } from 'node:crypto'
import { assert } from '../assert.ts'
import { otherFilesText } from '../contract/medium.ts'
import { parseSha256, type Sha256 } from '../site/content.ts'
import { mediumSizes } from '../site/medium.ts'
import type { Media, Medium } from '../store/media-port.ts'
import type { Layout } from '../../media/layout/layout.ts'
import { layOutMedium, planMedium, type PlannedMedium } from '../../media/medium/lay-out-medium.ts'
import type { MediumFormat, MediumSpec } from '../../media/medium/medium-spec.ts'
import { rawPublicKey } from '../../media/signed/site-key.ts'
import type { ContentToSend } from './content-to-send.ts'
import type { Blobs, SiteSettings } from './dependencies.ts'
import { openLayout, tagOfLayout } from './layout-content.ts'

export const mediumFormats = ['iso', 'usb'] as const satisfies readonly MediumFormat[]

export interface ImageSources {
  readonly store: Pick<Media, 'mediumVariables'>
  readonly library: Pick<Blobs, 'open' | 'pathOf'>
  readonly mediaKey: KeyObject
  readonly site: Pick<SiteSettings, 'siteCode'>
}

export type MediumImage =
  | { readonly kind: 'image'; readonly layout: Layout; readonly tag: string }
  /** In the administrator's words. */
  | { readonly kind: 'refused'; readonly faults: readonly string[] }

export interface VolumeImages {
  readonly number: number
  readonly images: readonly {
    readonly format: MediumFormat
    readonly bytes?: number
    /** Why there is none. */
    readonly faults?: readonly string[]
  }[]
}

const rememberedMax = 32

export class MediumImages {
  readonly #sources: ImageSources
  readonly #remembered = new Map<string, Promise<MediumImage>>()

  constructor(sources: ImageSources) {
    this.#sources = sources
  }

  /** Undefined: it has no such volume. */
  async find(medium: Medium, volume: number, format: MediumFormat): Promise<MediumImage | undefined> {
    const key = `${medium.id} ${volume} ${format}`
    if (medium.revoked !== undefined) this.#remembered.delete(key)
    const before = this.#remembered.get(key)
    const image = await (before ?? this.#layOut(medium, volume, format))
    if (image?.kind !== 'image') {
      this.#remembered.delete(key)
      return image
    }
    // Not asked for the longest is what was put in the longest ago.
    this.#remembered.delete(key)
    this.#remembered.set(key, before ?? Promise.resolve(image))
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size > rememberedMax && oldest !== undefined) this.#remembered.delete(oldest)
    return image
  }

  /** Each volume in each format: how long it is, or why there is none. */
  async describe(
    medium: Medium,
  ): Promise<{ readonly volumes: readonly VolumeImages[]; readonly faults: readonly string[] }> {
    const planned = this.#planAgain(medium)
    if ('faults' in planned) return { volumes: [], faults: planned.faults }
    const volumes: VolumeImages[] = []
    for (const { number } of planned.volumes) {
      const images: VolumeImages['images'][number][] = []
      for (const format of mediumFormats) {
        const image = await this.find(medium, number, format)
        if (image?.kind === 'image') images.push({ format, bytes: image.layout.length })
        else images.push({ format, faults: image?.faults ?? [] })
      }
      volumes.push({ number, images })
    }
    return { volumes, faults: [] }
  }

  contentOf({ layout, tag }: Extract<MediumImage, { kind: 'image' }>): ContentToSend {
    const pathOf = (source: string): string => this.#sources.library.pathOf(blobOf(source))
    return {
      bytes: layout.length,
      tag,
      type: 'application/octet-stream',
      cacheControl: 'no-store',
      open: async () => openLayout(layout, pathOf),
    }
  }

  async #layOut(medium: Medium, volume: number, format: MediumFormat): Promise<MediumImage | undefined> {
    const planned = this.#planAgain(medium)
    if ('faults' in planned) return { kind: 'refused', faults: planned.faults }
    if (!planned.volumes.some(({ number }) => number === volume)) return undefined
    const variables = await this.#sources.store.mediumVariables(medium.id)
    if (variables === undefined) return undefined
    const made = { variables, signingKey: this.#sources.mediaKey }
    const laidOut = await layOutMedium(planned, volume, format, made)
    if (laidOut.kind === 'refused') return { kind: 'refused', faults: laidOut.faults }
    const missing = await this.#missingFrom(laidOut.layout)
    if (missing.length > 0) {
      const faults = missing.map((hash) => `The content library has lost ${hash}. Put it back from a backup.`)
      return { kind: 'refused', faults }
    }
    return { kind: 'image', layout: laidOut.layout, tag: tagOfLayout(laidOut.layout) }
  }

  #planAgain(medium: Medium): PlannedMedium | { readonly faults: readonly string[] } {
    // Nothing keeps its content any more.
    if (medium.revoked !== undefined)
      return { faults: ['It was revoked: nothing starts from it. Make another medium.'] }
    const again = 'Make another medium; this one works where it was written already.'
    const { mediaKey, site } = this.#sources
    if (rawPublicKey(mediaKey) !== medium.siteKey) {
      return { faults: [`It was made with another key of the site, which is not there any more. ${again}`] }
    }
    const planned = planMedium(specOf(medium, site))
    if ('faults' in planned) return planned
    // What is sealed is bound to the files: with others it would not open.
    if (boundTo(planned) === medium.boundTo || !medium.passwordRequired) return planned
    return { faults: [`Another version of Reveille made it, and this one would write other files. ${again}`] }
  }

  async #missingFrom({ extents }: Layout): Promise<readonly string[]> {
    const sources = new Set(extents.flatMap((extent) => (extent.kind === 'source' ? [extent.source] : [])))
    const missing: string[] = []
    for (const source of sources) {
      const blob = await this.#sources.library.open(blobOf(source))
      if (blob === undefined) missing.push(source)
      await blob?.close()
    }
    return missing
  }
}

/** What settles the octets of a medium, from its record. */
export function specOf(medium: Omit<Medium, 'boundTo'>, { siteCode }: Pick<SiteSettings, 'siteCode'>): MediumSpec {
  const { id: mediumId, kind, label, createdAtMs, startsAtMs, expiresAtMs, unattended, passwordRequired } = medium
  const { serverSelection, servers, bootImage, mediumKey, contents, kernelArguments } = medium
  const { files, ...image } = bootImage
  const { bytesMax } = mediumSizes[medium.sizeLimit]
  return {
    manifest: {
      format: 1,
      mediumId,
      siteCode,
      kind,
      label,
      createdAtMs,
      ...(startsAtMs === undefined ? {} : { startsAtMs }),
      ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      unattended,
      passwordRequired,
      serverSelection,
      servers,
      bootImage: image,
      ...(mediumKey === undefined ? {} : { mediumKey }),
      contents,
    },
    bootFiles: files,
    kernelArguments,
    ...(bytesMax === undefined ? {} : { volumeBytesMax: bytesMax }),
  }
}

/** Of the first volume, which has `Variables.dat`. */
export function boundTo({ volumes }: PlannedMedium): Sha256 {
  const text = otherFilesText(volumes[0]?.files ?? [])
  return blobOf(createHash('sha256').update(text).digest('hex'))
}

function blobOf(source: string): Sha256 {
  const sha256 = parseSha256(source)
  assert(sha256 !== undefined, 'a source of an image is a blob')
  return sha256
}
