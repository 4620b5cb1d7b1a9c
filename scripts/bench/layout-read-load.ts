/**
 * Lays out one tree as a disc and reads it, or writes it to a file; prints what it took. What is in the tree is known before, as the
 * site knows it of its content.
 */

import { open, readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { layOutIso } from '../../media/iso/lay-out-iso.ts'
import type { MediaEntry } from '../../media/layout/file-tree.ts'
import { layOutSource, type Layout } from '../../media/layout/layout.ts'
import { readLayout, writeLayout } from '../../media/read-layout.ts'

export interface LayoutRead {
  readonly firstMs: number
  readonly allMs: number
  /** The most that was used above what there was before. */
  readonly memoryBytes: number
}

const { tree, target } = JSON.parse(process.argv[2] ?? '{}') as { readonly tree: string; readonly target: string }
const entries = await entriesOf(tree)
const idleBytes = process.memoryUsage.rss()
const startedMs = performance.now()
const layout = laidOut(entries)
const firstMs = await readWhole(layout)
const allMs = performance.now() - startedMs
// In kilobytes, as getrusage(2) has it.
const memoryBytes = Math.max(0, process.resourceUsage().maxRSS * 1_024 - idleBytes)
console.log(JSON.stringify({ firstMs, allMs, memoryBytes } satisfies LayoutRead))

async function readWhole(whole: Layout): Promise<number> {
  const pathOf = (source: string): string => join(tree, source)
  let first = 0
  if (target === '/dev/null') {
    for await (const _piece of readLayout(whole, { from: 0, to: whole.length }, { pathOf })) {
      first ||= performance.now() - startedMs
    }
    return first
  }
  await using handle = await open(target, 'w')
  const onProgress = (): void => {
    first ||= performance.now() - startedMs
  }
  await writeLayout(whole, handle, { pathOf, onProgress })
  return first
}

async function entriesOf(folder: string): Promise<MediaEntry[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(
    files.map(async (path): Promise<MediaEntry> => {
      const source = relative(folder, path)
      return { kind: 'file', path: source, content: layOutSource(source, (await stat(path)).size) }
    }),
  )
}

function laidOut(files: readonly MediaEntry[]): Layout {
  const time = { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 }
  const iso = layOutIso({ volumeId: 'BENCH', time, entries: files })
  if (iso.kind === 'refused') throw new Error('the tree is laid out')
  return iso.layout
}
