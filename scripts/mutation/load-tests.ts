/**
 * Loads the test files and everything they import into this process, as often as wanted: each load is a generation of modules of its
 * own, told apart by a query in their addresses. A mutant in code that runs while a module is loaded needs a fresh generation.
 */

import { globSync, readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type CollectedTest, collectTests } from './collected-tests.ts'

const standIns: Readonly<Record<string, string>> = {
  ava: new URL('collected-tests.ts', import.meta.url).href,
  'fast-check': new URL('short-properties.ts', import.meta.url).href,
}

export class TestLoader {
  readonly #project: string
  readonly #files: readonly string[]
  readonly #sources = new Map<string, string>()
  #generation = 0

  constructor(project: string, pattern: string) {
    this.#project = project
    this.#files = globSync(pattern, { cwd: project }).toSorted()
    registerHooks({
      resolve: (specifier, context, nextResolve) => {
        const generation = generationOf(context.parentURL)
        if (generation === null) return nextResolve(specifier, context)
        const standIn = standIns[specifier]
        if (standIn !== undefined) return { url: standIn, shortCircuit: true }
        const resolved = nextResolve(specifier, context)
        if (!specifier.startsWith('.') || !resolved.url.endsWith('.ts')) return resolved
        return { ...resolved, url: `${resolved.url}?generation=${generation}` }
      },
      load: (url, context, nextLoad) =>
        generationOf(url) === null
          ? nextLoad(url, context)
          : { format: 'module', source: this.#sourceOf(fileURLToPath(url)), shortCircuit: true },
    })
  }

  async load(): Promise<readonly CollectedTest[]> {
    this.#generation += 1
    const tests: CollectedTest[] = []
    for (const file of this.#files) {
      const url = `${pathToFileURL(resolve(this.#project, file)).href}?generation=${this.#generation}`
      // One after the other: the stand-in for AVA must know whose tests it collects.
      tests.push(...(await collectTests(file, () => import(url))))
    }
    return tests
  }

  #sourceOf(path: string): string {
    const known = this.#sources.get(path)
    if (known !== undefined) return known
    const source = stripTypeScriptTypes(readFileSync(path, 'utf8'))
    this.#sources.set(path, source)
    return source
  }
}

function generationOf(url: string | undefined): string | null {
  return url === undefined ? null : (URL.parse(url)?.searchParams.get('generation') ?? null)
}
