/**
 * How soon the image of a stand-alone medium is there, and how fast it goes on: a tree with gigabytes of sparse content, laid out and
 * read here, beside xorriso that makes an image of the same tree, and `cat` and `cp` that only move its octets or as many of one file,
 * round by round.
 */

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { LayoutRead } from './layout-read-load.ts'
import { median } from './goal.ts'

const run = promisify(execFile)
const firstByteTargetMs = 100
const memoryTargetBytes = 100e6
/** An operating system image, and packages with files of all sizes. */
const largeBytes = 6e9
const packageBytes = 4e9
const packageFiles = 400
const quickFactor = 0.1

interface Taken {
  readonly firstMs: number
  readonly allMs: number
}
interface Round {
  readonly ours: LayoutRead
  readonly xorriso: Taken
  readonly catMs: number
  readonly oursToFile: LayoutRead
  readonly xorrisoToFile: Taken
  /** Of one file with as many octets, also holes. */
  readonly copy: Taken
  readonly copyOfTree: Taken
}

export async function printMediaLoad(rounds: number, isQuick: boolean): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'reveille-bench-'))
  try {
    const tree = join(directory, 'tree')
    const bytes = await makeTree(tree, isQuick ? quickFactor : 1)
    const measured: Round[] = []
    const file = join(directory, 'file')
    await makeHoles(file, bytes)
    for (let round = 0; round < rounds; round++) measured.push(await measureRound(directory, tree, file, round))
    return printRounds(measured, bytes)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** Holes read as zeros and take no room, so that the disk of this machine is not what is measured. */
async function makeTree(folder: string, factor: number): Promise<number> {
  const large = Math.round(largeBytes * factor)
  const small = Math.round((packageBytes * factor) / packageFiles)
  const files = [
    ['SMS/content/00/image', large],
    ...Array.from({ length: packageFiles }, (_, index) => [`SMS/content/${index % 64}/file-${index}`, small] as const),
  ] as const
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await makeHoles(join(folder, path), bytes)
  }
  return large + small * packageFiles
}

async function makeHoles(path: string, bytes: number): Promise<void> {
  await (await open(path, 'w')).close()
  await truncate(path, bytes)
}

async function measureRound(directory: string, tree: string, file: string, round: number): Promise<Round> {
  const words = ['-as', 'mkisofs', '-quiet', '-R', '-J', '-joliet-long', '-iso-level', '3', '-V', 'BENCH']
  const image = join(directory, 'image')
  const copyWords = ['-r', '--sparse=never', '--reflink=never']
  const copy = (): Promise<Taken> => timeOf('cp', [...copyWords, file, image])
  return {
    ours: await readOurs(tree, '/dev/null'),
    xorriso: await timeOf('xorriso', [...words, '-o', '-', tree]),
    catMs: (await timeOf('sh', ['-c', 'find "$1" -type f -exec cat {} +', 'sh', tree])).allMs,
    ...(await writtenInTurn(
      image,
      { round, warmUp: copy },
      {
        oursToFile: () => readOurs(tree, image),
        xorrisoToFile: () => timeOf('xorriso', [...words, '-o', image, tree]),
        copy,
        copyOfTree: () => timeOf('cp', [...copyWords, tree, image]),
      },
    )),
  }
}

/**
 * Who writes first changes with the round, and none begins while octets of another are on their way to the disk. Each finds memory
 * that was in use a moment before: a virtual machine that gave its own back waits seconds for gigabytes of it.
 */
async function writtenInTurn<Results extends Readonly<Record<string, Taken>>>(
  image: string,
  { round, warmUp }: { readonly round: number; readonly warmUp: () => Promise<unknown> },
  writers: { readonly [Name in keyof Results]: () => Promise<Results[Name]> },
): Promise<Results> {
  const all = Object.entries(writers)
  const first = round % all.length
  const taken: [string, Taken][] = []
  for (const [name, write] of [...all.slice(first), ...all.slice(0, first)]) {
    await run('sync')
    await warmUp()
    await rm(image, { recursive: true })
    taken.push([name, await write()])
    await rm(image, { recursive: true })
  }
  return Object.fromEntries(taken) as Results
}

/** In a process of its own, whose memory is nobody else's. */
async function readOurs(tree: string, target: string): Promise<LayoutRead> {
  const script = join(import.meta.dirname, 'layout-read-load.ts')
  const { stdout } = await run(process.execPath, [script, JSON.stringify({ tree, target })])
  return JSON.parse(stdout) as LayoutRead
}

async function timeOf(program: string, words: readonly string[]): Promise<Taken> {
  const startedMs = performance.now()
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] })
  const closed = once(child, 'close')
  let firstMs = 0
  for await (const _piece of child.stdout) firstMs ||= performance.now() - startedMs
  const [code] = (await closed) as [number | null]
  if (code !== 0) throw new Error(`${program} ended with ${code}`)
  return { firstMs, allMs: performance.now() - startedMs }
}

function printRounds(rounds: readonly Round[], bytes: number): string {
  const of = (value: (round: Round) => number): number => median(rounds.map(value))
  const seconds = (value: (round: Round) => number): string => `${(of(value) / 1_000).toFixed(2).padStart(7)} s`
  const verdict = (isMet: boolean): string => (isMet ? 'met' : 'not met')
  const first = of(({ ours }) => ours.firstMs)
  const memory = of(({ oursToFile, ours }) => Math.max(ours.memoryBytes, oursToFile.memoryBytes))
  const ratios = rounds.map(({ oursToFile, copy }) => oursToFile.allMs / copy.allMs)
  return [
    `media  ${(bytes / 1e9).toFixed(1)} GB in ${packageFiles + 1} files, median of ${rounds.length}`,
    `  first octet          ${first.toFixed(0).padStart(7)} ms   target ${firstByteTargetMs} ms, ${verdict(first < firstByteTargetMs)}   xorriso ${of(({ xorriso }) => xorriso.firstMs).toFixed(0)} ms`,
    `  all, thrown away     ${seconds(({ ours }) => ours.allMs)}   xorriso ${seconds(({ xorriso }) => xorriso.allMs)}   cat ${seconds(({ catMs }) => catMs)}`,
    `  all, into a file     ${seconds(({ oursToFile }) => oursToFile.allMs)}   xorriso ${seconds(({ xorrisoToFile }) => xorrisoToFile.allMs)}   cp  ${seconds(({ copy }) => copy.allMs)}   cp of the tree ${seconds(({ copyOfTree }) => copyOfTree.allMs)}`,
    `    beside cp          ${median(ratios).toFixed(2).padStart(7)} x   target 1, ${verdict(median(ratios) <= 1)}   by round: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`,
    `  memory above idle    ${(memory / 1e6).toFixed(0).padStart(7)} MB   target ${memoryTargetBytes / 1e6} MB, ${verdict(memory < memoryTargetBytes)}`,
  ].join('\n')
}
