/** Packages and applications from the command line, with folders and archives as their files, against a real server. */

import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { openTestSite, type TestSite } from '../http/test-site.ts'
import { runReveille } from './reveille.ts'

let site: TestSite
let directory: string
test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reveille-cli-packages-'))
  site = await openTestSite()
})
test.after.always(async () => {
  await site.close()
  await rm(directory, { recursive: true })
})

const reveille = (...args: readonly string[]) => runReveille(site, ...args)

async function folder(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const path = join(directory, name)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(path, file, '..'), { recursive: true })
    await writeFile(join(path, file), text)
  }
  return path
}

async function octetsOf(name: string): Promise<Readonly<Record<string, string>>> {
  const found = (await site.store.packages.list()).find((one) => one.name === name)
  const octets: Record<string, string> = {}
  for (const file of found?.content?.files ?? []) {
    const blob = await site.library.open(file.sha256)
    octets[`${file.name}${file.executable === true ? '*' : ''}`] =
      blob === undefined ? 'missing' : Buffer.from(await blob.read(0, 100)).toString()
    await blob?.close()
  }
  return octets
}

test('a package is created with the files of a folder, and gets the next version from an archive', async (t) => {
  const long = `${'a-long-name/'.repeat(15)}end`
  const source = await folder('package', {
    'setup.sh': '#!/bin/sh\n',
    'data/empty': '',
    [long]: 'deep',
    'large.bin': Buffer.alloc(3 * 1024 * 1024, 7),
    'data/.hidden': 'dot',
  })
  await chmod(join(source, 'setup.sh'), 0o755)
  const created = await reveille(
    'package',
    'create',
    '--name',
    'Agent',
    '--manufacturer',
    'Example',
    '--content',
    source,
    '--program',
    'Install=./setup.sh --quiet',
  )
  t.is(created.code, 0, created.err)
  t.regex(created.out, /^RVL0[0-9A-F]{4}\n$/)
  t.deepEqual(await octetsOf('Agent'), {
    [long]: 'deep',
    'data/.hidden': 'dot',
    'data/empty': '',
    'large.bin': '\u0007'.repeat(100),
    'setup.sh*': '#!/bin/sh\n',
  })
  const archive = join(directory, 'next.tar.xz')
  execFileSync('tar', ['--create', '--xz', '--file', archive, '--directory', source, 'setup.sh'])
  const added = await reveille('package', 'add-content', created.out.trim(), archive)
  t.is(added.code, 0, added.err)
  t.is(added.out, 'version 2\n')
  t.deepEqual(await octetsOf('Agent'), { 'setup.sh*': '#!/bin/sh\n' })
  const edited = await reveille('package', 'edit', created.out.trim(), '--version', '2')
  t.is(edited.code, 0, edited.err)
  const kept = (await site.store.packages.list()).find(({ name }) => name === 'Agent')
  t.is(kept?.programs[0]?.commandLine, './setup.sh --quiet')
})

test('what content cannot hold is named before anything is created', async (t) => {
  const source = await folder('hostile', { 'good.txt': 'x', bäd: 'x' })
  await symlink('/etc/passwd', join(source, 'link'))
  const answer = await reveille('package', 'create', '--name', 'Hostile', '--content', source)
  t.is(answer.code, 1)
  t.regex(answer.err, /hostile\/link is a symbolic link; content holds files only/)
  t.regex(answer.err, /hostile\/bäd: the name must be letters/)
  t.false((await site.store.packages.list()).some(({ name }) => name === 'Hostile'))
  const none = await reveille('package', 'create', '--name', 'None', '--content', join(directory, 'nowhere'))
  t.regex(none.err, /there is no file or folder/)
  await mkdir(join(directory, 'hollow'))
  const hollow = await reveille('package', 'create', '--name', 'None', '--content', join(directory, 'hollow'))
  t.regex(hollow.err, /holds no files/)
})

test('an archive that the server refuses is told with every fault, and the package stays without files', async (t) => {
  const source = await folder('links', { a: 'x' })
  await symlink('a', join(source, 'b'))
  await symlink('a', join(source, 'c'))
  const archive = join(directory, 'links.tar')
  execFileSync('tar', ['--create', '--file', archive, '--directory', source, '.'])
  const answer = await reveille('package', 'create', '--name', 'Links', '--content', archive)
  t.is(answer.code, 1)
  t.regex(answer.out, /^RVL0/, 'the package is there, and can be given other files')
  t.regex(answer.err, /content: \.\/b: it is a symbolic link/)
  t.regex(answer.err, /content: \.\/c: it is a symbolic link/)
})

test('drivers, upgrade packages and applications have nouns of their own', async (t) => {
  const source = await folder('drivers', { '6.12.0/net.ko': 'module', 'firmware/net.bin': 'firmware' })
  const drivers = await reveille(
    'driver-package',
    'create',
    '--name',
    'Cards',
    '--system',
    'linux',
    '--content',
    source,
    '--model',
    'LENOVO/20XW',
    'Dell Inc.',
    '--category',
    'Network',
  )
  t.is(drivers.code, 0, drivers.err)
  t.like((await site.store.driverPackages.list())[0], {
    models: [{ manufacturer: 'LENOVO', model: '20XW' }, { manufacturer: 'Dell Inc.' }],
    categories: ['Network'],
  })
  const upgrade = await reveille(
    'os-upgrade-package',
    'create',
    '--name',
    'Next',
    '--architecture',
    'x64',
    '--edition',
    'Pro',
    'Home',
  )
  t.is(upgrade.code, 0, upgrade.err)
  const types = join(directory, 'types.yaml')
  await writeFile(
    types,
    `- name: Debian package
  contentFolder: deb
  installCommandLine: apt-get install ./editor.deb
  detection: { kind: package-installed, packageName: editor, minimumVersion: '2.1' }
  requirements:
    - { kind: system, anyOf: [linux] }
`,
  )
  const base = await reveille('application', 'create', '--name', 'Base')
  const application = await reveille(
    'application',
    'create',
    '--name',
    'Editor',
    '--deployment-types',
    types,
    '--depends-on',
    base.out.trim(),
  )
  t.is(application.code, 0, application.err)
  const files = await folder('editor', { 'editor.deb': 'package' })
  const added = await reveille('application', 'add-content', application.out.trim(), files, '--folder', 'deb')
  t.is(added.code, 0, added.err)
  const editor = (await site.store.applications.list()).find(({ name }) => name === 'Editor')
  t.deepEqual(
    editor?.content?.files.map(({ name }) => name),
    ['deb/editor.deb'],
  )
  const removed = await reveille('application', 'delete', base.out.trim())
  t.regex(removed.err, /application Editor \(RVL0[0-9A-F]{4}\) uses it/)
  t.regex((await reveille('application', 'list')).out, /Editor/)
})
