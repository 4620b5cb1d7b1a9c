/** WIM images made by wimlib, applied to NTFS and other file systems on loop devices, over HTTP. Needs root. */

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'ava'
import { applyDataImage } from '../../../bootstrap/steps/apply-data-image.ts'
import { applyOperatingSystemImage } from '../../../bootstrap/steps/apply-operating-system-image.ts'
import { formatAndPartitionDisk } from '../../../bootstrap/steps/format-and-partition-disk.ts'
import { setupWindowsAndConfigMgr } from '../../../bootstrap/steps/setup-windows-and-configmgr.ts'
import { actionOf } from '../../support/actions.ts'
import { makeWim } from '../../support/wim.ts'
import { lookAt, partitionsOf, prepareMachine, sha256Of } from '../image-server.ts'
import type { TestContext } from '../loop-disk.ts'

const imageId = 'RVL00009'
const apply = actionOf({ type: 'apply-operating-system-image', imageId })
const applyData = actionOf({ type: 'apply-data-image', imageId })
const pipable = makeWim({ images: ['Home', 'Server'], pipable: true })
const plain = makeWim({ images: ['Home', 'Server'] })

/** What `WHICH` says in the image on the first partition. */
function which(context: TestContext, device = partitionsOf(context)[0] ?? ''): string {
  return lookAt(device, (folder) => readFileSync(join(folder, 'WHICH'), 'utf8'))
}

test.serial('S2-053: a pipable WIM streams onto the NTFS partition, and the run goes on there', async (t) => {
  const context = await prepareMachine(t, { contents: { [imageId]: { 'image.wim': pipable } } })
  context.keep(await applyOperatingSystemImage(apply, context))
  const { root } = context.target
  t.deepEqual(
    readdirSync(root)
      .filter((name) => !name.startsWith('.'))
      .sort(),
    ['WHICH', 'Windows'],
  )
  t.is(readFileSync(join(root, 'Windows/explorer.exe'), 'utf8').slice(0, 8), 'HomeHome')
  t.is(context.set.get('OSDTargetSystemDrive'), partitionsOf(context)[0])
  t.is(context.set.get('OSDTargetSystemRoot'), root)
  const { done, total } = context.progressed.at(-1) ?? {}
  t.is(done, total)
  writeFileSync(join(root, 'secret'), 'x', { mode: 0o600 })
  t.is(statSync(join(root, 'secret')).mode & 0o777, 0o600)
})

test.serial(
  'S2-053: any other WIM is kept first on a further partition, or in memory, and leaves nothing there',
  async (t) => {
    const partitions = [
      { fileSystem: 'ntfs', size: { megabytes: 100 } },
      { fileSystem: 'ext4', size: { megabytes: 100 } },
    ]
    const context = await prepareMachine(t, { contents: { [imageId]: { 'image.wim': plain } }, partitions })
    context.keep(await applyOperatingSystemImage({ ...apply, imageIndex: 2 }, context))
    await context.target.unmountAll()
    t.is(which(context), 'Server')
    t.deepEqual(
      lookAt(partitionsOf(context)[1] ?? '', (folder) => readdirSync(folder)),
      ['lost+found'],
    )
    const alone = await prepareMachine(t, { contents: { [imageId]: { 'image.wim': plain } } })
    await applyOperatingSystemImage(apply, alone)
    t.false(existsSync(join(alone.scratchFolder, 'scratch')))
    await alone.target.unmountAll()
    t.is(which(alone), 'Home')
  },
)

test.serial('S2-058: an index that the file does not have fails the step', async (t) => {
  const context = await prepareMachine(t, { contents: { [imageId]: { 'image.wim': pipable } } })
  await t.throwsAsync(applyOperatingSystemImage({ ...apply, imageIndex: 3 }, context), { message: /image|index/i })
})

test.serial('I6: a WIM with another hash fails the step', async (t) => {
  const context = await prepareMachine(t, { contents: { [imageId]: { 'image.wim': pipable } } })
  const sha256 = sha256Of(Buffer.from('other'))
  const content = context.content.map((each) => ({ ...each, files: each.files.map((file) => ({ ...file, sha256 })) }))
  const changed = { ...context, content }
  await t.throwsAsync(applyOperatingSystemImage(apply, changed), { message: /has the wrong hash/ })
})

