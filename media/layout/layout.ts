/**
 * A medium as a list of what it is made of, instead of a copy: octets that we generated, ranges of files that stay where they
 * are, and zeros. Extents follow each other without gaps, so an image of any size is there at once, is the same every
 * time, and any range of it can be served without making the rest. The content of a file is a layout too, and so is a
 * file system inside another one. Nothing is opened here: `media/read-layout.ts` does that.
 */

import { assert } from '../../server/assert.ts'

export type Extent =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** `source` means something to whoever reads the image, and nothing here. */
  | { readonly kind: 'source'; readonly source: string; readonly offset: number; readonly length: number }
  | { readonly kind: 'zeros'; readonly length: number }

export interface Layout {
  readonly length: number
  /** None of them is empty, and no two neighbours could be one. */
  readonly extents: readonly Extent[]
  /** Where each extent begins; as long as `extents`. */
  readonly starts: readonly number[]
}

export interface Placement {
  readonly offset: number
  readonly layout: Layout
}

export const emptyLayout: Layout = { length: 0, extents: [], starts: [] }

export function layOutBytes(bytes: Uint8Array): Layout {
  return layOutExtents([{ kind: 'bytes', bytes }])
}

export function layOutSource(source: string, length: number, offset = 0): Layout {
  return layOutExtents([{ kind: 'source', source, offset, length }])
}

export function layOutZeros(length: number): Layout {
  return layOutExtents([{ kind: 'zeros', length }])
}

/** One after the other. */
export function joinLayouts(layouts: readonly Layout[]): Layout {
  return layOutExtents(layouts.flatMap((layout) => layout.extents))
}

/** An image of a given length in which each part has its place; where there is none are zeros. */
export function placeLayouts(length: number, placements: readonly Placement[]): Layout {
  const inOrder = placements.filter(({ layout }) => layout.length > 0).sort((a, b) => a.offset - b.offset)
  const extents: Extent[] = []
  let end = 0
  for (const { offset, layout } of inOrder) {
    assert(offset >= end, `the part at ${offset} begins before ${end}, where the one in front of it ends`)
    if (offset > end) extents.push({ kind: 'zeros', length: offset - end })
    for (const extent of layout.extents) extents.push(extent)
    end = offset + layout.length
  }
  assert(end <= length, `the last part ends at ${end}, behind the end of the image at ${length}`)
  extents.push({ kind: 'zeros', length: length - end })
  return layOutExtents(extents)
}

/** The same image with the octets of its sources in their places. */
export function fillSources(layout: Layout, contentOf: (source: string) => Layout): Layout {
  return layOutExtents(
    layout.extents.flatMap((extent) =>
      extent.kind === 'source'
        ? extentsBetween(contentOf(extent.source), extent.offset, extent.offset + extent.length)
        : [extent],
    ),
  )
}

/** What makes up the octets from `from` up to, and without, `to`. */
export function extentsBetween(layout: Layout, from: number, to: number): Extent[] {
  return [...eachExtentBetween(layout, from, to)]
}

/** The same, one after the other: the first in the time that a search of the extents takes, however many follow. */
export function* eachExtentBetween(layout: Layout, from: number, to: number): Generator<Extent, void, undefined> {
  assert(from >= 0 && from <= to && to <= layout.length, `${from} to ${to} is no range of ${layout.length} octets`)
  if (from === to) return
  for (let index = indexAt(layout, from); index < layout.extents.length; index++) {
    const start = layout.starts[index] ?? layout.length
    const extent = layout.extents[index]
    if (extent === undefined || start >= to) return
    yield cut(extent, Math.max(from - start, 0), Math.min(to - start, extentLength(extent)))
  }
}

export function extentLength(extent: Extent): number {
  return extent.kind === 'bytes' ? extent.bytes.length : extent.length
}

/** The index of the extent that has the octet at `offset`. */
function indexAt({ starts }: Layout, offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

function cut(extent: Extent, from: number, to: number): Extent {
  switch (extent.kind) {
    case 'bytes':
      return { kind: 'bytes', bytes: extent.bytes.subarray(from, to) }
    case 'source':
      return { kind: 'source', source: extent.source, offset: extent.offset + from, length: to - from }
    case 'zeros':
      return { kind: 'zeros', length: to - from }
    default:
      return extent satisfies never
  }
}

function layOutExtents(extents: readonly Extent[]): Layout {
  const kept: Extent[] = []
  const starts: number[] = []
  let length = 0
  for (const extent of extents) {
    const size = extentLength(extent)
    assert(Number.isSafeInteger(size) && size >= 0, `an extent cannot be ${size} octets long`)
    if (size === 0) continue
    const joined = joinExtents(kept.at(-1), extent)
    if (joined === undefined) {
      kept.push(extent)
      starts.push(length)
    } else {
      kept[kept.length - 1] = joined
    }
    length += size
  }
  return { length, extents: kept, starts }
}

/** Generated octets are not joined: that would copy them. */
function joinExtents(first: Extent | undefined, next: Extent): Extent | undefined {
  if (first?.kind === 'zeros' && next.kind === 'zeros') return { kind: 'zeros', length: first.length + next.length }
  const follows =
    first?.kind === 'source' &&
    next.kind === 'source' &&
    first.source === next.source &&
    first.offset + first.length === next.offset
  return follows ? { ...first, length: first.length + next.length } : undefined
}
