/**
 * Task sequences on real machines. One with everything that can happen to it, on one machine and one disk from the first
 * boot from the network to the installed Debian; what it tells the site is compared line by line. And one that applies WIM
 * images to NTFS: what is on the disk when the machine has let go of it is compared file by file. No Windows is started.
 */

import { join } from 'node:path'
import test from 'ava'
import { openLab } from '../../scripts/lab/lab.ts'
import { addOperatingSystemImage, deployRequired } from '../../scripts/lab/site-setup.ts'
import type { VirtualMachine } from '../../scripts/lab/virtual-machine.ts'
import { captureVolume, listVolume, makeVolumeWithOddities } from './ntfs-volume.ts'
import { cutInBootImage, cutInDebian, sequenceWithEverything, story } from './sequence-with-everything.ts'
import { takePartition } from './take-partition.ts'
import { tellRun } from './tell-run.ts'
import { untilDone } from './until-done.ts'

const runMs = 20 * 60_000

test('S1-019, S1-020, S1-026, S1-027, S1-039, S1-041, S1-044, S1-047, S1-085: conditions, failures, a child, restarts and power cuts in one run', async (t) => {
  const macAddress = '52:54:00:0a:00:01'
  const lab = await openLab({
    name: 'runs',
    network: '10.77.40',
    flags: ['--dhcp', 'full', '--pool', '10.77.40.100-10.77.40.150', '--tftp-port', '0'],
  })
  t.teardown(() => lab.close())
  await deployRequired(lab.server, {
    name: 'runs-1',
    macAddress,
    bootImageId: lab.bootImageId,
    sequence: await sequenceWithEverything(lab),
  })
  const start = (): Promise<VirtualMachine> =>
    lab.startMachine({
      name: 'runs',
      macAddress,
      firmware: 'bios',
      disk: { file: join(lab.directory, 'runs.disk'), megabytes: 3_072 },
    })
  /** Pulls the plug when the machine says so, and starts it again with the same disk. */
  const cutAt = async (machine: VirtualMachine, line: string): Promise<VirtualMachine> => {
    const wanted = { machine, macAddress, timeoutMs: runMs }
    await untilDone(t, lab, { ...wanted, wanted: ({ stage, lines }) => stage === 'done' || lines.includes(line) })
    await machine.stop()
    return start()
  }

  const inBootImage = await cutAt(await start(), cutInBootImage)
  const machine = await cutAt(inBootImage, cutInDebian)
  const lane = await untilDone(t, lab, { machine, macAddress, timeoutMs: runMs })
  t.is(lane.condition, 'succeeded', lane.text)
  t.deepEqual(await tellRun(lab.server, lane.run?.runId ?? ''), story)
})

test('S2-053, S2-059: a WIM on NTFS is file by file what it was made of, streamed as a system and kept first as data', async (t) => {
  const macAddress = '52:54:00:0b:00:01'
  const lab = await openLab({
    name: 'wim',
    network: '10.77.41',
    flags: ['--dhcp', 'full', '--pool', '10.77.41.100-10.77.41.150', '--tftp-port', '0'],
  })
  t.teardown(() => lab.close())
  const at = (name: string): string => join(lab.directory, name)
  makeVolumeWithOddities(at('source.ntfs'))
  await captureVolume(at('source.ntfs'), at('system.wim'), ['--pipable'])
  await captureVolume(at('source.ntfs'), at('data.wim'))
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
  await takePartition(disk.file, 2, at('data.ntfs'))
  t.deepEqual(listVolume(at('data.ntfs')), source)
  // The run lay here until its end, which the times of the root still show.
  await takePartition(disk.file, 1, at('system.ntfs'))
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
