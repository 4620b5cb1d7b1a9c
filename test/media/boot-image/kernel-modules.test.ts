/** Which kernel modules are chosen, and the tables modprobe reads, over a small made-up kernel. */

import test from 'ava'
import {
  decodeKernelModule,
  printModuleAliases,
  printModuleDependencies,
  selectModules,
  type KernelModule,
} from '../../../media/boot-image/kernel-modules.ts'

function module(path: string, facts: Partial<KernelModule> = {}): KernelModule {
  const name = path.slice(path.lastIndexOf('/') + 1, -3).replaceAll('-', '_')
  return { path, name, depends: [], softDepends: [], aliases: [], firmware: [], ...facts }
}

const virtioNet = module('kernel/drivers/net/virtio_net.ko', {
  depends: ['net_failover', 'virtio', 'virtio_ring'],
  aliases: ['virtio:d00000001v*'],
})
const all = [
  virtioNet,
  module('kernel/drivers/net/net_failover.ko', { depends: ['failover'] }),
  module('kernel/net/core/failover.ko'),
  module('kernel/drivers/virtio/virtio.ko'),
  module('kernel/drivers/virtio/virtio_ring.ko', { depends: ['virtio'] }),
  module('kernel/fs/ext4/ext4.ko', { depends: ['jbd2'], softDepends: ['crc32c'] }),
  module('kernel/fs/jbd2/jbd2.ko'),
  module('kernel/sound/snd.ko'),
]

test('a chosen module brings what it needs, and nothing else', (t) => {
  const paths = selectModules(all, { include: ['drivers/net/virtio_net.ko'], exclude: [] }).map(({ path }) => path)
  t.deepEqual(paths, [
    'kernel/drivers/net/net_failover.ko',
    'kernel/drivers/net/virtio_net.ko',
    'kernel/drivers/virtio/virtio.ko',
    'kernel/drivers/virtio/virtio_ring.ko',
    'kernel/net/core/failover.ko',
  ])
})

test('an excluded prefix wins, and what is built into the kernel is not missed', (t) => {
  const names = selectModules(all, { include: ['drivers/net/', 'fs/ext4/'], exclude: ['drivers/net/virtio'] })
  t.deepEqual(
    names.map(({ name }) => name),
    ['net_failover', 'ext4', 'jbd2', 'failover'],
  )
})

test('a line of modules.dep read backwards loads each module after those it uses', (t) => {
  const line = printModuleDependencies(all).split('\n')[0] ?? ''
  const loaded = line.replace(':', '').split(' ').reverse()
  t.is(loaded.at(-1), virtioNet.path)
  t.is(loaded.length, 5)
  const position = (name: string): number => loaded.findIndex((path) => path.endsWith(`/${name}.ko`))
  t.true(position('virtio') < position('virtio_ring'))
  t.true(position('failover') < position('net_failover'))
})

test('modules.alias leads from a device to its module', (t) => {
  t.is(printModuleAliases(all), 'alias virtio:d00000001v* virtio_net\n')
})

test('facts come from the section .modinfo of the file', (t) => {
  const info = 'depends=mdio,i2c-algo-bit\0alias=pci:v00008086d*\0softdep=pre: crc32c\0firmware=e100/d101m.bin\0'
  t.deepEqual(decodeKernelModule('kernel/drivers/net/some-card.ko', elfWithModinfo(info)), {
    path: 'kernel/drivers/net/some-card.ko',
    name: 'some_card',
    depends: ['mdio', 'i2c_algo_bit'],
    softDepends: ['crc32c'],
    aliases: ['pci:v00008086d*'],
    firmware: ['e100/d101m.bin'],
  })
})

/** The smallest ELF file with that section: header, contents, names, and a table of three sections. */
function elfWithModinfo(info: string): Uint8Array {
  const names = '\0.modinfo\0.shstrtab\0'
  const contents = new TextEncoder().encode(info + names)
  const table = 64 + contents.length
  const bytes = new Uint8Array(table + 3 * 64)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  bytes.set(contents, 64)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0x28, BigInt(table), true)
  view.setUint16(0x3a, 64, true)
  view.setUint16(0x3c, 3, true)
  view.setUint16(0x3e, 2, true)
  const section = (index: number, name: number, range: { offset: number; size: number }): void => {
    view.setUint32(table + index * 64, name, true)
    view.setBigUint64(table + index * 64 + 24, BigInt(range.offset), true)
    view.setBigUint64(table + index * 64 + 32, BigInt(range.size), true)
  }
  section(1, 1, { offset: 64, size: info.length })
  section(2, 10, { offset: 64 + info.length, size: names.length })
  return bytes
}
