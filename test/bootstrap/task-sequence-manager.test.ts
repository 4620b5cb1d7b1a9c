/** Whole runs through session, manager, reporter and run file against a server on loopback that loses things. */

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { awaitCommand } from '../../bootstrap/await-command.ts'
import { MachineConsole } from '../../bootstrap/console.ts'
import { decodeNextCommandAnswer } from '../../bootstrap/decode-answer.ts'
import type { Fault } from '../../bootstrap/fault.ts'
import { Identity } from '../../bootstrap/identity.ts'
import { ManagementPoint } from '../../bootstrap/management-point.ts'
import { Redactor } from '../../bootstrap/redactor.ts'
import {
  isSameMachine,
  loadRun,
  removeRun,
  runFilePath,
  runFileVersion,
  runFolder,
  type SavedRun,
  RunFile,
} from '../../bootstrap/run-file.ts'
import { RunKeeper } from '../../bootstrap/run-keeper.ts'
import { RunLink } from '../../bootstrap/run-link.ts'
import { RunSession } from '../../bootstrap/run-session.ts'
import { siteHome } from '../../bootstrap/site-home.ts'
import { TargetSystem } from '../../bootstrap/target-system.ts'
import { parseDeploymentId, parseRunId } from '../../server/address/identifiers.ts'
import type { RunEventBody } from '../../server/contract/agent.ts'
import { agentRoutes } from '../../server/contract/routes.ts'
import type { Action } from '../../server/sequence/step-types.ts'
import { startRun } from '../../server/sequence/advance.ts'
import type { Step } from '../../server/sequence/task-sequence.ts'
import { actionOf } from '../support/actions.ts'
import { AgentServer } from './agent-server.ts'
import { makeFolder } from './loop-disk.ts'

function step(name: string, action: Action, changes: Partial<Step> = {}): Step {
  return { kind: 'step', name, description: '', disabled: false, continueOnError: false, action, ...changes }
}

function command(name: string, commandLine: string, changes: Partial<Step> = {}): Step {
  return step(name, actionOf({ type: 'run-command-line', commandLine, successCodes: [0] }), changes)
}

function savedRun(steps: readonly Step[], changes: Partial<SavedRun> = {}): SavedRun {
  const runId = parseRunId('0123456789abcdef0123456789abcdef')
  const deploymentId = parseDeploymentId('RVL20001')
  if (runId === undefined || deploymentId === undefined) throw new Error('a wrong fixture')
  const variables = [{ name: 'Password', value: 'swordfish', secret: true }]
  return {
    version: runFileVersion,
    savedAtMs: 1,
    runId,
    deploymentId,
    resumeTicket: 'ticket-1',
    server: [],
    machine: { macAddresses: ['52:54:00:00:00:01'] },
    content: [],
    run: startRun({ name: 'Test', description: '', children: steps }, variables),
    reports: [],
    firstReport: 1,
    ...changes,
  }
}

async function makeSession(t: ExecutionContext, server: AgentServer, folder: string, saved: SavedRun) {
  const base = await startedBase(t, server)
  const identity = new Identity()
  const { identityKey, sealingKey, nonce } = identity
  const hardware = {
    architecture: 'x64',
    firmware: 'bios',
    secureBoot: false,
    macAddresses: [],
    memoryBytes: 1,
    disks: [],
  } as const
  const hello = {
    protocol: 1,
    identityKey,
    sealingKey,
    nonce,
    hardware,
    startedFrom: 'boot-image',
    agentVersion: 'test',
  } as const
  const faults: Fault[] = []
  const said: string[] = []
  const redactor = new Redactor()
  const onFault = (fault: Fault): void => void faults.push(fault)
  const settings = {
    server: [base],
    identity,
    onFault,
    signal: new AbortController().signal,
    backOff: { firstMs: 1, mostMs: 1 },
  }
  const managementPoint = new ManagementPoint(settings)
  const console = new MachineConsole(redactor, (text) => said.push(text))
  const machine = {
    where: 'boot-image',
    hello,
    disks: [],
    otherDisks: [],
    server: [base],
    console,
    redactor,
    managementPoint,
    onFault,
  } as const
  const keeper = new RunKeeper(folder, saved)
  const target = new TargetSystem(join(folder, 'target'), (root) => keeper.moveTo(root))
  const folders = { runtimeFolder: folder, scratchFolder: join(folder, 'scratch') }
  const whole = { ...machine, ...folders }
  const session = new RunSession(whole, { keeper, target, home: siteHome(whole, keeper) })
  return { session, faults, said, keeper, managementPoint, hello }
}

