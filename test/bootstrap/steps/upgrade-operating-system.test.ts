/**
 * The upgrade of a Debian by the real apt-get and dpkg, which work on a root of the test's own, from a repository in a
 * folder: a release with one package in version 1, and the next with version 2. Needs root.
 */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { upgradeOperatingSystem } from '../../../bootstrap/steps/upgrade-operating-system.ts'
import { TargetSystem } from '../../../bootstrap/target-system.ts'
import { actionOf } from '../../support/actions.ts'
import { makeContext, makeFolder, type TestContext } from '../loop-disk.ts'

const action = actionOf({ type: 'upgrade-operating-system', release: 'newer' })

function put(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

interface System extends TestContext {
  readonly root: string
  readonly repository: string
}

/** `settings`: what the package's script does when it is configured in version 2. */
function debianSystem(t: ExecutionContext, script = 'true'): System {
  const folder = makeFolder(t)
  const root = join(folder, 'root')
  const repository = join(folder, 'repository')
  makeRelease(repository, 'older', makePackage(folder, repository, '1', 'true'))
  makeRelease(repository, 'newer', makePackage(folder, repository, '2', script))
  put(root, 'etc/os-release', 'ID=debian\nVERSION_CODENAME=older\n')
  mkdirSync(join(root, 'usr'), { recursive: true })
  put(root, 'etc/apt/sources.list', `deb [trusted=yes] file:${repository} older main\n`)
  for (const place of ['info', 'updates', 'triggers']) mkdirSync(join(root, 'var/lib/dpkg', place), { recursive: true })
  put(root, 'var/lib/dpkg/status', '')
  for (const place of [
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
    'etc/apt/preferences.d',
    'var/log/apt',
  ]) {
    mkdirSync(join(root, place), { recursive: true })
  }
  put(
    folder,
    'apt.conf',
    `Dir "${root}";
Dir::State::status "${root}/var/lib/dpkg/status";
Dir::Etc::trusted "/dev/null";
DPkg::Options { "--root=${root}"; "--force-script-chrootless"; "--log=/dev/null"; };
APT::Architecture "amd64";
APT::Sandbox::User "root";
`,
  )
  process.env['APT_CONFIG'] = join(folder, 'apt.conf')
  t.teardown(() => {
    delete process.env['APT_CONFIG']
  })
  execFileSync('apt-get', ['update'], { stdio: 'pipe' })
  execFileSync('apt-get', ['--yes', 'install', 'tiny'], { stdio: 'pipe' })
  const context = makeContext(folder, { where: 'installed-system', target: new TargetSystem(root, () => {}) })
  return { ...context, root, repository }
}

function makePackage(folder: string, repository: string, version: string, script: string): string {
  const tree = join(folder, `tiny-${version}`)
  put(tree, 'etc/tiny.conf', `default ${version}\n`)
  put(tree, 'usr/share/tiny', version)
  put(tree, 'DEBIAN/conffiles', '/etc/tiny.conf\n')
  put(tree, 'DEBIAN/postinst', `#!/bin/sh\n${script}\n`)
  execFileSync('chmod', ['755', join(tree, 'DEBIAN/postinst')])
  put(
    tree,
    'DEBIAN/control',
    `Package: tiny\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: tiny\n`,
  )
  const file = join(repository, `pool/tiny_${version}_all.deb`)
  mkdirSync(dirname(file), { recursive: true })
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree, file], { stdio: 'pipe' })
  return file
}

function makeRelease(repository: string, codename: string, file: string): void {
  const octets = readFileSync(file)
  const control = execFileSync('dpkg-deb', ['--field', file], { encoding: 'utf8' }).trim()
  const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
  const packages = `${control}\nFilename: pool/${file.split('/').at(-1)}\nSize: ${statSync(file).size}\nSHA256: ${sha256(octets)}\n`
  put(repository, `dists/${codename}/main/binary-amd64/Packages`, packages)
  put(
    repository,
    `dists/${codename}/Release`,
    `Codename: ${codename}\nSuite: ${codename}\nComponents: main\nArchitectures: amd64\nSHA256:\n ${sha256(packages)} ${packages.length} main/binary-amd64/Packages\n`,
  )
}

