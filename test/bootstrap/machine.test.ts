/** What a machine tells about itself, read from trees of files made like `/sys`. */

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'ava'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import { readFixedDisks } from '../../bootstrap/fixed-disks.ts'
import { readHardware } from '../../bootstrap/machine.ts'

async function makeTree(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'reveille-machine-'))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

const facts = { bootCard: undefined, memoryBytes: 2 ** 31, processor: 'x64', disks: [] }

test('cards come in order with the boot card first; bridges and loopback are left out', async (t) => {
  const root = await makeTree({
    'sys/class/net/lo/type': '772\n',
    'sys/class/net/lo/address': '00:00:00:00:00:00\n',
    'sys/class/net/br0/type': '1\n',
    'sys/class/net/br0/address': '02:00:00:00:00:99\n',
    'sys/class/net/eth10/type': '1\n',
    'sys/class/net/eth10/device/vendor': 'x',
    'sys/class/net/eth10/address': '52:54:00:00:00:10\n',
    'sys/class/net/eth2/type': '1\n',
    'sys/class/net/eth2/device/vendor': 'x',
    'sys/class/net/eth2/address': '52:54:00:00:00:02\n',
  })
  const hardware = await readHardware(facts, root)
  t.deepEqual(hardware.macAddresses, ['52:54:00:00:00:02', '52:54:00:00:00:10'])
  const booted = await readHardware({ ...facts, bootCard: parseMacAddress('52:54:00:00:00:10') }, root)
  t.deepEqual(booted.macAddresses, ['52:54:00:00:00:10', '52:54:00:00:00:02'])
  await rm(root, { recursive: true })
})

test('a machine without SMBIOS tells nothing about itself instead of something wrong', async (t) => {
  const root = await makeTree({ 'sys/class/dmi/id/product_serial': 'To be filled by O.E.M.\n' })
  const { smbiosGuid, serialNumber, manufacturer, firmware, secureBoot } = await readHardware(facts, root)
  t.deepEqual(
    [smbiosGuid, serialNumber, manufacturer, firmware, secureBoot],
    [undefined, undefined, undefined, 'bios', false],
  )
  await rm(root, { recursive: true })
})

test('SMBIOS texts, UEFI and Secure Boot are read', async (t) => {
  const efivar = 'sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c'
  const root = await makeTree({
    'sys/class/dmi/id/product_uuid': '1b4e28ba-2fa1-11d2-883f-0016d3cca427\n',
    'sys/class/dmi/id/product_serial': 'SN-1\n',
    'sys/class/dmi/id/sys_vendor': 'QEMU\n',
    [efivar]: Uint8Array.of(6, 0, 0, 0, 1),
  })
  const hardware = await readHardware(facts, root)
  t.is(hardware.smbiosGuid, '1B4E28BA-2FA1-11D2-883F-0016D3CCA427')
  t.is(hardware.serialNumber, 'SN-1')
  t.is(hardware.manufacturer, 'QEMU')
  t.is(hardware.firmware, 'uefi')
  t.true(hardware.secureBoot)
  await rm(root, { recursive: true })
})

test('fixed disks are ordered by where they are plugged in; sticks, cards, loops and USB disks are none', async (t) => {
  const pci = 'sys/devices/pci0000:00'
  const disks: Readonly<Record<string, { place: string; removable?: string; type?: string; size?: string }>> = {
    sda: { place: `${pci}/0000:00:1f.2/ata10/host9/block/sda` },
    sdb: { place: `${pci}/0000:00:1f.2/ata2/host1/block/sdb` },
    sdc: { place: `${pci}/0000:00:14.0/usb1/1-2/host5/block/sdc` },
    sdd: { place: `${pci}/0000:00:1f.2/ata3/host2/block/sdd`, removable: '1' },
    sde: { place: `${pci}/0000:00:1f.2/ata4/host3/block/sde`, size: '0' },
    mmcblk0: { place: `${pci}/0000:00:1a.0/mmc0/block/mmcblk0`, type: 'SD' },
    mmcblk1boot0: { place: `${pci}/0000:00:1a.0/mmc1/block/mmcblk1boot0` },
    nvme0n1: { place: `${pci}/0000:00:06.0/nvme/nvme0/nvme0n1` },
    loop0: { place: 'sys/devices/virtual/block/loop0' },
    'dm-0': { place: 'sys/devices/virtual/block/dm-0' },
  }
  const files: Record<string, string> = {}
  for (const { place, removable = '0', type = '', size = '2048' } of Object.values(disks)) {
    files[`${place}/size`] = `${size}\n`
    files[`${place}/removable`] = `${removable}\n`
    files[`${place}/device/type`] = `${type}\n`
    files[`${place}/device/model`] = 'Model X   \n'
    files[`${place}/queue/logical_block_size`] = '4096\n'
  }
  const root = await makeTree(files)
  await mkdir(join(root, 'sys/block'))
  for (const [name, { place }] of Object.entries(disks)) await symlink(join(root, place), join(root, 'sys/block', name))
  const found = await readFixedDisks(root)
  t.deepEqual(
    found.map(({ name }) => name),
    ['nvme0n1', 'sdb', 'sda'],
  )
  t.deepEqual(found[1], {
    name: 'sdb',
    bytes: 2048 * 512,
    model: 'Model X',
    removable: false,
    device: '/dev/sdb',
    sectorBytes: 4096,
  })
  await rm(root, { recursive: true })
})
