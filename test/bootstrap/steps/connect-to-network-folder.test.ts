/**
 * Connect To Network Folder with the real mount.cifs and mount.nfs. Where the kernel of the test machine has neither file
 * system, they go as far as the kernel; what they make of our words they tell when asked to pretend.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { mountPointName, planMount, printCredentials } from '../../../bootstrap/network-folder.ts'
import { connectToNetworkFolder } from '../../../bootstrap/steps/connect-to-network-folder.ts'
import type { ConnectToNetworkFolder } from '../../../server/sequence/step-types/connect-to-network-folder.ts'
import { makeContext, makeFolder } from '../loop-disk.ts'

const action: ConnectToNetworkFolder = {
  type: 'connect-to-network-folder',
  path: '\\\\127.0.0.1\\images\\x64',
  account: 'LAB\\reader',
  password: 'sword,fish',
}
const share = { kind: 'smb', server: '127.0.0.1', share: 'images', folder: 'x64' } as const

test('S2-016: mount.cifs understands our words and the credentials file', (t) => {
  const folder = makeFolder(t)
  const credentials = join(folder, 'credentials')
  writeFileSync(credentials, printCredentials(action), { mode: 0o600 })
  const [program, ...words] = planMount(share, folder, credentials).words
  const { stdout, stderr } = spawnSync(program, ['-f', '-v', ...words], { encoding: 'utf8' })
  t.regex(stdout + stderr, /unc=\\\\127\.0\.0\.1\\images,.*user=reader.*domain=LAB.*prefixpath=x64.*pass=\*+/)
  t.false(words.join(' ').includes('sword'))
})

test('S2-016: mount.nfs understands our words', (t) => {
  const folder = makeFolder(t)
  const [program, ...words] = planMount({ kind: 'nfs', server: '127.0.0.1', folder: '/srv' }, folder, undefined).words
  const { status, stderr } = spawnSync(program, ['-f', '-v', ...words], { encoding: 'utf8' })
  t.is(status, 0, stderr)
})

test('a folder that nobody serves fails the step, and no password stays behind', async (t) => {
  const folder = makeFolder(t)
  const context = makeContext(folder)
  await t.throwsAsync(connectToNetworkFolder(action, context), {
    message: /^\/\/127\.0\.0\.1\/images\/x64 could not be connected: /,
  })
  t.deepEqual(readdirSync(join(folder, 'scratch')), ['network'])
  t.true(existsSync(join(folder, 'scratch/network/at-127.0.0.1-images-x64')))
  t.notRegex(context.lines.join('\n'), /sword/)
})

test('an NFS export that nobody serves fails the step', async (t) => {
  const context = makeContext(makeFolder(t))
  await t.throwsAsync(connectToNetworkFolder({ ...action, path: '127.0.0.1:/srv' }, context), {
    message: /^127\.0\.0\.1:\/srv could not be connected: /,
  })
})

test('S2-016: a drive letter names the mount point, and the folder does without one', (t) => {
  t.is(mountPointName(share, 'Z:'), 'z')
  t.is(mountPointName(share, ''), 'at-127.0.0.1-images-x64')
  t.is(mountPointName({ kind: 'nfs', server: 'fd00::1', folder: '/Srv/a b' }, ''), 'at-fd00-1-srv-a-b')
})

test('a guest, an account without a domain, and IPv6', (t) => {
  t.deepEqual(planMount({ ...share, folder: '' }, '/m', undefined).words, [
    'mount.cifs',
    '//127.0.0.1/images',
    '/m',
    '-o',
    'guest',
  ])
  t.is(printCredentials({ account: 'reader', password: 'a' }), 'username=reader\npassword=a\n')
  t.is(planMount({ kind: 'nfs', server: 'fd00::1', folder: '/' }, '/m', undefined).words[1], '[fd00::1]:/')
})
