/** The installed system by its own description (os-release(5)), and other files of the same form: a name, `=`, a value that may be quoted. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClientOperatingSystem } from '../server/address/client-platform.ts'

/** Of the first file that has something in it; paths are below the root. */
export async function readSettings(root: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  for (const path of paths) {
    const text = await readFile(join(root, path), 'utf8').catch(() => '')
    if (text !== '') return parseSettings(text)
  }
  return new Map()
}

export function readOsRelease(root: string): Promise<ReadonlyMap<string, string>> {
  return readSettings(root, ['etc/os-release', 'usr/lib/os-release'])
}

/** What the site is told of it; undefined: it has no name. */
export async function readOperatingSystem(root = '/'): Promise<ClientOperatingSystem | undefined> {
  const values = await readOsRelease(root)
  const [name, version] = [values.get('ID') ?? '', values.get('VERSION_ID') ?? '']
  if (name === '') return undefined
  return { name, ...(version === '' ? {} : { version }) }
}

function parseSettings(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^\s*([A-Z_]+)=(.*?)\s*$/.exec(line) ?? []
    if (name !== undefined) values.set(name, value.replace(/^(["'])(.*)\1$/, '$2'))
  }
  return values
}
