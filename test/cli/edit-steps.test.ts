/** Editing inside a task sequence from the command line. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { openTestSite, type TestSite } from '../http/test-site.ts'
import { commandStep } from '../support/sequences.ts'
import { runReveille } from './reveille.ts'

let site: TestSite
let directory: string
test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reveille-cli-'))
  site = await openTestSite()
})
test.after.always(async () => {
  await site.close()
  await rm(directory, { recursive: true })
})

async function done(t: ExecutionContext, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await runReveille(site, ...args)
  t.is(code, 0, `${args.join(' ')}: ${err}`)
  return out
}

async function failed(t: ExecutionContext, ...args: readonly string[]): Promise<string> {
  const { code, err } = await runReveille(site, ...args)
  t.is(code, 1, args.join(' '))
  return err
}

async function withSequence(name: string): Promise<string> {
  const condition = [{ variable: 'Wanted', operator: 'exists' }]
  const group = { name: 'Tools', children: [commandStep('editor', { condition })], continueOnError: true }
  const { json } = await site.api('POST', '/task-sequences', {
    sequence: { name, children: [commandStep('first'), group] },
  })
  return String(json['id'])
}

async function editsFile(name: string, text: string): Promise<string> {
  const file = join(directory, name)
  await writeFile(file, text)
  return file
}

test('S1-097: steps are added, moved and removed from a file of edits, as one revision with its comment', async (t) => {
  const id = await withSequence('Edited')
  const file = await editsFile(
    'edits.yaml',
    `- {kind: add, node: {name: hello, action: {type: run-command-line, commandLine: echo hello}}, at: {after: [0]}}
- {kind: move, path: [2, 0], at: {into: []}}
- {kind: remove, path: [0]}
`,
  )
  const out = await done(t, 'task-sequence', 'edit-steps', id, '--file', file, '--comment', 'tidied', '--revision', '1')
  t.is(out, 'name      Edited\nrevision  2\n')
  t.deepEqual((await done(t, 'task-sequence', 'search', id)).split('\n'), [
    'PATH  PLACE  KIND   NAME    FOUND',
    '[0]   1      step   hello',
    '[1]   2      group  Tools',
    '[2]   3      step   editor',
    '',
  ])
  t.regex(await done(t, 'task-sequence', 'revisions', id), /2 .*tidied\n/)
})

test('S1-095, S1-097: edits for another revision, and edits that cannot be made, change nothing and say why', async (t) => {
  const id = await withSequence('Kept')
  const file = await editsFile('wrong.json', JSON.stringify([{ kind: 'remove', path: [9] }]))
  t.regex(await failed(t, 'task-sequence', 'edit-steps', id, '--file', file), /^ {2}edits\[0\]\.path: /m)
  const right = await editsFile('right.json', JSON.stringify([{ kind: 'remove', path: [0] }]))
  t.regex(
    await failed(t, 'task-sequence', 'edit-steps', id, '--file', right, '--revision', '7'),
    /has changed this since/,
  )
  const away = join(directory, 'away.yaml')
  t.regex(await failed(t, 'task-sequence', 'edit-steps', id, '--file', away), /away\.yaml: ENOENT/)
  t.is((await site.api('GET', `/task-sequences/${id}`)).json['revision'], 1)
})

test('S1-098: steps and groups are found by text, kind, Continue on error and condition', async (t) => {
  const id = await withSequence('Searched')
  const paths = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { hits } = JSON.parse(await done(t, '--json', 'task-sequence', 'search', id, ...args)) as {
      readonly hits: readonly { readonly path: readonly number[] }[]
    }
    return hits.map(({ path }) => path.join('.'))
  }
  t.deepEqual(await paths('EDITOR'), ['1.0'])
  t.deepEqual(await paths('wanted', '--in', 'name', 'type'), [])
  t.deepEqual(await paths('wanted', '--in', 'variable'), ['1.0'])
  t.deepEqual(await paths('--only', 'groups'), ['1'])
  t.deepEqual(await paths('--continue-on-error'), ['1'])
  t.deepEqual(await paths('--with-condition'), ['1.0'])
  t.regex(await done(t, 'task-sequence', 'search', id, 'editor'), /\[1,0\] +2\.1 +step +editor +name/)
})

test('types of step are listed, and one is shown with its fields', async (t) => {
  t.regex(await done(t, 'task-sequence', 'step-types'), /^run-command-line +Run Command Line +general +both$/m)
  const one = await done(t, 'task-sequence', 'step-types', 'run-command-line')
  t.regex(one, /"workingDirectory": \{/)
  t.regex(one, /"charactersMax": 255/)
  t.regex(await failed(t, 'task-sequence', 'step-types', 'nonsense'), /there is no type of step nonsense/)
})