const bases = new Map<AgentServer, string>()

async function startedBase(t: ExecutionContext, server: AgentServer): Promise<string> {
  const known = bases.get(server)
  if (known !== undefined) return known
  t.teardown(() => server.stop())
  const base = await server.start()
  bases.set(server, base)
  return base
}

function kinds(bodies: readonly RunEventBody[]): readonly string[] {
  return bodies.map((body) => body.kind).filter((kind) => kind !== 'output' && kind !== 'step-progress')
}

function bodies(server: AgentServer): readonly RunEventBody[] {
  return server.events.map(({ body }) => body)
}

test('I2, I3: a run reports every event once and in order, although requests and answers are lost', async (t) => {
  const server = new AgentServer()
  let asked = 0
  server.loss = () => (['request', undefined, 'answer', undefined] as const)[asked++ % 4]
  const folder = makeFolder(t)
  const steps = [
    command('One', 'echo hello; echo "Made=here" >> "$REVEILLE_VARIABLES"'),
    command('Two', 'test %Made% = here'),
  ]
  const { session } = await makeSession(t, server, folder, savedRun(steps))
  await session.resume()
  const end = await session.go({ kind: 'start' })
  t.deepEqual(end, { kind: 'ended', outcome: { kind: 'succeeded' } })
  t.true(await session.reporter.allKept())
  t.deepEqual(
    server.events.map(({ sequence }) => sequence),
    server.events.map((_, index) => index + 1),
  )
  t.deepEqual(kinds(bodies(server)), [
    'sequence-started',
    'step-started',
    'variables-changed',
    'step-ended',
    'step-started',
    'step-ended',
    'sequence-ended',
  ])
  const output = bodies(server).filter((body) => body.kind === 'output' && body.stream === 'stdout')
  t.deepEqual(output, [{ kind: 'output', stream: 'stdout', lines: ['hello'] }])
})

test('A08: a secret appears in no event and not on the console, in output, messages and variables alike', async (t) => {
  const server = new AgentServer()
  const steps = [
    command(
      'One',
      'echo "say %Password%"; echo "Copy=x%Password%x" >> "$REVEILLE_VARIABLES"; echo "no: %Password%" >&2; exit 5',
    ),
  ]
  const { session, said } = await makeSession(t, server, makeFolder(t), savedRun(steps))
  await session.resume()
  const end = await session.go({ kind: 'start' })
  t.is(end.kind, 'ended')
  t.true(await session.reporter.allKept())
  t.notRegex(JSON.stringify(server.events) + said.join(''), /swordfish/)
  t.regex(JSON.stringify(server.events), /say \*\*\*/)
  t.regex(said.join(''), /Error 50: failed: .*no: \*\*\*/)
})