test.serial('S2-053: the user state folder stays; everything else on the volume goes', async (t) => {
  const context = await prepareMachine(t, { contents: { [imageId]: { 'image.wim': pipable } } })
  const [device = ''] = partitionsOf(context)
  await context.target.mountRoot({ device, use: 'primary', fileSystem: 'ntfs' })
  mkdirSync(join(context.target.root, '_SMSTaskSequence/UserState'), { recursive: true })
  writeFileSync(join(context.target.root, '_SMSTaskSequence/UserState/file'), 'mine')
  writeFileSync(join(context.target.root, '_SMSTaskSequence/rubbish'), '')
  mkdirSync(join(context.target.root, 'Windows'))
  writeFileSync(join(context.target.root, 'Windows/old.dll'), '')
  context.set.set('_SMSTSUserStatePath', 'C:\\_SMSTaskSequence\\UserState')
  await applyOperatingSystemImage(apply, context)
  const { root } = context.target
  t.is(readFileSync(join(root, '_SMSTaskSequence/UserState/file'), 'utf8'), 'mine')
  t.deepEqual(readdirSync(join(root, '_SMSTaskSequence')), ['UserState'])
  t.deepEqual(readdirSync(join(root, 'Windows')), ['explorer.exe'])
})

test.serial('S2-054: of an upgrade package its sources/install.wim is applied', async (t) => {
  const files = { 'setup.exe': Buffer.from('MZ'), 'sources/install.wim': pipable }
  const context = await prepareMachine(t, { contents: { RVL00005: files } })
  const action = actionOf({ type: 'apply-operating-system-image', upgradePackageId: 'RVL00005', imageIndex: 2 })
  await applyOperatingSystemImage(action, context)
  await context.target.unmountAll()
  t.is(which(context), 'Server')
})

test.serial(
  'S2-056, S2-060: the answer file lands where Windows looks, and its variables are filled in at the end',
  async (t) => {
    const answer = Buffer.from('<unattend><ComputerName>%OSDComputerName%</ComputerName><A>%Unset% 100%</A></unattend>')
    const contents = { [imageId]: { 'image.wim': pipable }, RVL00006: { 'de/Unattend.xml': answer } }
    const context = await prepareMachine(t, { contents })
    const action = { ...apply, answerFilePackageId: 'RVL00006', answerFileName: 'DE\\unattend.xml' }
    context.keep(await applyOperatingSystemImage(action, context))
    const file = join(context.target.root, 'Windows/Panther/Unattend/unattend.xml')
    t.deepEqual(readFileSync(file), answer)
    context.set.set('OSDComputerName', 'PC<1>')
    const setup = actionOf({ type: 'setup-windows-and-configmgr' })
    await t.throwsAsync(setupWindowsAndConfigMgr(setup, context), { message: /bcdboot C:\\Windows/ })
    t.is(
      readFileSync(file, 'utf8'),
      '<unattend><ComputerName>PC&#60;1&#62;</ComputerName><A>%Unset% 100%</A></unattend>',
    )
  },
)

test.serial('S2-060: an answer file that is a link out of the system is left alone', async (t) => {
  const context = await prepareMachine(t, { contents: { [imageId]: { 'image.wim': pipable } } })
  context.keep(await applyOperatingSystemImage(apply, context))
  const folder = join(context.target.root, 'Windows/Panther/Unattend')
  mkdirSync(folder, { recursive: true })
  const ours = join(context.scratchFolder, 'ours')
  mkdirSync(context.scratchFolder, { recursive: true })
  writeFileSync(ours, 'of the boot image')
  symlinkSync(ours, join(folder, 'unattend.xml'))
  const setup = actionOf({ type: 'setup-windows-and-configmgr' })
  await t.throwsAsync(setupWindowsAndConfigMgr(setup, context), { message: /bcdboot/ })
  t.true(lstatSync(join(folder, 'unattend.xml')).isSymbolicLink())
})

test.serial('S2-056: an answer file in another character set is refused', async (t) => {
  const answer = Buffer.from('\uFEFF<unattend />', 'utf16le')
  const contents = { [imageId]: { 'image.wim': pipable }, RVL00006: { 'unattend.xml': answer } }
  const context = await prepareMachine(t, { contents })
  const action = { ...apply, answerFilePackageId: 'RVL00006', answerFileName: 'unattend.xml' }
  await t.throwsAsync(applyOperatingSystemImage(action, context), { message: /unattend\.xml is not in UTF-8/ })
})

test.serial('S2-056: an answer file that the package does not have is named', async (t) => {
  const contents = { [imageId]: { 'image.wim': pipable }, RVL00006: { 'other.xml': Buffer.from('x') } }
  const context = await prepareMachine(t, { contents })
  const action = { ...apply, answerFilePackageId: 'RVL00006', answerFileName: 'unattend.xml' }
  await t.throwsAsync(applyOperatingSystemImage(action, context), { message: /RVL00006 has no file unattend\.xml/ })
})

