/** The agent as the boot image starts it: what it says and reports, killed or refused. Needs root. */

import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { RunFile, runFileVersion } from '../../bootstrap/run-file.ts'
import { waitUntil } from '../../scripts/wait-for.ts'
import { agentRoutes } from '../../server/contract/routes.ts'
import { advance, startRun } from '../../server/sequence/advance.ts'
import type { Step } from '../../server/sequence/task-sequence.ts'
import { AgentServer } from './agent-server.ts'
import { answers, command, killAfter, prepare, startAgent } from './whole-agent.ts'

test('a failing run is reported to its end, said on the console, and the machine stays', async (t) => {
  const server = new AgentServer()
  const steps = [command('Greet', 'echo hello from %_SMSTSMachineName%'), command('Break', 'echo broken >&2; exit 9')]
  const folder = await prepare(t, server, answers(steps))
  const said = await killAfter(startAgent(t, folder), (text) => text.includes('stays as it is'))
  t.regex(
    said,
    /pc-1: starting "Install" \(required deployment\)\nRunning: Install\n> Greet\n> Break\nError 50: failed: .*exit code 9: broken/,
  )
  t.regex(said, /Error 51: The task sequence failed with 9: .*broken\nThis machine stays as it is\./)
  t.is(server.hellos[0]?.hardware.macAddresses[0], '52:54:00:aa:bb:cc')
  const bodies = server.events.map(({ body }) => body)
  t.deepEqual(
    bodies.flatMap((body) => (body.kind === 'output' ? body.lines.map((line) => `${body.stream} ${line}`) : [])),
    ['log echo hello from pc-1', 'stdout hello from pc-1', 'log echo broken >&2; exit 9', 'stderr broken'],
  )
  const last = bodies.at(-1)
  t.is(last?.kind === 'sequence-ended' ? last.outcome.kind : '', 'failed')
})

test('S1-068, A08: what is typed for empty variables goes to the server with the start, and a secret is on no screen', async (t) => {
  const server = new AgentServer()
  const { choice, start } = answers([])
  const folder = await prepare(t, server, { choice, start })
  const emptyVariables = [
    { name: 'Office', secret: false },
    { name: 'Pin', secret: true },
  ]
  const selection = { kind: 'choose', choices: [{ ...choice, purpose: 'available', emptyVariables }] } as const
  server.helloAnswer = { ...server.helloAnswer, machine: { kind: 'armed', name: 'pc-1', selection } }
  server.startAnswer = undefined
  server.detail = 'there is no Pin canary-8822'
  const agent = startAgent(t, folder)
  const replies = [
    ['by its number', '1'],
    ['Value of Office', 'Room 5'],
    ['Value of Pin (what', 'canary-8822'],
    ['Enter = go on, a number', ''],
  ] as const
  let replied = 0
  const said = await killAfter(agent, (text) => {
    const [asked, line] = replies[replied] ?? []
    if (asked !== undefined && text.includes(asked)) {
      agent.stdin.write(`${line}\n`)
      replied += 1
    }
    return text.includes('there is no Pin')
  })
  t.deepEqual(server.starts[0]?.variables, [
    { name: 'Office', value: 'Room 5', secret: false },
    { name: 'Pin', value: 'canary-8822', secret: true },
  ])
  t.regex(said, /there is no Pin \*\*\*/)
  t.false(said.includes('canary'))
})

test('S3.1: the organization of the site stands above the progress, and in a variable', async (t) => {
  const server = new AgentServer()
  const steps = [command('Greet', 'echo by %_SMSTSOrgName%; exit 9')]
  const folder = await prepare(t, server, answers(steps, { organizationName: 'Example Ltd' }))
  const said = await killAfter(startAgent(t, folder), (text) => text.includes('stays as it is'))
  t.regex(said, /\nExample Ltd\nRunning: Install\n> Greet\n/)
  t.true(JSON.stringify(server.events).includes('by Example Ltd'))
})

test('S1-035: a restart into an installed system that no disk holds fails the run, and does not restart', async (t) => {
  const server = new AgentServer()
  const action = { type: 'restart-computer', target: 'installed-system', message: '', timeoutSeconds: 0 } as const
  const restart = { ...command('Restart', 'true'), action, continueOnError: true }
  const folder = await prepare(t, server, answers([restart, command('After', 'echo after')]))
  const said = await killAfter(startAgent(t, folder), (text) => text.includes('stays as it is'))
  t.regex(said, /No disk was formatted in this run.*\nError 51: The task sequence failed with 1168: /)
  t.false(said.includes('> After'))
})

test('S1-035: sent into the boot image by a server that had not heard of the restart, it tells and restarts, once', async (t) => {
  const server = new AgentServer()
  const folder = await prepare(t, server, answers([]))
  const action = { type: 'restart-computer', target: 'installed-system', message: '', timeoutSeconds: 0 } as const
  const { start } = answers([{ ...command('Restart', 'true'), action }, command('After', 'echo after')])
  const { deploymentId, sequence } = start.policy
  const { run, effects } = advance(startRun(sequence, []), { kind: 'start' })
  const runFolder = join(folder, 'memory/reveille/run')
  const machine = { macAddresses: [] }
  const { runId } = start
  const kept = {
    version: runFileVersion,
    savedAtMs: 1,
    runId,
    deploymentId,
    resumeTicket: 'ticket-1',
    server: [],
    machine,
  }
  const reports = effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []))
  new RunFile(runFolder).save({ ...kept, content: [], run, reports, firstReport: 1 })
  const sentHere = startAgent(t, folder)
  await waitUntil('the agent to restart', () => existsSync(join(folder, 'reboot-was-asked')), { withinMs: 30_000 })
  sentHere.kill('SIGKILL')
  await once(sentHere, 'exit')
  t.is(server.events.at(-1)?.body.kind, 'restarting')
  const again = await killAfter(startAgent(t, folder), (text) => text.includes('stays as it is'))
  t.regex(again, /Error 51: The task sequence failed with 1168: /)
})

