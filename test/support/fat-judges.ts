/** FAT volumes before judges that are not ours: dosfstools checks all, mtools and 7-Zip each unpack every file. */

import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ExecutionContext } from 'ava'
import * as fc from 'fast-check'
import { layOutFat, type FatVolume, type LaidOutFat } from '../../media/fat/lay-out-fat.ts'
import { printLayoutFault } from '../../media/layout/layout-fault.ts'
import { makeSourceFolder } from './media-layouts.ts'
import { differences, mediaTrees, readUnpacked, writeImage, type MediaTree } from './media-trees.ts'

const execute = promisify(execFile)
const environment = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' }

export const fatDefaults = {
  label: 'REVEILLE',
  volumeId: 0x1234_abcd,
  time: { year: 2026, month: 11, day: 23, hour: 16, minute: 48, second: 58 },
}

export function fatOf(volume: Partial<FatVolume>): LaidOutFat {
  const fat = layOutFat({ ...fatDefaults, entries: [], ...volume })
  if (fat.kind === 'refused') throw new Error(fat.faults.map(printLayoutFault).join('\n'))
  return fat
}

/** What fsck.vfat has to say; rejects when it found a fault. */
export async function checkFat(image: string): Promise<string> {
  const { stdout } = await execute('fsck.vfat', ['-n', '-v', image], { env: environment })
  return stdout
}

export async function unpackWithMtools(image: string, folder: string): Promise<ReturnType<typeof readUnpacked>> {
  mkdirSync(folder, { recursive: true })
  await execute('mcopy', ['-s', '-n', '-Q', '-i', image, '::/', folder], { env: environment })
  return readUnpacked(folder)
}

export async function unpackWith7z(
  image: string,
  type: string,
  folder: string,
): Promise<ReturnType<typeof readUnpacked>> {
  mkdirSync(folder, { recursive: true })
  await execute('7zz', ['x', '-y', '-bd', `-t${type}`, `-o${folder}`, image], { env: environment })
  return readUnpacked(folder)
}

/** Random trees in volumes of all kinds and sizes. */
export async function judgeFatVolumes(t: ExecutionContext, numRuns: number): Promise<void> {
  const folder = makeSourceFolder(t)
  const sizes = fc.constantFrom(undefined, undefined, 6e6, 20e6, 50e6, 300e6, 600e6)
  const property = fc.asyncProperty(mediaTrees, sizes, async (tree, bytes) => {
    await judgeFat(t, folder, tree, fatOf({ entries: tree.entries, ...(bytes === undefined ? {} : { bytes }) }))
  })
  await fc.assert(property, { numRuns })
}

async function judgeFat(t: ExecutionContext, folder: string, tree: MediaTree, fat: LaidOutFat): Promise<void> {
  const image = await writeImage(fat.layout, folder)
  const unpacked = join(folder, 'unpacked')
  try {
    await checkFat(image)
    t.deepEqual(differences(await unpackWithMtools(image, join(unpacked, 'mtools')), tree.expected), [])
    t.deepEqual(differences(await unpackWith7z(image, 'FAT', join(unpacked, '7z')), tree.expected), [])
  } finally {
    rmSync(unpacked, { recursive: true, force: true })
  }
}

export async function runJudge(command: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await execute(command, words, { env: environment, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}
