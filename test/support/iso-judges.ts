/**
 * Images of discs before judges that are not ours: xorriso unpacks by Rock Ridge, 7-Zip by Joliet, and isoinfo lists all three
 * kinds of names.
 */

import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ExecutionContext } from 'ava'
import * as fc from 'fast-check'
import { layOutIso } from '../../media/iso/lay-out-iso.ts'
import type { IsoVolume } from '../../media/iso/iso-volume.ts'
import type { Layout } from '../../media/layout/layout.ts'
import { printLayoutFault } from '../../media/layout/layout-fault.ts'
import { fatDefaults, runJudge, unpackWith7z } from './fat-judges.ts'
import { makeSourceFolder } from './media-layouts.ts'
import { differences, mediaTrees, readUnpacked, writeImage, type MediaTree } from './media-trees.ts'

const execute = promisify(execFile)
const environment = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' }

export function isoOf(volume: Partial<IsoVolume>): Layout {
  const iso = layOutIso({ volumeId: 'REVEILLE', time: fatDefaults.time, entries: [], ...volume })
  if (iso.kind === 'refused') throw new Error(iso.faults.map(printLayoutFault).join('\n'))
  return iso.layout
}

/** What it has to say; rejects when it warns of anything but a loader that is no file of the disc, which it could not move. */
export async function runXorriso(...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await execute('xorriso', words, { env: environment })
  const warnings = stderr.split('\n').filter((line) => /: (WARNING|SORRY|MISHAP|FAILURE|FATAL) :/.test(line))
  const unexpected = warnings.filter((line) => !line.includes('Found hidden El-Torito image. Its size could not be'))
  if (unexpected.length > 0) throw new Error(unexpected.join('\n'))
  return stdout
}

export async function unpackWithXorriso(image: string, folder: string): Promise<ReturnType<typeof readUnpacked>> {
  const words = ['-osirrox', 'on:auto_chmod_on', '-indev', `stdio:${image}`, '-extract', '/', folder]
  await runXorriso(...words)
  await runJudge('chmod', '-R', 'u+w', folder)
  return readUnpacked(folder)
}

/** Paths as isoinfo lists them, folders among them; `words` choose the kind of names. */
export async function listWithIsoinfo(image: string, ...words: readonly string[]): Promise<string[]> {
  const listed = await runJudge('isoinfo', '-f', ...words, '-i', image)
  return listed.split('\n').filter((line) => line !== '')
}

export async function judgeIsoImages(t: ExecutionContext, numRuns: number): Promise<void> {
  const folder = makeSourceFolder(t)
  const property = fc.asyncProperty(mediaTrees, async (tree) => {
    await judgeIso(t, folder, tree, isoOf({ entries: tree.entries }))
  })
  await fc.assert(property, { numRuns })
}

export async function judgeIso(t: ExecutionContext, folder: string, tree: MediaTree, layout: Layout): Promise<void> {
  const image = await writeImage(layout, folder)
  const unpacked = join(folder, 'unpacked')
  try {
    t.deepEqual(differences(await unpackWithXorriso(image, join(unpacked, 'xorriso')), tree.expected), [])
    const byJoliet = await unpackWith7z(image, 'ISO', join(unpacked, '7z'))
    // It adds El Torito's images, in a folder of its own.
    const joliet = new Map([...byJoliet].filter(([path]) => !path.startsWith('[BOOT]/')))
    const kept = new Map([...tree.expected].filter(([path]) => isJolietPath(path)))
    t.is(joliet.size, tree.expected.size)
    t.deepEqual(differences(new Map([...joliet].filter(([path]) => kept.has(path))), kept), [])
    const paths = [...tree.expected.keys()].map((path) => `/${path}`)
    const posix = await listWithIsoinfo(image, '-R')
    t.deepEqual(
      paths.filter((path) => !posix.includes(path)),
      [],
    )
  } finally {
    rmSync(unpacked, { recursive: true, force: true })
  }
}

/** Whose names Joliet holds as they are. */
function isJolietPath(path: string): boolean {
  return path.split('/').every((name) => name.length <= 103 && !name.includes(';'))
}
