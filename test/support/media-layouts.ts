/** Layouts made of everything that a layout can be made of, with the octets that they stand for, and the files they name. */

import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import * as fc from 'fast-check'
import { joinLayouts, layOutBytes, layOutSource, layOutZeros, type Layout } from '../../media/layout/layout.ts'
import { readLayout } from '../../media/read-layout.ts'
import { makeFolder } from '../bootstrap/loop-disk.ts'

/** Sources by id; `a` and `b` are small files, of octets that tell where they are. */
export const sourceOctets: Readonly<Record<string, Uint8Array>> = {
  a: Uint8Array.from({ length: 5_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff),
  b: Uint8Array.from({ length: 70_000 }, (_, index) => (index * 13 + (index >> 8) + 1) & 0xff),
}

export interface Piece {
  readonly layout: Layout
  readonly octets: Uint8Array
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((octets): Piece => ({ layout: layOutBytes(octets), octets }))
const zeros = fc.nat(3_000).map((length): Piece => ({ layout: layOutZeros(length), octets: new Uint8Array(length) }))
const ranges = fc
  .record({ source: fc.constantFrom('a', 'b'), from: fc.nat(5_000), to: fc.nat(5_000) })
  .map(({ source, from, to }): Piece => {
    const [start, end] = from < to ? [from, to] : [to, from]
    const octets = sourceOctets[source]?.subarray(start, end) ?? new Uint8Array()
    return { layout: layOutSource(source, octets.length, start), octets }
  })

export const pieces = fc.oneof(bytes, zeros, ranges)

export const layouts = fc.array(pieces, { maxLength: 12 }).map(
  (parts): Piece => ({
    layout: joinLayouts(parts.map(({ layout }) => layout)),
    octets: Buffer.concat(parts.map(({ octets }) => octets)),
  }),
)

/** A folder of a test, with the files that the layouts name. */
export function makeSourceFolder(t: ExecutionContext): string {
  const folder = makeFolder(t)
  for (const [name, octets] of Object.entries(sourceOctets)) writeFileSync(join(folder, name), octets)
  return folder
}

/** Of a layout that names the sources in `folder`. */
export async function octetsOf(
  layout: Layout,
  folder: string,
  { from, to } = { from: 0, to: layout.length },
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of readLayout(layout, { from, to }, { pathOf: (source) => join(folder, source) })) {
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** What the octets of files would be is left out: for judges that look at everything else, and need not read terabytes. */
export function withoutSources(layout: Layout): Layout {
  return joinLayouts(
    layout.extents.map((extent) => (extent.kind === 'bytes' ? layOutBytes(extent.bytes) : layOutZeros(extent.length))),
  )
}

/** A sparse file that says at its begin and at its end which it is. */
export function makeSparseSource(folder: string, name: string, bytes: number): Layout {
  const path = join(folder, name)
  writeFileSync(path, '')
  truncateSync(path, bytes)
  const file = openSync(path, 'r+')
  writeSync(file, `${name} begins`, 0)
  writeSync(file, `${name} ends`, bytes - `${name} ends`.length)
  closeSync(file)
  return layOutSource(name, bytes)
}
