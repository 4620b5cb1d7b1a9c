/**
 * Octets by their place: of an image, a partition of it, or a device. Who made them is not known, so whatever is read is
 * inside, is bounded, and says what it was read for when it is not there.
 */

export interface OctetSource {
  /** Where in the image its first octet lies. */
  readonly start: number
  readonly length: number
  /** As many octets as were asked for; asked for are never more than `pieceBytesMax`, and never any behind the end. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>
}

/** What was read is no image, is only part of one, or was made to mislead. */
export class UnreadableImageError extends Error {
  override readonly name = 'UnreadableImageError'
}

export interface OctetRange {
  readonly offset: number
  readonly length: number
}

export const pieceBytesMax = 1024 * 1024

export function sourceOf(octets: Uint8Array): OctetSource {
  return { start: 0, length: octets.length, read: async (offset, length) => octets.slice(offset, offset + length) }
}

export function partOf(source: OctetSource, { offset, length }: OctetRange): OctetSource {
  return { start: source.start + offset, length, read: (from, count) => source.read(offset + from, count) }
}

/** `what` is for the person who reads that it is not there. */
export async function readInside(source: OctetSource, { offset, length }: OctetRange, what: string): Promise<DataView> {
  requireInside(source, { offset, length }, what)
  if (length > pieceBytesMax) throw new UnreadableImageError(`${what} is larger than anything that is written`)
  const octets = await source.read(offset, length)
  if (octets.length !== length) throw new UnreadableImageError(`${what} could not be read: the image ends before`)
  return new DataView(octets.buffer, octets.byteOffset, octets.length)
}

export function requireInside(source: OctetSource, { offset, length }: OctetRange, what: string): void {
  const isInside =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset + length <= source.length
  if (!isInside)
    throw new UnreadableImageError(`${what} would be behind the end of the image, which has ${source.length} octets`)
}

export async function* readPieces(
  source: OctetSource,
  range: OctetRange,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  requireInside(source, range, what)
  for (let done = 0; done < range.length; ) {
    const length = Math.min(pieceBytesMax, range.length - done)
    const view = await readInside(source, { offset: range.offset + done, length }, what)
    yield new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    done += length
  }
}

export function octetsIn(view: DataView, offset: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, Math.max(0, Math.min(length, view.byteLength - offset)))
}
