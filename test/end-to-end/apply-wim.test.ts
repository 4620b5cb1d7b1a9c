/**
 * A Windows image on the disk of a real machine: made of an NTFS volume with everything that NTFS knows, applied in the boot
 * image as a system and as data, and read back from the disk when the machine has let go of it. No Windows is started.
 */

import { join } from 'node:path'
import test from 'ava'
import { openLab } from '../../scripts/lab/lab.ts'
import { addOperatingSystemImage, deployRequired } from '../../scripts/lab/site-setup.ts'
import { captureVolume, listVolume, makeVolumeWithOddities, takePartition } from './ntfs-volume.ts'
import { untilDone } from './until-done.ts'

const macAddress = '52:54:00:0b:00:01'
const runMs = 5 * 60_000

test('S2-053, S2-059: a WIM on NTFS is file by file what it was made of, streamed as a system and kept first as data', async (t) => {
  const lab = await openLab({
    name: 'wim',
    network: '10.77.41',
    flags: ['--dhcp', 'full', '--pool', '10.77.41.100-10.77.41.150'],
  })
  t.teardown(() => lab.close())
  const at = (name: string): string => join(lab.directory, name)
  makeVolumeWithOddities(at('source.ntfs'))
  captureVolume(at('source.ntfs'), at('system.wim'), ['--pipable'])
  captureVolume(at('source.ntfs'), at('data.wim'))
  const system = await addOperatingSystemImage(lab.server, 'System', at('system.wim'))
  const data = await addOperatingSystemImage(lab.server, 'Data', at('data.wim'))
  await deployRequired(lab.server, {
    name: 'wim-1',
    macAddress,
    bootImageId: lab.bootImageId,
    sequence: sequenceFor(system, data),
  })
  const disk = { file: at('wim.disk'), megabytes: 256 }
  const machine = await lab.startMachine({ name: 'wim', macAddress, firmware: 'bios', disk })
  const lane = await untilDone(t, lab, { machine, macAddress, timeoutMs: runMs })
  t.is(lane.condition, 'succeeded', lane.text)
  // It restarts when everything is on its disk.
  await machine.waitForSerial(/Booting from Hard Disk/, runMs)
  await machine.stop()

  const source = listVolume(at('source.ntfs'))
  t.true(source.length > 60, source.join('\n'))
  takePartition(disk.file, 2, at('data.ntfs'))
  t.deepEqual(listVolume(at('data.ntfs')), source)
  // The run lay here until its end, which the times of the root still show.
  takePartition(disk.file, 1, at('system.ntfs'))
  t.deepEqual(listVolume(at('system.ntfs')).filter(notOfRoot), source.filter(notOfRoot))
})

function notOfRoot(line: string): boolean {
  return !/^(?:# file: )?\. /.test(line)
}

function sequenceFor(system: string, data: string): object {
  const step = (name: string, action: object) => ({ kind: 'step', name, action })
  const volume = (name: string) => ({ name, size: { megabytes: 100 }, fileSystem: 'ntfs' })
  const partitions = [volume('Windows'), volume('Data')]
  return {
    name: 'Apply two WIM images',
    children: [
      step('Partition the disk', { type: 'format-and-partition-disk', diskType: 'mbr', partitions }),
      step('Apply the system', { type: 'apply-operating-system-image', imageId: system }),
      step('Apply the data', { type: 'apply-data-image', imageId: data }),
    ],
  }
}
