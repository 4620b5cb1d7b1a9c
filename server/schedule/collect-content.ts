/** Nightly: octets of the library that no version of any object names, and that nobody sent within the last day, are removed. */

import type { Sha256 } from '../site/content.ts'
import type { Job } from './job.ts'

export interface KeptContent {
  keptContent(): Promise<ReadonlySet<Sha256>>
}

export interface CollectedLibrary {
  collectGarbage(
    keep: ReadonlySet<Sha256>,
    nowMs: number,
  ): Promise<{ readonly removed: readonly Sha256[]; readonly bytes: number }>
}

export function collectContent(store: KeptContent, library: CollectedLibrary): Job {
  return {
    name: 'collect content',
    // It reads the whole list of blobs, so at night; not on the hour, when everything else on a server begins.
    due: '40 2 * * *',
    async run(nowMs) {
      const { removed, bytes } = await library.collectGarbage(await store.keptContent(), nowMs)
      if (removed.length === 0) return {}
      return { text: `Removed ${removed.length} files that no version of any content names`, fields: { bytes } }
    },
  }
}
