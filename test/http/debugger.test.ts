/** The debugger over the API: what an administrator sees and commands, and what a machine whose run is held is told. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { z } from 'zod'
import { assert } from '../../server/assert.ts'
import type { RunEventBody } from '../../server/contract/agent.ts'
import { makeFolder } from '../bootstrap/loop-disk.ts'
import { codeOf, lanesOf, mac, prepare, type Prepared, start } from './agent-site.ts'
import { realAgent } from './real-agent.ts'
import { TestAgent, type TestSite } from './test-site.ts'

const debugMode = { name: 'TSDebugMode', value: 'TRUE' }
const password = { name: 'Password', value: 'canary-8822', secret: true }
const attached: RunEventBody = { kind: 'debugger-attached', opens: 'before-steps' }
const held: RunEventBody = { kind: 'debugger-paused', path: [0], name: 'Apply', number: 1, reason: 'before-step' }
const failure: RunEventBody = { ...held, reason: 'error', exitCode: 5, message: 'no such disk' }

/** A run whose machine says what the test wants it to say, each call in a report of its own. */
async function startedRun(prepared: Prepared) {
  const { agent, runId, runToken } = await start(prepared)
  const { site } = prepared
  let sequence = 0
  const report = async (...bodies: readonly object[]): Promise<number> => {
    const events = bodies.map((body) => ({ sequence: ++sequence, atMs: 1, body }))
    return (await agent.say(site, '/agent/v1/events', { runId, events }, runToken)).status
  }
  const next = async (after: number, id = runId, token = runToken) =>
    agent.say(site, '/agent/v1/debugger/next-command', { runId: id, after }, token)
  const path = `/runs/${runId}/debugger`
  const command = async (body: object) => site.api('POST', `${path}/commands`, body)
  return { agent, runId, runToken, report, next, command, show: async () => site.api('GET', path) }
}

test('S1-100 S1-101: a held run is seen with its place, takes commands in their order, and shows what was refused', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { runId, report, next, command, show } = await startedRun(prepared)
  t.is(await report({ kind: 'sequence-started' }, attached, held), 200)
  t.deepEqual((await show()).json, {
    runId,
    state: 'held',
    opens: 'before-steps',
    at: { path: [0], name: 'Apply', number: 1, reason: 'before-step' },
    breakpoints: [],
    variables: [],
    waitingCommands: [],
  })
  t.like((await lanesOf(site))[0], {
    condition: 'waiting-for-person',
    text: 'Paused before step 1: Apply (debugger)',
  })
  t.deepEqual((await next(0)).json, {})
  const given = await command({ command: 'set-break', path: [0] })
  t.is(given.status, 202)
  const waiting = { givenBy: 'administrator (preset token)', givenAtMs: site.clock.nowMs }
  t.deepEqual(given.json, { number: 1, command: 'set-break', path: [0], ...waiting })
  t.deepEqual((await command({ command: 'step' })).json, { number: 2, command: 'step', ...waiting })
  t.deepEqual((await next(0)).json, { next: { number: 1, command: { kind: 'set-break', path: [0] } } })
  t.deepEqual((await next(1)).json, { next: { number: 2, command: { kind: 'step' } } })
  t.deepEqual((await next(2)).json, {})
  const taken = { kind: 'debugger-command', number: 1, command: { kind: 'set-break', path: [0] } }
  await report(taken)
  t.like((await show()).json, {
    state: 'held',
    breakpoints: [[0]],
    waitingCommands: [{ number: 2, command: 'step', ...waiting }],
    lastCommand: { number: 1, command: 'set-break', path: [0] },
  })
  await report({ ...taken, number: 2, command: { kind: 'step' } }, failure)
  t.like((await show()).json, {
    at: { path: [0], reason: 'error', exitCode: 5, message: 'no such disk' },
    waitingCommands: [],
    lastCommand: { number: 2, command: 'step' },
  })
  const refused = { command: { kind: 'set-current', path: [7] }, refused: 'There is no step 8, counted from 1.' }
  await report({ kind: 'debugger-command', number: 3, ...refused })
  t.like((await show()).json, { state: 'held', lastCommand: { number: 3, refused: refused.refused } })
})