test('A08: a run that the server refuses leaves neither its ticket nor a secret on the screen or in its folder', async (t) => {
  const server = new AgentServer()
  const folder = await prepare(t, server, answers([]))
  const secret = { type: 'set-task-sequence-variable', variable: 'Later', value: 'marlinspike', secret: true } as const
  const later: Step = { ...command('Later', 'true'), action: secret }
  const { start } = answers([later])
  const { deploymentId, sequence } = start.policy
  new RunFile(join(folder, 'memory/reveille/run')).save({
    version: runFileVersion,
    savedAtMs: 1,
    runId: start.runId,
    deploymentId,
    resumeTicket: 'paper-4711',
    server: [],
    machine: { macAddresses: [] },
    content: [],
    run: startRun(sequence, [{ name: 'Password', value: 'swordfish', secret: true }]),
    reports: [],
    firstReport: 1,
  })
  const standing = { kind: 'nothing-to-run', reason: 'the test is over', askAgainSeconds: 60 } as const
  server.helloAnswer = { ...server.helloAnswer, machine: standing }
  server.detail = 'the ticket paper-4711 was used, by who knows swordfish'
  server.loss = (path) => (path === agentRoutes.resume ? 'ticket-used' : undefined)
  const said = await killAfter(startAgent(t, folder), (text) => text.includes('the test is over'))
  t.regex(said, /The earlier run is not continued\. Error 46: .* the ticket \*\*\* was used, by who knows \*\*\*/)
  const kept = join(folder, 'memory/reveille/run.refused')
  const texts = readdirSync(kept).map((name) => readFileSync(join(kept, name), 'utf8'))
  t.true(texts.length > 0)
  t.notRegex([said, ...texts].join('\n'), /paper-4711|swordfish|marlinspike/)
  t.false(existsSync(join(folder, 'memory/reveille/run')))
})

test('A08, A09, S1-071: secret variables of the site do their work, in no event, on no screen and in no other file than that of the run', async (t) => {
  const server = new AgentServer()
  const steps = [
    // The power cut comes while it runs.
    { ...command('Wait', 'sleep 300'), continueOnError: true },
    command('Use', "test $(printf %s '%Password%' | wc -c) = 14 && echo it is %Password%"),
    // What the shell does itself is in no list of processes.
    command('Look', "echo '%Password%' | grep -l -F -f - /proc/[0-9]*/cmdline /proc/[0-9]*/environ; test $? -gt 0"),
    command('Break', 'echo no: %Password% >&2; exit 9'),
  ]
  const variables = [{ name: 'Password', value: 'swordfish-4711', secret: true }]
  const folder = await prepare(t, server, answers(steps, { variables }))
  const first = await killAfter(startAgent(t, folder), (text) => text.includes('> Wait'))
  const state = join(folder, 'memory/reveille')
  const holding = readdirSync(state, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(state, name)).isFile())
    .filter((name) => readFileSync(join(state, name), 'utf8').includes('swordfish-4711'))
  t.deepEqual(holding, ['run/run.json'])
  t.is(statSync(join(state, 'run/run.json')).mode & 0o777, 0o600)
  const second = await killAfter(startAgent(t, folder), (text) => text.includes('stays as it is'))
  t.regex(second, /Going on with the run/)
  t.notRegex(first + second + JSON.stringify(server.events), /swordfish/)
  const bodies = server.events.map(({ body }) => body)
  const lines = bodies.flatMap((body) => (body.kind === 'output' && body.stream !== 'log' ? body.lines : []))
  t.true(lines.includes('it is ***') && lines.includes('no: ***'))
  t.false(lines.some((line) => line.startsWith('/proc/')))
  t.like(bodies.at(-1), { kind: 'sequence-ended', outcome: { kind: 'failed', exitCode: 9 } })
})

test('I1 to I4: killed again and again, the agent goes on with its run, no event is lost or doubled, and no step starts twice', async (t) => {
  const server = new AgentServer()
  const steps = Array.from({ length: 12 }, (_, index) => ({
    ...command(`Step ${index}`, `echo ran >> $REVEILLE_TEST/ran-${index}; echo line ${index}`),
    continueOnError: true,
  }))
  const folder = await prepare(t, server, answers([...steps, command('Last', 'exit 9')]))
  let kills = 0
  for (let said = ''; !said.includes('stays as it is'); kills += 1) {
    const chunks = 2 + Math.floor(Math.random() * 4)
    // Once the run has ended, its end is awaited: a new hello would start the next run.
    said = await killAfter(
      startAgent(t, folder),
      (text, count) => text.includes('stays as it is') || (count >= chunks && !/Error 51|Last/.test(text)),
    )
    t.true(kills < 60)
  }
  t.true(kills > 2)
  const sequences = server.events.map(({ sequence }) => sequence)
  t.deepEqual(
    sequences,
    sequences.map((_, index) => index + 1),
  )
  const bodies = server.events.map(({ body }) => body)
  const started = bodies.filter((body) => body.kind === 'step-started').map(({ path }) => path.join('.'))
  t.deepEqual(started, [...steps.keys(), 12].map(String))
  t.is(bodies.filter((body) => body.kind === 'step-ended').length, 13)
  t.is(bodies.filter((body) => body.kind === 'sequence-ended').length, 1)
  for (const index of steps.keys()) {
    const file = join(folder, `ran-${index}`)
    t.true(!existsSync(file) || readFileSync(file, 'utf8') === 'ran\n', `step ${index} ran twice`)
  }
})
