/**
 * Values of secret variables, looked for in everything that the server answers, sends, logs and keeps of a run, while a real
 * agent uses them: raw, and in the spellings that carry a value unseen.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { makeFolder } from '../bootstrap/loop-disk.ts'
import { mac, prepare } from './agent-site.ts'
import { realAgent, returnedAgent } from './real-agent.ts'
import { adminToken, type TestSite } from './test-site.ts'

const [ofDevice, ofCollection, ofUnknown] = ['canary-of-device-1', 'canary-of-collection-2', 'canary-of-unknown-3']
const [tooShort, ownWord] = ['c4n4r', 'succeeded']
const secretVariable = (name: string, value: string) => ({ name, value, secret: true })

test('A01, A08, A12, S1-071: a run uses its secret variables over a restart, and no answer, event, log or screen holds one', async (t) => {
  const prepared = await prepare({ knownDevices: 'automatic' })
  const { site } = prepared
  t.teardown(() => site.close())
  const folder = makeFolder(t)
  const taskSequenceId = await fill(site, folder)
  const frames = watch(site)
  const first = await realAgent(prepared, folder)
  t.is((await first.session.go({ kind: 'start' })).kind, 'restart')
  t.true(await first.session.reporter.allKept())
  first.session.reporter.close()
  first.session.keeper.journal.close()
  t.is(readFileSync(join(folder, 'used'), 'utf8'), `${ofDevice} ${ofCollection} ${tooShort}\n`)
  // But for what the steps wrote themselves, the run's own file is the only one.
  t.deepEqual(filesWith(folder, ofCollection), ['kept', 'run/run.json', 'used'])
  t.is(statSync(join(folder, 'run/run.json')).mode & 0o777, 0o600)

  const second = await returnedAgent(site, folder)
  const end = await second.session.go({ kind: 'resumed', where: 'boot-image' })
  t.like(end, { kind: 'ended', outcome: { kind: 'failed', exitCode: 7 } })
  t.true(await second.session.reporter.allKept())
  second.session.reporter.close()
  t.is(readFileSync(join(folder, 'used-again'), 'utf8'), `${ofDevice} ${ofCollection}\n`)

  const events = (await site.api('GET', `/runs/${first.runId}/events`)).body.toString()
  t.regex(events, /says \*\*\* and \*\*\*/)
  t.regex(events, /formerly \*\*\*/)
  t.regex(events, /lost with \*\*\*/)
  const screens = [...first.said, ...second.said].join('')
  t.regex(screens, /The secret Pin is shorter than 6 characters/)
  const answers = await everyAnswer(site, { runId: first.runId, taskSequenceId })
  t.true(answers.length > 40)
  frames.socket.terminate()
  const kept = await Promise.all([site.store.lanes(), site.store.listSessions()])
  const everything = [...answers, ...frames.texts, JSON.stringify(kept), JSON.stringify(site.logged), screens].join(
    '\n',
  )
  t.true(everything.includes('first run of secrets') && frames.texts.length > 1)
  for (const value of [ofDevice, ofCollection, ofUnknown]) {
    for (const spelling of spellingsOf(value)) t.false(everything.includes(spelling), `${value} as ${spelling}`)
  }
})

