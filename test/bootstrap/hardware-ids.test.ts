/** Ids of devices as the kernel tells them, and as Windows writes them. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { readHardwareIds, windowsIds } from '../../bootstrap/hardware-ids.ts'
import { makeFolder } from './loop-disk.ts'

const card = 'pci:v00008086d000015B7sv00001028sd000006DEbc02sc00i00'

test('S2-068: the devices of all buses are told, each once', async (t) => {
  const folder = makeFolder(t)
  for (const [place, alias] of Object.entries({
    'pci/devices/0000:00:1f.6': `${card}\n`,
    'pci/devices/0000:00:1f.7': `${card}\n`,
    'virtio/devices/virtio0': 'virtio:d00000001v00001AF4\n',
    'usb/devices/usb1': '',
  })) {
    mkdirSync(join(folder, place), { recursive: true })
    writeFileSync(join(folder, place, 'modalias'), alias)
  }
  mkdirSync(join(folder, 'empty'))
  t.deepEqual(await readHardwareIds(folder), [
    card,
    'PCI\\VEN_8086&DEV_15B7&SUBSYS_06DE1028',
    'PCI\\VEN_8086&DEV_15B7',
    'virtio:d00000001v00001AF4',
  ])
  t.deepEqual(await readHardwareIds(join(folder, 'missing')), [])
})

test('S2-068: a USB device as Windows writes it', (t) => {
  t.deepEqual(windowsIds('usb:v0BDAp8153d3100dc00dsc00dp00icFFiscFFip00in00'), ['USB\\VID_0BDA&PID_8153'])
  t.deepEqual(windowsIds('acpi:PNP0501:'), [])
})
