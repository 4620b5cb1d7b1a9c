/**
 * The sequences that the wizard makes, on machines. Build and capture: a machine gets Debian and something of its own, is made
 * general, restarts into the boot image from its own disk, and sends its image to the site. A second machine with an empty disk
 * is installed from that image. People work on it; then its client installs it anew, from within, and their files are theirs again.
 */

import { join } from 'node:path'
import test from 'ava'
import { type Lab, openLab } from '../../scripts/lab/lab.ts'
import { addCollection, addDevice, deploy, readOutput } from '../../scripts/lab/site-setup.ts'
import type { Lane } from '../../server/contract/progress.ts'
import { tellRun } from './tell-run.ts'
import { untilDone } from './until-done.ts'

const reference = '52:54:00:09:00:01'
const second = '52:54:00:09:00:02'
const minute = 60_000

test('S2-049 to S2-052, S2-062 to S2-064, S4-003 to S4-006, S4-009, S4-017, S4-018, S1-075: a captured image deploys another machine, which its client then installs anew with the files of its people', async (t) => {
  const lab = await openLab({
    name: 'capture',
    network: '10.77.9',
    flags: ['--dhcp', 'full', '--pool', '10.77.9.100-10.77.9.150'],
  })
  t.teardown(() => lab.close())
  const debian = await lab.addDebian()
  const capture = { creator: 'the test', version: '1.0', description: 'For the lab' }
  const built = await askWizard(lab, { type: 'build-and-capture', name: 'Build and capture', imageId: debian, capture })
  const collection = await addMachine(lab, 'reference-1', reference)
  await deploySequence(lab, { sequence: within(built, 'Build the Reference Machine', [ofItsOwn, sayId]), collection })

  // From the disk first: over the network the server would give the boot image, and not the disk itself.
  const disk = (name: string) => ({ file: join(lab.directory, `${name}.disk`), megabytes: 3_072, first: true })
  const one = await lab.startMachine({ name: 'ref', macAddress: reference, firmware: 'bios', disk: disk('ref') })
  const captured = await untilDone(t, lab, { machine: one, macAddress: reference, timeoutMs: 20 * minute })
  const toldByOne = await tellRun(lab.server, captured.run?.runId ?? '')
  t.is(captured.condition, 'succeeded', toldByOne.join('\n'))
  await one.stop()
  const made = await findCaptured(lab, debian)
  t.like(made, { description: 'For the lab; version 1.0, created by the test' })
  t.regex(made?.name ?? '', /^Debian .*reference-1/)

  const install = { type: 'install-existing-image', imageId: made?.id ?? '' }
  const first = await askWizard(lab, { ...install, name: 'Install' })
  const members = await addMachine(lab, 'copy-1', second)
  await deploySequence(lab, {
    sequence: { ...first, children: [...first.children, look, sayId, people] },
    collection: members,
  })
  const tools = await lab.server.call<{ id: string }>('POST', '/api/v1/packages', {
    name: 'Tools',
    programs: [{ name: 'Check', commandLine: 'test -e /etc/of-the-old-system && echo "CHECKED $(hostname)"' }],
  })
  const again = withAccounts(await askWizard(lab, { ...install, name: 'Install anew' }))
  await deploySequence(lab, {
    sequence: { ...again, children: [...again.children, lookAtPeople] },
    collection: members,
    makeAvailableTo: 'clients',
    settings: { runFirst: { packageId: tools.id, programName: 'Check' } },
  })
  const two = await lab.startMachine({ name: 'copy', macAddress: second, firmware: 'bios', disk: disk('copy') })
  const wait = async (wanted: (lane: Lane) => boolean) =>
    untilDone(t, lab, { machine: two, macAddress: second, timeoutMs: 15 * minute, wanted })
  // What restores the files of people waits for somebody who looks at the machine.
  const waiting = await wait(({ approvalCode }) => approvalCode !== undefined)
  await lab.server.call('POST', `/api/v1/agent-sessions/${waiting.approvalCode}/approve`)
  const lane = await wait(({ run, stage }) => run?.taskSequenceName === 'Install anew' && stage === 'done')
  const runs = await lab.server.call<{ items: readonly { id: string }[] }>('GET', '/api/v1/runs')
  const [toldAnew = [], toldFirst = []] = await Promise.all(
    runs.items.slice(0, 2).map(async ({ id }) => tellRun(lab.server, id)),
  )
  t.true(toldFirst.includes('  > LOOK made on reference-1'), toldFirst.join('\n'))
  const ids = [...toldByOne, ...toldFirst].flatMap((line) => /^ {2}> MACHINE-ID ([0-9a-f]{32})$/.exec(line)?.[1] ?? [])
  t.is(new Set(ids).size, 2, 'each machine has an identity of its own')

  t.is(lane.condition, 'succeeded', toldAnew.join('\n'))
  for (const line of ['  > CHECKED copy-1', '  > LETTER dear you', '  > OWNER ann ann 600', '  > NEW yes']) {
    t.true(toldAnew.includes(line), `${line}\n${toldAnew.join('\n')}`)
  }
  const places = toldAnew.filter((line) => /^(?:restarts into|back in)/.test(line))
  t.deepEqual(places, [
    'restarts into the boot-image',
    'back in the boot-image',
    'restarts into the installed-system',
    'back in the installed-system',
  ])
  const output = (await readOutput(lab.server, lane.run?.runId ?? '')).join('\n')
  t.false(output.includes('no user state was captured'), output)
})

