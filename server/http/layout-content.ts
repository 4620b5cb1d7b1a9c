/**
 * The image of a medium as content to send: its octets are put together while they are sent, so that the first one is there at
 * once and a reader holds two slices, whatever the length. Files that are large enough go from where they lie; what is between
 * them is read, in one go where it is read in order.
 */

import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { assert } from '../assert.ts'
import { eachExtentBetween, extentLength, type Layout } from '../../media/layout/layout.ts'
import { readLayout } from '../../media/read-layout.ts'
import type { ByteRange } from './byte-range.ts'
import type { ContentPart, OpenContent } from './content-to-send.ts'

export type PathOf = (source: string) => string

export function openLayout(layout: Layout, pathOf: PathOf): OpenContent {
  const reader = new LayoutReader(layout, pathOf)
  return {
    parts: (range) => partsOf(layout, range, pathOf),
    read: (position, length) => reader.read(position, length),
    close: () => reader.close(),
  }
}

/** As `send-content.ts` does: smaller parts are read, since each costs an open file and some calls. */
const filePartBytesMin = 64 * 1024

async function* partsOf(
  layout: Layout,
  { first, last }: ByteRange,
  pathOf: PathOf,
): AsyncGenerator<ContentPart, void, undefined> {
  let toRead = first
  let position = first
  for (const extent of eachExtentBetween(layout, first, last + 1)) {
    const end = position + extentLength(extent)
    if (extent.kind === 'source' && end - position >= filePartBytesMin) {
      if (position > toRead) yield { range: { first: toRead, last: position - 1 } }
      await using file = await open(pathOf(extent.source))
      yield { range: { first: position, last: end - 1 }, file: { descriptor: file.fd, offset: extent.offset } }
      toRead = end
    }
    position = end
  }
  if (position > toRead) yield { range: { first: toRead, last: position - 1 } }
}

/** Of what it is made of: the same octets have the same tag, and nothing has to be read for it. */
export function tagOfLayout(layout: Layout): string {
  const hash = createHash('sha256')
  for (const extent of layout.extents) {
    const where = extent.kind === 'source' ? ` ${extent.source} ${extent.offset}` : ''
    hash.update(`${extent.kind} ${extentLength(extent)}${where}\n`)
    if (extent.kind === 'bytes') hash.update(extent.bytes)
  }
  return hash.digest('hex')
}

class LayoutReader {
  readonly #layout: Layout
  readonly #pathOf: PathOf
  #pieces: AsyncGenerator<Uint8Array> | undefined
  /** Where `#rest` begins. */
  #position = 0
  #rest: Uint8Array = new Uint8Array()

  constructor(layout: Layout, pathOf: PathOf) {
    this.#layout = layout
    this.#pathOf = pathOf
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    if (this.#pieces === undefined || position !== this.#position) await this.#moveTo(position)
    this.#position = position + length
    if (this.#rest.length === 0 && length > 0) await this.#next()
    // A piece has memory of its own, so a part of it can go as it is: in the files of a medium all do.
    if (this.#rest.length >= length) return this.#take(length)
    const octets = new Uint8Array(length)
    for (let filled = 0; filled < length; ) {
      if (this.#rest.length === 0) await this.#next()
      const taken = this.#take(length - filled)
      octets.set(taken, filled)
      filled += taken.length
    }
    return octets
  }

  #take(length: number): Uint8Array {
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(taken.length)
    return taken
  }

  async close(): Promise<void> {
    await this.#pieces?.return(undefined)
    this.#pieces = undefined
  }

  async #moveTo(position: number): Promise<void> {
    await this.close()
    this.#rest = new Uint8Array()
    this.#pieces = readLayout(this.#layout, { from: position, to: this.#layout.length }, { pathOf: this.#pathOf })
  }

  async #next(): Promise<void> {
    const next = await this.#pieces?.next()
    assert(next?.done === false, 'nobody reads behind the end of an image')
    this.#rest = next.value
  }
}
