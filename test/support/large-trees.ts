/**
 * Trees whose files are around 4 GiB and beyond, in sparse images: 7-Zip and xorriso say how long each file is and where it lies, sgdisk
 * judges the tables, and what is at these places is compared. Small files are unpacked whole.
 */

import { rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import * as fc from 'fast-check'
import { sectionBytesMax } from '../../media/iso/hierarchy.ts'
import type { MediaEntry } from '../../media/layout/file-tree.ts'
import { joinLayouts, type Layout, layOutBytes, layOutZeros } from '../../media/layout/layout.ts'
import { fatOf, runJudge } from './fat-judges.ts'
import { isoOf, runXorriso } from './iso-judges.ts'
import { makeSourceFolder } from './media-layouts.ts'
import { differences, type MediaTree, mediaTrees, readUnpacked, writeImage } from './media-trees.ts'

interface LargeFile {
  readonly path: string
  readonly bytes: number
}

const hybrid = {
  diskId: '6d2f8c1e-0000-4000-8000-000000000001',
  efiPartitionId: '6d2f8c1e-0000-4000-8000-000000000002',
}

/** Where 32 bits and sections of a file end, and a little beyond. */
const sizes = fc
  .tuple(
    fc.constantFrom(2 ** 32, sectionBytesMax, 2 * sectionBytesMax, 2 ** 33, 2 ** 31),
    fc.integer({ min: -2_049, max: 2_049 }),
  )
  .map(([bytes, more]) => bytes + more)

const largeFiles = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('install.wim', 'große datei.swm', `${'w'.repeat(150)}.wim`),
    depth: fc.nat(10),
    bytes: sizes,
  }),
  { minLength: 1, maxLength: 3, selector: ({ name, depth }) => `${depth}/${name}` },
)

const largeTrees = fc.tuple(mediaTrees, largeFiles).map(([tree, large]) => ({
  tree,
  large: large.map(({ name, depth, bytes }): LargeFile => {
    const folders = Array.from({ length: depth }, (_, index) => `large ${index}/`).join('')
    return { path: `large files/${folders}${name}`, bytes }
  }),
}))

export async function judgeLargeDiscs(t: ExecutionContext, numRuns: number): Promise<void> {
  const folder = makeSourceFolder(t)
  const efi = fatOf({ entries: [] }).layout
  const property = fc.asyncProperty(largeTrees, async ({ tree, large }) => {
    const entries = [
      ...tree.entries,
      ...large.map(({ path, bytes }): MediaEntry => ({ kind: 'file', path, content: markedContent(path, bytes) })),
    ]
    await judgeLarge(t, folder, { tree, large, layout: isoOf({ entries, efi, hybrid }) })
  })
  await fc.assert(property, { numRuns })
}

async function judgeLarge(
  t: ExecutionContext,
  folder: string,
  { tree, large, layout }: { readonly tree: MediaTree; readonly large: readonly LargeFile[]; readonly layout: Layout },
): Promise<void> {
  const image = await writeImage(layout, folder)
  const unpacked = join(folder, 'unpacked')
  try {
    t.regex(await runJudge('sgdisk', '-v', image), /No problems found/)
    const listed = await runJudge('7zz', 'l', '-slt', '-tISO', image)
    for (const { path, bytes } of large) {
      t.true(isListed(listed, path, bytes), `${path} of ${bytes}`)
      await compareMarks(t, image, { path, bytes })
    }
    const small = [...tree.expected].filter(([, octets]) => octets !== undefined)
    const words = small.flatMap(([path]) => ['-extract', `/${path}`, join(unpacked, path)])
    if (words.length > 0) await runXorriso('-osirrox', 'on:auto_chmod_on', '-indev', `stdio:${image}`, ...words)
    if (words.length > 0) t.deepEqual(differences(readUnpacked(unpacked), new Map(small)), [])
  } finally {
    rmSync(unpacked, { recursive: true, force: true })
    rmSync(image, { force: true })
  }
}

/** 7-Zip reads Joliet names, which are cut at 103 characters. */
function isListed(listed: string, path: string, bytes: number): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return listed.split('\n\n').some((entry) => {
    const shown = /^Path = (.*)$/m.exec(entry)?.[1] ?? ''
    return shown.endsWith(name.length > 103 ? '.wim' : name) && entry.includes(`\nSize = ${bytes}\n`)
  })
}

async function compareMarks(t: ExecutionContext, image: string, { path, bytes }: LargeFile): Promise<void> {
  const reported = await runXorriso('-indev', `stdio:${image}`, '-find', `/${path}`, '-exec', 'report_lba', '--')
  const sections = [...reported.matchAll(/File data lba: +\d+ , +(\d+) , +(\d+) , +(\d+)/g)].map(([, ...numbers]) =>
    numbers.map(Number),
  )
  const [first = 0] = sections[0] ?? []
  // One after the other, so that one range of the source is one range of the image.
  t.is(
    sections.reduce((total, [, blocks = 0]) => total + blocks, 0),
    Math.ceil(bytes / 2_048),
  )
  for (const [index, [block = 0]] of sections.entries()) t.is(block, first + (index * sectionBytesMax) / 2_048)
  const [begins, ends] = marksOf(path)
  await using handle = await open(image)
  const at = async (position: number, length: number) =>
    (await handle.read(Buffer.alloc(length), 0, length, position)).buffer.toString('utf8')
  t.is(await at(first * 2_048, begins.length), begins.toString('utf8'))
  t.is(await at(first * 2_048 + bytes - ends.length, ends.length), ends.toString('utf8'))
}

function markedContent(path: string, bytes: number): Layout {
  const [begins, ends] = marksOf(path)
  return joinLayouts([layOutBytes(begins), layOutZeros(bytes - begins.length - ends.length), layOutBytes(ends)])
}

function marksOf(path: string): readonly [begins: Buffer, ends: Buffer] {
  return [Buffer.from(`${path} begins`), Buffer.from(`${path} ends`)]
}