test('A08, S1-071: what a secret variable was before a restart is masked after it, and the run file is for its owner alone', async (t) => {
  const server = new AgentServer()
  const folder = makeFolder(t)
  const steps = [
    command('Keep', `echo 'once %Password%' > ${folder}/kept`),
    step('Overwrite', actionOf({ type: 'set-task-sequence-variable', variable: 'Password', value: 'marlinspike' })),
    step('Restart', actionOf({ type: 'restart-computer', target: 'boot-image' })),
    command('Say', `cat ${folder}/kept; echo 'now %Password%'`),
  ]
  const first = await makeSession(t, server, join(folder, 'run'), savedRun(steps))
  await first.session.resume()
  t.is((await first.session.go({ kind: 'start' })).kind, 'restart')
  first.session.reporter.close()
  first.keeper.journal.close()
  t.is(statSync(runFilePath(join(folder, 'run'))).mode & 0o777, 0o600)
  const saved = loadRun(join(folder, 'run'))
  if (saved === undefined) throw new Error('no saved run')
  const second = await makeSession(t, server, join(folder, 'run'), saved)
  await second.session.resume()
  const end = await second.session.go({ kind: 'resumed', where: 'boot-image' })
  t.deepEqual(end, { kind: 'ended', outcome: { kind: 'succeeded' } })
  t.true(await second.session.reporter.allKept())
  const told = JSON.stringify(server.events) + [...first.said, ...second.said].join('')
  t.notRegex(told, /swordfish|marlinspike/)
  t.regex(told, /once \*\*\*.*now \*\*\*/)
})

test('S1-017: a step beyond its time limit is ended and said to be', async (t) => {
  const server = new AgentServer()
  const { session } = await makeSession(
    t,
    server,
    makeFolder(t),
    savedRun([command('Long', 'sleep 300', { timeoutSeconds: 1 })]),
  )
  await session.resume()
  const end = await session.go({ kind: 'start' })
  t.is(end.kind === 'ended' && end.outcome.kind === 'failed' ? end.outcome.exitCode : 0, 1460)
  t.true(await session.reporter.allKept())
})

test('S1-020 S1-023: conditions ask this very machine, and the report of a skipped step says why', async (t) => {
  const server = new AgentServer()
  const folder = makeFolder(t)
  const path = '/proc/self/none-such'
  const steps = [
    command('Runs', `touch ${folder}/ran`, { condition: { kind: 'folder', path: folder } }),
    command('Skipped', 'false', { condition: { kind: 'file', path } }),
  ]
  const { session } = await makeSession(t, server, folder, savedRun(steps))
  await session.resume()
  t.deepEqual(await session.go({ kind: 'start' }), { kind: 'ended', outcome: { kind: 'succeeded' } })
  t.true(await session.reporter.allKept())
  t.true(existsSync(join(folder, 'ran')))
  t.deepEqual(
    bodies(server).find(({ kind }) => kind === 'node-skipped'),
    {
      kind: 'node-skipped',
      path: [1],
      reason: 'condition-false',
      steps: 1,
      because: `File "${path}" is false: it does not exist.`,
    },
  )
})

test("S1-056: an action's own variables are no news, and what follows the end is handed on", async (t) => {
  const server = new AgentServer()
  const action = actionOf({
    type: 'run-command-line',
    commandLine: 'echo "SMSTSPostAction=echo bye" >> "$REVEILLE_VARIABLES"',
    workingDirectory: '/',
    successCodes: [0],
  })
  const { session } = await makeSession(t, server, makeFolder(t), savedRun([step('One', action)]))
  await session.resume()
  const end = await session.go({ kind: 'start' })
  t.deepEqual(end, { kind: 'ended', outcome: { kind: 'succeeded' }, postAction: 'echo bye' })
  t.true(await session.reporter.allKept())
  const changed = bodies(server).flatMap((body) => (body.kind === 'variables-changed' ? body.variables : []))
  t.deepEqual(changed, [{ name: 'SMSTSPostAction', value: 'echo bye', secret: false }])
})

test('S1-042: a restart ends the loop, and the saved run goes on after it with the ticket', async (t) => {
  const server = new AgentServer()
  const folder = makeFolder(t)
  const restart = step('Restart', { type: 'restart-computer', target: 'boot-image', message: 'Bye', timeoutSeconds: 0 })
  const first = await makeSession(t, server, folder, savedRun([restart, command('After', 'true')]))
  await first.session.resume()
  const end = await first.session.go({ kind: 'start' })
  t.is(end.kind === 'restart' ? end.restart.message : '', 'Bye')
  t.true(await first.session.reporter.allKept())
  first.keeper.journal.close()

  const saved = loadRun(folder)
  if (saved === undefined) return t.fail('no saved run')
  t.is(saved.resumeTicket, 'ticket-2')
  const second = await makeSession(t, server, folder, saved)
  await second.session.resume()
  t.deepEqual(await second.session.go({ kind: 'resumed', where: 'boot-image' }), {
    kind: 'ended',
    outcome: { kind: 'succeeded' },
  })
  t.true(await second.session.reporter.allKept())
  t.deepEqual(kinds(bodies(server)), [
    'sequence-started',
    'step-started',
    'step-ended',
    'restarting',
    'resumed',
    'step-started',
    'step-ended',
    'sequence-ended',
  ])
  second.keeper.remove()
  return t.is(loadRun(folder), undefined)
})

