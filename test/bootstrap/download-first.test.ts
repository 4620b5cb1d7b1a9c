/** All content before the first step, by a whole client (S5-030). Needs root. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { PolicyContent } from '../../server/contract/agent.ts'
import { withDownloadFirst } from '../../server/sequence/download-first.ts'
import { withProgramFirst } from '../../server/sequence/run-first.ts'
import type { Step } from '../../server/sequence/task-sequence.ts'
import { actionOf } from '../support/actions.ts'
import { makeContent } from './content-server.ts'
import { answers, command } from './whole-agent.ts'
import { endOf, once, prepareClient } from './whole-client.ts'

const texts = { RVL00007: { 'tool.sh': 'echo tool' }, RVL00008: { 'data/a': 'A', 'data/b': 'B' } }
const contents = Object.entries(texts).map(([id, files]) =>
  makeContent(id, Object.fromEntries(Object.entries(files).map(([name, text]) => [name, { text }]))),
)
const paths = Object.entries(texts).flatMap(([id, files]) =>
  Object.keys(files).map((name) => `/content/${id}/1/${name}`),
)

const usesPackage: Step = {
  ...command('Use', 'true'),
  action: actionOf({
    type: 'run-command-line',
    commandLine: 'sh tool.sh >> "$REVEILLE_TEST/ran"; cat ../RVL00008.1/data/b >> "$REVEILLE_TEST/ran"',
    packageId: 'RVL00007',
    successCodes: [0],
  }),
}

async function prepare(t: ExecutionContext, content: readonly PolicyContent[], steps: readonly Step[] = [usesPackage]) {
  const given = answers(steps)
  const { policy } = given.start
  const { sequence } = withDownloadFirst(policy.sequence, content)
  const start = { ...given.start, policy: { ...policy, sequence, content, downloadsFirst: true } }
  const prepared = await prepareClient(t, { ...given, start })
  for (const [id, files] of Object.entries(texts)) {
    for (const [name, text] of Object.entries(files)) prepared.server.files.set(`/content/${id}/1/${name}`, text)
  }
  once(prepared)
  const failure = () => {
    const body = prepared.server.events.find(({ body: { kind } }) => kind === 'step-ended')?.body
    return body?.kind === 'step-ended' ? body.message : ''
  }
  return { ...prepared, failure }
}

test('S5-030: everything is fetched by the first step, later ones take it from there, and at the end it is gone', async (t) => {
  const prepared = await prepare(t, contents)
  const { server, folder, runClient } = prepared
  await runClient()
  t.is(endOf(prepared), 'succeeded')
  t.deepEqual(server.fetched.toSorted(), paths.toSorted(), 'each once')
  t.is(readFileSync(join(folder, 'ran'), 'utf8'), 'tool\nB')
  const names = server.events.flatMap(({ body }) => (body.kind === 'step-started' ? [body.name] : []))
  t.deepEqual(names, ['Download all content', 'Use'])
  t.true(server.events.some(({ body }) => body.kind === 'step-progress' && body.text.startsWith('Downloading RVL0000')))
  t.false(existsSync(join(folder, 'lib/reveille/packages')))
})

test('S5-030: what cannot be fetched, or is not what it should be, ends the run before anything has changed', async (t) => {
  const prepared = await prepare(t, contents)
  const { server, folder, runClient } = prepared
  server.files.set('/content/RVL00008/1/data/b', 'X')
  await runClient()
  t.is(endOf(prepared), 'failed')
  t.false(existsSync(join(folder, 'ran')))
})

test('S5-030: where there is no room, that is said with the sizes, and nothing is fetched', async (t) => {
  const huge = contents.map((content) => ({
    ...content,
    files: content.files.map((file) => ({ ...file, bytes: 10 ** 15 })),
  }))
  const { server, folder, runClient, failure } = await prepare(t, huge)
  await runClient()
  t.regex(
    failure(),
    /no room for the content in \/var\/lib\/reveille\/packages: 3000000\.0 GB are needed, \d+\.\d GB are free/,
  )
  t.deepEqual(server.fetched, [])
  t.false(existsSync(join(folder, 'ran')))
})

test('S5-030, S1-075: after a restart it is still there, and the program that runs first is the step behind it', async (t) => {
  const restart = {
    ...command('Restart', 'true'),
    action: actionOf({ type: 'restart-computer', target: 'installed-system', message: '' }),
  }
  const prepared = await prepare(t, contents, [restart, usesPackage])
  const { server, folder, runClient } = prepared
  await runClient({}, (said) => said.includes('The machine restarts'))
  t.deepEqual(readdirSync(join(folder, 'lib/reveille/packages')).toSorted(), ['RVL00007.1', 'RVL00008.1'])
  prepared.restart()
  await runClient()
  t.is(endOf(prepared), 'succeeded')
  t.deepEqual(server.fetched.toSorted(), paths.toSorted(), 'each once')
})

test('S1-075, S5-030: the program that runs first is remembered, though it is the second step', async (t) => {
  const program = {
    name: 'Check',
    description: '',
    commandLine: 'true',
    workingDirectory: '',
    runMode: 'local-system',
    maxRunTimeMinutes: 1,
    allowedPlatforms: [],
    allowInstallFromTaskSequence: false,
    afterRunning: 'no-restart',
    successCodes: [0],
  } as const
  const [tools, ...others] = contents
  if (tools === undefined) throw new Error('there is one')
  const content = [{ ...tools, programs: [program] }, ...others]
  const prepared = await prepare(t, content)
  const { server, folder, runClient } = prepared
  const { startAnswer } = server
  if (startAnswer === undefined) throw new Error('there is one')
  const { policy } = startAnswer
  const [download, ...steps] = policy.sequence.children
  if (download === undefined) throw new Error('there is one')
  const first = withProgramFirst(
    { ...policy.sequence, children: steps },
    { packageId: tools.id, programName: program.name },
  )
  const sequence = { ...first, children: [download, ...first.children] }
  server.startAnswer = { ...startAnswer, policy: { ...policy, sequence, runsProgramFirst: true } }
  await runClient()
  t.is(endOf(prepared), 'succeeded')
  t.deepEqual(JSON.parse(readFileSync(join(folder, 'lib/reveille/programs-run-first.json'), 'utf8')), ['RVL00002'])
})
