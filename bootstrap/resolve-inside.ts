/**
 * Where a path of the applied system really is, seen from outside: links are followed as that system itself would, an
 * absolute one from its own root, `..` never above it. Linux can do this with openat2(2), which Node cannot call; so the
 * answer is for looking only, and whoever writes uses target-files.ts.
 */

import { lstat, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/** Linux gives up after 40 links (path_resolution(7)). */
const linksMax = 40

/** Undefined when something on the way is not there. The last part is followed too. */
export async function resolveInside(root: string, path: string): Promise<string | undefined> {
  let wanted = partsOf(path)
  let reached: readonly string[] = []
  for (let links = 0; ; ) {
    const [part, ...rest] = wanted
    if (part === undefined) return join(root, ...reached)
    if (part === '..') {
      reached = reached.slice(0, -1)
      wanted = rest
      continue
    }
    const place = join(root, ...reached, part)
    const status = await lstat(place).catch(() => undefined)
    if (status === undefined) return undefined
    if (!status.isSymbolicLink()) {
      if (rest.length > 0 && !status.isDirectory()) return undefined
      reached = [...reached, part]
      wanted = rest
      continue
    }
    links += 1
    if (links > linksMax) return undefined
    const destination = await readlink(place)
    if (destination.startsWith('/')) reached = []
    wanted = [...partsOf(destination), ...rest]
  }
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