test('I2: reports that a kill kept from the journal are journaled at the next start, and no other', async (t) => {
  const folder = makeFolder(t)
  const reports: RunEventBody[] = [{ kind: 'sequence-started' }, { kind: 'restarting', target: 'boot-image' }]
  for (const journaled of [0, 1, 2]) {
    const server = new AgentServer()
    const place = join(folder, String(journaled))
    const { session, keeper } = await makeSession(t, server, place, savedRun([command('One', 'true')], { reports }))
    for (const report of reports.slice(0, journaled)) keeper.journal.append(report, 1)
    await session.resume()
    t.true(await session.reporter.allKept())
    t.deepEqual(bodies(server), reports)
  }
})

test('an expired token is renewed with the ticket in the middle of a run', async (t) => {
  const server = new AgentServer()
  const { session, keeper } = await makeSession(t, server, makeFolder(t), savedRun([command('One', 'true')]))
  await session.resume()
  server.token = 'token-77'
  await session.go({ kind: 'start' })
  t.true(await session.reporter.allKept())
  t.is(keeper.saved.resumeTicket, 'ticket-3')
})

test('a run that the server has ended stops before its next step', async (t) => {
  const server = new AgentServer()
  const folder = makeFolder(t)
  const { session, said } = await makeSession(
    t,
    server,
    folder,
    savedRun([command('One', 'sleep 300'), command('Two', `touch ${folder}/ran`)]),
  )
  await session.resume()
  server.loss = () => 'run-ended'
  server.detail = `${server.ticket} with ${server.token}`
  t.deepEqual(await session.go({ kind: 'start' }), { kind: 'refused' })
  t.regex(said.join(''), /Error 47: .*the server has ended this run - \*\*\* with \*\*\*/)
  t.false(existsSync(join(folder, 'ran')))
})

test('the run moves to the target disk with everything, and leaves nothing behind', async (t) => {
  const [from, root] = [makeFolder(t), makeFolder(t)]
  const keeper = new RunKeeper(from, savedRun([command('One', 'true')]))
  keeper.journal.append({ kind: 'sequence-started' }, 1)
  keeper.moveTo(root)
  keeper.keepTicket('ticket-9')
  t.is(loadRun(from), undefined)
  t.is(loadRun(join(root, runFolder))?.resumeTicket, 'ticket-9')
  t.is(statSync(join(root, runFolder, 'run.json')).mode & 0o777, 0o600)
  t.is(statSync(join(root, runFolder)).mode & 0o777, 0o700)
  keeper.journal.close()
})

test('a run that has ended leaves no empty folders on the volume where it lay, and takes none that holds something', (t) => {
  const folder = makeFolder(t)
  for (const name of ['windows', 'linux']) {
    const keeper = new RunKeeper(join(folder, 'memory', name), savedRun([command('One', 'true')]))
    mkdirSync(join(folder, name))
    if (name === 'linux') mkdirSync(join(folder, name, 'var/lib/dpkg'), { recursive: true })
    keeper.moveTo(join(folder, name))
    keeper.remove()
  }
  t.deepEqual(readdirSync(join(folder, 'windows')), [])
  t.deepEqual(readdirSync(join(folder, 'linux/var/lib')), ['dpkg'])
})

