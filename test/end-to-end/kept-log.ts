/** What runs without a site left in the installed system, from its disk. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { logFolder } from '../../bootstrap/stand-alone/keep-log.ts'
import { withSystem } from './system-on-disk.ts'

export async function readKeptLog(disk: string): Promise<string> {
  return withSystem(disk, 'ro,noload', (root) => {
    const folder = join(root, logFolder)
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
  })
}