const installed = ({ root }: System): string => readFileSync(join(root, 'usr/share/tiny'), 'utf8')
const sources = ({ root }: System): string => readFileSync(join(root, 'etc/apt/sources.list'), 'utf8')

test.serial('S2-065: Debian becomes the next release, and changed settings stay as they are', async (t) => {
  const system = debianSystem(t)
  put(system.root, 'etc/tiny.conf', 'mine\n')
  const result = await upgradeOperatingSystem(action, system)
  t.deepEqual(result, {
    exitCode: 0,
    message: '',
    variables: [{ name: '_SMSTSOSUpgradeActionReturnCode', value: '0', secret: false }],
  })
  t.is(installed(system), '2')
  t.is(readFileSync(join(system.root, 'etc/tiny.conf'), 'utf8'), 'mine\n')
  t.is(sources(system), `deb [trusted=yes] file:${system.repository} newer main\n`)
  t.regex(readFileSync(join(system.root, 'var/lib/reveille/upgrade/before/etc/apt/sources.list'), 'utf8'), / older /)
  t.false(existsSync(join(system.root, 'var/lib/reveille/upgrade/trial')))
})

test.serial('S2-065, S2-066: a scan finds no issues, and changes nothing', async (t) => {
  const system = debianSystem(t)
  const before = sources(system)
  const result = await upgradeOperatingSystem({ ...action, scanOnly: true }, system)
  t.is(result.exitCode, 0)
  t.is(result.variables[0]?.value, '3247440400')
  t.is(installed(system), '1')
  t.is(sources(system), before)
  t.false(existsSync(join(system.root, 'var/cache/apt/archives/tiny_2_all.deb')))
})

test.serial('S2-066: a release that the sources do not have stops the upgrade before it begins', async (t) => {
  const system = debianSystem(t)
  const before = sources(system)
  const result = await upgradeOperatingSystem({ ...action, release: 'nowhere' }, system)
  t.is(result.exitCode, 0xc1900208)
  t.regex(result.message, /do not have nowhere/)
  t.is(sources(system), before)
  t.is(installed(system), '1')
})

test.serial('S2-065: a held package is an issue that may be dismissed', async (t) => {
  const system = debianSystem(t)
  const status = join(system.root, 'var/lib/dpkg/status')
  writeFileSync(status, readFileSync(status, 'utf8').replace('Status: install ok', 'Status: hold ok'))
  const result = await upgradeOperatingSystem(action, system)
  t.is(result.exitCode, 0xc1900208)
  t.regex(result.message, /packages are held.*: tiny/)
  const dismissed = await upgradeOperatingSystem({ ...action, ignoreDismissibleMessages: true }, system)
  t.regex(dismissed.message, /nothing newer/)
})

test.serial('an upgrade that stops on the way says so, with the release the system says it is', async (t) => {
  const system = debianSystem(t, 'exit 7')
  const result = await upgradeOperatingSystem(action, system)
  t.is(result.exitCode, 100)
  t.is(result.variables[0]?.value, '100')
  t.regex(result.message, /stopped on the way, and this system says it is older/)
})

test.serial('S2-066: what is no Debian, and what names no release, is not eligible', async (t) => {
  const system = debianSystem(t)
  put(system.root, 'etc/os-release', 'ID=fedora\nVERSION_CODENAME=older\n')
  t.is((await upgradeOperatingSystem(action, system)).exitCode, 0xc1900200)
  const windows = actionOf({ type: 'upgrade-operating-system', sourcePath: 'C:\\Media' })
  const result = await upgradeOperatingSystem(windows, system)
  t.is(result.exitCode, 0xc1900200)
  t.regex(result.message, /this system is not Windows/)
})

test.serial('a system that is of the release already is left alone', async (t) => {
  const system = debianSystem(t)
  const result = await upgradeOperatingSystem({ ...action, release: 'older' }, system)
  t.is(result.exitCode, 0)
  t.is(installed(system), '1')
})