test('a run file that others could have written or read is not taken', (t) => {
  const folder = makeFolder(t)
  const saved = savedRun([command('One', 'true')])
  new RunFile(folder).save(saved)
  t.deepEqual(loadRun(folder), saved)
  const path = runFilePath(folder)
  const text = readFileSync(path, 'utf8')
  rmSync(path)
  writeFileSync(path, text, { mode: 0o644 })
  t.is(loadRun(folder), undefined)
  rmSync(path)
  writeFileSync(join(folder, 'elsewhere'), text, { mode: 0o600 })
  symlinkSync(join(folder, 'elsewhere'), path)
  t.is(loadRun(folder), undefined)
  rmSync(path)
  writeFileSync(path, text.slice(0, -5), { mode: 0o600 })
  t.is(loadRun(folder), undefined)
  rmSync(path)
  mkdirSync(path)
  t.is(loadRun(folder), undefined)
  removeRun(folder)
  t.false(existsSync(folder))
})

test('a run of many steps writes its sequence once, and little at each event', (t) => {
  const folder = makeFolder(t)
  const saved = savedRun(Array.from({ length: 1_000 }, (_, index) => command(`Step ${index}`, 'true')))
  const keeper = new RunKeeper(folder, saved)
  const [fixed = ''] = readdirSync(folder).filter((name) => name.startsWith('fixed-'))
  const { ino, mode } = statSync(join(folder, fixed))
  t.is(mode & 0o777, 0o600)
  keeper.save({ ...keeper.saved.run, restarts: 1 }, [])
  keeper.keepTicket('ticket-2')
  t.is(statSync(join(folder, fixed)).ino, ino)
  t.true(statSync(runFilePath(folder)).size < 2_000)
  const { savedAtMs: _when, ...loaded } = loadRun(folder) ?? saved
  const { savedAtMs: _then, ...kept } = keeper.saved
  t.deepEqual(loaded, kept)
  keeper.journal.close()
})

test('a kill while another run takes the folder leaves one of them whole', (t) => {
  const folder = makeFolder(t)
  const [first, second] = [savedRun([command('One', 'true')]), savedRun([command('Two', 'true')])]
  new RunFile(folder).save(first)
  const elsewhere = makeFolder(t)
  new RunFile(elsewhere).save(second)
  const [fixed = ''] = readdirSync(elsewhere).filter((name) => name.startsWith('fixed-'))
  copyFileSync(join(elsewhere, fixed), join(folder, fixed))
  t.deepEqual(loadRun(folder), first)
  new RunFile(folder).save(second)
  t.deepEqual(loadRun(folder), second)
  t.deepEqual(readdirSync(folder), [fixed, 'run.json'])
})

test('a run whose sequence is missing or was changed is not taken', (t) => {
  const folder = makeFolder(t)
  new RunFile(folder).save(savedRun([command('One', 'true')]))
  const [fixed = ''] = readdirSync(folder).filter((name) => name.startsWith('fixed-'))
  const text = readFileSync(join(folder, fixed), 'utf8')
  writeFileSync(join(folder, fixed), text.replace('One', 'Two'))
  t.is(loadRun(folder), undefined)
  writeFileSync(join(folder, fixed), text)
  t.not(loadRun(folder), undefined)
  rmSync(join(folder, fixed))
  t.is(loadRun(folder), undefined)
})

test('32: a run belongs to a machine by its SMBIOS identifier, and without one by its cards', (t) => {
  const guid = '1B4E28BA-2FA1-11D2-883F-0016D3CCA427'
  t.true(isSameMachine({ smbiosGuid: guid, macAddresses: [] }, { smbiosGuid: guid, macAddresses: ['a'] }))
  t.false(isSameMachine({ smbiosGuid: guid, macAddresses: ['a'] }, { smbiosGuid: 'other', macAddresses: ['a'] }))
  t.true(isSameMachine({ smbiosGuid: guid, macAddresses: ['a'] }, { macAddresses: ['b', 'a'] }))
  t.false(isSameMachine({ macAddresses: [] }, { macAddresses: [] }))
})

