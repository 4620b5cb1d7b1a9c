/** Tables of partitions, judged by sgdisk, sfdisk and 7-Zip. */

import { crc32 as zlibCrc32 } from 'node:zlib'
import { join } from 'node:path'
import test from 'ava'
import * as fc from 'fast-check'
import { crc32 } from '../../../media/disk/crc32.ts'
import { basicData, biosBootPartition, efiSystemPartition, encodeGuid } from '../../../media/disk/guid.ts'
import { layOutGptDisk, layOutMbrDisk, partitionSectors } from '../../../media/disk/lay-out-disk.ts'
import { mbrPartitionTypes } from '../../../media/disk/master-boot-record.ts'
import { encodeGpt } from '../../../media/disk/partition-table.ts'
import { layOutBytes, layOutZeros } from '../../../media/layout/layout.ts'
import { swapSmbiosGuid, decodeSmbiosGuid } from '../../../server/address/smbios-guid.ts'
import { fatOf, runJudge, unpackWithMtools } from '../../support/fat-judges.ts'
import { makeSourceFolder, octetsOf } from '../../support/media-layouts.ts'
import { writeImage } from '../../support/media-trees.ts'

const diskId = '8A2B0C1D-1111-4222-8333-444455556666'
const partitionId = (digit: number): string => `8A2B0C1D-AAAA-4BBB-8CCC-00000000000${digit}`
const content = layOutBytes(Buffer.from('what is in a file'))

interface SfdiskTable {
  readonly partitiontable: {
    readonly label: string
    readonly id: string
    readonly partitions: readonly Record<string, unknown>[]
  }
}

async function tableOf(image: string): Promise<SfdiskTable['partitiontable']> {
  return (JSON.parse(await runJudge('sfdisk', '--json', image)) as SfdiskTable).partitiontable
}

test('a stick with GPT has no fault, and its volume is where the table says', async (t) => {
  const folder = makeSourceFolder(t)
  const [first = 0, second = 0] = partitionSectors([1e6, 40e6])
  const fat = fatOf({ entries: [{ kind: 'file', path: 'EFI/BOOT/BOOTX64.EFI', content }], hiddenSectors: second })
  const core = { type: biosBootPartition, id: partitionId(1), name: 'BIOS', content: layOutZeros(1e6) }
  const volume = { type: efiSystemPartition, id: partitionId(2), name: 'Größe 漢字', content: fat.layout }
  const image = await writeImage(layOutGptDisk({ id: diskId, partitions: [core, volume] }), folder)

  t.regex(await runJudge('sgdisk', '-v', image), /No problems found/)
  const { label, id, partitions } = await tableOf(image)
  t.deepEqual([label, id], ['gpt', diskId])
  t.deepEqual(
    partitions.map(({ start, size, type, uuid, name }) => ({ start, size, type, uuid, name })),
    [
      { start: first, size: 1_954, type: biosBootPartition, uuid: partitionId(1), name: 'BIOS' },
      {
        start: second,
        size: fat.layout.length / 512,
        type: efiSystemPartition,
        uuid: partitionId(2),
        name: 'Größe 漢字',
      },
    ],
  )
  t.regex(await runJudge('sfdisk', '--verify', image), /No errors detected/)
  const found = await unpackWithMtools(`${image}@@${second * 512}`, join(folder, 'unpacked'))
  t.deepEqual([...found.keys()], ['EFI/BOOT/BOOTX64.EFI'])
})

test('the backup table is whole: a disk whose first table is lost is read by it', async (t) => {
  const partition = { type: basicData, id: partitionId(1), name: 'data', content: layOutZeros(5e6) }
  const image = await writeImage(layOutGptDisk({ id: diskId, partitions: [partition] }), makeSourceFolder(t))
  const before = await tableOf(image)
  await runJudge('dd', 'if=/dev/zero', `of=${image}`, 'bs=512', 'seek=1', 'count=33', 'conv=notrunc')
  t.regex(await runJudge('sgdisk', '-p', image), /corrupt GPT[^]*1 +2048 +11813 .* data/)
  t.deepEqual(await tableOf(image), before)
})

