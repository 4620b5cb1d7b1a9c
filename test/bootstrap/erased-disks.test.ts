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
    return emptiedPartitions(sequence, environment).map(({ text }) => text)
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

const when = (variable: string, operator: string, value = '') => ({ condition: { variable, operator, value } })

/** Number and what it depends on, one a line. */
function toldOf(children: readonly object[], variables: Readonly<Record<string, string>> = {}): readonly string[] {
  const given = Object.entries(variables).map(([name, value]) => ({ name, value, secret: false }))
  const { sequence, environment } = startRun(sequenceOf({ name: 'Install', children }), given)
  return erasedDisks(sequence, environment, disks).map(({ number, dependsOn }) => [number, ...dependsOn].join(' '))
}

const second = { ...format, name: 'Second', action: { ...format.action, diskNumber: 1 } }
const command = { name: 'Script', action: { type: 'run-command-line', commandLine: 'true' } }

test('S4-022: of steps for BIOS and UEFI the one that will run is told, and the other is not', (t) => {
  const bios = { ...format, ...when('_SMSTSBootUEFI', 'not-equals', 'true') }
  const uefi = { ...second, ...when('_SMSTSBootUEFI', 'equals', 'true') }
  t.deepEqual(toldOf([command, bios, uefi], { _SMSTSBootUEFI: 'true' }), ['1'])
  t.deepEqual(toldOf([command, bios, uefi], { _SMSTSBootUEFI: 'false' }), ['0'])
})

test('S7-033: a step that a prestaged medium skips erases nothing', (t) => {
  const skipped = { ...format, ...when('_SMSTSClientCache', 'not-exists') }
  t.deepEqual(toldOf([skipped], { _SMSTSClientCache: '/run/medium/SMS/content' }), [])
  t.deepEqual(toldOf([skipped]), ['0'])
})

test('a step in the boot image is sure until a step before may have restarted the machine', (t) => {
  const inside = (children: readonly object[]) => ({
    kind: 'group',
    name: 'In the boot image',
    ...when('_SMSTSInWinPE', 'equals', 'true'),
    children,
  })
  t.deepEqual(toldOf([inside([format, second])]), ['0', '1'])
  t.deepEqual(toldOf([command, inside([format])]), ['0 In the boot image'])
})

test('what a step before may change, or the machine has to be asked, may be erased; one sure step is enough', (t) => {
  const data = { ...second, ...when('Data', 'equals', 'yes') }
  t.deepEqual(toldOf([data], { Data: 'yes' }), ['1'])
  t.deepEqual(toldOf([data], { data: 'no' }), [])
  t.deepEqual(toldOf([data]), [])
  const setData = { name: 'Set', action: { type: 'set-task-sequence-variable', variable: 'DATA', value: 'no' } }
  t.deepEqual(toldOf([setData, data], { Data: 'yes' }), ['1 Second'])
  t.deepEqual(toldOf([command, data], { Data: 'no' }), ['1 Second'])
  t.deepEqual(toldOf([command, data, second], { Data: 'no' }), ['1'])
  t.deepEqual(toldOf([{ ...second, ...when('Data', 'equals', '%Other%') }], { Data: 'no' }), ['1 Second'])
  const asked = { ...format, condition: { kind: 'folder', path: '/sys/firmware' } }
  t.deepEqual(toldOf([asked]), ['0 Format'])
  t.deepEqual(toldOf([{ kind: 'group', name: 'Servers', ...when('_SMSTSMake', 'like', 'D*'), children: [second] }]), [
    '1 Servers',
  ])
  t.deepEqual(toldOf([set('1'), format]), ['0 Set', '1 Set'])
})

test('a partition that is emptied under a condition may be erased', (t) => {
  const over = { ...apply({ destination: { diskNumber: 0, partitionNumber: 2 } }), ...when('Data', 'exists') }
  const { sequence, environment } = startRun(sequenceOf({ name: 'Install', children: [command, over] }), [])
  t.deepEqual(emptiedPartitions(sequence, environment), [{ text: 'partition 2 of disk 0', dependsOn: ['Apply'] }])
})