test('S1-102: variables are shown without the values of secrets, and no route changes one', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { report, show, runId } = await startedRun(prepared)
  const variables = [
    { name: 'Where', value: 'Berlin', secret: false },
    { name: 'Password', value: '***', secret: true },
  ]
  await report(attached, held, { kind: 'variables-changed', variables })
  t.deepEqual((await show()).json['variables'], variables.toReversed())
  const set = await site.api('POST', `/runs/${runId}/debugger/commands`, { command: 'set-variable', name: 'Where' })
  t.is(set.status, 422)
  const routes = site.app.routes.filter(({ path }) => path.includes('/debugger')).map(({ method }) => method)
  t.deepEqual(routes.sort(), ['GET', 'POST', 'POST'])
})

test('S1-100 S1-101: a run that is not debugged, has ended or was left by its debugger takes no command, and says why', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { report, command, show } = await startedRun(prepared)
  await report({ kind: 'sequence-started' })
  for (const answer of [await show(), await command({ command: 'step' })]) {
    t.is(answer.status, 409)
    t.regex(String(answer.json['detail']), /is not debugged: TSDebugMode or TSDebugOnError must be TRUE/)
  }
  await report(attached)
  t.like((await show()).json, { state: 'going-on' })
  // It waits until the run is held.
  t.is((await command({ command: 'run' })).status, 202)
  await report(held, { kind: 'debugger-command', number: 1, command: { kind: 'quit' } })
  t.like((await show()).json, { state: 'quit' })
  t.regex(String((await command({ command: 'step' })).json['detail']), /quit, and the run goes on by itself/)
  await report({ kind: 'sequence-ended', outcome: { kind: 'succeeded' } })
  t.like((await show()).json, { state: 'ended' })
  const ended = await command({ command: 'step' })
  t.is(ended.status, 409)
  t.is(ended.json['detail'], 'The run has ended.')
  t.is((await site.api('GET', `/runs/${'0'.repeat(32)}/debugger`)).status, 404)
  t.is((await site.api('POST', `/runs/${'0'.repeat(32)}/debugger/commands`, { command: 'step' })).status, 404)
})

test('S1-101: a command that cannot be one is refused before it is kept', async (t) => {
  const prepared = await prepare()
  t.teardown(() => prepared.site.close())
  const { report, command, show } = await startedRun(prepared)
  await report(attached, held)
  const nowhere = await command({ command: 'set-current', path: [1] })
  t.is(nowhere.status, 422)
  t.deepEqual(nowhere.json['faults'], [{ path: 'path', message: 'There is no step 2, counted from 1.' }])
  for (const body of [
    { command: 'leap' },
    { command: 'set-current' },
    { command: 'set-break', path: [] },
    { command: 'set-break', path: [-1] },
    { command: 'step', path: [0] },
    {},
  ]) {
    t.is((await command(body)).status, 422, JSON.stringify(body))
  }
  t.deepEqual((await show()).json['waitingCommands'], [])
})

test('A14: commands of a run are told to its own machine only, signed and with its token', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const { agent, report, next, command, runId, runToken } = await startedRun(prepared)
  await report(attached, held)
  await command({ command: 'step' })
  t.is(codeOf(await next(0, '0'.repeat(32))), 'not-found')
  t.is(codeOf(await next(0, runId, 'rvl_wrong')), 'unknown-token')
  const stranger = await new TestAgent(mac).say(site, '/agent/v1/debugger/next-command', { runId, after: 0 }, runToken)
  t.is(codeOf(stranger), 'bad-signature')
  const message = agent.prepare('/agent/v1/debugger/next-command', { runId, after: 0 }, runToken)
  t.is((await site.ask('POST', '/agent/v1/debugger/next-command', message)).status, 200)
  t.is(codeOf(await site.ask('POST', '/agent/v1/debugger/next-command', message)), 'replayed')
  t.is((await next(-1)).status, 422)
  await report({ kind: 'sequence-ended', outcome: { kind: 'succeeded' } })
})

