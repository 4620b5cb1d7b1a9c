/** A client without a site has nothing to do once its run is over: it takes itself out of the installed system. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { clientPaths } from '../general-system.ts'
import { clientCacheFolder } from '../package-content.ts'
import { isPlainPath } from '../target-files.ts'

/** Links are removed, and never followed. */
export async function removeClient(root: string): Promise<void> {
  for (const path of [...clientPaths.map((each) => each.replace(/^\.\//, '')), clientCacheFolder]) {
    const above = path.split('/').slice(0, -1).join('/')
    if (isPlainPath(root, above)) await rm(join(root, path), { recursive: true, force: true })
  }
}
