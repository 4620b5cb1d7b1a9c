/** User state of real folders, captured with real tar and restored with real accounts in a chroot. Needs root. */

import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  lchownSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { StateStoreSite } from '../../../bootstrap/state-store.ts'
import { captureUserState } from '../../../bootstrap/steps/capture-user-state.ts'
import { releaseStateStore } from '../../../bootstrap/steps/release-state-store.ts'
import { requestStateStore } from '../../../bootstrap/steps/request-state-store.ts'
import { restoreUserState } from '../../../bootstrap/steps/restore-user-state.ts'
import { Fault } from '../../../bootstrap/fault.ts'
import { TargetSystem } from '../../../bootstrap/target-system.ts'
import type { CaptureUserState } from '../../../server/sequence/step-types/capture-user-state.ts'
import type { RestoreUserState } from '../../../server/sequence/step-types/restore-user-state.ts'
import { copyWithLibraries, pamUnix } from '../applied-system.ts'
import { makeContent, serveContent } from '../content-server.ts'
import { makeContext, makeFolder, makeLoopDisk, type TestContext } from '../loop-disk.ts'

const capture: CaptureUserState = {
  type: 'capture-user-state',
  mode: 'simple',
  settingsFiles: [],
  verboseLogging: false,
  skipEncryptedFiles: false,
  method: 'file-system',
  continueOnLockedFiles: true,
  useHardLinks: false,
  offline: false,
  additionalOptions: '',
}
const restore: RestoreUserState = {
  type: 'restore-user-state',
  mode: 'simple',
  settingsFiles: [],
  restoreLocalAccounts: false,
  localAccountPassword: '',
  continueOnRestore: true,
  verboseLogging: false,
  additionalOptions: '',
}

const ann = 'ann:x:1000:1000:Ann Example:/home/ann:/bin/bash\n'
const bob = 'bob:x:1001:1001::/home/bob:/bin/sh\n'

/** An installed system below a folder, with these accounts. */
function makeSystem(t: ExecutionContext, passwd: string, folder = makeFolder(t)): TestContext {
  const root = join(folder, 'root')
  fillSystem(root, passwd)
  return makeContext(folder, { where: 'installed-system', target: new TargetSystem(root, () => {}) })
}

function fillSystem(root: string, passwd: string): void {
  mkdirSync(join(root, 'etc'), { recursive: true })
  writeFileSync(join(root, 'etc/passwd'), `root:x:0:0:root:/root:/bin/sh\n${passwd}`)
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\naudio:x:29:ann\nann:x:1000:\n')
  writeFileSync(join(root, 'etc/os-release'), '')
}

/** Files of a person, with what archives lose easily. */
function fillHome(root: string, name: string, uid: number): void {
  const home = join(root, 'home', name)
  mkdirSync(join(home, 'Documents'), { recursive: true })
  writeFileSync(join(home, 'Documents/letter'), `dear ${name}`)
  linkSync(join(home, 'Documents/letter'), join(home, 'Documents/copy'))
  symlinkSync('letter', join(home, 'Documents/link'))
  writeFileSync(join(home, '.secret'), 'x')
  chmodSync(join(home, '.secret'), 0o600)
  spawnSync('setfattr', ['-n', 'user.mark', '-v', 'kept', join(home, '.secret')])
  for (const path of ['', 'Documents', 'Documents/letter', '.secret']) chownSync(join(home, path), uid, uid)
  lchownSync(join(home, 'Documents/link'), uid, uid)
}

function put(context: TestContext, path: string, text: string): void {
  mkdirSync(dirname(join(context.target.root, path)), { recursive: true })
  writeFileSync(join(context.target.root, path), text)
}

function read(context: TestContext, path: string): string {
  return readFileSync(join(context.target.root, path), 'utf8')
}

/** The site, in memory. */
class MemorySite implements StateStoreSite {
  readonly chunks = new Map<number, Buffer>()
  readonly told: string[] = []
  readonly key = randomBytes(32)
  count = 0
  refusals = 0
  hasNothing = false