test.serial(
  'S2-055: each Apply step takes the next partition; numbers name one that this run did not format',
  async (t) => {
    const partitions = ['ntfs', 'ntfs', 'ext4'].map((fileSystem) => ({ fileSystem, size: { megabytes: 60 } }))
    const context = await prepareMachine(t, { contents: { [imageId]: { 'image.wim': pipable } }, partitions })
    const [, second = '', third = ''] = partitionsOf(context)
    context.keep(await applyOperatingSystemImage(apply, context))
    context.keep(await applyDataImage({ ...applyData, imageIndex: 2 }, context))
    t.is(which(context, second), 'Server')
    // As if another run had formatted it.
    context.set.set('OSDFormattedPartitions', '')
    context.keep(await applyDataImage({ ...applyData, destination: { diskNumber: 0, partitionNumber: 3 } }, context))
    t.is(which(context, third), 'Home')
    t.true(existsSync(join(context.target.root, 'Windows')))
    await t.throwsAsync(applyDataImage({ ...applyData, destination: { diskNumber: 0, partitionNumber: 9 } }, context), {
      message: /disk 0 has no partition 9/,
    })
    await t.throwsAsync(applyDataImage({ ...applyData, destination: { diskNumber: 1, partitionNumber: 1 } }, context), {
      message: /no fixed disk 1/,
    })
  },
)

test.serial('S2-055: when every partition is used, the step says so', async (t) => {
  const context = await prepareMachine(t, { contents: { [imageId]: { 'image.wim': pipable } } })
  context.keep(await applyDataImage(applyData, context))
  await t.throwsAsync(applyDataImage(applyData, context), { message: /no partition is left: images were applied to/ })
})

test.serial('S2-059: content stays when it is not deleted, and the applied system is never deleted', async (t) => {
  const partitions = [{ fileSystem: 'ext4' }]
  const context = await prepareMachine(t, { contents: { [imageId]: { 'image.wim': pipable } }, partitions })
  const [device = ''] = partitionsOf(context)
  context.set.set('Here', device)
  const here = { ...applyData, destinationVariable: 'Here' }
  await context.target.mountRoot({ device, use: 'primary', fileSystem: 'ext4' })
  writeFileSync(join(context.target.root, 'mine'), '')
  await t.throwsAsync(applyDataImage(here, context), { message: /holds the applied operating system/ })
  await applyDataImage({ ...here, deleteContentFirst: false }, context)
  t.true(existsSync(join(context.target.root, 'mine')))
  t.is(readFileSync(join(context.target.root, 'WHICH'), 'utf8'), 'Home')
  await context.target.unmountAll()
  await applyDataImage(here, context)
  t.false(lookAt(device, (folder) => existsSync(join(folder, 'mine'))))
})

test.serial('S2-059: an archive is data too, also where there are no owners', async (t) => {
  const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim()
  writeFileSync(join(folder, 'data.txt'), 'data')
  execFileSync('chown', ['1234', join(folder, 'data.txt')])
  const archive = execFileSync('tar', ['-C', folder, '--zstd', '-cf', '-', '.'])
  execFileSync('rm', ['-r', folder])
  const partitions = [
    { fileSystem: 'ntfs', size: { megabytes: 60 } },
    { fileSystem: 'ext4', size: { megabytes: 60 } },
  ]
  const context = await prepareMachine(t, { contents: { [imageId]: { 'data.tar': archive } }, partitions })
  for (const device of partitionsOf(context)) {
    context.keep(await applyDataImage(applyData, context))
    t.is(
      lookAt(device, (place) => readFileSync(join(place, 'data.txt'), 'utf8')),
      'data',
    )
  }
  t.is(
    lookAt(partitionsOf(context)[1] ?? '', (place) => statSync(join(place, 'data.txt')).uid),
    1234,
  )
  context.set.set('OSDUsedPartitions', '')
  await t.throwsAsync(applyDataImage({ ...applyData, imageIndex: 2 }, context), { message: /there is no image 2/ })
})

test.serial('a root archive needs a file system with owners', async (t) => {
  const archive = execFileSync('tar', ['-cf', '-', '--files-from=/dev/null'])
  const context = await prepareMachine(t, { contents: { [imageId]: { 'rootfs.tar': archive } } })
  await t.throwsAsync(applyOperatingSystemImage(apply, context), { message: /no tar|not a tar|ntfs keeps no owners/ })
})

test.serial('a disk that is formatted again starts from its first partition', async (t) => {
  const context = await prepareMachine(t, { contents: { [imageId]: { 'image.wim': pipable } } })
  context.keep(await applyDataImage(applyData, context))
  const again = actionOf({ type: 'format-and-partition-disk', partitions: [{ fileSystem: 'ext4' }] })
  context.keep(await formatAndPartitionDisk(again, context))
  await t.notThrowsAsync(applyDataImage(applyData, context))
})
