/** What a person is told that a task sequence erases. */

import test from 'ava'
import { emptiedPartitions, erasedDisks } from '../../bootstrap/erased-disks.ts'
import { formattedPartitionsVariable } from '../../bootstrap/formatted-partitions.ts'
import { startRun } from '../../server/sequence/advance.ts'
import { sequenceOf } from '../support/sequences.ts'

const disks = ['sda', 'sdb', 'sdc'].map((name) => ({
  name,
  device: `/dev/${name}`,
  bytes: 500e9,
  sectorBytes: 512,
  removable: false,
}))
const format = {
  name: 'Format',
  action: { type: 'format-and-partition-disk', partitions: [{ name: 'System', use: 'primary' }] },
}
const set = (value: string) => ({
  name: 'Set',
  action: { type: 'set-task-sequence-variable', variable: 'OSDDiskIndex', value },
})
const apply = (more: object) => ({
  name: 'Apply',
  action: { type: 'apply-operating-system-image', imageId: 'RVL00009', ...more },
})

function numbersOf(children: readonly object[], index?: string): readonly number[] {
  const value = index === undefined ? [] : [{ name: 'OSDDiskIndex', value: index, secret: false }]
  const { sequence, environment } = startRun(sequenceOf({ name: 'Install', children }), value)
  return erasedDisks(sequence, environment, disks).map(({ number }) => number)
}

test('the disk is the one of the step, or of the variable that decides instead of it', (t) => {
  t.deepEqual(numbersOf([format]), [0])
  t.deepEqual(numbersOf([format], '2'), [2])
})

test('a disk that a step before selects is told, too; one that nobody can foresee may be any', (t) => {
  t.deepEqual(numbersOf([set('1'), format]), [0, 1])
  t.deepEqual(numbersOf([set('%Disk%'), format]), [0, 1, 2])
  t.deepEqual(numbersOf([format, set('1')]), [0])
})

test('a partition that was there before, and loses its files, is told', (t) => {
  const emptied = (children: readonly object[], variables: Readonly<Record<string, string>> = {}) => {
    const given = Object.entries(variables).map(([name, value]) => ({ name, value, secret: false }))
    const { sequence, environment } = startRun(sequenceOf({ name: 'Install', children }), given)
    return emptiedPartitions(sequence, environment)
  }
  const over = apply({ destinationVariable: '_OSDDetectedWinDrive' })
  t.deepEqual(emptied([over], { _OSDDetectedWinDrive: '/dev/sda2' }), [
    'the partition of the installed system (/dev/sda2)',
  ])
  const second = apply({ destination: { diskNumber: 0, partitionNumber: 2 } })
  t.deepEqual(emptied([second]), ['partition 2 of disk 0'])
  t.deepEqual(emptied([format, second]), [])
  t.deepEqual(emptied([format, apply({})]), [])
  const prestaged = { [formattedPartitionsVariable]: '/dev/sda3 primary ext4 1-2' }
  t.deepEqual(emptied([apply({})], prestaged), [])
  t.deepEqual(emptied([apply({})], { ...prestaged, _OSDDetectedWinDrive: '/dev/sda3' }), [
    'the partition of the installed system (/dev/sda3)',
  ])
})