test('a stick with a master boot record has its active partition, signature and boot code', async (t) => {
  const folder = makeSourceFolder(t)
  const [first = 0] = partitionSectors([1])
  const fat = fatOf({ entries: [{ kind: 'file', path: 'boot.wim', content }], bytes: 40e6, hiddenSectors: first })
  const partitions = [{ type: mbrPartitionTypes.fat32, isActive: true, content: fat.layout }]
  const bootCode = Uint8Array.from({ length: 440 }, (_, index) => index & 0xff)
  const layout = layOutMbrDisk({ signature: 0xdead_beef, bootCode, partitions })
  const image = await writeImage(layout, folder)
  t.regex(await runJudge('sfdisk', '--verify', image), /No errors detected/)
  const { label, id, partitions: found } = await tableOf(image)
  t.deepEqual([label, id], ['dos', '0xdeadbeef'])
  t.deepEqual(found, [{ node: `${image}1`, start: first, size: fat.layout.length / 512, type: 'c', bootable: true }])
  t.deepEqual(await octetsOf(layout, folder, { from: 0, to: 440 }), bootCode)
  const places = await runJudge('fdisk', '--list', '--output', 'Start-C/H/S,End-C/H/S', image)
  t.regex(places, /\n +0\/32\/33 +4\/252\/37\n/)
  t.regex(await runJudge('minfo', '-i', `${image}@@${first * 512}`, '::'), /hidden sectors: 2048/)
})

test('tables of any partitions have no fault', async (t) => {
  const folder = makeSourceFolder(t)
  const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 5e6 }), fc.integer({ min: 1, max: 5e11 })), {
    minLength: 1,
    maxLength: 9,
  })
  const property = fc.asyncProperty(lengths, fc.boolean(), async (lengths, hasBootCode) => {
    const partitions = lengths.map((length, index) => {
      return { type: basicData, id: partitionId(index), name: `partition ${index}`, content: layOutZeros(length) }
    })
    const bootCode = hasBootCode ? { bootCode: new Uint8Array(512).fill(0x90) } : {}
    const image = await writeImage(layOutGptDisk({ id: diskId, ...bootCode, partitions }), folder)
    t.regex(await runJudge('sgdisk', '-v', image), /No problems found/)
    const table = await tableOf(image)
    t.deepEqual(
      table.partitions.map(({ start, size }) => [start, size]),
      partitionSectors(lengths).map((start, index) => [start, Math.ceil((lengths[index] ?? 0) / 512)]),
    )
  })
  await fc.assert(property, { numRuns: 15 })
})

test('the checksum is that of zlib, and GUIDs are stored as SMBIOS stores them', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => {
      t.is(crc32(octets), zlibCrc32(octets))
    }),
  )
  t.is(decodeSmbiosGuid(encodeGuid(diskId)), decodeSmbiosGuid(encodeGuid(diskId.toLowerCase())))
  const guid = decodeSmbiosGuid(encodeGuid(diskId))
  t.is(guid, diskId as typeof guid)
  t.not(guid === undefined ? '' : swapSmbiosGuid(guid), diskId)
})

test('partitions that overlap each other or the tables are our mistake', (t) => {
  const at = (firstSector: number, sectors: number) => ({
    type: basicData,
    id: partitionId(1),
    name: '',
    firstSector,
    sectors,
  })
  t.throws(() => encodeGpt(diskId, 10_000, [at(33, 10)]), { message: /partition 1 begins/ })
  t.throws(() => encodeGpt(diskId, 10_000, [at(100, 10), at(109, 10)]), { message: /partition 2 begins/ })
  t.throws(() => encodeGpt(diskId, 10_000, [at(100, 9_868)]), { message: /backup table/ })
  t.notThrows(() => encodeGpt(diskId, 10_000, [at(34, 9_933)]))
  const five = Array.from({ length: 5 }, () => ({ type: 0x0c, isActive: false, content: layOutZeros(512) }))
  t.throws(() => layOutMbrDisk({ signature: 1, partitions: five }), { message: /four/ })
  t.throws(() => layOutMbrDisk({ signature: 1, bootCode: new Uint8Array(441), partitions: [] }), { message: /fits/ })
})