  async request(purpose: string): Promise<string | undefined> {
    if (this.refusals > 0) {
      this.refusals -= 1
      throw new Fault('not-found', 'http://site/', 'No user state')
    }
    this.told.push(`request ${purpose}`)
    if (this.hasNothing) return undefined
    return 'a'.repeat(32)
  }
  async open(): Promise<{ key: Uint8Array; chunks: number }> {
    return { key: this.key, chunks: this.count }
  }
  async putChunk(_store: string, index: number, octets: Buffer): Promise<void> {
    this.chunks.set(index, octets)
  }
  async getChunk(_store: string, index: number): Promise<Buffer> {
    return this.chunks.get(index) ?? Buffer.alloc(0)
  }
  async captured(_store: string, chunks: number): Promise<void> {
    this.count = chunks
    this.told.push(`captured ${chunks}`)
  }
  async release(storeId: string): Promise<void> {
    this.told.push(`release ${storeId.slice(0, 4)}`)
  }
}

/** Until the end of the test this is what the name of a program runs. */
function insteadOf(t: ExecutionContext, program: string, line: string): void {
  const programs = makeFolder(t)
  writeFileSync(join(programs, program), `#!/bin/sh\n${line}\n`, { mode: 0o755 })
  const before = process.env['PATH'] ?? ''
  process.env['PATH'] = `${programs}:${before}`
  t.teardown(() => {
    process.env['PATH'] = before
  })
}

/** The new system after the old one, with what the run remembers. */
function nextSystem(t: ExecutionContext, old: TestContext, passwd: string): TestContext {
  const next = makeSystem(t, passwd)
  for (const [name, value] of old.set) next.set.set(name, value)
  return { ...next, stateStores: old.stateStores }
}

test.serial('S2-049 to S2-052: people of the old system have their files in the new one', async (t) => {
  const site = new MemorySite()
  const old = { ...makeSystem(t, ann + bob), stateStores: site }
  fillHome(old.target.root, 'ann', 1_000)
  fillHome(old.target.root, 'of-the-directory', 70_000)
  old.keep(
    await requestStateStore(
      {
        type: 'request-state-store',
        purpose: 'capture',
        retries: 0,
        retryDelaySeconds: 0,
        fallbackToNetworkAccessAccount: false,
      },
      old,
    ),
  )
  t.is(old.set.get('OSDStateStorePath'), `state-store:${'a'.repeat(32)}`)
  old.keep(await captureUserState(capture, old))
  await releaseStateStore({ type: 'release-state-store' }, old)
  t.deepEqual(site.told, ['request capture', 'captured 1', 'release aaaa'])
  t.regex(old.lines.join('\n'), /bob has no folder \/home\/bob, and is left out/)
  t.regex(old.lines.join('\n'), /\/home\/of-the-directory is the folder of no account of this system, and is left out/)
  t.false(site.chunks.get(0)?.includes('dear ann'))

  // Her number is another one now, and a file of that name is there.
  const next = nextSystem(t, old, 'ann:x:1500:1500::/home/ann:/bin/sh\n')
  put(next, 'home/ann/Documents/letter', 'new')
  await restoreUserState(restore, next)
  const home = join(next.target.root, 'home/ann')
  t.is(read(next, 'home/ann/Documents/letter'), 'dear ann')
  t.is(read(next, 'home/ann/Documents/letter.~1~'), 'new')
  t.is(readlinkSync(join(home, 'Documents/link')), 'letter')
  t.is(statSync(join(home, 'Documents/copy')).ino, statSync(join(home, 'Documents/letter')).ino)
  t.is(statSync(join(home, '.secret')).mode & 0o777, 0o600)
  t.deepEqual(
    ['', '.secret', 'Documents/letter', 'Documents/link'].map((path) => {
      const { uid, gid } = lstatSync(join(home, path))
      return [uid, gid]
    }),
    Array.from({ length: 4 }, () => [1_500, 1_500]),
  )
  // A step that runs again: what the new system had is still there.
  put(next, 'home/ann/Documents/letter', 'written since')
  await restoreUserState(restore, next)
  t.is(read(next, 'home/ann/Documents/letter.~1~'), 'new')
  t.is(read(next, 'home/ann/Documents/letter.~2~'), 'written since')
})

