/** Security E01: whatever links an archive brought, what the agent writes into the applied system stays inside it. */

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { Journal } from '../../bootstrap/journal.ts'
import { replaceFile } from '../../bootstrap/durable-file.ts'
import { loadRunBelow, runFolder } from '../../bootstrap/run-file.ts'
import {
  emptyTarget,
  hasTargetFile,
  linkTargetFile,
  listTargetFolder,
  makeTargetFolder,
  readTargetFile,
  refuseLinksOut,
  replaceTargetFolder,
  writeTargetFile,
} from '../../bootstrap/target-files.ts'
import { makeFolder } from './loop-disk.ts'

/** A target, and beside it a folder that stands for the running system and must stay as it is. */
function makeRoots(t: ExecutionContext): { readonly root: string; readonly outside: string } {
  const folder = makeFolder(t)
  const [root, outside] = [join(folder, 'target'), join(folder, 'outside')]
  mkdirSync(root)
  mkdirSync(outside)
  writeFileSync(join(outside, 'precious'), 'old')
  return { root, outside }
}

function isUntouched(outside: string): boolean {
  return readdirSync(outside).join() === 'precious' && readFileSync(join(outside, 'precious'), 'utf8') === 'old'
}

test('E01: a file below a folder that is a link out is refused', async (t) => {
  const { root, outside } = makeRoots(t)
  symlinkSync(outside, join(root, 'etc'))
  const message = `/etc of the applied system leads out of it, to ${outside}`
  await t.throwsAsync(writeTargetFile(root, 'etc/precious', 'new'), { message })
  await t.throwsAsync(linkTargetFile(root, 'etc/localtime', '/new'), { message })
  await t.throwsAsync(makeTargetFolder(root, 'etc'), { message })
  await t.throwsAsync(replaceTargetFolder(root, 'etc/precious', root), { message })
  await t.throwsAsync(listTargetFolder(root, 'etc'), { message })
  t.is(await readTargetFile(root, 'etc/precious'), '')
  t.false(await hasTargetFile(root, 'etc/precious'))
  t.true(await hasTargetFile(root, 'etc'))
  t.true(isUntouched(outside))
})

test('E01: a link that climbs is one that leads out, and one that leads nowhere is refused', async (t) => {
  const { root, outside } = makeRoots(t)
  symlinkSync('../outside', join(root, 'etc'))
  symlinkSync('/no/such/folder', join(root, 'opt'))
  await t.throwsAsync(writeTargetFile(root, 'etc/precious', 'new'), { message: /leads out of it/ })
  await t.throwsAsync(writeTargetFile(root, 'opt/file', 'new'), { message: /leads nowhere/ })
  t.true(isUntouched(outside))
})

test('E01: a file that is a link is replaced, with the name of its temporary file planted too', async (t) => {
  const { root, outside } = makeRoots(t)
  mkdirSync(join(root, 'etc'))
  for (const name of ['fstab', 'fstab.reveille-new', 'fstab.new'])
    symlinkSync(join(outside, 'precious'), join(root, 'etc', name))
  await writeTargetFile(root, 'etc/fstab', 'new', 0o600)
  t.true(lstatSync(join(root, 'etc/fstab')).isFile())
  t.is(readFileSync(join(root, 'etc/fstab'), 'utf8'), 'new')
  t.is(statSync(join(root, 'etc/fstab')).mode & 0o777, 0o600)
  t.is(await readTargetFile(root, 'etc/fstab.new'), '')
  await linkTargetFile(root, 'etc/fstab.new', '/elsewhere')
  t.is(readlinkSync(join(root, 'etc/fstab.new')), '/elsewhere')
  t.deepEqual(readdirSync(join(root, 'etc')).sort(), ['fstab', 'fstab.new', 'fstab.reveille-new'])
  t.true(isUntouched(outside))
})

test('links inside the target are followed, and folders are made where they are missing', async (t) => {
  const { root, outside } = makeRoots(t)
  mkdirSync(join(root, 'usr/lib'), { recursive: true })
  symlinkSync('usr/lib', join(root, 'lib'))
  await writeTargetFile(root, 'lib/systemd/system/a.service', 'text')
  t.is(readFileSync(join(root, 'usr/lib/systemd/system/a.service'), 'utf8'), 'text')
  t.is(await readTargetFile(root, 'lib/systemd/system/a.service'), 'text')
  t.true(await hasTargetFile(root, 'lib/systemd/system/a.service'))
  t.deepEqual(await listTargetFolder(root, 'lib/systemd'), ['system'])
  t.deepEqual(await listTargetFolder(root, 'boot'), [])
  t.true(isUntouched(outside))
})

