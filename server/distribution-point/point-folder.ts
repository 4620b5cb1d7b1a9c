/**
 * Where a distribution point keeps what: a folder of its own below its data directory, because a point deletes what its site does
 * not want to have there, and no other content may lie within its reach.
 */

import { join } from 'node:path'

export interface PointPaths {
  readonly folder: string
  /** The content library. */
  readonly content: string
  /** What kept-contents.ts remembers. */
  readonly contents: string
  /** Blobs of an import that is under way. */
  readonly waiting: string
}

export function pointPathsIn(dataDirectory: string): PointPaths {
  const folder = join(dataDirectory, 'distribution-point')
  return {
    folder,
    content: join(folder, 'content'),
    contents: join(folder, 'contents.json'),
    waiting: join(folder, 'importing'),
  }
}