interface Node {
  readonly name: string
  readonly children?: readonly Node[]
  readonly action?: object
}

/** As the wizard made it, in the site already. */
interface Sequence extends Node {
  readonly id: string
  readonly children: readonly Node[]
}

async function askWizard(lab: Lab, answers: object): Promise<Sequence> {
  const question = { bootImageId: lab.bootImageId, ...answers }
  const { id, sequence } = await lab.server.call<{ readonly id: string; readonly sequence: Sequence }>(
    'POST',
    '/api/v1/task-sequences/wizard',
    question,
  )
  return { ...sequence, id }
}

async function addMachine(lab: Lab, name: string, macAddress: string): Promise<string> {
  return addCollection(lab.server, `Only ${name}`, [await addDevice(lab.server, { name, macAddress })])
}

interface Deployed {
  readonly sequence: Sequence
  readonly collection: string
  readonly makeAvailableTo?: 'clients' | 'media-and-pxe'
  readonly settings?: object
}

async function deploySequence(
  { server, bootImageId }: Lab,
  { sequence, collection, makeAvailableTo = 'media-and-pxe', settings }: Deployed,
): Promise<void> {
  const { id, ...document } = sequence
  const draft = { bootImageId, sequence: document, ...(settings === undefined ? {} : { settings }) }
  await server.call('PUT', `/api/v1/task-sequences/${id}`, draft)
  await deploy(server, { taskSequenceId: id, collectionId: collection, purpose: 'required', makeAvailableTo })
}

async function findCaptured({ server }: Lab, debian: string) {
  const { items } = await server.call<{ items: readonly { id: string; name: string; description: string }[] }>(
    'GET',
    '/api/v1/operating-system-images',
  )
  const made = items.filter(({ id }) => id !== debian)
  return made.length === 1 ? made[0] : undefined
}

/** What an administrator adds at the end of a group. */
function within(sequence: Sequence, name: string, steps: readonly Node[]): Sequence {
  const children = sequence.children.map((node) =>
    node.name === name ? { ...node, children: [...(node.children ?? []), ...steps] } : node,
  )
  return { ...sequence, children }
}

/** The accounts of people are made where they are missing, with a password that somebody typed. */
function withAccounts(sequence: Sequence): Sequence {
  const changed = (node: Node): Node => ({
    ...node,
    ...(node.children === undefined ? {} : { children: node.children.map((child) => changed(child)) }),
    ...(node.action === undefined || !('type' in node.action) || node.action.type !== 'restore-user-state'
      ? {}
      : { action: { ...node.action, restoreLocalAccounts: true, localAccountPassword: 'a password of ann' } }),
  })
  return { ...sequence, children: sequence.children.map((child) => changed(child)) }
}

const command = (name: string, ...lines: readonly string[]): Node => ({
  name,
  action: { type: 'run-command-line', commandLine: lines.join('\n') },
})

const ofItsOwn = command(
  'Something of its own',
  'echo "made on $(hostname)" >/etc/reference && chmod 600 /etc/reference',
)
const sayId = command('Identity', 'echo "MACHINE-ID $(cat /etc/machine-id)"')
const look = command('Look', 'echo "LOOK $(cat /etc/reference)"; test "$(stat -c %a /etc/reference)" = 600')
const people = command(
  'People',
  'set -e',
  'touch /etc/of-the-old-system',
  'useradd --create-home --uid 1000 ann',
  'printf "dear you" >"/home/ann/a letter"',
  'chown ann:ann "/home/ann/a letter" && chmod 600 "/home/ann/a letter"',
)
const lookAtPeople = command(
  'Look at what people have',
  'set -e',
  'echo "LETTER $(cat "/home/ann/a letter")"',
  'echo "OWNER $(stat -c "%U %G %a" "/home/ann/a letter")"',
  'test ! -e /etc/of-the-old-system && echo "NEW yes"',
)
