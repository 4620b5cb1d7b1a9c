/** The client of the installed system in whole: what it asks, what it starts by itself and when somebody wishes it. Needs root. */

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { readOperatingSystem } from '../../bootstrap/os-release.ts'
import { clientFiles } from '../../bootstrap/client-files.ts'
import { parsePackageId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import { agentRoutes } from '../../server/contract/routes.ts'
import { withProgramFirst } from '../../server/sequence/run-first.ts'
import type { Program } from '../../server/site/package.ts'
import { actionOf } from '../support/actions.ts'
import { answers, command, forbidRestarts } from './whole-agent.ts'
import { endOf, nothing, once, prepareClient } from './whole-client.ts'

test('a client that has nothing to run asks once, says nothing, and ends', async (t) => {
  const prepared = await prepareClient(t, answers([]))
  prepared.server.helloAnswer = { ...prepared.server.helloAnswer, machine: nothing }
  t.is(await prepared.runClient(), '')
  t.is(prepared.server.hellos.length, 1)
  t.is(prepared.server.hellos[0]?.startedFrom, 'installed-system')
  t.deepEqual(prepared.server.hellos[0]?.hardware.operatingSystem, await readOperatingSystem(), 'S1-079')
  t.regex(prepared.offers(), /Nothing is deployed here\./)
})

test('S5-017: a client tells whether NetworkManager calls its connection metered', async (t) => {
  const prepared = await prepareClient(t, answers([]))
  prepared.server.helloAnswer = { ...prepared.server.helloAnswer, machine: nothing }
  const script = '#!/bin/sh\necho "$@" >> "$REVEILLE_TEST/asked"\ncat "$REVEILLE_TEST/metered"\n'
  writeFileSync(join(prepared.folder, 'busctl'), script)
  chmodSync(join(prepared.folder, 'busctl'), 0o755)
  writeFileSync(join(prepared.folder, 'metered'), 'v u 3\n')
  await prepared.runClient()
  t.regex(
    readFileSync(join(prepared.folder, 'asked'), 'utf8'),
    /--auto-start=no .* Get ss org.freedesktop.NetworkManager Metered$/m,
  )
  spawnSync('rm', [join(prepared.folder, 'metered')])
  await prepared.runClient()
  t.deepEqual(
    prepared.server.hellos.map(({ hardware }) => hardware.meteredConnection),
    [true, undefined],
  )
})

test('S5: a required deployment starts by itself in the installed system, and then the client asks again', async (t) => {
  const prepared = await prepareClient(t, answers([command('Touch', 'echo done > "$REVEILLE_TEST/ran"')]))
  once(prepared)
  t.regex(await prepared.runClient(), /starting "Install" \(required deployment\)[^]*has ended successfully/)
  t.is(readFileSync(join(prepared.folder, 'ran'), 'utf8'), 'done\n')
  t.is(endOf(prepared), 'succeeded')
  t.is(prepared.server.hellos.length, 2)
  t.false(existsSync(join(prepared.folder, 'lib/reveille/run')), 'nothing of the run is left')
})

test('A06: at its next start the client is the same agent to the site', async (t) => {
  const prepared = await prepareClient(t, answers([]))
  prepared.server.helloAnswer = { ...prepared.server.helloAnswer, machine: nothing }
  await prepared.runClient()
  await prepared.runClient()
  const [first, second] = prepared.server.hellos
  t.like(second, { identityKey: first?.identityKey, nonce: first?.nonce })
  t.deepEqual(prepared.server.faults, [])
})

test('S5: an available deployment waits until somebody at the machine wishes it, and the wish counts once', async (t) => {
  const given = answers([command('Touch', 'echo done >> "$REVEILLE_TEST/ran"')])
  const prepared = await prepareClient(t, given)
  const choice = { ...given.choice, purpose: 'available' } as const
  const machine = { kind: 'armed', name: 'pc-1', selection: { kind: 'choose', choices: [choice] } } as const
  prepared.server.helloAnswer = { ...prepared.server.helloAnswer, machine }
  t.is(await prepared.runClient(), '')
  t.regex(prepared.offers(), /^RVL20001 {2}Install$/m)
  t.false(existsSync(join(prepared.folder, 'ran')))
  writeFileSync(join(prepared.folder, 'memory/reveille/wish'), 'rvl20001\n')
  t.regex(await prepared.runClient(), /starting "Install" \(available deployment\)/)
  await prepared.runClient()
  t.is(readFileSync(join(prepared.folder, 'ran'), 'utf8'), 'done\n')
})

test('S5-008: a required deployment that waits is listed with its time, and starts early for whoever wishes it', async (t) => {
  const given = answers([command('Touch', 'echo done >> "$REVEILLE_TEST/ran"')])
  const prepared = await prepareClient(t, given)
  const choice = { ...given.choice, startsAtMs: 1 + 3 * 3_600_000, description: 'Weekly' }
  const machine = { kind: 'armed', name: 'pc-1', selection: { kind: 'choose', choices: [choice] } } as const
  prepared.server.helloAnswer = { ...prepared.server.helloAnswer, machine }
  t.is(await prepared.runClient(), '')
  t.regex(prepared.offers(), /^RVL20001 {2}Install \(required, in 3 h 0 min\) - Weekly$/m)
  writeFileSync(join(prepared.folder, 'memory/reveille/wish'), 'RVL20001\n')
  t.regex(await prepared.runClient(), /starting "Install" \(required deployment\)/)
  t.is(readFileSync(join(prepared.folder, 'ran'), 'utf8'), 'done\n')
})

test('a wish that cannot be fulfilled is said, and forgotten', async (t) => {
  const prepared = await prepareClient(t, answers([]))
  prepared.server.helloAnswer = { ...prepared.server.helloAnswer, machine: nothing }
  mkdirSync(join(prepared.folder, 'memory/reveille'))
  writeFileSync(join(prepared.folder, 'memory/reveille/wish'), 'RVL2FFFF\n')
  t.regex(await prepared.runClient(), /RVL2FFFF cannot be started/)
  t.is(await prepared.runClient(), '')
})

test('S9-017: a run that began outside of every window waits with its restart for one, and a kill ends neither', async (t) => {
  const restart = actionOf({ type: 'restart-computer', target: 'installed-system', message: '' })
  const steps = [
    { ...command('Restart', 'true'), action: restart },
    command('After', 'echo after >> "$REVEILLE_TEST/ran"'),
  ]
  const startsAtMs = Date.now() + 3_600_000
  const restartWindows = [{ startsAtMs, endsAtMs: startsAtMs + 3_600_000 }]
  const prepared = await prepareClient(t, answers(steps, { restartWindows }))
  const { server, folder, runClient } = prepared
  // The machine goes down with the restart.
  writeFileSync(join(folder, 'systemctl'), '#!/bin/sh\ntouch "$REVEILLE_TEST/restarted"\nkill -9 $PPID\n')
  once(prepared)
  const waits = /This machine has to restart, and waits for its maintenance window at \d{4}-\d\d-\d\d \d\d:\d\d UTC\./
  for (const _ of ['started', 'killed and started again']) {
    t.regex(await runClient({}, (said) => waits.test(said)), waits)
    t.false(existsSync(join(folder, 'restarted')))
  }
  // The window opens.
  const file = join(folder, 'lib/reveille/run/run.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace(`"startsAtMs":${startsAtMs}`, '"startsAtMs":0'))
  t.regex(await runClient(), /^The machine restarts/m)
  t.true(existsSync(join(folder, 'restarted')))
  t.false(existsSync(join(folder, 'ran')), 'nothing goes on before the restart')
  const told = server.events.flatMap(({ body }) => (body.kind === 'output' ? body.lines : []))
  t.true(
    told.some((line) => waits.test(line)),
    'the run says so, too',
  )
  // Killed before the machine went down, it restarts at once.
  spawnSync('rm', [join(folder, 'restarted')])
  t.regex(await runClient(), /^The machine restarts/m)
  t.true(existsSync(join(folder, 'restarted')))
  prepared.restart()
  await runClient()
  t.is(readFileSync(join(folder, 'ran'), 'utf8'), 'after\n')
  t.is(endOf(prepared), 'succeeded')
})

test('a server that is away, or refuses the start, ends the client with the reason', async (t) => {
  const prepared = await prepareClient(t, answers([]))
  prepared.server.loss = (path) => (path === agentRoutes.runs ? 'not-armed' : undefined)
  t.regex(await prepared.runClient(), /Nothing is started; the server is asked again by itself\. Error 45/)
  prepared.server.stop()
  t.regex(await prepared.runClient(), /Error 33: http:\S+: the connection was refused/)
})

const check: Program = {
  name: 'Check',
  description: '',
  commandLine: 'echo checked >> "$REVEILLE_TEST/checked"; test ! -e "$REVEILLE_TEST/battery-low"',
  workingDirectory: '',
  runMode: 'local-system',
  maxRunTimeMinutes: 1,
  allowedPlatforms: [],
  allowInstallFromTaskSequence: false,
  afterRunning: 'no-restart',
  successCodes: [0],
}

test('S1-075: the program that runs first decides whether the sequence runs, and once it has succeeded it is not asked for again', async (t) => {
  const given = answers([command('After', 'echo after >> "$REVEILLE_TEST/after"')])
  const packageId = parsePackageId('RVL00009')
  assert(packageId !== undefined, 'it is one')
  const first = { packageId, programName: check.name }
  const { policy } = given.start
  const content = [
    { id: first.packageId, name: 'Tools', version: 0, files: [], kind: 'package', programs: [check] },
  ] as const
  const withFirst = { ...policy, sequence: withProgramFirst(policy.sequence, first), content, runsProgramFirst: true }
  const start = { ...given.start, policy: withFirst }
  const prepared = await prepareClient(t, { ...given, start })
  const armed = prepared.server.helloAnswer.machine
  writeFileSync(join(prepared.folder, 'battery-low'), '')
  once(prepared, armed)
  t.regex(await prepared.runClient(), /The task sequence failed/)
  t.is(endOf(prepared), 'failed')
  t.false(existsSync(join(prepared.folder, 'after')), 'nothing of the sequence has run')
  spawnSync('rm', [join(prepared.folder, 'battery-low')])
  for (const expected of [[], ['RVL00002']]) {
    prepared.server.events.length = 0
    once(prepared, armed)
    await prepared.runClient()
    t.deepEqual(prepared.server.starts.at(-1)?.programsRunFirst, expected)
  }
  t.is(readFileSync(join(prepared.folder, 'after'), 'utf8'), 'after\nafter\n')
})

test('S1-081, S1-083: whoever is at work is told before a required sequence starts by itself', async (t) => {
  const given = answers([])
  const notification = { lines: ['Maintenance', 'Save your work.'], waitSeconds: 0 }
  const prepared = await prepareClient(t, { ...given, choice: { ...given.choice, notification } })
  const { folder } = prepared
  for (const [name, text] of [
    ['loginctl', ''],
    ['who', 'exit 0'],
    ['wall', 'cat > "$REVEILLE_TEST/told"'],
  ] as const) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  const armed = prepared.server.helloAnswer.machine
  once(prepared, armed)
  await prepared.runClient()
  t.false(existsSync(join(folder, 'told')), 'nobody is there')
  writeFileSync(join(folder, 'who'), '#!/bin/sh\necho "anna tty1"\n')
  once(prepared, armed)
  t.regex(await prepared.runClient(), /Save your work\./)
  t.is(readFileSync(join(folder, 'told'), 'utf8'), 'Maintenance\nSave your work.\n')
})

test('the command for whoever sits there leaves a wish and starts the service, and takes no other words', (t) => {
  const file = clientFiles({ hasSite: true }).find(({ path }) => path.endsWith('reveille-client'))
  const script = (file?.content ?? '').replace('files=/run/reveille', 'files=$REVEILLE_TEST/run')
  const folder = `/tmp/reveille-command-${process.pid}`
  mkdirSync(folder)
  t.teardown(() => spawnSync('rm', ['-r', folder]))
  forbidRestarts(folder)
  const say = (...words: string[]) =>
    spawnSync('sh', ['-s', '--', ...words], {
      input: script,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${process.env['PATH']}`, REVEILLE_TEST: folder },
    })
  for (const words of [[], ['run'], ['run', 'RVL10001'], ['run', '../../etc'], ['run', 'RVL20001x'], ['list-all']]) {
    t.is(say(...words).status, 2, words.join(' '))
  }
  t.false(existsSync(join(folder, 'run')))
  t.regex(say('list').stdout, /Nothing is known yet/)
  t.is(say('run', 'RVL2000A').status, 0)
  t.is(readFileSync(join(folder, 'run/wish'), 'utf8'), 'RVL2000A\n')
  t.true(existsSync(join(folder, 'systemctl-was-asked')))
  t.regex(say('--help').stdout, /reveille-client check/)
})

test('S7-026: a client of a site waits for the network, and one without a site does not', (t) => {
  for (const hasSite of [true, false]) {
    const [unit] = clientFiles({ hasSite })
    const lines = unit?.content.split('\n') ?? []
    for (const name of ['Wants=', 'After=']) {
      const [line = ''] = lines.filter((each) => each.startsWith(name))
      t.regex(line, /reveille-agent-occasions\.service$/)
      t.is(line.includes('network-online.target'), hasSite)
    }
  }
})
