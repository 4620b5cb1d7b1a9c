/** Dry runs over the API: the described machine, children, and what is refused. */

import test from 'ava'
import { z } from 'zod'
import { openTestSite } from './test-site.ts'

const entries = z.array(z.looseObject({ kind: z.string(), name: z.string().optional() }))

test('a dry run tells what a stored sequence would do on a described machine', async (t) => {
  const site = await openTestSite()
  t.teardown(() => site.close())
  const command = { type: 'run-command-line', commandLine: 'install %Package%' }
  const child = await site.api('POST', '/task-sequences', {
    sequence: { name: 'Child', children: [{ name: 'Inside', action: command }] },
  })
  const taskSequenceId = child.json['id']
  const made = await site.api('POST', '/task-sequences', {
    sequence: {
      name: 'Parent',
      children: [
        { name: 'On Debian', condition: { kind: 'os-version', system: 'debian' }, action: command },
        { name: 'Runs it', action: { type: 'run-task-sequence', taskSequenceId } },
      ],
    },
  })
  const path = `/task-sequences/${String(made.json['id'])}/dry-run`
  const answer = await site.api('POST', path, {
    variables: [
      { name: '_SMSTSMake', value: 'Dell' },
      { name: 'Package', value: 'vim' },
    ],
    system: { system: 'fedora', version: '42' },
    outcomes: [{ step: 'Inside', exitCode: 5 }],
  })
  t.is(answer.status, 200, answer.body.toString())
  t.deepEqual(
    entries.parse(answer.json['entries']).map(({ kind, name }) => `${kind} ${name ?? ''}`),
    ['skipped On Debian', 'group Runs it', 'step Inside', 'group-failed Runs it'],
  )
  t.like(answer.json['outcome'], { kind: 'failed', exitCode: 5 })
  t.like(entries.parse(answer.json['entries'])[2], { action: { commandLine: 'install vim' }, exitCode: 5 })
  t.is((await site.api('POST', path, {})).status, 200)

  t.is((await site.api('POST', '/task-sequences/RVL0FFFE/dry-run', {})).status, 404)
  const wrong = await site.api('POST', path, { variables: [{ name: '1', value: '' }], where: 'nowhere', more: 1 })
  t.is(wrong.status, 422)
  t.deepEqual(
    z
      .array(z.object({ path: z.string() }))
      .parse(wrong.json['faults'])
      .map((fault) => fault.path)
      .toSorted(),
    ['', 'variables[0].name', 'where'],
  )
})
