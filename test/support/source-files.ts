/** The project's own TypeScript files and what they import, for the tests about structure. */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { root } from '../../scripts/root.ts'

export interface SourceFile {
  /** Relative to the project's root. */
  readonly path: string
  readonly text: string
  /** Relative to the root for our own files, otherwise as written (`node:fs`, `kysely`). */
  readonly imports: readonly string[]
}

export function readSourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .sort()
      .map((name) => readSourceFile(join(folder, name))),
  )
}

function readSourceFile(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const specifiers = [...text.matchAll(/(?:from|import|import\()\s*'([^']+)'/g)].map((match) => match[1] ?? '')
  const imports = specifiers.map((name) =>
    name.startsWith('.') ? relative(root, resolve(root, dirname(path), name)) : name,
  )
  return { path, text, imports }
}
