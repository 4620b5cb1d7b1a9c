/** Distribution points, their groups and what is distributed to them, on the command line against a real server. */

import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { makeFolder } from '../bootstrap/loop-disk.ts'
import { openTestSite } from '../http/test-site.ts'
import { runReveille } from './reveille.ts'

test('S8-004, S8-008, S8-012: points are made, get a token, and what is distributed to them is listed', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const reveille = async (...args: readonly string[]) => {
    const { code, out, err } = await runReveille(site, ...args)
    t.is(code, 0, err)
    return out.trim()
  }
  const where = ['--base-url', 'http://192.0.2.7:8080', '--network', '10.1.0.0/16', '10.2.0.0/16', '--default', 'true']
  const point = await reveille('distribution-point', 'create', '--name', 'Hall', ...where)
  t.regex(
    await reveille('distribution-point', 'list'),
    /Hall +http:\/\/192\.0\.2\.7:8080 +10\.1\.0\.0\/16 10\.2\.0\.0\/16/,
  )
  t.regex(await reveille('distribution-point', 'token', point), /^point_\S{43}$/)
  const group = await reveille('distribution-point-group', 'create', '--name', 'Halls', '--member', point)
  const lab = await reveille('collection', 'create', '--name', 'Lab', '--default-distribution-point-group', group)
  t.like(JSON.parse(await reveille('--json', 'collection', 'show', lab)), { defaultDistributionPointGroups: [group] })

  const folder = makeFolder(t)
  writeFileSync(join(folder, 'setup.sh'), 'true\n')
  const id = await reveille('package', 'create', '--name', 'Tools', '--content', folder)
  const file = join(folder, 'tools.pkgx')
  const made = JSON.parse(await reveille('--json', 'package', 'prestage', id, '--out', file, '--compression', 'none'))
  t.deepEqual(made, { file, bytes: statSync(file).size })
  const unknown = await runReveille(site, 'package', 'prestage', 'RVL0FFFF', '--out', `${file}.none`)
  t.regex(unknown.err, /package RVL0FFFF/)
  t.false(existsSync(`${file}.none`))
  await reveille('package', 'distribute', id, '--group', group)
  t.regex(await reveille('distribution-status', id), new RegExp(`^CONTENT[^\\n]*\\n${id} +Hall +unknown`, 'i'))
  t.deepEqual(JSON.parse(await reveille('--json', 'package', 'validate', id)), { points: [point] })
  await reveille('package', 'remove-content', id, '--group', group)
  t.notRegex(await reveille('distribution-status', id), /Hall/)
  const refused = await runReveille(site, 'distribution-point', 'delete', point)
  t.is(refused.code, 1)
  t.regex(refused.err, /group Halls \(1\) uses it/)
})