const toRestore = {
  type: 'request-state-store',
  purpose: 'restore',
  retries: 0,
  retryDelaySeconds: 0,
  fallbackToNetworkAccessAccount: false,
} as const

test('S2-049 to S2-052: a machine of which nothing was captured is installed, and the log says why nothing is restored', async (t) => {
  const site = new MemorySite()
  site.hasNothing = true
  const bare = { ...makeSystem(t, ann), stateStores: site }
  t.is(bare.keep(await requestStateStore(toRestore, bare)).exitCode, 0)
  t.is((await restoreUserState(restore, bare)).exitCode, 0)
  t.is((await releaseStateStore({ type: 'release-state-store' }, bare)).exitCode, 0)
  t.deepEqual(site.told, ['request restore'])
  t.regex(bare.lines.join('\n'), /log no user state was captured for this computer, so nothing is restored/)
  t.false(existsSync(join(bare.target.root, 'home')))
  await t.throwsAsync(captureUserState(capture, bare), { message: /a request to capture must come before/ })
})

test('S2-049: a run whose own capture got no store restores no older one', async (t) => {
  const site = new MemorySite()
  const context = { ...makeSystem(t, ann), stateStores: site }
  const toRestore = {
    type: 'request-state-store',
    purpose: 'restore',
    retries: 0,
    retryDelaySeconds: 0,
    fallbackToNetworkAccessAccount: false,
  } as const
  // The engine says so as soon as a step begins to capture.
  context.set.set('_OSDUserStateCaptureBegun', 'true')
  const refused = { message: /has begun to capture user state and did not complete it/ }
  await t.throwsAsync(requestStateStore(toRestore, context), refused)
  context.set.set('OSDStateStorePath', 'state-store:none')
  await t.throwsAsync(requestStateStore(toRestore, context), refused)
  t.deepEqual(site.told, [])
  context.set.set('OSDStateStorePath', `state-store:${'b'.repeat(32)}`)
  await requestStateStore(toRestore, context)
  t.deepEqual(site.told, ['request restore'])
})

test('S2-051: what an earlier run left in a folder is not restored by a run whose own capture failed', async (t) => {
  const context = makeSystem(t, ann)
  fillHome(context.target.root, 'ann', 1000)
  context.set.set('OSDStateStorePath', '/var/state')
  await captureUserState({ ...capture, useHardLinks: true }, context)
  context.set.set('_OSDUserStateCaptureBegun', 'true')
  await t.throwsAsync(restoreUserState(restore, context), {
    message: /has begun to capture user state and did not complete it/,
  })
})

test('S2-051: nothing in a folder of a machine that was bare is nothing to restore', async (t) => {
  const bare = makeSystem(t, ann)
  bare.set.set('OSDStateStorePath', '/var/user-state')
  t.is((await restoreUserState(restore, bare)).exitCode, 0)
  t.regex(bare.lines.join('\n'), /so nothing is restored/)
  t.false(existsSync(join(bare.target.root, 'var')))
})

test('S2-051: state that was captured into a folder and is not there any more fails the restore', async (t) => {
  const lost = makeSystem(t, ann)
  lost.set.set('OSDStateStorePath', '/var/user-state')
  lost.set.set('_SMSTSUserStatePath', '/var/user-state')
  await t.throwsAsync(restoreUserState(restore, lost), { message: /holds no key/ })
  lost.set.set('OSDStateStoreKey', randomBytes(32).toString('base64'))
  await t.throwsAsync(restoreUserState(restore, lost), { message: /nothing was captured into this state store/ })
})

