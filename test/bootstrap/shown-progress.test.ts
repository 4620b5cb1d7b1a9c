/** What people at a client see of its run. Needs root. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { clientFiles } from '../../bootstrap/client-files.ts'
import { Redactor } from '../../bootstrap/redactor.ts'
import { ShownProgress } from '../../bootstrap/shown-progress.ts'
import { actionOf } from '../support/actions.ts'
import { makeFolder } from './loop-disk.ts'
import { answers, command } from './whole-agent.ts'
import { once, prepareClient } from './whole-client.ts'

const script = clientFiles({ hasSite: true }).find(({ path }) => path.endsWith('reveille-client'))?.content ?? ''

/** As somebody who is nobody special. */
const askAsUser = (file: string) =>
  spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-s', '--', 'progress'], {
    input: script.replace('progress=/run/reveille-progress', `progress=${file}`),
    encoding: 'utf8',
  })

test('S5-028: everybody may see which step it is, and of how many; no secret is in it', (t) => {
  const folder = makeFolder(t)
  spawnSync('chmod', ['755', folder])
  const file = join(folder, 'progress')
  const redactor = new Redactor()
  redactor.learn('hunter2000')
  t.regex(askAsUser(file).stdout, /No task sequence runs here/)
  const shown = new ShownProgress(redactor, file)
  shown.step({ heading: 'Running: Install', step: 'Log on with hunter2000', position: '' }, { number: 3, total: 4 })
  t.is(askAsUser(file).stdout, 'Running: Install\nStep 3 of 4 (50 %): Log on with ***\n')
  shown.progress('Downloading \u001b[2J: 10 %')
  t.is(askAsUser(file).stdout, 'Running: Install\nStep 3 of 4 (50 %): Log on with ***\nDownloading ?[2J: 10 %\n')
  t.is(statSync(file).mode & 0o777, 0o644)
  shown.step({ heading: 'Running: Install', step: 'Next', position: '' }, { number: 4, total: 4 })
  t.is(askAsUser(file).stdout, 'Running: Install\nStep 4 of 4 (75 %): Next\n')
  shown.end()
  shown.progress('late')
  t.false(existsSync(file))
})

const copy = (name: string) =>
  command(name, 'cat /run/reveille-progress > "$REVEILLE_TEST/seen-by-$0" 2>&1 || true'.replace('$0', name))
const hide = {
  ...command('Hide', 'true'),
  action: actionOf({ type: 'set-task-sequence-variable', variable: 'TSDisableProgressUI', value: 'true' }),
}

test('S5-028, S5-029: a run can be followed until it hides its progress, and nothing stays behind', async (t) => {
  const prepared = await prepareClient(t, answers([copy('first'), hide, copy('second')]))
  once(prepared)
  await prepared.runClient()
  const seen = (name: string) => readFileSync(join(prepared.folder, `seen-by-${name}`), 'utf8')
  t.is(seen('first'), 'Running: Install\nStep 1 of 3 (0 %): first\n')
  t.regex(seen('second'), /No such file/)
  t.false(existsSync(join(prepared.folder, 'memory/reveille-progress')))
})

test('S5-028: where the deployment does not show it, nobody can follow it', async (t) => {
  const prepared = await prepareClient(t, answers([copy('first')], { hidesProgress: true }))
  once(prepared)
  await prepared.runClient()
  t.regex(readFileSync(join(prepared.folder, 'seen-by-first'), 'utf8'), /No such file/)
})
