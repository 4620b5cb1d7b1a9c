/**
 * Media that carry all they need: a machine without any network becomes a Debian from a disc that stays in its drive, and a disk
 * that was prestaged in a factory becomes one with the content that is on it.
 */

import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { downloadMedium, makeMedium } from '../../scripts/lab/lab-media.ts'
import { type Lab, openLab } from '../../scripts/lab/lab.ts'
import { addCollection, addDevice, addTaskSequence, deploy, readSequence } from '../../scripts/lab/site-setup.ts'
import type { Lane } from '../../server/contract/progress.ts'
import { readKeptLog } from './kept-log.ts'
import { personAt } from './person-at.ts'
import { tellRun } from './tell-run.ts'
import { untilDone } from './until-done.ts'

const runMs = 18 * 60_000
const bootMs = 6 * 60_000

const say = {
  kind: 'step',
  name: 'Say it',
  action: {
    type: 'run-command-line',
    commandLine: 'echo "DONE as $(hostname): %_SMSTSMediaType%, %_SMSTSLaunchMode%, [%_SMSTSAdvertID%]" >/dev/ttyS0',
  },
}

function withEnd(sequence: unknown): object {
  const { children, ...rest } = sequence as { children: readonly unknown[] }
  return { ...rest, children: [...children, say] }
}

test('S7-026, S7-027, S7-035, S7-038: a disc that stays in the drive installs a machine without a network', async (t) => {
  const lab = await openSite(t, 'alone', '10.77.43')
  const image = await lab.addDebian()
  const sequence = withEnd(await readSequence('debian', { image }))
  const taskSequenceId = await addTaskSequence(lab.server, lab.bootImageId, sequence)
  const { id } = await makeMedium(lab.server, { kind: 'stand-alone', taskSequenceId, unattended: true, password: null })
  const disc = await downloadMedium(lab.server, { id, format: 'iso' }, join(lab.directory, 'stand-alone.iso'))
  const disk = { file: join(lab.directory, 'alone.disk'), megabytes: 3_072 }
  const machine = await lab.startMachine({
    name: 'alone',
    macAddress: '52:54:00:05:02:01',
    firmware: 'bios',
    medium: { file: disc, as: 'disc' },
    disk,
    hasNetwork: false,
  })
  // The disc stays in the drive, and comes first: the machine goes on from its disk all the same.
  const person = personAt(t, machine)
  await person.read(/DONE as .*: FullMedia, CD, \[%_SMSTSAdvertID%\]/, runMs)
  await new Promise((resolve) => setTimeout(resolve, 20_000))
  await machine.stop()
  const log = await readKeptLog(disk.file)
  t.true(log.includes('"kind":"sequence-ended"'), log.slice(-2_000))
  t.regex(log, /"kind":"sequence-ended","outcome":\{"kind":"succeeded"/)
})

test('S7-031, S7-032, S7-033: a prestaged disk starts, keeps what starts it, and installs what is on it', async (t) => {
  const lab = await openSite(t, 'pre', '10.77.44')
  const macAddress = '52:54:00:05:02:03'
  const image = await lab.addDebian()
  const asked = { bootImageId: lab.bootImageId, type: 'install-existing-image', name: 'Install', imageId: image }
  const made = await lab.server.call<{ sequence: unknown }>('POST', '/api/v1/task-sequences/wizard', asked)
  const taskSequenceId = await addTaskSequence(
    lab.server,
    lab.bootImageId,
    withEnd({ ...(made.sequence as object), name: 'From the factory' }),
  )
  const device = await addDevice(lab.server, { name: 'from-factory', macAddress })
  const collectionId = await addCollection(lab.server, 'Factory', [device])
  const makeAvailableTo = 'media-and-pxe-hidden'
  const deploymentId = await deploy(lab.server, { taskSequenceId, collectionId, purpose: 'available', makeAvailableTo })
  const { id } = await makeMedium(lab.server, {
    kind: 'prestaged',
    taskSequenceId,
    deploymentId,
    unattended: true,
    password: null,
  })
  const file = await downloadMedium(lab.server, { id, format: 'disk' }, join(lab.directory, 'factory.disk'))
  await truncate(file, 3_072 * 1024 * 1024)
  const disk = { file, megabytes: 3_072, first: true }
  const machine = await lab.startMachine({ name: 'fact', macAddress, firmware: 'uefi', disk })
  // The wizard's sequence restores what people had, and the medium has no password that would stand for an approval.
  const isWaiting = ({ approvalCode }: Lane): boolean => approvalCode !== undefined
  const waiting = await untilDone(t, lab, { machine, macAddress, timeoutMs: bootMs, wanted: isWaiting })
  await lab.server.call('POST', `/api/v1/agent-sessions/${waiting.approvalCode}/approve`)
  const lane = await untilDone(t, lab, { machine, macAddress, timeoutMs: runMs })
  const told = await tellRun(lab.server, lane.run?.runId ?? '')
  t.is(lane.condition, 'succeeded', told.join('\n'))
  await personAt(t, machine).read(/DONE as .*: OEMMedia, HD, \[RVL2/, bootMs)
  t.deepEqual(
    told.filter((line) => line.includes('Content comes from')),
    [],
    'all of it was on the disk',
  )
})

async function openSite(t: ExecutionContext, name: string, network: string): Promise<Lab> {
  const pool = `${network}.100-${network}.150`
  const lab = await openLab({ name, network, flags: ['--dhcp', 'full', '--pool', pool, '--tftp-port', '0'] })
  t.teardown(() => lab.close())
  return lab
}
