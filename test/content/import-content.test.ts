/** Files and directories become named content; links and other oddities do not come in. */

import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { importContent } from '../../server/content/import-content.ts'
import { openTestLibrary, sha256Of, temporaryDirectory } from './open-test-library.ts'

test('a directory comes in with relative names, in order', async (t) => {
  const { library } = await openTestLibrary(t)
  const source = await temporaryDirectory(t)
  await mkdir(join(source, 'loader', 'empty'), { recursive: true })
  await writeFile(join(source, 'vmlinuz'), 'kernel')
  await writeFile(join(source, 'loader', 'snponly-x64.efi'), 'loader')
  const files = await importContent(library, source)
  t.deepEqual(files, [
    { name: 'loader/snponly-x64.efi', sha256: sha256Of('loader'), bytes: 6 },
    { name: 'vmlinuz', sha256: sha256Of('kernel'), bytes: 6 },
  ])
  for (const file of files) t.is(await library.verify(file.sha256), 'good')
})

test('a file comes in under its own name', async (t) => {
  const { library } = await openTestLibrary(t)
  const source = join(await temporaryDirectory(t), 'rootfs.tar')
  await writeFile(source, 'tar')
  t.deepEqual(await importContent(library, source), [{ name: 'rootfs.tar', sha256: sha256Of('tar'), bytes: 3 }])
})

test('C07, E01: links are refused wherever they point, and nothing is imported beside them', async (t) => {
  const { library } = await openTestLibrary(t)
  const source = await temporaryDirectory(t)
  await writeFile(join(source, 'good'), 'good')
  await symlink('/etc/passwd', join(source, 'absolute'))
  await symlink('good', join(source, 'inside'))
  await symlink('/etc', join(source, 'directory'))
  await symlink('nowhere', join(source, 'dangling'))
  const error = await t.throwsAsync(importContent(library, source), { name: 'ContentError', code: 'not-importable' })
  for (const name of ['absolute', 'inside', 'directory', 'dangling']) {
    t.true(error?.message.includes(`${join(source, name)}: is a link`), name)
  }
  t.deepEqual(await library.list(), [])
  await t.throwsAsync(importContent(library, join(source, 'absolute')), { message: /is a link/ })
})

test('E08: names that are not allowed, and names that differ by case only, are all reported', async (t) => {
  const { library } = await openTestLibrary(t)
  const source = await temporaryDirectory(t)
  for (const name of ['a:b', 'back\\slash', 'ümlaut', 'line\nbreak', 'Setup.exe', 'SETUP.EXE']) {
    await writeFile(join(source, name), 'x')
  }
  const error = await t.throwsAsync(importContent(library, source), { code: 'not-importable' })
  for (const name of ['a:b', 'back\\slash', 'ümlaut', 'line\nbreak']) {
    t.true(error?.message.includes(`${join(source, name)}: the name is not allowed`), name)
  }
  t.regex(error?.message ?? '', /differs from (Setup\.exe|SETUP\.EXE) by case only/)
  t.deepEqual(await library.list(), [])
})

test('a pipe is refused without being opened, and what holds no files is no content', async (t) => {
  const { library } = await openTestLibrary(t)
  const source = await temporaryDirectory(t)
  await t.throwsAsync(importContent(library, source), { message: /holds no files/ })
  await t.throwsAsync(importContent(library, join(source, 'missing')), { message: /missing: ENOENT/ })
  await promisify(execFile)('mkfifo', [join(source, 'pipe')])
  await t.throwsAsync(importContent(library, source), { message: /pipe: is neither a file nor a directory/ })
})
