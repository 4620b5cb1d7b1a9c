/**
 * The whole start from a medium, up to the run: a medium on a loop device, a site on loopback, and a person at a scripted
 * keyboard. Needs root.
 */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { MachineConsole } from '../../bootstrap/console.ts'
import type { Fault } from '../../bootstrap/fault.ts'
import type { FixedDisk } from '../../bootstrap/fixed-disks.ts'
import { Identity } from '../../bootstrap/identity.ts'
import { ManagementPoint } from '../../bootstrap/management-point.ts'
import { type MediumStart, runFromMedium } from '../../bootstrap/medium-start.ts'
import { writeMediumMark } from '../../bootstrap/medium/medium-mark.ts'
import type { NetworkSettings } from '../../bootstrap/network.ts'
import { Redactor } from '../../bootstrap/redactor.ts'
import { RunFile, runFileVersion, type SavedRun } from '../../bootstrap/run-file.ts'
import { agentProtocolVersion, type Hello, type PolicyContent, type Selection } from '../../server/contract/agent.ts'
import { mediumClaimText } from '../../server/contract/medium.ts'
import { startRun } from '../../server/sequence/advance.ts'
import type { Step } from '../../server/sequence/task-sequence.ts'
import { isSignedBy, rawPublicKey, readSigningKey } from '../../media/signed/site-key.ts'
import { parseSha256 } from '../../server/site/content.ts'
import { AgentServer } from './agent-server.ts'
import { makeContext, makeFolder, makeLoopDisk } from './loop-disk.ts'
import {
  asDevice,
  contentId,
  makeMedium,
  type MediumChanges,
  mediumId,
  mediumSigningKey,
  siteKey,
  testFileSystems,
} from './medium/make-medium.ts'
import { answers, command, forbidRestarts } from './whole-agent.ts'
import { actionOf } from '../support/actions.ts'

interface Machine extends MediumChanges {
  readonly typed?: readonly (string | undefined)[]
  readonly steps?: readonly Step[]
  readonly content?: readonly PolicyContent[]
  readonly because?: 'preferred' | 'required' | 'choose'
  readonly disks?: readonly FixedDisk[]
  readonly saved?: SavedRun
}

async function startOn(
  t: ExecutionContext,
  { typed = [], steps = [], content = [], because = 'preferred', disks = usualDisks, saved, ...changes }: Machine,
) {
  const server = new AgentServer()
  t.teardown(() => server.stop())
  const base = await server.start()
  const { choice, start } = answers([...steps, command('Break', 'exit 9')], { content })
  const selection: Selection =
    because === 'choose' ? { kind: 'choose', choices: [choice] } : { kind: 'start', choice, because }
  server.helloAnswer = { ...server.helloAnswer, machine: { kind: 'armed', name: 'pc-1', selection } }
  server.startAnswer = start
  const { folder: files } = await makeMedium(t, {
    ...changes,
    manifest: { servers: [base], ...changes.manifest },
  })
  const device = asDevice(t, files)
  const folder = makeFolder(t)
  mkdirSync(join(folder, 'scratch'))
  if (saved !== undefined) new RunFile(join(folder, 'scratch/run')).save({ ...saved, server: [base] })
  forbidRestarts(folder)
  process.env['PATH'] = `${folder}:${process.env['PATH']}`
  const said: string[] = []
  const applied: NetworkSettings[] = []
  let read = 0
  const { identity, connect } = machineIn(folder, said, disks)
  const started: MediumStart = {
    wanted: { mediumId, siteKey },
    machine: connect([], {}),
    chooseSeconds: 0,
    refusalWaits: { required: { firstMs: 1, mostMs: 2 }, readErrorMs: 1 },
    network: {
      cards: async () => [],
      apply: async (settings) => applied.push(settings) > 0,
      connect: async () => void applied.push({}),
    },
    connect,
    search: { devices: async () => [device], fileSystems: testFileSystems, tries: 1 },
    pages: { say: (text) => said.push(text), readLine: async () => typed[read++], chooseSeconds: 0 },
  }
  return { server, said, applied, identity, reads: () => read, end: await runFromMedium(started) }
}

const usualDisks: readonly FixedDisk[] = [
  { name: 'none', device: '/dev/none', bytes: 500e9, sectorBytes: 512, removable: false, model: 'WDC' },
]

function machineIn(folder: string, said: string[], disks: readonly FixedDisk[]) {
  const redactor = new Redactor()
  const identity = new Identity()
  const { identityKey, sealingKey, nonce } = identity
  const { hardware } = makeContext(folder)
  const onFault = (fault: Fault): void => void said.push(fault.message)
  const hello: Hello = {
    protocol: agentProtocolVersion,
    identityKey,
    sealingKey,
    nonce,
    hardware,
    startedFrom: 'boot-image',
    agentVersion: '0.1.0',
  }
  const signal = new AbortController().signal
  const connect: MediumStart['connect'] = (server, more, fromMedium) => ({
    where: 'boot-image',
    hello: { ...hello, ...more },
    disks,
    otherDisks: [],
    server,
    console: new MachineConsole(redactor, (text) => said.push(text)),
    redactor,
    managementPoint: new ManagementPoint({ server, identity, onFault, signal }),
    onFault,
    runtimeFolder: join(folder, 'runtime'),
    scratchFolder: join(folder, 'scratch'),
    ...(fromMedium === undefined ? {} : { fromMedium }),
  })
  return { identity, connect }
}

