/** Apply Operating System Image as a document: defaults, limits, contradictions. */

import test from 'ava'
import { stepTypes } from '../../../server/sequence/step-types.ts'
import { actionOf, faultsIn } from '../../support/actions.ts'

const type = 'apply-operating-system-image'

test('S2-053, S2-057: defaults: the first image, the next partition, no answer file', (t) => {
  t.deepEqual(actionOf({ type, imageId: 'RVL00004' }), {
    type,
    imageId: 'RVL00004',
    imageIndex: 1,
    answerFileName: '',
    accessContentDirectly: false,
  })
})

test('S2-054: an upgrade package is the other source; one of them is needed', (t) => {
  t.deepEqual(faultsIn({ type, upgradePackageId: 'RVL00005' }), [])
  t.deepEqual(faultsIn({ type }), ['imageId missing'])
  t.deepEqual(faultsIn({ type, imageId: 'RVL00004', upgradePackageId: 'RVL00005' }), ['upgradePackageId contradiction'])
})

test('S2-055: disks count from 0 to 99, partitions from 1 to 99', (t) => {
  const at = (destination: object) => faultsIn({ type, imageId: 'RVL00004', destination })
  t.deepEqual(at({ diskNumber: 99, partitionNumber: 99 }), [])
  t.deepEqual(at({ partitionNumber: 1 }), [])
  t.deepEqual(at({ diskNumber: 100, partitionNumber: 100 }), [
    'destination.diskNumber out-of-range',
    'destination.partitionNumber out-of-range',
  ])
  t.deepEqual(at({ diskNumber: -1, partitionNumber: 0 }), [
    'destination.diskNumber out-of-range',
    'destination.partitionNumber out-of-range',
  ])
})

test('S2-055: a partition is given by its numbers or by a variable, not both', (t) => {
  const both = { destination: { partitionNumber: 1 }, destinationVariable: 'Root' }
  t.deepEqual(faultsIn({ type, imageId: 'RVL00004', ...both }), ['destinationVariable contradiction'])
})

test('S2-056: an answer file has a package', (t) => {
  const answer = { answerFilePackageId: 'RVL00006', answerFileName: '%Language%/unattend.xml' }
  t.deepEqual(faultsIn({ type, imageId: 'RVL00004', ...answer }), [])
  t.deepEqual(faultsIn({ type, imageId: 'RVL00004', answerFileName: 'unattend.xml' }), ['answerFilePackageId missing'])
  t.deepEqual(faultsIn({ type, imageId: 'RVL00004', answerFilePackageId: 'x' }), ['answerFilePackageId bad-package-id'])
})

test('S2-058: the index of an image starts at 1; variables decide it and the name of the answer file', (t) => {
  const { fields, outputs } = stepTypes[type]
  t.is(fields.imageIndex.variable, 'OSDImageIndex')
  t.is(fields.answerFileName.variable, 'OSDConfigFileName')
  t.true(outputs.includes('OSDTargetSystemDrive'))
  t.deepEqual(faultsIn({ type, imageId: 'RVL00004', imageIndex: 0 }), ['imageIndex out-of-range'])
  t.deepEqual(faultsIn({ type, imageId: 'RVL00004', imageIndex: 65_535 }), [])
})