test('S2-051: so does what another run has left in the folder', async (t) => {
  for (const remains of ['00000000.chunk', 'complete', 'reveille-linked-homes/homes/ann/letter']) {
    const other = makeSystem(t, ann)
    other.set.set('OSDStateStorePath', '/var/user-state')
    put(other, `var/user-state/${remains}`, 'x')
    await t.throwsAsync(restoreUserState(restore, other), { message: /holds no key/ }, remains)
  }
})

test.serial('S2-051: an account that is missing fails the restore before anything is written', async (t) => {
  const old = { ...makeSystem(t, ann + bob), stateStores: new MemorySite() }
  fillHome(old.target.root, 'ann', 1_000)
  fillHome(old.target.root, 'bob', 1_001)
  old.set.set('OSDStateStorePath', 'state-store:x')
  await captureUserState(capture, old)
  const next = nextSystem(t, old, ann)
  await t.throwsAsync(restoreUserState(restore, next), { message: /bob was captured and has no account here/ })
  t.false(existsSync(join(next.target.root, 'home')))
})

test.serial('S2-051: local accounts are made anew, with the password of the step', async (t) => {
  const old = { ...makeSystem(t, ann), stateStores: new MemorySite() }
  fillHome(old.target.root, 'ann', 1_000)
  old.set.set('OSDStateStorePath', 'state-store:x')
  await captureUserState(capture, old)
  const next = nextSystem(t, old, '')
  writeFileSync(join(next.target.root, 'etc/group'), 'root:x:0:\naudio:x:29:\n')
  put(next, 'etc/shadow', 'root:*:19000:0:99999:7:::\n')
  put(next, 'etc/gshadow', '')
  put(next, 'etc/login.defs', 'UID_MIN 1000\nUID_MAX 60000\nGID_MIN 1000\nGID_MAX 60000\n')
  for (const name of ['chpasswd', 'useradd', 'other']) {
    put(
      next,
      `etc/pam.d/${name}`,
      'password required pam_unix.so sha512\naccount required pam_unix.so\nauth sufficient pam_unix.so\n',
    )
  }
  for (const program of ['/usr/sbin/useradd', '/usr/sbin/chpasswd', pamUnix()]) {
    copyWithLibraries(next.target.root, program)
  }
  const action = { ...restore, restoreLocalAccounts: true, localAccountPassword: 'swordfish' }
  await restoreUserState(action, next)
  t.regex(read(next, 'etc/passwd'), /^ann:x:1000:\d+:Ann Example:\/home\/ann:\/bin\/bash$/m)
  t.regex(read(next, 'etc/group'), /^audio:x:29:ann$/m)
  t.regex(read(next, 'etc/shadow'), /^ann:\$6\$/m)
  t.is(read(next, 'home/ann/Documents/letter'), 'dear ann')
  t.notRegex(next.lines.join('\n'), /swordfish/)
})

test.serial('S2-050: a folder of the machine takes the state, sealed with a key of the run', async (t) => {
  const old = makeSystem(t, ann)
  fillHome(old.target.root, 'ann', 1_000)
  old.set.set('OSDStateStorePath', '/var/user-state')
  const result = old.keep(await captureUserState(capture, old))
  t.is(old.set.get('_SMSTSUserStatePath'), '/var/user-state')
  t.true(result.variables.find(({ name }) => name === 'OSDStateStoreKey')?.secret)
  const store = join(old.target.root, 'var/user-state')
  t.deepEqual(readdirSync(store), ['00000000.chunk', 'complete'])
  t.false(readFileSync(join(store, '00000000.chunk')).includes('dear ann'))
  // Once more, after a failure later on.
  old.keep(await captureUserState(capture, old))
  const next = nextSystem(t, old, ann)
  execFileSync('cp', ['-a', join(old.target.root, 'var'), next.target.root])
  await restoreUserState(restore, next)
  t.is(read(next, 'home/ann/Documents/letter'), 'dear ann')
  next.set.set('OSDStateStoreKey', randomBytes(32).toString('base64'))
  await t.throwsAsync(restoreUserState(restore, next), { message: /damaged or changed: nothing was restored/ })
})