const preferred = { name: 'SMSTSPreferredAdvertID', value: 'RVL20001', secret: false }
const office = { name: 'Office', value: 'Berlin', secret: false }
const unattended = { unattended: true }

test('S7-010, S7-032, S7-035, A7-01: an unattended medium starts its preferred deployment, claims to be itself, and asks for nothing but the password', async (t) => {
  const { server, reads, identity, said } = await startOn(t, {
    manifest: unattended,
    password: 'swordfish',
    typed: ['swordfish'],
    sealed: { variables: [preferred, office] },
    steps: [command('Look', 'echo %_SMSTSMediaType% %_SMSTSLaunchMode%')],
  })
  t.is(reads(), 1)
  const [hello] = server.hellos
  t.like(hello, { startedFrom: 'media', preferred: { medium: 'RVL20001' }, medium: { mediumId } })
  const { identityKey, nonce } = identity
  const key = rawPublicKey(readSigningKey(mediumSigningKey))
  t.true(isSignedBy(key, mediumClaimText(mediumId, identityKey, nonce), hello?.medium?.signature ?? ''))
  t.deepEqual(server.starts[0]?.mediumVariables, [preferred, office])
  const lines = server.events.flatMap(({ body }) => (body.kind === 'output' ? body.lines : []))
  t.true(lines.includes('BootMedia UFD'), lines.join())
  t.notRegex(said.join(), /swordfish/)
})

test('S6-045, A7-02: an unattended medium without SMSTSPreferredAdvertID says so and runs nothing', async (t) => {
  const { server, said, end } = await startOn(t, { manifest: unattended })
  t.deepEqual(end, { kind: 'stays', errorSeconds: undefined })
  t.regex(
    said.join('\n').replaceAll(/\s+/g, ' '),
    /neither its variables nor its prestart command set SMSTSPreferredAdvertID/,
  )
  t.deepEqual([server.hellos, server.starts], [[], []])
})

test('S6-040, S6-042: variables of the prestart command go with the start, and select the deployment', async (t) => {
  const commandLine =
    'grep -qx Office=Berlin "$REVEILLE_MEDIUM_VARIABLES" && echo SMSTSPreferredAdvertID=RVL20001 >> "$REVEILLE_VARIABLES"'
  const { server } = await startOn(t, {
    manifest: unattended,
    sealed: { variables: [office], prestart: { commandLine } },
  })
  t.deepEqual(server.hellos[0]?.preferred, { prestart: 'RVL20001' })
  t.deepEqual(server.starts[0]?.variables, [preferred])
  t.deepEqual(server.starts[0]?.mediumVariables, [office])
})

test('S7-020, A7-04: an expired medium runs nothing, and a page says so', async (t) => {
  const { server, said } = await startOn(t, { manifest: { expiresAtMs: 1_000 } })
  t.regex(said.join(), /This medium cannot be used/)
  t.regex(said.join().replaceAll(/\s+/g, ' '), /expired at 1970-01-01T00:00:01Z/)
  t.deepEqual(server.hellos, [])
})

test('S6-057: an error before the run stays for as long as the medium says', async (t) => {
  const timeout = { name: 'SMSTSErrorDialogTimeout', value: '900', secret: false }
  const { end } = await startOn(t, { manifest: unattended, sealed: { variables: [timeout] } })
  t.deepEqual(end, { kind: 'stays', errorSeconds: 900 })
})

const format: Step = {
  ...command('Format', 'true'),
  action: actionOf({
    type: 'format-and-partition-disk',
    partitions: [{ name: 'root', size: { percentOfRemaining: 100 } }],
  }),
}

test('what will be erased is confirmed before the first step; a no ends the run, and leads back to the list', async (t) => {
  // Welcome, network, number 1, no; then nobody is there any more.
  const { server, said } = await startOn(t, {
    because: 'choose',
    typed: ['', '', '1', 'p', 'p', undefined],
    steps: [format],
  })
  t.regex(
    said.join(),
    /Everything on these disks will be erased:\n {2}disk 0: WDC, 500\.0 GB, no serial number \(\/dev\/none\)/,
  )
  t.deepEqual(
    server.events.map(({ body }) => body.kind),
    ['sequence-ended'],
  )
  t.like(server.events[0]?.body, { outcome: { kind: 'failed', exitCode: 1_223 } })
  t.is(server.hellos.length, 2)
})

