/**
 * Install Software Updates with the real apt-get and dpkg, in a root of their own with tiny packages from a folder. The
 * words for dnf and zypper are proven as words only. Needs root.
 */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parseSecurityUpdates, scanWords, updateWords } from '../../../bootstrap/software-updates.ts'
import { installSoftwareUpdates } from '../../../bootstrap/steps/install-software-updates.ts'
import { TargetSystem } from '../../../bootstrap/target-system.ts'
import type { InstallSoftwareUpdates } from '../../../server/sequence/step-types/install-software-updates.ts'
import { makeContext, makeFolder, type TestContext } from '../loop-disk.ts'

const action: InstallSoftwareUpdates = {
  type: 'install-software-updates',
  target: 'all',
  useCachedScan: false,
  scanTimeoutSeconds: 60,
  retryUnexpectedRestarts: 2,
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function makePackage(folder: string, name: string, version: string): string {
  const tree = join(folder, 'build', `${name}-${version}`)
  const description = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: Test <t@example.org>\nDescription: test\n`
  write(join(tree, 'DEBIAN/control'), description)
  write(join(tree, 'usr/share', name), version)
  const file = join(folder, 'build', `${name}_${version}_all.deb`)
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', tree, file], { stdio: 'ignore' })
  return file
}

/** A flat repository whose Release file says what it is. */
function makeSource(folder: string, suite: string, packages: readonly string[]): string {
  const place = join(folder, suite)
  mkdirSync(place)
  for (const file of packages) execFileSync('cp', [file, place])
  const list = execFileSync('dpkg-scanpackages', ['--multiversion', '.'], {
    cwd: place,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  writeFileSync(join(place, 'Packages'), list)
  const sum = execFileSync('sha256sum', ['Packages'], { cwd: place, encoding: 'utf8' }).split(' ')[0] ?? ''
  const release = `Origin: Test\nLabel: Test\nSuite: ${suite}\nArchitectures: amd64 all\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n ${sum} ${list.length} Packages\n`
  writeFileSync(join(place, 'Release'), release)
  return `deb [trusted=yes] file:${place} ./\n`
}

interface System {
  readonly context: TestContext
  readonly root: string
  readonly has: (name: string) => string
}

/** `one` and `two` in version 1; the stable source has both in version 2, the security source has `two` in version 3. */
function makeSystem(t: ExecutionContext): System {
  const folder = makeFolder(t)
  const root = join(folder, 'root')
  for (const place of [
    'etc/apt/apt.conf.d',
    'etc/apt/preferences.d',
    'etc/apt/sources.list.d',
    'etc/apt/trusted.gpg.d',
  ])
    mkdirSync(join(root, place), { recursive: true })
  for (const place of [
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
    'var/log/apt',
    'var/lib/dpkg/info',
  ])
    mkdirSync(join(root, place), { recursive: true })
  for (const file of ['status', 'available']) write(join(root, 'var/lib/dpkg', file), '')
  const stable = makeSource(folder, 'stable', [makePackage(folder, 'one', '2'), makePackage(folder, 'two', '2')])
  const security = makeSource(folder, 'stable-security', [makePackage(folder, 'two', '3')])
  write(join(root, 'etc/apt/sources.list'), stable + security)
  const old = [makePackage(folder, 'one', '1'), makePackage(folder, 'two', '1')]
  execFileSync('dpkg', [`--root=${root}`, '--force-all', '-i', ...old], { stdio: 'ignore' })
  const config = join(folder, 'apt.conf')
  const folders = {
    'Dir::State': 'var/lib/apt',
    'Dir::State::status': 'var/lib/dpkg/status',
    'Dir::Cache': 'var/cache/apt',
  }
  const more = { 'Dir::Etc': 'etc/apt', 'Dir::Log': 'var/log/apt' }
  const places = Object.entries({ ...folders, ...more }).map(([name, place]) => `${name} "${join(root, place)}";`)
  const dpkg = `DPkg::Options { "--root=${root}"; "--force-all"; };\nDPkg::Path "${process.env['PATH'] ?? ''}";`
  write(config, `${places.join('\n')}\n${dpkg}\nAPT::Sandbox::User "root";\nAcquire::Languages "none";\n`)
  process.env['APT_CONFIG'] = config
  t.teardown(() => {
    delete process.env['APT_CONFIG']
  })
  const context = makeContext(folder, { where: 'installed-system', target: new TargetSystem(root, () => {}) })
  return { context, root, has: (name) => readFileSync(join(root, 'usr/share', name), 'utf8') }
}

test.serial('S2-038: all updates', async (t) => {
  const { context, has } = makeSystem(t)
  const result = await installSoftwareUpdates(action, context)
  t.is(result.exitCode, 0)
  t.deepEqual([has('one'), has('two')], ['2', '3'])
})

test.serial(
  'S2-038: mandatory ones are those of the security sources, and the system says whether it restarts',
  async (t) => {
    const { context, root, has } = makeSystem(t)
    write(join(root, 'run/reboot-required'), '')
    const result = await installSoftwareUpdates({ ...action, target: 'mandatory' }, context)
    t.is(result.exitCode, 3_010)
    t.deepEqual([has('one'), has('two')], ['1', '3'])
    t.regex(context.lines.join('\n'), /log 1 security updates/)
  },
)

test.serial('S2-038: a cached scan does not look for new lists, and is made when there is none', async (t) => {
  const { context, root, has } = makeSystem(t)
  const cached = { ...action, useCachedScan: true }
  t.is((await installSoftwareUpdates({ ...cached, target: 'mandatory' }, context)).exitCode, 0)
  write(join(root, 'etc/apt/sources.list'), 'deb [trusted=yes] file:/nowhere ./\n')
  await t.throwsAsync(installSoftwareUpdates(action, context), { message: /^apt-get could not update the system: / })
  t.is((await installSoftwareUpdates({ ...cached, target: 'mandatory' }, context)).exitCode, 0)
  t.is(has('two'), '3')
})

test.serial('a system without a package manager', async (t) => {
  const path = process.env['PATH'] ?? ''
  const empty = makeFolder(t)
  process.env['PATH'] = empty
  t.teardown(() => {
    process.env['PATH'] = path
    rmSync(empty, { recursive: true, force: true })
  })
  await t.throwsAsync(installSoftwareUpdates(action, makeContext(empty, { where: 'installed-system' })), {
    message: 'this system has none of apt-get, dnf, zypper, so nothing can update it',
  })
})

test('S2-038: what apt says is read by where a version comes from', (t) => {
  const simulation = [
    'Inst libc6 [2.36-9] (2.36-9+deb12u4 Debian-Security:12/stable-security [amd64]) []',
    'Inst bash [5.1] (5.2 Debian:12.5/stable [amd64])',
    'Inst curl [7.1] (7.2 Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security [amd64])',
    'Inst linux-image-6 (6.1 Debian-Security:12/stable-security [amd64])',
    'Conf libc6 (2.36-9+deb12u4 Debian-Security:12/stable-security [amd64])',
  ]
  t.deepEqual(parseSecurityUpdates(simulation.join('\n')), ['libc6=2.36-9+deb12u4', 'curl=7.2'])
})

test('S2-038: the words for other package managers', (t) => {
  t.is(updateWords('dnf', 'all').join(' '), 'dnf -y upgrade')
  t.is(updateWords('dnf', 'mandatory').join(' '), 'dnf -y upgrade --security')
  t.is(updateWords('zypper', 'all').join(' '), 'zypper --non-interactive update')
  t.is(updateWords('zypper', 'mandatory').join(' '), 'zypper --non-interactive patch --category security')
  t.is(scanWords.dnf.join(' '), 'dnf -y makecache --refresh')
  t.is(scanWords.zypper.join(' '), 'zypper --non-interactive refresh')
})