test.serial('S2-050: hard links keep files where they are', async (t) => {
  const old = makeSystem(t, ann)
  fillHome(old.target.root, 'ann', 1_000)
  old.set.set('OSDStateStorePath', '/userstate')
  old.keep(await captureUserState({ ...capture, useHardLinks: true }, old))
  const { root } = old.target
  t.is(old.set.get('_SMSTSUserStatePath'), '/userstate')
  t.is(statSync(join(root, 'userstate/reveille-linked-homes')).mode & 0o777, 0o700)
  t.is(
    statSync(join(root, 'userstate/reveille-linked-homes/homes/ann/.secret')).ino,
    statSync(join(root, 'home/ann/.secret')).ino,
  )
  const inode = statSync(join(root, 'home/ann/.secret')).ino
  // What applying an image does to everything but that folder.
  execFileSync('rm', ['-rf', join(root, 'home'), join(root, 'etc')])
  fillSystem(root, 'ann:x:1500:1500::/home/ann:/bin/sh\n')
  put(old, 'home/ann/.secret', 'new')
  await restoreUserState(restore, old)
  t.is(statSync(join(root, 'home/ann/.secret')).ino, inode)
  t.is(lstatSync(join(root, 'home/ann/Documents/link')).uid, 1_500)
  t.is(read(old, 'home/ann/.secret.~1~'), 'new')
})

test.serial('S2-050: a store that is named where the folders of people are leaves them as they are', async (t) => {
  const old = makeSystem(t, ann)
  fillHome(old.target.root, 'ann', 1_000)
  const home = join(old.target.root, 'home')
  chmodSync(home, 0o755)
  old.set.set('OSDStateStorePath', '/home')
  old.keep(await captureUserState({ ...capture, useHardLinks: true }, old))
  t.is(statSync(home).mode & 0o777, 0o755)
  t.is(read(old, 'home/ann/Documents/letter'), 'dear ann')
  t.is(read(old, 'home/reveille-linked-homes/homes/ann/Documents/letter'), 'dear ann')
})

test.serial('S2-050: links that may be all that is left of the files are not removed', async (t) => {
  const old = makeSystem(t, ann)
  const { root } = old.target
  fillHome(root, 'ann', 1_000)
  put(old, 'etc/machine-id', `${'1'.repeat(32)}\n`)
  old.set.set('OSDStateStorePath', '/userstate')
  const linking = { ...capture, useHardLinks: true }
  await captureUserState(linking, old)
  // Once more in the same system, which has the files itself.
  await captureUserState(linking, old)
  execFileSync('rm', ['-rf', join(root, 'home'), join(root, 'etc')])
  fillSystem(root, ann)
  put(old, 'etc/machine-id', `${'2'.repeat(32)}\n`)
  await t.throwsAsync(captureUserState(linking, old), { message: /captured from another system and not restored/ })
  await restoreUserState(restore, old)
  t.is(read(old, 'home/ann/Documents/letter'), 'dear ann')
  await captureUserState(linking, old)
})

test.serial('S2-050: linking that breaks off is no capture, whatever may be left out', async (t) => {
  const old = makeSystem(t, ann)
  fillHome(old.target.root, 'ann', 1_000)
  old.set.set('OSDStateStorePath', '/userstate')
  insteadOf(t, 'cp', 'kill -KILL $$')
  await t.throwsAsync(captureUserState({ ...capture, useHardLinks: true }, old), {
    message: /ann could not be linked completely \(code 137\)/,
  })
})

test.serial('S2-050: hard links need one volume', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 32 * 1024 * 1024)
  const old = makeSystem(t, ann, folder)
  fillHome(old.target.root, 'ann', 1_000)
  mkdirSync(join(old.target.root, 'other'))
  execFileSync('mkfs.ext4', ['-q', '-F', disk.device])
  execFileSync('mount', [disk.device, join(old.target.root, 'other')])
  t.teardown(() => execFileSync('umount', [join(old.target.root, 'other')]))
  old.set.set('OSDStateStorePath', '/other/store')
  await t.throwsAsync(captureUserState({ ...capture, useHardLinks: true }, old), {
    message: /hard links need a store on the volume/,
  })
})

