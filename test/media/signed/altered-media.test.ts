/** What was altered is refused: single bits, ends that are cut off, files of another medium, and manifests of an older one. */

import test from 'ava'
import * as fc from 'fast-check'
import { mediumFiles } from '../../../server/contract/medium.ts'
import { makeSigningKey } from '../../../media/signed/site-key.ts'
import { verifyFiles, verifyManifest } from '../../../media/signed/verify-medium.ts'
import { makeSmallMedium, readerOfFiles, smallMediumMadeMs, type SmallMedium } from '../../support/small-medium.ts'

const signingKey = makeSigningKey()
const nowMs = smallMediumMadeMs + 1

async function isAccepted(files: ReadonlyMap<string, Uint8Array>, { siteKey }: SmallMedium): Promise<boolean> {
  const reader = readerOfFiles(files)
  const verified = await verifyManifest(reader, { siteKey, nowMs })
  return verified.kind === 'verified' && (await verifyFiles(reader, verified.manifest)).length === 0
}

function withFile({ files }: SmallMedium, path: string, octets: Uint8Array): Map<string, Uint8Array> {
  return new Map(files).set(path, octets)
}

test('of 10,000 random changes of one bit of any file of a medium none is accepted', async (t) => {
  const medium = await makeSmallMedium({ signingKey })
  t.true(await isAccepted(medium.files, medium))
  const places = [...medium.files].flatMap(([path, octets]) => Array.from(octets, (_octet, at) => ({ path, at })))
  let accepted = 0
  const flips = fc.sample(fc.tuple(fc.nat(places.length - 1), fc.nat(7)), 10_000)
  for (const [index, bit] of flips) {
    const place = places[index]
    const octets = Uint8Array.from(medium.files.get(place?.path ?? '') ?? [])
    if (place === undefined) continue
    octets[place.at] = (octets[place.at] ?? 0) ^ (1 << bit)
    if (await isAccepted(withFile(medium, place.path, octets), medium)) accepted += 1
  }
  t.deepEqual([flips.length, accepted], [10_000, 0])
})

test('every single bit of the signature counts', async (t) => {
  const medium = await makeSmallMedium({ signingKey })
  const signature = medium.files.get(mediumFiles.signature) ?? new Uint8Array()
  for (let bit = 0; bit < signature.length * 8; bit++) {
    const octets = Uint8Array.from(signature)
    octets[bit >> 3] = (octets[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    t.false(await isAccepted(withFile(medium, mediumFiles.signature, octets), medium))
  }
})

test('files that are shorter, longer, missing or added are refused', async (t) => {
  const medium = await makeSmallMedium({ signingKey })
  const paths = fc.constantFrom(...medium.files.keys())
  const changes = fc.constantFrom('cut', 'lengthen', 'remove', 'add')
  const property = fc.asyncProperty(paths, changes, fc.nat(), async (path, change, at) => {
    const octets = medium.files.get(path) ?? new Uint8Array()
    const files = new Map(medium.files)
    if (change === 'cut') files.set(path, octets.subarray(0, at % octets.length))
    else if (change === 'lengthen') files.set(path, Buffer.concat([octets, Uint8Array.of(at & 0xff)]))
    else if (change === 'remove') files.delete(path)
    else files.set(`${path}.${at}`, octets)
    t.false(await isAccepted(files, medium))
  })
  await fc.assert(property, { numRuns: 500 })
})

test('files of two media of one site cannot be mixed, and an older manifest does not fit newer files', async (t) => {
  const older = await makeSmallMedium({ signingKey, label: 'Older' })
  const newer = await makeSmallMedium({ signingKey, label: 'Newer one', mediumId: 'ff'.repeat(16) })
  const differing = [...newer.files.keys()].filter(
    (path) => Buffer.compare(newer.files.get(path) ?? Buffer.alloc(0), older.files.get(path) ?? Buffer.alloc(0)) !== 0,
  )
  const subsets = fc.subarray(differing, { minLength: 1, maxLength: differing.length - 1 })
  await fc.assert(
    fc.asyncProperty(subsets, async (paths) => {
      const mixed = new Map(newer.files)
      for (const path of paths) mixed.set(path, older.files.get(path) ?? new Uint8Array())
      t.false(await isAccepted(mixed, newer))
    }),
    { numRuns: 300 },
  )
  // Rolled back: manifest and signature of the older one, which the site did sign.
  const rolledBack = new Map(newer.files)
  for (const path of [mediumFiles.manifest, mediumFiles.signature]) {
    rolledBack.set(path, older.files.get(path) ?? new Uint8Array())
  }
  t.false(await isAccepted(rolledBack, newer))
})

test('a whole medium that is not the one that was started, or of another site, is refused by name', async (t) => {
  const medium = await makeSmallMedium({ signingKey })
  const other = await makeSmallMedium({ signingKey: makeSigningKey(), mediumId: 'ab'.repeat(16) })
  const { siteKey, manifest } = medium
  const wanted = { siteKey, nowMs, mediumId: manifest.mediumId }
  t.like(await verifyManifest(readerOfFiles(medium.files), wanted), { kind: 'verified' })
  t.like(await verifyManifest(readerOfFiles(other.files), wanted), {
    reason: 'the list of its files is not signed by the site: it was altered, or another site made it',
  })
  const exchanged = await makeSmallMedium({ signingKey, mediumId: 'ab'.repeat(16) })
  t.like(await verifyManifest(readerOfFiles(exchanged.files), wanted), {
    reason: `it is medium ${'ab'.repeat(16)}, and ${manifest.mediumId} was started`,
  })
})
