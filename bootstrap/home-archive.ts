/**
 * The folder of one person as an archive, and back, by GNU tar with owners, modes, links and attributes. What stands in the
 * new folder already is kept beside under another name. Which failures matter is the caller's business.
 */

import { once } from 'node:events'
import { ended, startCommand } from './command.ts'
import type { StepContext } from './step-context.ts'

/** `letter.~1~`, and `letter.~2~` when it is restored once more: what the new system had is never overwritten. */
export const keepAside = '--backup=numbered'

const attributes = ['--numeric-owner', '--xattrs', '--xattrs-include=*', '--acls']

export interface HomeArchive {
  readonly folder: string
  readonly verbose: boolean
}

/** `only` are paths below the folder, and the folders on the way to them as they are; left out: all of it. */
export interface PackedHome extends HomeArchive {
  readonly only?: readonly string[]
}

/** Codes of tar for files that it had to leave out: one that changed while it was read, one that could not be read. */
export const leftOutCodes: readonly number[] = [1, 2]

/** Returns tar's code. */
export async function* packHome(
  { folder, verbose, only }: PackedHome,
  context: StepContext,
): AsyncGenerator<Buffer, number> {
  const words = ['--create', '--file=-', '--format=posix', ...attributes, '--one-file-system', '--sparse']
  const files = only === undefined ? ['.'] : [...foldersAbove(only), '--verbatim-files-from', '--files-from=-']
  const child = startCommand({
    program: 'tar',
    arguments: [...words, ...(verbose ? ['--verbose'] : []), `--directory=${folder}`, ...files],
  })
  const exit = ended(child, context.signal)
  tellLines(child.stderr, context)
  child.stdin?.on('error', () => {})
  child.stdin?.end((only ?? []).map((path) => `./${path}\n`).join(''))
  try {
    for await (const chunk of child.stdout ?? []) yield chunk
  } finally {
    // Whoever stops reading leaves tar behind a full pipe.
    child.stdout?.destroy()
  }
  return exit
}

/** Without them what is restored would lie in folders of root. */
function foldersAbove(paths: readonly string[]): readonly string[] {
  const folders = paths.flatMap((path) => {
    const names = path.split('/').slice(0, -1)
    return names.map((_name, index) => `./${names.slice(0, index + 1).join('/')}`)
  })
  return ['--no-recursion', '.', ...new Set(folders), '--recursion']
}

/** Feeds tar; `end` gives its code. */
export interface Unpacking {
  readonly write: (octets: Uint8Array) => Promise<void>
  readonly end: () => Promise<number>
}

export function unpackHome({ folder, verbose }: HomeArchive, context: StepContext): Unpacking {
  const words = ['--extract', '--file=-', ...attributes, '--same-owner', '--same-permissions']
  const aside = ['--delay-directory-restore', keepAside]
  const child = startCommand({
    program: 'tar',
    arguments: [...words, ...aside, ...(verbose ? ['--verbose'] : []), `--directory=${folder}`],
  })
  const exit = ended(child, context.signal)
  tellLines(child.stderr, context)
  tellLines(child.stdout, context)
  let broken = false
  child.stdin?.on('error', () => {
    broken = true
  })
  const exited = exit.then(() => {
    broken = true
  })
  return {
    write: async (octets) => {
      if (broken || child.stdin === null || child.stdin.write(octets)) return
      await Promise.race([once(child.stdin, 'drain').catch(() => {}), exited])
    },
    end: async () => {
      child.stdin?.end()
      return exit
    },
  }
}

function tellLines(stream: NodeJS.ReadableStream | null, context: StepContext): void {
  let rest = ''
  stream?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) context.output('log', context.redactor.redact(line))
  })
}