test.serial('S2-050: the boot image captures the system that is on the disk', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 64 * 1024 * 1024)
  execFileSync('mkfs.ext4', ['-q', '-F', disk.device])
  const place = join(folder, 'fill')
  mkdirSync(place)
  execFileSync('mount', [disk.device, place])
  fillSystem(place, ann)
  fillHome(place, 'ann', 1_000)
  execFileSync('umount', [place])
  const old = { ...makeContext(folder, { disks: [disk] }), stateStores: new MemorySite() }
  old.set.set('OSDStateStorePath', 'state-store:x')
  await t.throwsAsync(captureUserState(capture, old), { message: /change "offline" or move the step/ })
  await captureUserState({ ...capture, offline: true }, old)
  const next = nextSystem(t, old, ann)
  await restoreUserState(restore, next)
  t.is(read(next, 'home/ann/Documents/letter'), 'dear ann')
  // A folder on the disk itself.
  old.set.set('OSDStateStorePath', '/userstate')
  await captureUserState({ ...capture, offline: true, useHardLinks: true }, old)
  execFileSync('mount', [disk.device, place])
  t.is(readFileSync(join(place, 'userstate/reveille-linked-homes/homes/ann/Documents/letter'), 'utf8'), 'dear ann')
  execFileSync('umount', [place])
})

const unreachable = test.macro(async (t, change: (root: string) => void, message: RegExp) => {
  const { disk, folder } = makeLoopDisk(t, 32 * 1024 * 1024)
  execFileSync('mkfs.ext4', ['-q', '-F', disk.device])
  const place = join(folder, 'fill')
  mkdirSync(place)
  execFileSync('mount', [disk.device, place])
  fillSystem(place, ann)
  change(place)
  execFileSync('umount', [place])
  const old = { ...makeContext(folder, { disks: [disk] }), stateStores: new MemorySite() }
  old.set.set('OSDStateStorePath', 'state-store:x')
  await t.throwsAsync(captureUserState({ ...capture, offline: true }, old), { message })
})

test.serial(
  'S2-050: people on a volume that the boot image has not mounted are not left out in silence',
  unreachable,
  (root) => {
    mkdirSync(join(root, 'home'))
    writeFileSync(
      join(root, 'etc/fstab'),
      '# <file system>\nUUID=1 / ext4 defaults 0 1\nUUID=2\t/home ext4 defaults 0 2\n',
    )
  },
  /\/home\/ann of ann cannot be captured from the boot image, because \/home is a volume of its own/,
)
test.serial(
  'S2-050: nor are people behind a link that leads elsewhere from the boot image',
  unreachable,
  (root) => {
    mkdirSync(join(root, 'srv/people/ann'), { recursive: true })
    symlinkSync('/srv/people', join(root, 'home'))
  },
  /because a link leads to it/,
)

test.serial('S2-050: a named drive without a system is named in the failure', async (t) => {
  const context = makeContext(makeFolder(t))
  context.set.set('OSDStateStorePath', 'state-store:x')
  context.set.set('_OSDDetectedWinDrive', 'C:')
  await t.throwsAsync(captureUserState({ ...capture, offline: true }, context), {
    message: /_OSDDetectedWinDrive is C:, and no installed system was found there/,
  })
})

test.serial('S2-050: settings files choose what is captured', async (t) => {
  const files = { 'mail.txt': { text: 'Documents/letter\nMissing\n' } }
  const { download } = await serveContent(t, { RVL00007: files })
  const old = {
    ...makeSystem(t, ann),
    stateStores: new MemorySite(),
    content: [makeContent('RVL00007', files)],
    download,
  }
  fillHome(old.target.root, 'ann', 1_000)
  old.set.set('OSDStateStorePath', 'state-store:x')
  const advanced = { ...capture, mode: 'advanced', packageId: 'RVL00007', settingsFiles: ['mail.txt'] } as const
  await captureUserState(advanced, old)
  const next = nextSystem(t, old, ann)
  await restoreUserState(restore, next)
  t.deepEqual(readdirSync(join(next.target.root, 'home/ann')), ['Documents'])
  t.deepEqual(readdirSync(join(next.target.root, 'home/ann/Documents')), ['letter'])
  await t.throwsAsync(captureUserState({ ...advanced, settingsFiles: ['other'] }, old), {
    message: /no settings file other/,
  })
})

