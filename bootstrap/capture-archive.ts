/**
 * The root file system of an installed Linux system as an archive that Apply Operating System Image deploys: GNU tar with
 * owners by number, modes, times, access lists, extended attributes, hard links and holes, compressed with zstd. It stays on
 * the one partition; what belongs to this machine or this run alone is left out.
 */

import type { ChildProcess } from 'node:child_process'
import { ended, startCommand } from './command.ts'
import { StepFailed } from './step-context.ts'

export interface CapturedTree {
  readonly root: string
  /** Patterns of tar, from the root: `./run/*`. */
  readonly leftOut: readonly string[]
  readonly signal: AbortSignal
  readonly onLine: (line: string) => void
}

export function archiveArguments({ root, leftOut }: Pick<CapturedTree, 'root' | 'leftOut'>): readonly string[] {
  return [
    '--create',
    '--file=-',
    '--format=posix',
    '--use-compress-program=zstd -T0 -3',
    '--numeric-owner',
    '--xattrs',
    '--xattrs-include=*',
    '--acls',
    '--sparse',
    '--one-file-system',
    '--anchored',
    '--wildcards',
    ...leftOut.map((pattern) => `--exclude=${pattern}`),
    `--directory=${root}`,
    '.',
  ]
}

/** Yields the archive; ends normally only when tar was content with everything it read. */
export async function* captureArchive(tree: CapturedTree): AsyncGenerator<Buffer> {
  yield* octetsOf(startCommand({ program: 'tar', arguments: archiveArguments(tree) }), tree)
}

/** What a program writes to its standard output; its other lines are handed on, and any return code but 0 is thrown. */
export async function* octetsOf(
  child: ChildProcess,
  { signal, onLine }: Pick<CapturedTree, 'signal' | 'onLine'>,
): AsyncGenerator<Buffer> {
  const program = child.spawnargs[0] ?? ''
  const exit = ended(child, signal)
  let tail = ''
  child.stdin?.on('error', () => {})
  child.stdin?.end()
  child.stderr?.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString('utf8').split(/[\r\n]+/)) {
      if (line === '') continue
      onLine(line)
      tail = `${tail}\n${line}`.slice(-tailCharactersMax)
    }
  })
  try {
    for await (const chunk of child.stdout ?? []) yield Buffer.from(chunk)
  } finally {
    // Whoever stops reading stops the program; one that has ended is not reached by this.
    if (child.stdout?.readableEnded !== true) child.kill('SIGKILL')
  }
  const exitCode = await exit
  if (exitCode === 127) throw new StepFailed(`the program ${program} is not in this boot image`, exitCode)
  if (exitCode !== 0) throw new StepFailed(`${program} ended with ${exitCode}: ${tail.trim()}`, exitCode)
}

const tailCharactersMax = 2_000
