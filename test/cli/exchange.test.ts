/** Exports and imports from the command line, between two real servers. */

import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { type FilledSite, fillSite, siteSecret } from '../http/filled-site.ts'
import { openTestSite, type TestSite } from '../http/test-site.ts'
import { runReveille } from './reveille.ts'

let home: TestSite
let other: TestSite
let filled: FilledSite
let directory: string
test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reveille-cli-exchange-'))
  home = await openTestSite()
  other = await openTestSite()
  filled = await fillSite(home)
})
test.after.always(async () => {
  await home.close()
  await other.close()
  await rm(directory, { recursive: true })
})

test.serial('S11-001, S11-003: an export goes to another site with its files, and not without them', async (t) => {
  const archive = join(directory, 'lab.zip')
  const files = join(directory, 'lab_files')
  const exported = await runReveille(
    home,
    'task-sequence',
    'export',
    filled.parent,
    '--out',
    archive,
    '--comment',
    'Lab',
  )
  t.is(exported.code, 0, exported.err)
  t.true(exported.err.includes('(Apply Windows Settings): left out'))
  const agent = filled.ids['agent'] ?? ''
  t.deepEqual((await readdir(join(files, agent))).toSorted(), ['data', 'setup.sh'])
  t.is((await stat(join(files, agent, 'setup.sh'))).mode & 0o111, 0o111)
  t.false((await readFile(archive)).includes(siteSecret))
  const again = await runReveille(home, 'task-sequence', 'export', filled.parent, '--out', archive)
  t.not(again.code, 0, 'nothing is written over')

  const importing = ['task-sequence', 'import', archive] as const
  const asked = await runReveille(other, ...importing)
  t.not(asked.code, 0)
  t.true(asked.err.includes('create-new  package Agent'))
  t.true(asked.err.includes('Give --yes'))
  await rename(files, `${files}-away`)
  const alone = await runReveille(other, ...importing, '--yes')
  t.not(alone.code, 0)
  t.true(alone.err.includes('lab_files is missing'))
  await rename(`${files}-away`, files)
  await writeFile(join(files, agent, 'setup.sh'), '#!/bin/ff\n')
  const spoilt = await runReveille(other, ...importing, '--yes')
  t.not(spoilt.code, 0)
  t.true(spoilt.err.includes('another file'), spoilt.err)
  t.deepEqual(await other.store.packages.list(), [])
  await writeFile(join(files, agent, 'setup.sh'), '#!/bin/sh\n')
  const done = await runReveille(other, ...importing, '--yes')
  t.is(done.code, 0, done.err)
  t.true(done.err.includes('(Folder): type it again'))
  t.is((await other.store.taskSequences.list()).length, 2)
  const twice = await runReveille(other, ...importing, '--yes', '--on-duplicate', 'overwrite')
  t.is(twice.code, 0, twice.err)
  t.true(twice.out.includes('overwrite Parent'))
  t.is((await other.store.taskSequences.list()).length, 2)
})

test.serial('S11-001: the XML of the source system goes out and comes in', async (t) => {
  const file = join(directory, 'Lab sequence.xml')
  const exported = await runReveille(home, 'task-sequence', 'export', filled.child, '--xml', '--out', file)
  t.is(exported.code, 0, exported.err)
  const preview = await runReveille(home, 'task-sequence', 'import', file, '--preview')
  t.is(preview.code, 0, preview.err)
  t.is(preview.out, '')
  const imported = await runReveille(home, 'task-sequence', 'import', file, '--boot-image', filled.ids['boot'] ?? '')
  t.is(imported.code, 0, imported.err)
  t.regex(imported.out, /^RVL[0-9A-F]{5}\n$/)
  t.true(imported.err.includes('(Folder): type it again'))
  const shown = await runReveille(home, 'task-sequence', 'show', imported.out.trim(), '--json')
  t.like(JSON.parse(shown.out), { name: 'Lab sequence', bootImageId: filled.ids['boot'] })
  const absent = await runReveille(home, 'task-sequence', 'import', join(directory, 'absent.xml'))
  t.not(absent.code, 0)
  t.true(absent.err.includes('absent.xml'))
})