test.serial('S2-050: what settings files choose lies in folders of its person, and behind no link', async (t) => {
  const files = { 'list.txt': { text: '.config/app/settings\nElsewhere/key\n' } }
  const { download } = await serveContent(t, { RVL00007: files })
  const content = [makeContent('RVL00007', files)]
  const old = { ...makeSystem(t, ann), stateStores: new MemorySite(), content, download }
  const home = join(old.target.root, 'home/ann')
  put(old, 'home/ann/.config/app/settings', 'dark')
  put(old, 'home/ann/.config/other', 'not chosen')
  put(old, 'root/key', 'of root')
  symlinkSync('../../root', join(home, 'Elsewhere'))
  for (const path of ['', '.config', '.config/app', '.config/app/settings']) chownSync(join(home, path), 1_000, 1_000)
  chmodSync(home, 0o700)
  old.set.set('OSDStateStorePath', 'state-store:x')
  await captureUserState({ ...capture, mode: 'advanced', packageId: 'RVL00007', settingsFiles: ['list.txt'] }, old)
  const next = nextSystem(t, old, 'ann:x:1500:1500::/home/ann:/bin/sh\n')
  await restoreUserState(restore, next)
  const restored = join(next.target.root, 'home/ann')
  t.deepEqual(
    new Set(readdirSync(restored, { recursive: true, encoding: 'utf8' })),
    new Set(['.config', '.config/app', '.config/app/settings']),
  )
  for (const path of ['', '.config', '.config/app', '.config/app/settings']) {
    t.is(statSync(join(restored, path)).uid, 1_500, path)
  }
  t.is(statSync(restored).mode & 0o777, 0o700)
})

test.serial('S2-050: a file that cannot be read fails the step, or is left out', async (t) => {
  const old = { ...makeSystem(t, ann), stateStores: new MemorySite() }
  fillHome(old.target.root, 'ann', 1_000)
  old.set.set('OSDStateStorePath', 'state-store:x')
  // Not even root reads what a network mount does not give; here a file that vanishes while tar is told of it.
  const files = { 'list.txt': { text: 'Documents/letter\n' } }
  const { download } = await serveContent(t, { RVL00007: files })
  const running = { ...old, content: [makeContent('RVL00007', files)], download }
  const advanced = { ...capture, mode: 'advanced', packageId: 'RVL00007', settingsFiles: ['list.txt'] } as const
  // /proc/self/mem stands for a file whose octets cannot be had.
  execFileSync('rm', [join(old.target.root, 'home/ann/Documents/letter')])
  writeFileSync(join(old.target.root, 'home/ann/Documents/letter'), '')
  execFileSync('mount', ['--bind', '/proc/self/mem', join(old.target.root, 'home/ann/Documents/letter')])
  t.teardown(() => spawnSync('umount', [join(old.target.root, 'home/ann/Documents/letter')]))
  await t.notThrowsAsync(captureUserState(advanced, running))
  await t.throwsAsync(captureUserState({ ...advanced, continueOnLockedFiles: false }, running), {
    message: /could not be captured completely/,
  })
})