test('what nobody confirmed is not begun when the agent starts again: the site is asked anew', async (t) => {
  const { sequence } = answers([command('Break', 'exit 9')]).start.policy
  const { runId } = answers([]).start
  const { deploymentId } = answers([]).choice
  const { server, end } = await startOn(t, {
    typed: [''],
    because: 'choose',
    saved: {
      version: runFileVersion,
      savedAtMs: 1,
      runId,
      deploymentId,
      resumeTicket: 'ticket-1',
      server: [],
      machine: { macAddresses: [] },
      unconfirmed: true,
      content: [],
      run: startRun(sequence, []),
      reports: [],
      firstReport: 1,
    },
  })
  t.deepEqual(end, { kind: 'stays', errorSeconds: undefined })
  t.deepEqual(server.events, [])
})

test('S6-052: content that neither the site nor the medium has is named before the first step, and what the medium has is not asked for', async (t) => {
  const sha256 = parseSha256('ab'.repeat(32))
  if (sha256 === undefined) throw new Error('a wrong fixture')
  const content: PolicyContent = {
    id: contentId,
    name: 'Office',
    version: 1,
    kind: 'package',
    files: [{ name: 'a', bytes: 1, sha256 }],
  }
  const { server, said } = await startOn(t, {
    because: 'choose',
    typed: ['', '', '1', 'p', 'q', 'p', undefined],
    content: [content],
  })
  t.is(server.heads.length, 2)
  t.is(said.filter((text) => text.includes('RVL00009  Office: HTTP 404')).length, 2)
  t.deepEqual(
    server.events.map(({ body }) => body.kind),
    ['sequence-ended'],
  )
  const ofMedium = parseSha256(createHash('sha256').update('x').digest('hex'))
  if (ofMedium === undefined) throw new Error('a wrong fixture')
  const atHand = await startOn(t, {
    files: { a: 'x' },
    manifest: unattended,
    sealed: { variables: [preferred] },
    content: [{ ...content, files: [{ name: 'a', bytes: 1, sha256: ofMedium }] }],
  })
  t.deepEqual(atHand.server.heads, [])
  t.deepEqual(atHand.server.events.map(({ body }) => body.kind).slice(0, 1), ['sequence-started'])
})

test('an unattended medium does not set up again a machine whose disk has its mark, until somebody says so', async (t) => {
  const { disk, folder } = makeLoopDisk(t, 32 * 1024 * 1024)
  execFileSync('mkfs.ext4', ['-q', disk.device])
  const root = join(folder, 'root')
  mkdirSync(root)
  execFileSync('mount', [disk.device, root])
  writeMediumMark(root, { mediumId, atMs: 0, machine: makeContext(folder).hardware })
  execFileSync('umount', [root])
  const medium = { manifest: unattended, sealed: { variables: [preferred] } }
  const { server, said, reads } = await startOn(t, { ...medium, disks: [disk], typed: [undefined, 'x', 'again'] })
  t.regex(said.join(), /This machine was set up from this medium already\n\nAt 1970-01-01 00:00 UTC/)
  t.is(reads(), 3)
  t.is(server.starts.length, 1)
})

/** Of the site, begun by the medium. */
function savedRun({ runId, policy }: ReturnType<typeof answers>['start'], run: SavedRun['run']): SavedRun {
  return {
    version: runFileVersion,
    savedAtMs: 1,
    runId,
    deploymentId: policy.deploymentId,
    resumeTicket: 'ticket-1',
    server: [],
    machine: { macAddresses: ['52:54:00:00:00:01'] },
    content: [],
    medium: { mediumId, startOrder: 1 },
    run,
    reports: [],
    firstReport: 1,
  }
}

test('a machine on its way to its installed system is told to take the medium away, and somebody may begin anew', async (t) => {
  const { start } = answers([command('Last', 'true')])
  const state = { kind: 'restarting', target: 'installed-system' } as const
  const saved = savedRun(start, { ...startRun(start.policy.sequence, []), state })
  const { server, said, reads } = await startOn(t, {
    saved,
    manifest: unattended,
    sealed: { variables: [preferred] },
    typed: ['new'],
  })
  t.regex(said[1] ?? '', /This machine goes on in its installed system/)
  t.is(reads(), 1)
  t.is(server.starts.length, 1)
})

test('B12, S7-020: a run of the site goes on in the boot image by its ticket alone, though its medium has expired since', async (t) => {
  const { start } = answers([command('Done', 'true'), command('Break', 'exit 9')])
  const saved = savedRun(start, {
    ...startRun(start.policy.sequence, []),
    stack: [{ path: [], next: 0 }],
    state: { kind: 'restarting', target: 'boot-image' },
  })
  const { server, said } = await startOn(t, { saved, manifest: { expiresAtMs: 1_000 } })
  t.deepEqual(server.hellos, [])
  t.deepEqual(server.starts, [])
  t.is(server.ticket, 'ticket-2')
  t.deepEqual(server.events[0]?.body.kind, 'resumed')
  t.notRegex(said.join(), /This medium cannot be used/)
})
