/**
 * Images of media: what a record was made of, planned and laid out again whenever somebody asks, the same octets each time.
 * Nothing is stored but the record and the octets of `Variables.dat`. The layouts asked for last are remembered, because
 * virtual media ask for a few octets at a time.
 */

import { createHash, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { assert } from '../assert.ts'
import { otherFilesText } from '../contract/medium.ts'
import { type ContentFile, parseSha256, type Sha256 } from '../site/content.ts'
import { mediumSizes } from '../site/medium.ts'
import type { Media, Medium } from '../store/media-port.ts'
import type { Layout } from '../../media/layout/layout.ts'
import { layOutMedium } from '../../media/medium/lay-out-medium.ts'
import {
  type MediumFormat,
  mediumFormats,
  type MediumSpec,
  type PlannedMedium,
} from '../../media/medium/medium-spec.ts'
import { contentName, planMedium } from '../../media/medium/plan-medium.ts'
import { rawPublicKey } from '../../media/signed/site-key.ts'
import type { ContentToSend } from './content-to-send.ts'
import type { Blobs, SiteSettings } from './dependencies.ts'
import { openLayout, tagOfLayout } from './layout-content.ts'

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
      for (const format of formatsOf(medium)) {
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
    const missing = await this.#missingFrom(planned)
    if (missing.length > 0) {
      const faults = missing.map((name) => `The content library has lost ${name}. Put it back from a backup.`)
      return { kind: 'refused', faults }
    }
    const made = { variables, signingKey: this.#sources.mediaKey, readBootFile: this.#readBootFile }
    const laidOut = await layOutMedium(planned, { number: volume, format }, made)
    if (laidOut.kind === 'refused') return { kind: 'refused', faults: laidOut.faults }
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
    if (planned.kind === 'refused') return planned
    // What is sealed is bound to the files: with others it would not open.
    if (boundTo(planned) === medium.boundTo || !medium.passwordRequired) return planned
    return { faults: [`Another version of Reveille made it, and this one would write other files. ${again}`] }
  }

  /** By the names that people know. */
  async #missingFrom({ spec, volumes }: PlannedMedium): Promise<readonly string[]> {
    const sources = volumes
      .flatMap(({ files }) => files)
      .flatMap(({ content }) => content.extents.flatMap((extent) => (extent.kind === 'source' ? [extent.source] : [])))
    const missing: string[] = []
    for (const source of new Set([...sources, ...spec.bootFiles.map(({ sha256 }) => sha256)])) {
      const blob = await this.#sources.library.open(blobOf(source))
      if (blob === undefined) missing.push(contentName(spec, source))
      await blob?.close()
    }
    return missing
  }

  readonly #readBootFile = async ({ sha256 }: ContentFile): Promise<Uint8Array> =>
    readFile(this.#sources.library.pathOf(sha256))
}

/** S7-031: prestaged media are images of disks, and nothing else is. */
export function formatsOf({ kind }: Pick<Medium, 'kind'>): readonly MediumFormat[] {
  return mediumFormats.filter((format) => (format === 'disk') === (kind === 'prestaged'))
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
    siteKey: medium.siteKey,
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
