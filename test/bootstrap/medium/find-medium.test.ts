/** The medium that was started is found among the devices of a machine, and one that must not be used is not. Needs root. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { BlockDevice } from '../../../bootstrap/medium/block-devices.ts'
import { findMedium, type MediumSearch } from '../../../bootstrap/medium/find-medium.ts'
import { MountedMedium } from '../../../bootstrap/medium/mounted-medium.ts'
import { runCommand } from '../../../bootstrap/command.ts'
import { mediumFiles } from '../../../server/contract/medium.ts'
import { makeFolder } from '../loop-disk.ts'
import { scriptedKeyboard } from '../wizard/scripted-keyboard.ts'
import { asDevice, makeMedium, mediumId, otherMediumId, siteKey, testFileSystems } from './make-medium.ts'

function searchOf(t: ExecutionContext, devices: readonly BlockDevice[], nowMs = 0): MediumSearch {
  const mountPoint = join(makeFolder(t), 'medium')
  return {
    wanted: { mediumId, siteKey },
    volume: 1,
    mountPoint,
    devices: async () => devices,
    nowMs: () => nowMs,
    say: () => {},
    tries: 1,
    pauseMs: 1,
    fileSystems: testFileSystems,
  }
}

async function reasonOf(t: ExecutionContext, device: BlockDevice, nowMs?: number): Promise<string> {
  const search = searchOf(t, [device], nowMs)
  const found = await findMedium(search)
  if (found.kind === 'found') await runCommand({ program: 'umount', arguments: [search.mountPoint] })
  return found.kind === 'refused' ? found.reason : found.kind
}

test('S7-010: among other devices the medium that was started is found, and stays mounted read-only', async (t) => {
  const other = await makeMedium(t, { manifest: { mediumId: otherMediumId, label: 'Another' } })
  const { folder } = await makeMedium(t)
  const device = asDevice(t, folder)
  const search = searchOf(t, [asDevice(t, other.folder), { device: '/dev/null', place: 'disc' }, device])
  const found = await findMedium(search)
  t.is(found.kind === 'found' ? found.device : undefined, device)
  t.throws(() => writeFileSync(join(search.mountPoint, 'x'), ''), { code: 'EROFS' })
  await runCommand({ program: 'umount', arguments: [search.mountPoint] })
})

test('a medium that is not there is waited for, said, and what is there instead is named', async (t) => {
  const { folder } = await makeMedium(t, { manifest: { mediumId: otherMediumId } })
  const device = asDevice(t, folder)
  const said: string[] = []
  const found = await findMedium({ ...searchOf(t, [device]), tries: 3, say: (text) => said.push(text) })
  t.deepEqual(found, { kind: 'not-found', others: [`${device.device} has medium ${otherMediumId}`] })
  t.is(said.length, 1)
  t.regex(said[0] ?? '', new RegExp(mediumId))
})

test('a medium that appears late is found', async (t) => {
  const { folder } = await makeMedium(t)
  const device = asDevice(t, folder)
  let looked = 0
  const search = searchOf(t, [])
  const devices = async () => (++looked < 3 ? [] : [device])
  t.is((await findMedium({ ...search, tries: 5, devices })).kind, 'found')
  await runCommand({ program: 'umount', arguments: [search.mountPoint] })
})

const minute = 60_000
const startsAtMs = Date.parse('2026-05-01T12:00:00Z')
const expiresAtMs = Date.parse('2026-06-01T12:00:00Z')

test('S7-019, S7-020, A7-04: by the clock of the machine, a medium starts neither a minute before its start nor a minute after its expiry', async (t) => {
  const { folder } = await makeMedium(t, { manifest: { startsAtMs, expiresAtMs } })
  const device = asDevice(t, folder)
  t.regex(
    await reasonOf(t, device, startsAtMs - minute),
    /may not be used before 2026-05-01T12:00:00Z; it is 2026-05-01T11:59:00Z now/,
  )
  t.is(await reasonOf(t, device, startsAtMs), 'found')
  t.is(await reasonOf(t, device, expiresAtMs - 1), 'found')
  t.regex(
    await reasonOf(t, device, expiresAtMs + minute),
    /expired at 2026-06-01T12:00:00Z; it is 2026-06-01T12:01:00Z now/,
  )
})

test('S7-010: a medium whose list of files was altered, or has no signature, is refused with the reason', async (t) => {
  const altered = await makeMedium(t)
  const manifest = join(altered.folder, mediumFiles.manifest)
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"unattended": false', '"unattended": true'))
  t.regex(
    await reasonOf(t, asDevice(t, altered.folder)),
    /not signed by the site: it was altered, or another site made it/,
  )
  const unsigned = await makeMedium(t)
  rmSync(join(unsigned.folder, mediumFiles.signature))
  t.regex(await reasonOf(t, asDevice(t, unsigned.folder)), /has no signed list of its files/)
})

test('S7-014: another volume of the set is asked for until it is there', async (t) => {
  const count = 2
  const one = await makeMedium(t, { manifest: { volume: { number: 1, count } } })
  const two = await makeMedium(t, { manifest: { volume: { number: 2, count } } })
  const volumes = [asDevice(t, one.folder, 'disc'), asDevice(t, two.folder, 'disc')] as const
  let inDrive: readonly BlockDevice[] = volumes.slice(0, 1)
  const search = { ...searchOf(t, []), devices: async () => inDrive }
  const found = await findMedium(search)
  if (found.kind !== 'found') throw new Error(found.kind)
  const medium = new MountedMedium(search, found)
  t.is(medium.launchMode, 'CD')
  const { parts, said } = scriptedKeyboard([])
  let pressed = 0
  const readLine = async (): Promise<string | undefined> => {
    pressed += 1
    if (pressed === 2) inDrive = volumes.slice(1)
    return ''
  }
  t.true(await medium.requireVolume(2, { ...parts, readLine }))
  t.is(pressed, 2)
  const [{ device }] = volumes
  t.deepEqual(said, [
    'Insert volume 2 of 2 of "Berlin" and press Enter.',
    `Volume 2 is not there. Found instead: ${device} has volume 1 of 2.`,
    'Insert volume 2 of 2 of "Berlin" and press Enter.',
  ])
  t.true(await medium.requireVolume(2, { ...parts, readLine }))
  await medium.unmount()
})

test('S7-014: a drive that does not read its new disc at once is asked again, and the person is not', async (t) => {
  const one = await makeMedium(t, { manifest: { volume: { number: 1, count: 2 } } })
  const two = asDevice(t, (await makeMedium(t, { manifest: { volume: { number: 2, count: 2 } } })).folder, 'disc')
  const search = searchOf(t, [asDevice(t, one.folder, 'disc')])
  const found = await findMedium(search)
  if (found.kind !== 'found') throw new Error(found.kind)
  let looks = 0
  // In the drive when Enter is pressed; a drive says first that it is empty, and then that the disc has changed.
  const devices = async (): Promise<readonly BlockDevice[]> => ((looks += 1) > 3 ? [two] : [])
  const medium = new MountedMedium({ ...search, devices }, found)
  const { parts, said } = scriptedKeyboard([''])
  t.true(await medium.requireVolume(2, parts))
  t.deepEqual(said, ['Insert volume 2 of 2 of "Berlin" and press Enter.'])
  await medium.unmount()
})