test('S1-100: TSDebugMode and an eleventh member are refused together, with the reason', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const directMembers = []
  for (let number = 0; number < 11; number += 1) {
    const made = await site.api('POST', '/devices', {
      name: `Lab ${number}`,
      macAddresses: [`02:00:00:00:00:${10 + number}`],
    })
    directMembers.push(String(made.json['id']))
  }
  const ten = { name: 'Lab', directMembers: directMembers.slice(1), variables: [debugMode] }
  const lab = await site.api('POST', '/collections', ten)
  t.is(lab.status, 201, lab.body.toString())
  const grown = await site.api('PUT', `/collections/${String(lab.json['id'])}`, { ...ten, directMembers })
  t.is(grown.status, 409)
  t.is(grown.json['detail'], 'TSDebugMode is for collections of at most 10 members, and Lab has 11')
})

test('S1-100 S1-101 S1-102: an agent and the site together: stepped through over the API, one step done twice', async (t) => {
  const prepared = await prepare()
  const { site } = prepared
  t.teardown(() => site.close())
  const folder = makeFolder(t)
  await changeSequence(site, [
    { name: 'One', action: { type: 'run-command-line', commandLine: `echo one >> ${folder}/ran` } },
    { name: 'Two', action: { type: 'run-command-line', commandLine: `echo two >> ${folder}/ran; exit 3` } },
  ])
  const { session, runId } = await realAgent(prepared, folder)
  const ended = session.go({ kind: 'start' })
  const path = `/runs/${runId}/debugger`
  const command = async (body: object) => t.is((await site.api('POST', `${path}/commands`, body)).status, 202)
  const heldAt = async (reason: string) =>
    until(site, async () => {
      const { status, json } = await site.api('GET', path)
      // Before its first report nobody knows that the run is debugged.
      if (status === 409) return undefined
      const { at, variables } = debuggerView.parse(json)
      return at?.reason === reason && variables.length > 0 ? { at, variables } : undefined
    })
  const first = await heldAt('before-step')
  t.is(first.at.name, 'One')
  const values = new Map(first.variables.map(({ name, value }) => [name, value]))
  t.is(values.get('TSDebugMode'), 'TRUE')
  t.is(values.get('Password'), '***')
  await command({ command: 'step' })
  await command({ command: 'set-current', path: [0] })
  await command({ command: 'run' })
  const failed = await heldAt('error')
  t.like(failed.at, { name: 'Two', exitCode: 3 })
  t.is(readFileSync(join(folder, 'ran'), 'utf8'), 'one\none\ntwo\n')
  await command({ command: 'cancel' })
  const end = await ended
  t.is(end.kind === 'ended' && end.outcome.kind === 'failed' && end.outcome.exitCode, 1223)
  t.true(await session.reporter.allKept())
  session.reporter.close()
  t.like((await site.api('GET', path)).json, { state: 'ended', lastCommand: { number: 4, command: 'cancel' } })
})

const debuggerView = z.object({
  at: z.object({ name: z.string(), reason: z.string(), exitCode: z.number().optional() }).optional(),
  variables: z.array(z.object({ name: z.string(), value: z.string() })),
})

/** The deployed sequence, with the device in debug mode. */
async function changeSequence(site: TestSite, children: readonly object[]): Promise<void> {
  const [sequence] = await site.store.taskSequences.list()
  const [device] = await site.store.devices.list()
  assert(sequence !== undefined && device !== undefined, 'the site has one of each')
  const document = { bootImageId: sequence.bootImageId, sequence: { name: 'Install', children } }
  await site.api('PUT', `/task-sequences/${sequence.id}`, document)
  const { name, macAddresses } = device
  const changed = await site.api('PUT', `/devices/${device.id}`, {
    name,
    macAddresses,
    variables: [debugMode, password],
  })
  assert(changed.status === 200, changed.body.toString())
}

/** Looks again after each change that the site keeps. */
async function until<T>({ store }: TestSite, look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const changed = Promise.withResolvers<void>()
    const stop = store.onChange(() => changed.resolve())
    const found = await look()
    if (found !== undefined) {
      stop()
      return found
    }
    await changed.promise
    stop()
  }
}
