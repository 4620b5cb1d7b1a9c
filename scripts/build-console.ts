/** Builds the status page into build/console with Vite, when its sources are newer than the last build. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'

export const consoleDirectory = join(root, 'build/console')
const stamp = join(root, 'build/console.built')

export async function buildConsole(): Promise<void> {
  if (existsSync(stamp) && statSync(stamp).mtimeMs > newestSourceMs()) return
  console.error('reveille: building the status page …')
  const { build } = await import('vite')
  mkdirSync(join(root, 'build'), { recursive: true })
  // Built aside and put in place at once: two that build at the same time do not empty each other's directory.
  const outDir = mkdtempSync(join(root, 'build/console-'))
  await build({
    configFile: false,
    logLevel: 'warn',
    root: join(root, 'server/console'),
    oxc: { jsx: { runtime: 'automatic' } },
    // Nothing inline: the content security policy forbids it.
    build: { outDir, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  })
  // The server may run as another user than the one that built.
  chmodSync(outDir, 0o755)
  rmSync(consoleDirectory, { recursive: true, force: true })
  renameSync(outDir, consoleDirectory)
  writeFileSync(stamp, '')
}

function newestSourceMs(): number {
  const folders = ['server/console', 'server/contract', 'server/sequence', 'server/site', 'server/address']
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(root, folder, name)),
  )
  return Math.max(
    ...[...files, join(root, 'package-lock.json'), import.meta.filename].map((file) => statSync(file).mtimeMs),
  )
}
