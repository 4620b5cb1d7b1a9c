/** Schedules and maintenance windows from files, as the README writes them, and the audit, on the command line against a real server. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { makeFolder } from '../bootstrap/loop-disk.ts'
import { openTestSite } from '../http/test-site.ts'
import { runReveille } from './reveille.ts'

const schedule = `assignments:
  - { start: 2199-11-26T02:00, clock: local, recurrence: { kind: weekly, weekdays: [2, 4] } }
occasions: [log-off]
rerun: if-failed
`
const windows = `- name: Nights
  start: 2199-11-26T01:00
  durationMinutes: 240
  recurrence: { kind: interval, minutes: 1440 }
`

test('S5-019, S9-014: schedules and windows are given as files, shown, and kept when something else is edited', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const folder = makeFolder(t)
  const reveille = async (...args: readonly string[]) => {
    const { code, out, err } = await runReveille(site, ...args)
    t.is(code, 0, err)
    return out.trim()
  }
  for (const [name, text] of Object.entries({ schedule, windows })) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'sequence'), 'name: Patch\nchildren: []\n')
  const pc = await reveille('device', 'create', '--name', 'PC-1', '--mac', '52:54:00:00:00:01')
  const lab = await reveille('collection', 'create', '--name', 'Lab', '--member', pc)
  await reveille('collection', 'edit', lab, '--maintenance-windows', join(folder, 'windows'))
  const sequence = await reveille('task-sequence', 'create', '--file', join(folder, 'sequence'))
  const whom = ['--task-sequence', sequence, '--collection', lab, '--make-available-to', 'clients']
  const id = await reveille('deployment', 'create', ...whom, '--purpose', 'required')
  await reveille('deployment', 'edit', id, '--client-schedule', join(folder, 'schedule'))
  await reveille('deployment', 'edit', id, '--comment', 'nights')
  const shown = JSON.parse(await reveille('--json', 'deployment', 'show', id))
  t.like(shown.clientSchedule, {
    rerun: 'if-failed',
    occasions: ['log-off'],
    assignments: [{ start: '2199-11-26T02:00', clock: 'local' }],
  })
  const collection = JSON.parse(await reveille('--json', 'collection', 'show', lab))
  t.like(collection.maintenanceWindows, [{ name: 'Nights', start: '2199-11-26T01:00', clock: 'local', enabled: true }])
  t.regex(
    await reveille('device', 'client-preview', pc),
    /RVL20001[^]*it is scheduled, in [^]*, or when somebody logs off/,
  )
  t.regex(await reveille('audit', '--kind', 'deployment'), /change {2}deployment {2}RVL20001[^]*"field":"comment"/)
})