test('S2-021, S2-022: a rule sees the variables of the run, and later steps see what it set', async (t) => {
  const server = new AgentServer()
  const rules = [
    {
      when: { kind: 'variable', variable: 'Password', operator: 'exists', value: '' },
      variables: [{ variable: 'Copy', value: '%Password%-2', secret: false }],
    },
  ] as const
  const steps = [
    step('Rules', { type: 'set-dynamic-variables', rules }),
    command('Look', 'test %Copy% = swordfish-2 && echo %Copy%'),
  ]
  const { session } = await makeSession(t, server, makeFolder(t), savedRun(steps))
  await session.resume()
  const end = await session.go({ kind: 'start' })
  t.deepEqual(end, { kind: 'ended', outcome: { kind: 'succeeded' } })
  t.true(await session.reporter.allKept())
  // What a secret went into is one.
  t.notRegex(JSON.stringify(server.events), /swordfish/)
})

/** The same run, debugged. */
function debuggedRun(steps: readonly Step[]): SavedRun {
  const saved = savedRun(steps)
  const variables = [...saved.run.environment.variables, { name: 'TSDebugMode', value: 'TRUE', secret: false }]
  return { ...saved, run: startRun(saved.run.sequence, variables) }
}

test('S1-100 S1-101: the debugger holds a run before each step, and a lost answer runs no step twice', async (t) => {
  const server = new AgentServer()
  let asked = 0
  server.loss = () => (['request', undefined, 'answer', undefined] as const)[asked++ % 4]
  const folder = makeFolder(t)
  const steps = [command('One', `echo one >> ${folder}/ran`), command('Two', `echo two >> ${folder}/ran; exit 3`)]
  server.commands.push({ kind: 'step' }, { kind: 'set-current', path: [0] }, { kind: 'step' }, { kind: 'step' })
  server.commands.push({ kind: 'set-current', path: [7] }, { kind: 'cancel' })
  const { session, said } = await makeSession(t, server, join(folder, 'run'), debuggedRun(steps))
  await session.resume()
  const end = await session.go({ kind: 'start' })
  t.is(end.kind === 'ended' && end.outcome.kind === 'failed' && end.outcome.exitCode, 1223)
  t.true(await session.reporter.allKept())
  t.is(readFileSync(join(folder, 'ran'), 'utf8'), 'one\none\ntwo\n')
  const taken = bodies(server).flatMap((body) => (body.kind === 'debugger-command' ? [body.number] : []))
  t.deepEqual(taken, [1, 2, 3, 4, 5, 6])
  const held = bodies(server).flatMap((body) =>
    body.kind === 'debugger-paused' ? [`${body.reason} ${body.path.join('.')}`] : [],
  )
  t.deepEqual(held, ['before-step 0', 'before-step 1', 'before-step 0', 'before-step 1', 'error 1'])
  t.regex(said.join(''), /Paused before step 1: One \(debugger\)\nGo on from the server: .*run debug 0123456789abcdef/)
  t.regex(said.join(''), /Debugger: set-current 8 was refused\. There is no step 8/)
})

test('S1-102: whoever debugs sees all variables, those of the product too, and no value of a secret', async (t) => {
  const server = new AgentServer()
  server.commands.push({ kind: 'run' })
  const { session } = await makeSession(t, server, makeFolder(t), debuggedRun([command('One', 'true')]))
  await session.resume()
  await session.go({ kind: 'start' })
  t.true(await session.reporter.allKept())
  t.is(kinds(bodies(server)).indexOf('variables-changed'), kinds(bodies(server)).indexOf('debugger-paused') + 1)
  const shown = new Map<string, string>()
  for (const body of bodies(server)) {
    if (body.kind === 'variables-changed') for (const { name, value } of body.variables) shown.set(name, value)
  }
  t.is(shown.get('TSDebugMode'), 'TRUE')
  t.is(shown.get('Password'), '***')
  t.is(shown.get('_SMSTSLastActionRetCode'), '0')
})

