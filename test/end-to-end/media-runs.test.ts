/** Machines that start from media of the site, and run what is deployed: nobody asked, and somebody asked at the serial line. */

import { join } from 'node:path'
import test from 'ava'
import { downloadMedium, makeMedium } from '../../scripts/lab/lab-media.ts'
import { openLab } from '../../scripts/lab/lab.ts'
import {
  addCollection,
  addDevice,
  addTaskSequence,
  deploy,
  readOutput,
  readSequence,
} from '../../scripts/lab/site-setup.ts'
import { personAt } from './person-at.ts'
import { untilDone } from './until-done.ts'

const bootMs = 6 * 60_000

test('A5-02, S6-040, S6-041, S7-010: an unattended disc runs its hidden deployment, ahead of a required one, and asks nothing', async (t) => {
  const lab = await openLab({
    name: 'med',
    network: '10.77.40',
    flags: ['--dhcp', 'full', '--pool', '10.77.40.100-10.77.40.150', '--tftp-port', '0'],
  })
  t.teardown(() => lab.close())
  const macAddress = '52:54:00:05:01:01'
  const device = await addDevice(lab.server, { name: 'from-disc', macAddress })
  const collectionId = await addCollection(lab.server, 'Media', [device])
  const hello = await readSequence('hello', {})
  const hiddenSequence = await addTaskSequence(lab.server, lab.bootImageId, { ...(hello as object), name: 'Hidden' })
  const requiredSequence = await addTaskSequence(lab.server, lab.bootImageId, {
    ...(hello as object),
    name: 'Required',
  })
  const hidden = await deploy(lab.server, {
    taskSequenceId: hiddenSequence,
    collectionId,
    purpose: 'available',
    makeAvailableTo: 'media-and-pxe-hidden',
  })
  await deploy(lab.server, { taskSequenceId: requiredSequence, collectionId, purpose: 'required' })

  const { id } = await makeMedium(lab.server, { deploymentId: hidden, unattended: true, password: null })
  const file = await downloadMedium(lab.server, { id, format: 'iso' }, join(lab.directory, 'medium.iso'))
  const machine = await lab.startMachine({ name: 'disc', macAddress, firmware: 'bios', medium: { file, as: 'disc' } })
  const lane = await untilDone(t, lab, { machine, macAddress, timeoutMs: bootMs })
  t.is(lane.condition, 'succeeded', lane.text)
  t.is(lane.run?.taskSequenceName, 'Hidden')
  const medium = await lab.server.call<{ uses: { machineName: string; starts: number }[] }>(
    'GET',
    `/api/v1/media/${id}`,
  )
  t.like(medium.uses, [{ machineName: 'from-disc', starts: 1 }])
})

test('A7-01, S6-046, S6-050, S6-051: with Secure Boot on, a stick asks in pages: a wrong password, the network, the list, a value, the disk', async (t) => {
  const lab = await openLab({
    name: 'wiz',
    network: '10.77.41',
    flags: ['--dhcp', 'full', '--pool', '10.77.41.100-10.77.41.150', '--tftp-port', '0'],
  })
  t.teardown(() => lab.close())
  const macAddress = '52:54:00:05:01:02'
  const variables = [{ name: 'Room', value: '' }]
  const device = await addDevice(lab.server, { name: 'from-stick', macAddress, variables })
  const collectionId = await addCollection(lab.server, 'Media', [device])
  const names = ['Another one', 'Erase and greet']
  for (const name of names) {
    const taskSequenceId = await addTaskSequence(lab.server, lab.bootImageId, greeting(name))
    await deploy(lab.server, { taskSequenceId, collectionId, purpose: 'available' })
  }
  const { id, password } = await makeMedium(lab.server, {
    bootImageId: lab.bootImageId,
    generatePassword: true,
    label: 'Stick of the desk',
  })
  const file = await downloadMedium(lab.server, { id, format: 'usb' }, join(lab.directory, 'medium.img'))
  const disk = { file: join(lab.directory, 'stick.disk'), megabytes: 512 }
  const machine = await lab.startMachine({
    name: 'stick',
    macAddress,
    firmware: 'uefi-secure',
    medium: { file, as: 'stick' },
    disk,
  })
  const { answer } = personAt(t, machine)
  await answer(/^Type the password of this medium/, 'not the password')
  await answer(/^Wrong password, once so far/, password ?? '')
  await answer(/^Enter = addresses by DHCP/, '')
  await answer(/^A number = run that one/, '1')
  await answer(/^Value of Room, Enter alone = empty/, 'B 204')
  await answer(/^Enter = go on, a number = change/, '')
  await answer(/^Type yes and Enter = erase and run/, 'yes')
  const lane = await untilDone(t, lab, { machine, macAddress, timeoutMs: bootMs })
  t.is(lane.condition, 'succeeded', lane.text)
  t.deepEqual(
    (await readOutput(lab.server, lane.run?.runId ?? '')).filter((line) => line.startsWith('GREETING')),
    ['GREETING from B 204, BootMedia, UFD'],
  )
  for (const said of [
    'Welcome: Stick of the desk',
    'from-stick: choose a task sequence by its number',
    '  1  Erase and greet',
    '  2  Another one',
    '  1  Room = B 204',
    'Everything on these disks will be erased:',
  ]) {
    t.true(machine.serial().includes(said), said)
  }
  t.false(machine.serial().includes(password ?? ''))
  t.false(lab.server.log().includes(password ?? ''))
})

function greeting(name: string): unknown {
  const partition = { name: 'Data', use: 'primary', size: { percentOfRemaining: 100 }, fileSystem: 'ext4' }
  return {
    name,
    children: [
      {
        kind: 'step',
        name: 'Erase the disk',
        action: { type: 'format-and-partition-disk', diskNumber: 0, diskType: 'gpt', partitions: [partition] },
      },
      {
        kind: 'step',
        name: 'Greet',
        action: {
          type: 'run-command-line',
          commandLine: 'echo "GREETING from %Room%, %_SMSTSMediaType%, %_SMSTSLaunchMode%"',
        },
      },
    ],
  }
}
