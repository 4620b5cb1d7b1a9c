/** A client without a site has nothing to do once its run is over: it takes itself out of the installed system. */

import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { diskMarkFolder } from '../../server/contract/disk-mark.ts'
import { clientPaths } from '../general-system.ts'
import { markFile, markFolder } from '../medium/medium-mark.ts'
import { clientCacheFolder } from '../package-content.ts'
import { isPlainPath, listTargetFolder } from '../target-files.ts'

/** Links are removed, and never followed. What stays says that the medium began here already (medium-mark.ts, start-mark.ts). */
export async function removeClient(root: string): Promise<void> {
  const state = await listTargetFolder(root, markFolder)
  const paths = [
    ...clientPaths.map((path) => path.replace(/^\.\//, '')).filter((path) => path !== markFolder),
    ...state
      .filter((name) => name !== markFile && join(markFolder, name) !== diskMarkFolder)
      .map((name) => join(markFolder, name)),
    clientCacheFolder,
  ]
  for (const path of paths) {
    if (isPlainPath(root, dirname(path))) await rm(join(root, path), { recursive: true, force: true })
  }
}