test.serial('S2-051: a file that cannot be restored fails the step, or is left out', async (t) => {
  const old = { ...makeSystem(t, ann), stateStores: new MemorySite() }
  fillHome(old.target.root, 'ann', 1_000)
  old.set.set('OSDStateStorePath', 'state-store:x')
  await captureUserState({ ...capture, verboseLogging: true }, old)
  t.true(old.lines.includes('log ./Documents/letter'))
  const next = nextSystem(t, old, 'ann:x:1500:1500::/home/ann:/bin/sh\n')
  // Nobody can put another file in the place of one that something is mounted on.
  put(next, 'home/ann/Documents/letter', 'new')
  const place = join(next.target.root, 'home/ann/Documents/letter')
  execFileSync('mount', ['--bind', place, place])
  t.teardown(() => spawnSync('umount', [place]))
  await t.throwsAsync(restoreUserState({ ...restore, continueOnRestore: false }, next), {
    message: /could not be restored completely \(code 2\)/,
  })
  // Her old number may be that of another person now.
  t.is(statSync(join(next.target.root, 'home/ann/.secret')).uid, 1_500)
  await restoreUserState({ ...restore, verboseLogging: true }, next)
  t.is(read(next, 'home/ann/.secret'), 'x')
  t.regex(next.lines.join('\n'), /restored ann, but for some files/)
})

test.serial('S2-051: a restore that breaks off is none, whatever may be left out', async (t) => {
  const old = { ...makeSystem(t, ann), stateStores: new MemorySite() }
  fillHome(old.target.root, 'ann', 1_000)
  old.set.set('OSDStateStorePath', 'state-store:x')
  await captureUserState(capture, old)
  const next = nextSystem(t, old, ann)
  insteadOf(t, 'tar', 'kill -KILL $$')
  await t.throwsAsync(restoreUserState(restore, next), { message: /could not be restored completely \(code 137\)/ })
})

const refuses = test.macro(async (t, path: string, message: RegExp, changes: Partial<CaptureUserState> = {}) => {
  const context = makeSystem(t, '')
  context.set.set('OSDStateStorePath', path)
  await t.throwsAsync(captureUserState({ ...capture, ...changes }, context), { message })
})

test('S2-050: no store', refuses, '', /a Request State Store step must come first/)
test('S2-050: a root folder', refuses, '/', /not a root folder/)
test('S2-050: a folder that climbs', refuses, '/a/..', /not a root folder/)
test('S2-050: a network path of Windows', refuses, '\\\\server\\share', /give a folder/)
test('S2-050: a snapshot', refuses, '/a', /choose the method file-system/, { method: 'snapshot' })
test('S2-050: links at the site', refuses, 'state-store:x', /hard links stay on the machine/, { useHardLinks: true })

test('S2-050, S2-051: a Windows is captured and restored by its own tool', async (t) => {
  const context = makeSystem(t, '')
  put(context, 'Windows/System32/ntdll.dll', '')
  context.set.set('OSDStateStorePath', '/a')
  await t.throwsAsync(captureUserState(capture, context), { message: /in Windows only, by: .*scanstate\.exe/ })
  const action = { ...restore, restoreLocalAccounts: true, localAccountPassword: 'swordfish' }
  const error = await t.throwsAsync(restoreUserState(action, context), {
    message: /in Windows only, by: .*loadstate\.exe/,
  })
  t.notRegex(error?.message ?? '', /swordfish/)
})

test('S2-051: what was never captured is not restored', async (t) => {
  const context = { ...makeSystem(t, ann), stateStores: new MemorySite() }
  context.set.set('OSDStateStorePath', 'state-store:x')
  await t.throwsAsync(restoreUserState(restore, context), { message: /nothing was captured/ })
})

test('S2-049: a refused request is made again as often as the step says', async (t) => {
  const site = new MemorySite()
  site.refusals = 2
  const context = { ...makeSystem(t, ''), stateStores: site }
  const action = {
    type: 'request-state-store',
    purpose: 'restore',
    retries: 1,
    retryDelaySeconds: 0,
    fallbackToNetworkAccessAccount: false,
  } as const
  await t.throwsAsync(requestStateStore(action, context), { message: /the site gives no state store/ })
  site.refusals = 1
  t.is((await requestStateStore(action, context)).exitCode, 0)
  context.set.set('OSDStateStorePath', '/folder')
  t.deepEqual((await requestStateStore(action, context)).variables, [])
  await releaseStateStore({ type: 'release-state-store' }, context)
  t.deepEqual(site.told, ['request restore'])
})
