/** What a machine tells about itself, read from trees of files made like `/sys`. */

import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parseMacAddress } from '../../server/address/mac-address.ts'
import { readDisks } from '../../bootstrap/fixed-disks.ts'
import { readHardware } from '../../bootstrap/machine.ts'
import { makeTree } from './make-tree.ts'

const facts = { bootCard: undefined, memoryBytes: 2 ** 31, processor: 'x64', disks: [] }

test('cards come in order with the boot card first; bridges and loopback are left out', async (t) => {
  const root = await makeTree(t, {
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
})

test('a machine without SMBIOS tells nothing about itself instead of something wrong', async (t) => {
  const root = await makeTree(t, { 'sys/class/dmi/id/product_serial': 'To be filled by O.E.M.\n' })
  const { smbiosGuid, serialNumber, manufacturer, firmware, secureBoot } = await readHardware(facts, root)
  t.deepEqual(
    [smbiosGuid, serialNumber, manufacturer, firmware, secureBoot],
    [undefined, undefined, undefined, 'bios', false],
  )
})

test('SMBIOS texts, UEFI and Secure Boot are read', async (t) => {
  const efivar = 'sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c'
  const root = await makeTree(t, {
    'sys/class/dmi/id/product_uuid': '1b4e28ba-2fa1-11d2-883f-0016d3cca427\n',
    'sys/class/dmi/id/product_serial': 'SN-1\n',
    'sys/class/dmi/id/sys_vendor': 'QEMU\n',
    // A rack mount with a lock.
    'sys/class/dmi/id/chassis_type': '151\n',
    [efivar]: Uint8Array.of(6, 0, 0, 0, 1),
  })
  const hardware = await readHardware(facts, root)
  t.is(hardware.smbiosGuid, '1B4E28BA-2FA1-11D2-883F-0016D3CCA427')
  t.is(hardware.serialNumber, 'SN-1')
  t.is(hardware.manufacturer, 'QEMU')
  t.is(hardware.firmware, 'uefi')
  t.true(hardware.secureBoot)
  t.is(hardware.chassisType, 23)
})

interface SysfsDisk {
  readonly place: string
  /** Files of its folder, besides those that every disk has. */
  readonly files?: Readonly<Record<string, string>>
}

/** A root with `/sys/block` as the kernel would show these disks, and other files of `/sys` beside them. */
async function makeSysfs(
  t: ExecutionContext,
  disks: Readonly<Record<string, SysfsDisk>>,
  others: Readonly<Record<string, string>> = {},
): Promise<string> {
  const common = { size: '2048', removable: '0', 'device/model': 'Model X   ', 'queue/logical_block_size': '4096' }
  const tree = Object.values(disks).flatMap(({ place, files = {} }) =>
    Object.entries({ ...common, ...files }).map(([name, text]) => [`${place}/${name}`, `${text}\n`] as const),
  )
  const root = await makeTree(t, { ...Object.fromEntries(tree), ...others })
  await mkdir(join(root, 'sys/block'))
  for (const [name, { place }] of Object.entries(disks)) await symlink(join(root, place), join(root, 'sys/block', name))
  return root
}

const pci = 'sys/devices/pci0000:00'
const virtual = 'sys/devices/virtual'

test('fixed disks are ordered by where they are plugged in, and carry their size', async (t) => {
  const root = await makeSysfs(t, {
    sda: { place: `${pci}/0000:00:1f.2/ata10/host9/block/sda` },
    sdb: { place: `${pci}/0000:00:1f.2/ata2/host1/block/sdb` },
    nvme0n1: { place: `${pci}/0000:00:06.0/nvme/nvme0/nvme0n1`, files: { 'device/transport': 'pcie' } },
    mmcblk0: { place: `${pci}/0000:00:1a.0/mmc0/block/mmcblk0`, files: { 'device/type': 'MMC' } },
    vda: { place: `${pci}/0000:00:1b.0/virtio0/block/vda` },
    xvda: { place: 'sys/devices/vbd-768/block/xvda' },
  })
  const { fixed, others } = await readDisks(root)
  t.deepEqual(
    fixed.map(({ name }) => name),
    ['nvme0n1', 'mmcblk0', 'vda', 'sdb', 'sda', 'xvda'],
  )
  t.deepEqual(others, [])
  t.deepEqual(fixed[3], {
    name: 'sdb',
    bytes: 2048 * 512,
    model: 'Model X',
    removable: false,
    device: '/dev/sdb',
    sectorBytes: 4096,
  })
})

/** A single disk that may not be counted, and what is said of it. */
const notFixed = test.macro(
  async (
    t,
    disk: SysfsDisk & { readonly name: string },
    reason: string,
    others: Readonly<Record<string, string>> = {},
  ) => {
    const root = await makeSysfs(t, { [disk.name]: disk }, others)
    t.deepEqual(await readDisks(root), { fixed: [], others: [{ name: disk.name, bytes: 2048 * 512, reason }] })
  },
)

test(
  'an iSCSI disk is not a fixed disk',
  notFixed,
  { name: 'sdb', place: 'sys/devices/platform/host3/session1/target3:0:0/3:0:0:0/block/sdb' },
  'it is on a storage network (iSCSI)',
)
test(
  'a disk behind an iSCSI card is not a fixed disk',
  notFixed,
  { name: 'sdb', place: `${pci}/0000:00:07.0/host3/target3:0:0/3:0:0:0/block/sdb` },
  'it is on a storage network (iSCSI)',
  { 'sys/class/iscsi_host/host3/hwaddress': '' },
)
test(
  'a Fibre Channel disk is not a fixed disk',
  notFixed,
  { name: 'sdb', place: `${pci}/0000:00:07.0/host7/rport-7:0-0/target7:0:0/7:0:0:0/block/sdb` },
  'it is on a storage network (Fibre Channel or SRP)',
)
test(
  'a Fibre Channel disk that a hypervisor hands on is not a fixed disk',
  notFixed,
  { name: 'sdb', place: 'sys/devices/LNXSYSTM:00/VMBUS:00/8a1f/host2/target2:0:0/2:0:0:0/block/sdb' },
  'it is on a storage network (Fibre Channel)',
  { 'sys/class/fc_host/host2/port_name': '0x10' },
)
test(
  'an NVMe disk over TCP is not a fixed disk',
  notFixed,
  {
    name: 'nvme1n1',
    place: `${virtual}/nvme-fabrics/ctl/nvme1/nvme1n1`,
    files: { 'device/transport': 'tcp' },
  },
  'it is on a storage network (NVMe over tcp)',
)
test(
  'an NVMe disk with one path in this machine and one over RDMA is not a fixed disk',
  notFixed,
  {
    name: 'nvme0n1',
    place: `${virtual}/nvme-subsystem/nvme-subsys0/nvme0n1`,
    files: { 'device/nvme0/transport': 'pcie', 'device/nvme2/transport': 'rdma' },
  },
  'it is on a storage network (NVMe over rdma)',
)
test(
  'an NVMe disk whose way is not told is not a fixed disk',
  notFixed,
  { name: 'nvme0n1', place: `${virtual}/nvme-subsystem/nvme-subsys0/nvme0n1` },
  'the kernel does not tell how it is connected',
)
test(
  'a USB disk is not a fixed disk',
  notFixed,
  { name: 'sdc', place: `${pci}/0000:00:14.0/usb1/1-2/host5/block/sdc` },
  'it is a USB disk',
)
test(
  'a FireWire disk is not a fixed disk',
  notFixed,
  { name: 'sdc', place: `${pci}/0000:00:14.0/fw1/fw1.0/host5/block/sdc` },
  'it is a FireWire disk',
)
test(
  'a disk in a Thunderbolt enclosure is not a fixed disk',
  notFixed,
  {
    name: 'nvme0n1',
    place: `${pci}/0000:00:1c.0/0000:03:00.0/nvme/nvme0/nvme0n1`,
    files: { 'device/transport': 'pcie' },
  },
  'it is in an external enclosure',
  { [`${pci}/0000:00:1c.0/0000:03:00.0/removable`]: 'removable\n' },
)
test(
  'a removable disk is not a fixed disk',
  notFixed,
  { name: 'sdd', place: `${pci}/0000:00:1f.2/ata3/host2/block/sdd`, files: { removable: '1' } },
  'it is removable',
)
test(
  'a memory card is not a fixed disk',
  notFixed,
  { name: 'mmcblk0', place: `${pci}/0000:00:1a.0/mmc0/block/mmcblk0`, files: { 'device/type': 'SD' } },
  'it is a memory card',
)
test(
  'a device-mapper device is not a fixed disk',
  notFixed,
  { name: 'dm-0', place: `${virtual}/block/dm-0` },
  'it is made of other devices, or on the network',
)
test(
  'an ATA over Ethernet disk is not a fixed disk',
  notFixed,
  { name: 'etherd!e0.0', place: `${virtual}/block/etherd!e0.0` },
  'it is made of other devices, or on the network',
)
test(
  'a disk that multipath has taken is not a fixed disk',
  notFixed,
  {
    name: 'sda',
    place: `${pci}/0000:00:07.0/host0/port-0:0/end_device-0:0/target0:0:0/0:0:0:0/block/sda`,
    files: { 'holders/dm-0/dm/uuid': 'mpath-3600508b400105e210000900000490000' },
  },
  'it is one path of dm-0',
)

test('a disk that is reached by two ways is not a fixed disk, whether multipath runs or not', async (t) => {
  const wwid = { 'device/wwid': 'naa.5000c500a1b2c3d4' }
  const sas = `${pci}/0000:00:07.0/host0`
  const root = await makeSysfs(t, {
    sda: { place: `${sas}/port-0:0/end_device-0:0/target0:0:0/0:0:0:0/block/sda`, files: wwid },
    sdb: { place: `${sas}/port-0:1/end_device-0:1/target0:0:1/0:0:1:0/block/sdb`, files: wwid },
    // Names that makers give are not world-wide ones: two such disks are two disks.
    sdc: { place: `${pci}/0000:00:1f.2/ata1/host1/block/sdc`, files: { 'device/wwid': 't10.ATA     DISK' } },
    sdd: { place: `${pci}/0000:00:1f.2/ata2/host2/block/sdd`, files: { 'device/wwid': 't10.ATA     DISK' } },
  })
  const { fixed, others } = await readDisks(root)
  t.deepEqual(
    fixed.map(({ name }) => name),
    ['sdc', 'sdd'],
  )
  t.deepEqual(
    others.map(({ name, reason }) => `${name}: ${reason}`),
    ['sda: it is seen by several paths (sda, sdb)', 'sdb: it is seen by several paths (sda, sdb)'],
  )
})

test('what never is a disk of a machine is not spoken of', async (t) => {
  const root = await makeSysfs(t, {
    loop0: { place: `${virtual}/block/loop0` },
    zram0: { place: `${virtual}/block/zram0` },
    sr0: { place: `${pci}/0000:00:1f.2/ata5/host4/block/sr0`, files: { removable: '1' } },
    mmcblk1boot0: { place: `${pci}/0000:00:1a.0/mmc1/block/mmcblk1boot0` },
    nvme0c0n1: { place: `${pci}/0000:00:06.0/nvme/nvme0/nvme0c0n1`, files: { hidden: '1' } },
    sde: { place: `${pci}/0000:00:1f.2/ata4/host3/block/sde`, files: { size: '0' } },
  })
  t.deepEqual(await readDisks(root), { fixed: [], others: [] })
})
