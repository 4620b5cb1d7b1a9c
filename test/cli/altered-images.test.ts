/**
 * Every octet of an image is the site's: random changes of one bit anywhere in it are noticed, and so is what only Windows shows or
 * only BIOS starts. Half of the changes are where something stands, since most of a disk is zeros.
 */

import { readFileSync } from 'node:fs'
import { open, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import * as fc from 'fast-check'
import { verifyPath } from '../../server/cli/media-verify-command.ts'
import type { MediumFormat } from '../../media/medium/medium-spec.ts'
import { mediaLoaderFiles } from '../../server/site/boot-image.ts'
import { makeFolder } from '../bootstrap/loop-disk.ts'
import {
  contentOf,
  fakeMediaLoaders,
  laidOutOf,
  openLibrary,
  plannedOf,
  siteKey,
  writeImageOf,
} from '../support/built-medium.ts'

const nowMs = Date.UTC(2026, 10, 24)
const outside = /^outside of its files it is not the image that the site made/

async function imageOf(t: ExecutionContext, format: MediumFormat): Promise<string> {
  const library = openLibrary(t)
  const setup = library.add('bin/setup', Buffer.alloc(70_000, 'setup'))
  const kind = format === 'disk' ? 'prestaged' : 'bootable'
  const planned = plannedOf({ library, manifest: { kind }, contents: [contentOf('RVL00002', 'Setup', [setup])] })
  const { layout } = await laidOutOf(planned, library, { format })
  return writeImageOf(layout, library, join(makeFolder(t), `medium.${format}`))
}

async function withBitTurned<T>(path: string, { at, bit }: { at: number; bit: number }, work: () => Promise<T>) {
  const file = await open(path, 'r+')
  const octet = new Uint8Array(1)
  const turn = async (): Promise<void> => {
    octet[0] = (octet[0] ?? 0) ^ (1 << bit)
    await file.write(octet, 0, 1, at)
  }
  await file.read(octet, 0, 1, at)
  try {
    await turn()
    return await work()
  } finally {
    await turn()
    await file.close()
  }
}

function placesOfOctets(image: Uint8Array): readonly number[] {
  const places: number[] = []
  for (const [at, octet] of image.entries()) if (octet !== 0) places.push(at)
  return places
}

for (const [format, count] of [
  ['iso', 800],
  ['usb', 800],
  ['disk', 400],
] as const) {
  test(`A07: of ${count} random changes of one bit anywhere in the ${format} image none is accepted`, async (t) => {
    const path = await imageOf(t, format)
    const verify = async () => verifyPath(path, { siteKey, nowMs })
    t.like(await verify(), { faults: [], notLookedAt: [] })
    const octets = readFileSync(path)
    const standing = placesOfOctets(octets)
    const places = fc.oneof(
      fc.nat(octets.length - 1),
      fc.nat(standing.length - 1).map((index) => standing[index] ?? 0),
    )
    const flips = fc.sample(fc.record({ at: places, bit: fc.nat(7) }), count)
    const accepted: object[] = []
    for (const flip of flips) {
      const { faults } = await withBitTurned(path, flip, verify)
      if (faults.length === 0) accepted.push(flip)
    }
    t.deepEqual([flips.length, accepted], [count, []])
    t.deepEqual((await verify()).faults, [])
  })
}

const { biosStick, biosHybrid, biosDisc, biosCore } = mediaLoaderFiles

for (const [what, format, wanted] of [
  ['a name that only Windows shows', 'iso', Buffer.from('initrd.img', 'utf16le').swap16()],
  ['the boot code of a disc', 'iso', loaderAt(biosDisc, 100)],
  ['the core of GRUB on a disc', 'iso', loaderAt(biosCore, 600)],
  ['the boot code of a hybrid', 'iso', loaderAt(biosHybrid, 100)],
  ['the boot code of a stick', 'usb', loaderAt(biosStick, 120)],
  ['the core of GRUB on a stick', 'usb', loaderAt(biosCore, 600)],
  ['the boot code of a disk', 'disk', loaderAt(biosStick, 120)],
  ['the core of GRUB on a disk', 'disk', loaderAt(biosCore, 600)],
] as const) {
  test(`A07: ${what} counts`, async (t) => {
    const path = await imageOf(t, format)
    const at = readFileSync(path).indexOf(wanted)
    t.true(at >= 0)
    const { faults } = await withBitTurned(path, { at, bit: 1 }, async () => verifyPath(path, { siteKey, nowMs }))
    t.is(faults.length, 1)
    t.regex(faults[0] ?? '', outside)
  })
}

/** Octets of it that are nowhere else. */
function loaderAt(name: string, at: number): Buffer {
  return Buffer.from(fakeMediaLoaders[name] ?? []).subarray(at, at + 60)
}

test('A07: an image that goes on behind its end, or ends before it, is another one', async (t) => {
  const path = await imageOf(t, 'usb')
  const bytes = readFileSync(path).length
  await truncate(path, bytes + 512)
  t.deepEqual((await verifyPath(path, { siteKey, nowMs })).faults, [
    `it has ${bytes + 512} octets, and the image that the site made has ${bytes}`,
  ])
})
