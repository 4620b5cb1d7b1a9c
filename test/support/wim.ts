/** WIM files made by wimlib, for tests. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface WimOptions {
  /** Names of the images; each holds the file `WHICH` with its name. */
  readonly images: readonly string[]
  readonly pipable?: boolean
}

export function makeWim({ images, pipable = false }: WimOptions): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'reveille-wim-'))
  try {
    const file = join(folder, 'image.wim')
    for (const [index, name] of images.entries()) {
      const tree = join(folder, `tree-${index}`)
      mkdirSync(join(tree, 'Windows'), { recursive: true })
      writeFileSync(join(tree, 'WHICH'), name)
      writeFileSync(join(tree, 'Windows/explorer.exe'), Buffer.alloc(200_000, name))
      const form = index === 0 && pipable ? ['--pipable'] : []
      const verb = index === 0 ? 'capture' : 'append'
      execFileSync('wimlib-imagex', [verb, tree, file, name, `About ${name}`, ...form], { stdio: 'pipe' })
    }
    return readFileSync(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