test('E01: a folder that is replaced takes none of its links with it', async (t) => {
  const { root, outside } = makeRoots(t)
  const source = makeFolder(t)
  writeFileSync(join(source, 'precious'), 'the client')
  mkdirSync(join(root, 'usr/lib/reveille'), { recursive: true })
  symlinkSync(join(outside, 'precious'), join(root, 'usr/lib/reveille/precious'))
  await replaceTargetFolder(root, 'usr/lib/reveille', source)
  t.is(readFileSync(join(root, 'usr/lib/reveille/precious'), 'utf8'), 'the client')
  symlinkSync(outside, join(root, 'usr/lib/other'))
  await replaceTargetFolder(root, 'usr/lib/other', source)
  t.true(lstatSync(join(root, 'usr/lib/other')).isDirectory())
  t.true(isUntouched(outside))
})

test('E01: a folder that another program writes into may hold no link out', async (t) => {
  const { root, outside } = makeRoots(t)
  mkdirSync(join(root, 'boot/grub/fonts'), { recursive: true })
  symlinkSync('fonts', join(root, 'boot/grub/inside'))
  await refuseLinksOut(root, 'boot/grub')
  symlinkSync(join(outside, 'precious'), join(root, 'boot/grub/fonts/unicode.pf2'))
  await t.throwsAsync(refuseLinksOut(root, 'boot/grub'), {
    message: /^\/boot\/grub\/fonts\/unicode\.pf2 of the applied system leads out of it/,
  })
  t.true(isUntouched(outside))
})

test('E01: emptying the target removes links and never what they lead to', async (t) => {
  const { root, outside } = makeRoots(t)
  mkdirSync(join(outside, '../elsewhere/lib'), { recursive: true })
  writeFileSync(join(outside, '../elsewhere/kept'), '')
  symlinkSync('../elsewhere', join(root, 'var'))
  symlinkSync(outside, join(root, 'home'))
  mkdirSync(join(root, 'lost+found'))
  await emptyTarget(root, runFolder)
  t.true(existsSync(join(outside, '../elsewhere/kept')))
  t.deepEqual(readdirSync(root).sort(), ['lost+found', 'var'])
  writeFileSync(join(root, runFolder, 'run.json'), 'the run')
  writeFileSync(join(root, 'var/lib/other'), '')
  await emptyTarget(root, runFolder)
  t.is(readFileSync(join(root, runFolder, 'run.json'), 'utf8'), 'the run')
  t.false(existsSync(join(root, 'var/lib/other')))
  t.true(isUntouched(outside))
})

test('E01: a target with something mounted in it is not emptied, for that may be the running system’s', async (t) => {
  const { root, outside } = makeRoots(t)
  mkdirSync(join(root, 'boot/old system'), { recursive: true })
  execFileSync('mount', ['--bind', outside, join(root, 'boot/old system')])
  await t.throwsAsync(emptyTarget(root, runFolder), { message: /is not emptied: .*\/boot\/old system$/ })
  t.true(isUntouched(outside))
})

test('E01: the state of a run is neither read nor written through links of a disk', (t) => {
  const { root, outside } = makeRoots(t)
  mkdirSync(join(root, 'elsewhere/lib/reveille/run'), { recursive: true })
  symlinkSync('elsewhere', join(root, 'var'))
  t.is(loadRunBelow(root), undefined)
  const folder = makeFolder(t)
  symlinkSync(join(outside, 'precious'), join(folder, 'run.json.new'))
  replaceFile(join(folder, 'run.json'), 'new')
  t.is(readFileSync(join(folder, 'run.json'), 'utf8'), 'new')
  symlinkSync(join(outside, 'precious'), join(folder, 'events.jsonl'))
  new Journal(folder).close()
  t.true(lstatSync(join(folder, 'events.jsonl')).isFile())
  t.true(isUntouched(outside))
})