/** A sequence that uses secrets in the ways that leak, and everything that it needs. */
async function fill(site: TestSite, folder: string): Promise<string> {
  const [device] = await site.store.devices.list()
  const [sequence] = await site.store.taskSequences.list()
  const requests: [string, string, object][] = []
  const variables = [
    secretVariable('Device', ofDevice),
    secretVariable('Pin', tooShort),
    // Also a word of the agent's own protocol.
    secretVariable('Word', ownWord),
  ]
  requests.push(['PUT', `/devices/${device?.id}`, { name: 'PC1', macAddresses: [mac], variables }])
  const shared = [secretVariable('Collection', ofCollection)]
  requests.push(['POST', '/collections', { name: 'Lab', directMembers: [device?.id], variables: shared }])
  const unknown = { name: 'All Unknown Computers', variables: [secretVariable('Unknown', ofUnknown)] }
  requests.push(['PUT', '/collections/RVL10002', unknown])
  const command = (name: string, commandLine: string) => ({
    name,
    action: { type: 'run-command-line', commandLine, successCodes: [0, 3010] },
  })
  const children = [
    command('Use', `echo "%Device% %Collection% %Pin%" > ${folder}/used; echo "says %Device% and %Collection%"`),
    command('Copy', 'echo "Copied=<%Device%>" >> "$REVEILLE_VARIABLES"; echo "%Device%" | base64'),
    command('Remember', `printf 'formerly %s\\n' '%Collection%' > ${folder}/former`),
    { name: 'Overwrite', action: { type: 'set-task-sequence-variable', variable: 'Collection', value: 'another-one' } },
    command('Restart', `mv ${folder}/former ${folder}/kept; exit 3010`),
    command(
      'Again',
      `printf '%s ' '%Device%' > ${folder}/used-again; sed 's/formerly //' ${folder}/kept >> ${folder}/used-again`,
    ),
    command('Say', `cat ${folder}/kept`),
    command('%Device% in a name', `rm ${folder}/kept`),
    command('Fail', 'echo "lost with %Device%" >&2; exit 7'),
  ]
  const document = { name: 'Install', description: 'first run of secrets', children }
  requests.push(['PUT', `/task-sequences/${sequence?.id}`, { bootImageId: sequence?.bootImageId, sequence: document }])
  for (const [method, path, body] of requests) {
    const answer = await site.api(method, path, body)
    if (answer.status >= 300) throw new Error(answer.body.toString())
  }
  return String(sequence?.id)
}

/** A status page that is open all the time. */
function watch(site: TestSite) {
  const texts: string[] = []
  const headers = { authorization: `Bearer ${adminToken}` }
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}/api/v1/progress`, { headers })
  socket.on('message', (data) => texts.push(Buffer.isBuffer(data) ? data.toString() : ''))
  return { socket, texts }
}

const itemsView = z.object({ items: z.array(z.looseObject({ id: z.string().optional() })) })

/** Head and body of every route that can be read, for every object that there is, and of those that make something. */
async function everyAnswer(
  site: TestSite,
  made: { runId: string; taskSequenceId: string },
): Promise<readonly string[]> {
  const { json } = await site.api('GET', '/openapi.json')
  const paths = Object.entries(z.record(z.string(), z.record(z.string(), z.unknown())).parse(json['paths']))
    .filter(([, methods]) => 'get' in methods)
    .map(([path]) => path.replace(/^\/api\/v1/, ''))
  const targets: string[] = []
  for (const path of paths) {
    const [, resource, rest] = /^(\/[a-z-]+)\/\{id\}(.*)$/.exec(path) ?? []
    if (resource === undefined) targets.push(path)
    else {
      const list = itemsView.safeParse((await site.api('GET', resource)).json)
      for (const { id } of list.data?.items ?? []) targets.push(`${resource}/${id}${rest?.replace('{n}', '1')}`)
    }
  }
  targets.push(...[mac, '52:54:00:99:99:99'].map((address) => `/boot-preview?mac=${address}`))
  const answers = await Promise.all(targets.map(async (target) => site.api('GET', target)))
  const { runId, taskSequenceId } = made
  const more = [
    await site.api('POST', `/task-sequences/${taskSequenceId}/dry-run`, {}),
    await site.api('POST', '/task-sequences/export', { ids: [taskSequenceId] }),
    await site.api('POST', `/task-sequences/${taskSequenceId}/copy`, {}),
    await site.ask('GET', '/metrics'),
    await site.ask('GET', `/boot/script.ipxe?mac=${mac}&platform=efi&buildarch=x86_64`),
    await site.ask('GET', '/boot/script.ipxe?mac=52:54:00:99:99:99&platform=efi&buildarch=x86_64'),
  ]
  for (const { status, body } of more) if (status >= 300) throw new Error(body.toString())
  answers.push(...more, await site.api('POST', `/runs/${runId}/debugger/commands`, { command: 'run' }))
  return answers.map(({ rawHeaders, body }) => `${rawHeaders.join('\n')}\n${body.toString('latin1')}`)
}

function spellingsOf(value: string): readonly string[] {
  const octets = Buffer.from(value)
  // Without what depends on its neighbours.
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), octets])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  )
  return [value, octets.toString('hex'), octets.toString('utf16le'), ...base64]
}

function filesWith(folder: string, text: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => existsSync(join(folder, name)) && statSync(join(folder, name)).isFile())
    .filter((name) => readFileSync(join(folder, name), 'latin1').includes(text))
    .sort()
}
