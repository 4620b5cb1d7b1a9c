/** Machines that start from media of the site, and run what is deployed: nobody asked, and somebody asked at the serial line. */

import { join } from 'node:path'
import test from 'ava'
import { downloadMedium, makeMedium } from '../../scripts/lab/lab-media.ts'
import { openLab } from '../../scripts/lab/lab.ts'
import { addCollection, addDevice, addTaskSequence, deploy, readSequence } from '../../scripts/lab/site-setup.ts'
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