test('S1-101: a run that is held survives the agent, and a command that it had taken is not taken again', async (t) => {
  const server = new AgentServer()
  const folder = makeFolder(t)
  const steps = [command('One', `echo one >> ${folder}/ran`), command('Two', `echo two >> ${folder}/ran`)]
  server.commands.push({ kind: 'step' })
  server.loss = (path) => (path === agentRoutes.nextCommand && server.asked.length > 0 ? 'run-ended' : undefined)
  const first = await makeSession(t, server, join(folder, 'run'), debuggedRun(steps))
  await first.session.resume()
  // Ended while it waits for its second command, as by a kill: the saved run is all that is left.
  t.deepEqual(await first.session.go({ kind: 'start' }), { kind: 'refused' })
  t.true(await first.session.reporter.allKept())
  first.session.reporter.close()
  first.keeper.journal.close()

  server.loss = () => undefined
  server.commands.push({ kind: 'quit' })
  const saved = loadRun(join(folder, 'run'))
  if (saved === undefined) return t.fail('no saved run')
  t.is(saved.run.state.kind, 'paused')
  const second = await makeSession(t, server, join(folder, 'run'), saved)
  await second.session.resume()
  t.deepEqual(await second.session.go({ kind: 'resumed', where: 'boot-image' }), {
    kind: 'ended',
    outcome: { kind: 'succeeded' },
  })
  t.true(await second.session.reporter.allKept())
  t.deepEqual(server.asked, [0, 1])
  return t.is(readFileSync(join(folder, 'ran'), 'utf8'), 'one\ntwo\n')
})

test('two requests that meet the end of the token together renew it once', async (t) => {
  const server = new AgentServer()
  const { keeper, managementPoint, hello } = await makeSession(t, server, makeFolder(t), savedRun([]))
  const link = new RunLink(managementPoint, keeper, hello)
  await link.resume()
  server.token = 'token-77'
  const question = link.ask(agentRoutes.nextCommand, { after: 0 }, decodeNextCommandAnswer)
  t.deepEqual(await Promise.all([link.send([]), question]), [0, {}])
  t.is(keeper.saved.resumeTicket, 'ticket-3')
})

test('S1-101: after a restart a command is waited for only so long, also while the server is away', async (t) => {
  const { signal } = new AbortController()
  const awaited = { kind: 'await-command', after: 3, limitSeconds: 0.01 } as const
  const away = async () => new Promise<never>(() => {})
  t.deepEqual(await awaitCommand(awaited, { ask: away, signal }), { kind: 'debug-timed-out' })
  t.deepEqual(await awaitCommand(awaited, { ask: async () => ({}), signal }), { kind: 'debug-timed-out' })
  const next = { number: 4, command: { kind: 'step' } } as const
  t.deepEqual(await awaitCommand(awaited, { ask: async () => ({ next }), signal }), { kind: 'debug-command', ...next })
  const refused = AbortSignal.abort()
  t.is(await awaitCommand(awaited, { ask: away, signal: refused }), undefined)
})

test('S1-101: a command of a newer server is none, and the run stays held', (t) => {
  const decode = (command: unknown) => decodeNextCommandAnswer({ next: { number: 1, command } })
  t.deepEqual(decode({ kind: 'set-break', path: [0, 1] }), {
    next: { number: 1, command: { kind: 'set-break', path: [0, 1] } },
  })
  t.deepEqual(decode({ kind: 'step' }), { next: { number: 1, command: { kind: 'step' } } })
  for (const command of [{ kind: 'leap' }, { kind: 'set-break' }, { kind: 'set-current', path: ['0'] }, 'step', null]) {
    t.deepEqual(decode(command), {})
  }
  t.deepEqual(decodeNextCommandAnswer({}), {})
  t.is(decodeNextCommandAnswer('no'), undefined)
})

test('what steps fetched for a run goes with it', async (t) => {
  const folder = makeFolder(t)
  const fetched = join(folder, 'packages/RVL00001.1')
  mkdirSync(fetched, { recursive: true })
  new RunKeeper(join(folder, 'run'), savedRun([])).remove()
  t.false(existsSync(fetched))
})
