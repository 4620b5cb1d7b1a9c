/** Random files for media, with the names and lengths that formats get wrong, and the octets that judges must find. */

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { foldCase, type MediaEntry } from '../../media/layout/file-tree.ts'
import { layOutBytes, type Layout } from '../../media/layout/layout.ts'
import { writeLayout } from '../../media/read-layout.ts'
import { pieces } from './media-layouts.ts'

export interface MediaTree {
  readonly entries: readonly MediaEntry[]
  /** What is on the medium: octets by path; undefined: an empty folder. */
  readonly expected: ReadonlyMap<string, Uint8Array | undefined>
}

type Node = { readonly layout: Layout; readonly octets: Uint8Array } | readonly (readonly [name: string, node: Node])[]

const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Array.from('abcxyzABCXYZ0189')) },
  { weight: 2, arbitrary: fc.constantFrom(...Array.from(" ._-~+,;=[]$%@!(){}^#&'`")) },
  { weight: 1, arbitrary: fc.constantFrom(...Array.from('äöüßÄÖÜéñçøœЖλ漢字')) },
)
const ofLength = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: character, minLength, maxLength })
const plain = fc.constantFrom(
  'BOOTX64.EFI',
  'bootx64.efi',
  'Variables.dat',
  'TsmBootstrap.ini',
  'README',
  'a',
  'boot.wim',
  'x.tar.gz',
  // All of these begin alike in 8.3, and one of them is what another would become.
  'LONGNA~1.TXT',
  'longname one.txt',
  'longname two.txt',
  'longname.three.txt',
  'longname,four.txt',
)
const names = fc
  .oneof(
    { weight: 4, arbitrary: plain },
    { weight: 4, arbitrary: ofLength(1, 14) },
    { weight: 2, arbitrary: ofLength(20, 110) },
    { weight: 1, arbitrary: ofLength(240, 255) },
    { weight: 1, arbitrary: fc.constantFrom(13, 26, 27, 64, 65, 103, 104, 222, 255).chain((n) => ofLength(n, n)) },
  )
  .map((name) => shortened(name).replace(/^\.+$/, '_').replace(/[. ]$/, '_'))

/** A name that has umlauts is longer than it looks. */
function shortened(name: string): string {
  return Buffer.byteLength(name) <= 255 ? name : shortened(name.slice(0, -1))
}

/** Lengths around sectors, blocks and clusters. */
const contents = fc.oneof(
  pieces,
  fc
    .tuple(fc.constantFrom(0, 1, 511, 512, 513, 1_024, 2_047, 2_048, 2_049, 4_096, 32_768, 32_769), fc.nat(255))
    .map(([length, seed]) => {
      const octets = Uint8Array.from({ length }, (_, index) => (index * seed + 1) & 0xff)
      return { layout: layOutBytes(octets), octets }
    }),
)

const { folder } = fc.letrec<{ folder: Node; node: Node }>((tie) => ({
  node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, contents, tie('folder')),
  folder: fc.uniqueArray(fc.tuple(names, tie('node')), { maxLength: 9, selector: ([name]) => foldCase(name) }),
}))

/** Some of them far deeper than the eight levels of ISO 9660. */
export const mediaTrees: fc.Arbitrary<MediaTree> = fc
  .tuple(
    folder,
    fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 5, max: 20 }) }),
  )
  .map(([node, depth]) => {
    const prefix = Array.from({ length: depth }, (_, index) => `level ${index}/`).join('')
    const found = [...walk(node, prefix.slice(0, -1))]
    const entries = found.map(([path, entry]): MediaEntry => {
      return entry === undefined ? { kind: 'folder', path } : { kind: 'file', path, content: entry.layout }
    })
    return { entries, expected: new Map(found.map(([path, entry]) => [path, entry?.octets])) }
  })

function* walk(node: Node, path: string): Generator<[string, { layout: Layout; octets: Uint8Array } | undefined]> {
  if ('octets' in node) {
    yield [path, node]
    return
  }
  if (node.length === 0 && path !== '') yield [path, undefined]
  for (const [name, below] of node) yield* walk(below, path === '' ? name : `${path}/${name}`)
}

/** Sparse where the layout is; sources are the files in `folder`. */
export async function writeImage(layout: Layout, folder: string, name = 'image'): Promise<string> {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  await using target = await open(path, 'w')
  await writeLayout(layout, target, { pathOf: (source) => join(folder, source) })
  return path
}

/** What a judge unpacked, as `MediaTree.expected`. */
export function readUnpacked(folder: string): Map<string, Uint8Array | undefined> {
  const found = new Map<string, Uint8Array | undefined>()
  const look = (path: string): void => {
    const below = readdirSync(join(folder, path), { withFileTypes: true })
    if (below.length === 0 && path !== '') found.set(path, undefined)
    for (const { name } of below.filter((entry) => entry.isDirectory())) look(path === '' ? name : `${path}/${name}`)
    for (const { name } of below.filter((entry) => entry.isFile())) {
      const file = path === '' ? name : `${path}/${name}`
      found.set(file, new Uint8Array(readFileSync(join(folder, file))))
    }
  }
  look('')
  return found
}

/** Paths whose octets are not those that were expected, or that are there on one side only; none: all is well. */
export function differences(
  found: ReadonlyMap<string, Uint8Array | undefined>,
  expected: ReadonlyMap<string, Uint8Array | undefined>,
): string[] {
  const paths = new Set([...found.keys(), ...expected.keys()])
  return [...paths].filter((path) => {
    const [a, b] = [found.get(path), expected.get(path)]
    if (!found.has(path) || !expected.has(path)) return true
    return a === undefined || b === undefined ? a !== b : Buffer.compare(a, b) !== 0
  })
}
